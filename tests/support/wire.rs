//! Forms with a file, as browsers send them.

use super::app::{Browser, text};
use reqwest::{Method, Response};
use std::time::Duration;

const BOUNDARY: &str = "----rollcall-test-4f1c";

/// A form with these fields and, after them, a file called `file`.
pub fn form(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .as_bytes(),
        );
    }
    if let Some((name, bytes)) = file {
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// Sends a file by the form of a page.
pub async fn send(
    browser: &Browser,
    path: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> Response {
    let (kind, body) = form(fields, file);
    let request = browser
        .request(Method::POST, path)
        .header("content-type", kind)
        .body(body);
    request.send().await.expect("an answer")
}

/// Uploads a file; the address of its page.
pub async fn upload(browser: &Browser, name: &str, bytes: &[u8]) -> String {
    let answer = send(browser, "/users/upload", &[], Some((name, bytes))).await;
    let to = answer
        .headers()
        .get("location")
        .map(|to| to.to_str().expect("text").to_owned());
    match to {
        Some(to) => to,
        None => panic!(
            "{}: {}",
            answer.status(),
            answer.text().await.expect("text")
        ),
    }
}

/// The page of an upload once nothing is under way.
pub async fn settled(browser: &Browser, path: &str) -> String {
    for _ in 0..600 {
        let page = text(browser.get(path).await, 200).await;
        if !page.contains("id=\"progress\"") {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{path} never ends");
}
