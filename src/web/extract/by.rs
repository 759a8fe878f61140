//! Who a write is put down to in the audit.

use super::Caller;
use crate::domain::audit::{Actor, ActorKind};
use crate::web::error::AppError;
use crate::web::middleware::request_info::RequestInfo;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::future::{Ready, ready};
use std::rc::Rc;

/// The first argument of `floor.write`: the caller, the address and the request's id.
#[derive(Clone, Debug)]
pub struct By(pub Actor);

impl FromRequest for By {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = req.extensions();
        ready(
            match (
                extensions.get::<Caller>(),
                extensions.get::<Rc<RequestInfo>>(),
            ) {
                (Some(caller), Some(info)) => Ok(Self(caller.actor(info))),
                _ => Err(AppError::SignIn),
            },
        )
    }
}

/// For writes before anyone is signed in: the address and the request speak for themselves.
pub fn nobody(info: &RequestInfo) -> Actor {
    Actor {
        kind: ActorKind::System,
        id: None,
        name: Actor::NOBODY.to_owned(),
        address: Some(info.address.to_string()),
        request_id: Some(info.id.clone()),
    }
}
