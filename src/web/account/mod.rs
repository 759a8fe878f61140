//! `/account`: one's own password, second factor and sessions.

pub mod codes;
pub mod confirm;
mod device;
pub mod factor;
pub mod password;
pub mod sessions;
pub mod show;
mod view;

use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::page;
use crate::web::sessions::cookie;
use crate::web::sessions::secret::{self, SecretHash};
use crate::web::shell::{Page, Shell};
use crate::web::state::AppState;
use actix_web::cookie::Cookie;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// What was just done, in the address of the page that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Password,
    FactorRemoved,
    SessionEnded,
    OthersEnded,
}

impl Done {
    const ALL: [Self; 4] = [
        Self::Password,
        Self::FactorRemoved,
        Self::SessionEnded,
        Self::OthersEnded,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::FactorRemoved => "factor-removed",
            Self::SessionEnded => "session-ended",
            Self::OthersEnded => "others-ended",
        }
    }

    fn said(self) -> &'static str {
        match self {
            Self::Password => "The password is changed. Your other sessions have ended.",
            Self::FactorRemoved => "The second factor is off. Your other sessions have ended.",
            Self::SessionEnded => "That session has ended.",
            Self::OthersEnded => "All your other sessions have ended.",
        }
    }

    /// 303 to the account, with what was done.
    fn back(self) -> HttpResponse {
        see_other(&format!("/account?done={}", self.word()))
    }
}

fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .finish()
}

/// A new key for the session that asks, since the person's rights or proofs change.
struct NewKey {
    /// Hash of the key that the session has now.
    old: String,
    /// Hash of the key that it gets.
    new: String,
    cookie: Cookie<'static>,
}

impl NewKey {
    fn of(user: &CurrentUser, info: &RequestInfo) -> Result<Self, AppError> {
        let key = secret::fresh("")?;
        Ok(Self {
            old: user.session().hash.hex(),
            new: SecretHash::of(&key).hex(),
            cookie: cookie::set(info, key),
        })
    }
}

/// The browser is told the session's new key with the answer.
fn with_cookie(mut response: HttpResponse, cookie: &Cookie<'_>) -> Result<HttpResponse, AppError> {
    response.add_cookie(cookie).map_err(AppError::internal)?;
    Ok(response)
}

fn shell(req: &HttpRequest, state: &AppState, user: &CurrentUser, title: &str) -> Shell {
    user.shell(req, state).page(Page::None, title)
}

fn html(status: StatusCode, template: &impl Template) -> Result<HttpResponse, AppError> {
    Ok(page::html(status, page::render(template)?))
}
