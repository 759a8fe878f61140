//! Answers in HTML.

use crate::web::error::AppError;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

/// Bytes that a full page of 50 rows takes, so that its buffer is made once.
const PAGE_BYTES: usize = 96 * 1024;

/// Prints a template into one buffer.
pub fn render(template: &impl Template) -> Result<String, AppError> {
    let mut out = String::with_capacity(PAGE_BYTES);
    template.render_into(&mut out)?;
    Ok(out)
}

/// A page, or a part of one: which of the two the request's header decides.
pub fn html(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Vary", "HX-Request-Type"))
        .body(body)
}
