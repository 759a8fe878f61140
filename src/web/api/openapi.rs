//! `GET /api/v1/openapi.json`: what the API takes and gives, for programs and their makers.

use actix_web::HttpResponse;

/// The description itself, kept true by a test against the routes table.
pub const DOCUMENT: &str = include_str!("openapi.json");

pub async fn show() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(DOCUMENT)
}
