//! Whether the process lives, and whether it can serve: for supervisors and proxies.

use crate::web::state::AppState;
use actix_web::http::header;
use actix_web::{HttpResponse, web};

/// `GET /healthz`: 200 as long as the process answers at all.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("alive\n")
}

/// `GET /readyz`: 200 when the database answers. The floor is loaded before the server listens.
pub async fn ready(state: web::Data<AppState>) -> HttpResponse {
    match state.read(crate::store::setting::all).await {
        Ok(_) => HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable()
                .insert_header((header::RETRY_AFTER, 5))
                .content_type("text/plain; charset=utf-8")
                .body("the database does not answer\n")
        }
    }
}
