//! `POST /api/v1/check/floor`: whether the lists show what the database holds.

use crate::web::error::AppError;
use crate::web::state::AppState;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// Answers `{"people", "differences": […]}`; no differences means that every list is right.
pub async fn floor(state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let differences = state.floor.check().await?;
    let people = state.floor.picture().people().len();
    let differences: Vec<&str> = differences
        .iter()
        .map(|difference| difference.what.as_str())
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "people": people, "differences": differences })))
}
