//! Which of the three an address is about.

use crate::domain::ids::DepartmentId;
use crate::domain::routing::Noun;
use crate::web::error::AppError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// The noun of the address, on pages and in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Of(pub Noun);

impl FromRequest for Of {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(of(req).map(Self))
    }
}

/// The noun of a request's address.
pub fn of(req: &HttpRequest) -> Result<Noun, AppError> {
    let path = req.path();
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let is_of = |noun: &Noun| {
        let rest = path.strip_prefix(noun.path());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = Noun::ALL.iter().copied().find(is_of);
    found.ok_or(AppError::NotFound)
}

/// The key in an address; text that is none is a record that is not there.
pub fn key(text: &str) -> Result<i64, AppError> {
    // All keys are written alike.
    let id: DepartmentId = text.parse().map_err(|_| AppError::NotFound)?;
    Ok(id.0)
}
