//! gzip for pages, in place: a whole body at once, on this thread, never an event stream.

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use flate2::{Compress, Compression, FlushCompress, Status};
use std::cell::RefCell;

/// Shorter bodies fit a packet as they are.
const LEAST: usize = 1_024;
/// A tenth of the size on tables, for a millisecond a page; level 5 takes half of that and gives 2 % more bytes.
const LEVEL: u32 = 9;

thread_local! {
    /// Setting up a compressor costs more than a page does, so each thread keeps one.
    static COMPRESSOR: RefCell<Compress> =
        RefCell::new(Compress::new_gzip(Compression::new(LEVEL), 15));
}

/// Whether the client takes gzip.
pub fn is_wanted(request: &HeaderMap) -> bool {
    let Some(accepted) = request
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
    else {
        return false;
    };
    accepted.split(',').any(|part| {
        let mut parts = part.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        (name.eq_ignore_ascii_case("gzip") || name == "*") && !refused
    })
}

/// Compresses a text answer whose body is already whole.
pub fn apply(response: HttpResponse<BoxBody>, wanted: bool) -> HttpResponse<BoxBody> {
    if !is_text(response.headers()) || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut response, body) = response.into_parts();
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if !wanted {
        return response.set_body(body);
    }
    match body.try_into_bytes() {
        Err(stream) => response.set_body(stream),
        Ok(bytes) if bytes.len() < LEAST => response.set_body(BoxBody::new(bytes)),
        Ok(bytes) => match gzip(&bytes) {
            None => response.set_body(BoxBody::new(bytes)),
            Some(packed) => {
                response
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                response.set_body(BoxBody::new(packed))
            }
        },
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    [
        "text/html",
        "text/csv",
        "text/plain",
        "application/json",
        "application/problem+json",
    ]
    .iter()
    .any(|text| kind.starts_with(text))
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.reset();
        // Room for text that does not shrink: it is then sent as it is.
        let mut packed = Vec::with_capacity(bytes.len());
        match compressor.compress_vec(bytes, &mut packed, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => Some(packed),
            Ok(Status::Ok | Status::BufError) | Err(_) => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn a_page_comes_back_as_it_was_also_the_second_time() {
        let page = "<tr><td>Priya Nair</td></tr>".repeat(500);
        for _ in 0..2 {
            let packed = gzip(page.as_bytes()).unwrap();
            assert!(packed.len() < page.len() / 6);
            let mut text = String::new();
            GzDecoder::new(packed.as_slice())
                .read_to_string(&mut text)
                .unwrap();
            assert_eq!(text, page);
        }
    }

    #[test]
    fn what_does_not_shrink_is_left_alone() {
        let mut noise = vec![0; 4_096];
        getrandom::fill(&mut noise).unwrap();
        assert_eq!(gzip(&noise), None);
        assert!(gzip("x".repeat(2_000).as_bytes()).is_some());
    }

    #[test]
    fn only_those_who_ask_get_it() {
        let wants = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            is_wanted(&headers)
        };
        assert!(wants("gzip") && wants("br, GZIP;q=0.5") && wants("*"));
        assert!(!wants("br") && !wants("gzip;q=0, br") && !wants(""));
    }
}
