//! The files of `static/`, embedded with hashed names and ready-made brotli and gzip forms.

use std::fmt;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

/// One embedded file.
pub struct Asset {
    /// Name in `static/`, without a folder.
    pub name: &'static str,
    /// The name that is served; changes with the content.
    pub hashed: &'static str,
    pub url: &'static str,
    pub mime: &'static str,
    pub plain: &'static [u8],
    pub br: &'static [u8],
    pub gzip: &'static [u8],
}

/// Address of an embedded file; has no character that HTML escapes.
#[derive(Clone, Copy)]
pub struct Url(&'static str);

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl askama::FastWritable for Url {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(dest.write_str(self.0)?)
    }
}

impl askama::filters::HtmlSafe for Url {}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Address of a file of `static/` by its plain name; an unknown name is answered by a path that is 404.
pub fn url(name: &str) -> &'static str {
    match ALL.iter().find(|asset| asset.name == name) {
        Some(asset) => asset.url,
        None => "/static/unknown",
    }
}

/// `GET /static/{name}`, where the name carries the hash.
pub async fn show(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    match ALL.iter().find(|asset| asset.hashed == name.as_str()) {
        Some(asset) => answer(&request, asset, "public, max-age=31536000, immutable"),
        None => HttpResponse::NotFound().finish(),
    }
}

/// `GET /favicon.ico`, which browsers ask for unbidden.
pub async fn favicon(request: HttpRequest) -> HttpResponse {
    match ALL.iter().find(|asset| asset.name == "favicon.svg") {
        Some(asset) => answer(&request, asset, "public, max-age=86400"),
        None => HttpResponse::NotFound().finish(),
    }
}

fn answer(request: &HttpRequest, asset: &'static Asset, cache: &'static str) -> HttpResponse {
    let etag = format!("\"{}\"", asset.hashed);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::ETAG, etag.as_str()))
        .insert_header((header::VARY, "Accept-Encoding"));
    if text(request, header::IF_NONE_MATCH) == etag {
        response.status(actix_web::http::StatusCode::NOT_MODIFIED);
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, asset.mime));
    let accepted = text(request, header::ACCEPT_ENCODING);
    let (encoding, bytes) = if accepts(accepted, "br") {
        ("br", asset.br)
    } else if accepts(accepted, "gzip") {
        ("gzip", asset.gzip)
    } else {
        ("identity", asset.plain)
    };
    // Said even for identity: it keeps a compressing middleware from packing the bytes anew.
    response.insert_header((header::CONTENT_ENCODING, encoding));
    response.body(bytes)
}

fn text(request: &HttpRequest, name: header::HeaderName) -> &str {
    request
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Whether an Accept-Encoding value names the coding, with a weight above 0.
fn accepts(accepted: &str, coding: &str) -> bool {
    accepted.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let refused = parts
            .filter_map(|part| part.strip_prefix("q="))
            .any(|weight| weight.parse::<f32>().is_ok_and(|weight| weight == 0.0));
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{App, body, http::StatusCode, test};

    async fn get(path: &str, accept: &str) -> (StatusCode, String, String, Vec<u8>) {
        let app = test::init_service(
            App::new()
                .route("/favicon.ico", web::get().to(favicon))
                .route("/static/{name}", web::get().to(show)),
        )
        .await;
        let request = test::TestRequest::get()
            .uri(path)
            .insert_header((header::ACCEPT_ENCODING, accept))
            .to_request();
        let response = test::call_service(&app, request).await;
        let said = |name| {
            let value = response
                .headers()
                .get(name)
                .map(|v| v.to_str().expect("ascii").to_owned());
            value.unwrap_or_default()
        };
        let (mime, encoding) = (said(header::CONTENT_TYPE), said(header::CONTENT_ENCODING));
        let status = response.status();
        let bytes = body::to_bytes(response.into_body())
            .await
            .expect("a body in memory");
        (status, mime, encoding, bytes.to_vec())
    }

    #[actix_web::test]
    async fn each_coding_is_served_as_asked() {
        let path = url("app.css");
        let (status, mime, encoding, bytes) = get(path, "gzip, deflate, br").await;
        assert_eq!(
            (status, mime.as_str(), encoding.as_str()),
            (StatusCode::OK, "text/css; charset=utf-8", "br")
        );
        let (_, _, gzip, packed) = get(path, "gzip, br;q=0").await;
        let (_, _, plain, whole) = get(path, "").await;
        assert_eq!((gzip.as_str(), plain.as_str()), ("gzip", "identity"));
        assert!(bytes.len() <= packed.len() && packed.len() < whole.len());
    }

    #[actix_web::test]
    async fn only_the_hashed_name_is_there() {
        assert_eq!(get("/static/app.css", "").await.0, StatusCode::NOT_FOUND);
        assert_eq!(get(url("no-such-file"), "").await.0, StatusCode::NOT_FOUND);
        assert_eq!(get("/favicon.ico", "").await.1, "image/svg+xml");
    }

    #[::core::prelude::v1::test]
    fn first_visit_is_small() {
        let packed: usize = ALL.iter().map(|asset| asset.gzip.len()).sum();
        assert!(
            packed < 40_000,
            "CSS, script and icons are {packed} bytes in gzip"
        );
    }
}
