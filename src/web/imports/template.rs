//! `GET /users/template.csv`: the columns that a file may have, nothing else.

use crate::domain::import::{TEMPLATE, template};
use crate::web::download::{self, CSV};
use crate::web::error::AppError;
use actix_web::HttpResponse;

pub async fn csv() -> Result<HttpResponse, AppError> {
    Ok(download::file("rollcall-users-template.csv", CSV, |body| {
        template(body, &TEMPLATE)?.flush()
    }))
}
