//! The file that a demo has for trying the upload; nobody else has one.

use crate::web::download::XLSX;
use crate::web::error::AppError;
use crate::web::state::AppState;
use actix_web::http::header;
use actix_web::{HttpResponse, web};

/// `GET /demo/joiners.xlsx`
pub async fn show(state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let file = state.joiners.clone().ok_or(AppError::NotFound)?;
    let name = "attachment; filename=\"joiners.xlsx\"";
    Ok(HttpResponse::Ok()
        .content_type(XLSX)
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(file))
}
