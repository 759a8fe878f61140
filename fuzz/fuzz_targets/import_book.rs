//! Rows of a workbook. The input is its sheet, its texts and its styles, with [`NEXT`] between them: an archive
//! that is sound all around, since hardly any change of a packed one would get past its checksums.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall::domain::import::Asked;
use rollcall_fuzz::{let_panics_be_caught, read};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const NEXT: &[u8] = b"\n---\n";

const FRAME: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
    ),
];

fuzz_target!(init: let_panics_be_caught(), |data: &[u8]| {
    if let Ok(book) = book(data) {
        read(&book, &Asked::default());
    }
});

fn book(data: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut rest = data;
    let parts = [
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
    ];
    for (name, text) in FRAME {
        archive.start_file(name, stored)?;
        archive.write_all(text.as_bytes())?;
    }
    for name in parts {
        let end = rest.windows(NEXT.len()).position(|piece| piece == NEXT);
        let (part, after) = match end {
            Some(end) => (&rest[..end], &rest[end + NEXT.len()..]),
            None => (rest, &[][..]),
        };
        rest = after;
        // A part that is not there is another case than an empty one.
        if !part.is_empty() {
            archive.start_file(name, stored)?;
            archive.write_all(part)?;
        }
    }
    Ok(archive.finish()?.into_inner())
}
