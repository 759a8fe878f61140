//! Whether the whole page is wanted, or a part of one that is already open.

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest};
use std::future::{Ready, ready};

/// The asker is htmx and replaces a part. Answers that differ by it carry `Vary: HX-Request-Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partial(pub bool);

impl FromRequest for Partial {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let partial = req
            .headers()
            .get("hx-request-type")
            .is_some_and(|value| value == "partial");
        ready(Ok(Self(partial)))
    }
}
