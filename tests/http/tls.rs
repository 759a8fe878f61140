//! Serving HTTPS from a certificate and its key, without a proxy in front.

use crate::support::TestDb;
use crate::support::app::{PASSWORD, Person, TestApp};
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::{SslConnector, SslMethod};
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};
use rollcall::config::TlsFiles;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

/// Writes a certificate for localhost that vouches for itself, and its key.
fn certify(folder: &Path) -> TlsFiles {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut cert = X509::builder().unwrap();
    cert.set_version(2).unwrap();
    cert.set_subject_name(&name).unwrap();
    cert.set_issuer_name(&name).unwrap();
    cert.set_pubkey(&key).unwrap();
    let (from, to) = (
        Asn1Time::days_from_now(0).unwrap(),
        Asn1Time::days_from_now(1).unwrap(),
    );
    cert.set_not_before(&from).unwrap();
    cert.set_not_after(&to).unwrap();
    let names = SubjectAlternativeName::new()
        .dns("localhost")
        .build(&cert.x509v3_context(None, None))
        .unwrap();
    cert.append_extension(names).unwrap();
    cert.sign(&key, MessageDigest::sha256()).unwrap();
    let files = TlsFiles {
        cert: folder.join("cert.pem"),
        key: folder.join("key.pem"),
    };
    std::fs::write(&files.cert, cert.build().to_pem().unwrap()).unwrap();
    std::fs::write(&files.key, key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    files
}

/// The whole answer to a request over TLS.
fn ask(port: u16, ca: &Path, request: &str) -> String {
    let mut connector = SslConnector::builder(SslMethod::tls()).unwrap();
    connector.set_ca_file(ca).unwrap();
    let tcp = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut stream = connector.build().connect("localhost", tcp).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A server that closes without the last word of TLS has answered all the same.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix_web::test]
async fn with_a_certificate_everything_is_https_and_the_cookie_is_for_this_host_alone() {
    let folder = std::env::temp_dir().join(format!("rollcall-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let files = certify(&folder);
    let ca = files.cert.clone();
    let app = TestApp::start_with(TestDb::sqlite(), |config| config.tls = Some(files));
    app.add_people();
    assert!(app.url.starts_with("https://"), "{}", app.url);
    let port: u16 = app.url.rsplit(':').next().unwrap().parse().unwrap();
    let page = ask(
        port,
        &ca,
        "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(
        page.to_lowercase()
            .contains("strict-transport-security: max-age=")
            && !page.contains("needs HTTPS")
    );
    let form = format!(
        "login_id={}&password={}",
        Person::Supervisor.word(),
        PASSWORD.replace(' ', "+")
    );
    let signed_in = ask(
        port,
        &ca,
        &format!(
            "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    );
    let head = signed_in.to_lowercase();
    assert!(signed_in.starts_with("HTTP/1.1 303"), "{signed_in}");
    assert!(
        head.contains("set-cookie: __host-") && head.contains("; secure"),
        "{signed_in}"
    );
    let plain = reqwest::get(format!("http://127.0.0.1:{port}/sign-in")).await;
    assert!(plain.is_err(), "there is no plain http beside it");
    std::fs::remove_dir_all(&folder).unwrap();
}
