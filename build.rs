//! Prepares `static/` for embedding: a hashed name, and brotli and gzip forms of each file.
//! Refuses vendored script that is not the one `static/vendor/SHA256SUMS` names.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

use sha2::{Digest, Sha256};

/// File, public name before the hash, constant, content type.
const FILES: &[(&str, &str, &str, &str)] = &[
    ("app.css", "app.css", "APP_CSS", "text/css; charset=utf-8"),
    (
        "app.js",
        "app.js",
        "APP_JS",
        "text/javascript; charset=utf-8",
    ),
    (
        "vendor/htmx-bundle.js",
        "htmx-bundle.js",
        "HTMX",
        "text/javascript; charset=utf-8",
    ),
    ("icons.svg", "icons.svg", "ICONS", "image/svg+xml"),
    ("favicon.svg", "favicon.svg", "FAVICON", "image/svg+xml"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=static");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("static");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    check_vendored(&root.join("vendor"))?;

    let mut table = String::new();
    let mut consts = String::new();
    for (file, name, constant, mime) in FILES {
        let path = root.join(file);
        let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let hash = &hex(&Sha256::digest(&bytes))[..8];
        let (stem, extension) = name.split_once('.').ok_or("a name without extension")?;
        let hashed = format!("{stem}.{hash}.{extension}");
        fs::write(out.join(&hashed), &bytes)?;
        fs::write(out.join(format!("{hashed}.br")), brotli(&bytes)?)?;
        fs::write(out.join(format!("{hashed}.gz")), gzip(&bytes)?)?;
        writeln!(
            table,
            "    Asset {{ name: {name:?}, hashed: {hashed:?}, mime: {mime:?}, url: \"/static/{hashed}\", \
             plain: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{hashed}\")), \
             br: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{hashed}.br\")), \
             gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{hashed}.gz\")) }},"
        )?;
        // For markup that is put together when the program is built. `cargo run` hands it on to the program,
        // so it must not look like a setting.
        println!("cargo::rustc-env=ASSET_{constant}=/static/{hashed}");
        writeln!(
            consts,
            "/// Address of `{name}`.\npub const {constant}: Url = Url(\"/static/{hashed}\");"
        )?;
    }
    fs::write(
        out.join("assets.rs"),
        format!("/// Every embedded file.\npub static ALL: &[Asset] = &[\n{table}];\n\n{consts}"),
    )?;
    Ok(())
}

fn check_vendored(folder: &Path) -> Result<(), Box<dyn Error>> {
    for line in fs::read_to_string(folder.join("SHA256SUMS"))?.lines() {
        let (sum, name) = line.split_once("  ").ok_or("SHA256SUMS: not `sum  name`")?;
        if hex(&Sha256::digest(fs::read(folder.join(name))?)) != sum {
            return Err(
                format!("static/vendor/{name} is not the file that SHA256SUMS names").into(),
            );
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 11, 22);
    writer.write_all(bytes)?;
    writer.flush()?;
    drop(writer);
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}
