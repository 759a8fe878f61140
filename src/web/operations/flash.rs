//! What was just done, told on the page that comes next: the cookie holds only the operation, the words
//! come from the audit.

use super::said;
use crate::store::agent::history;
use crate::web::agents::edit::conflict;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::shell::{Notice, Shell};
use crate::web::state::AppState;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use std::rc::Rc;

const COOKIE: &str = "done";
/// In place of an operation: everyone was so already.
pub const UNCHANGED: &str = "unchanged";
/// In place of an operation: it was undone before.
pub const UNDONE_BEFORE: &str = "undone-before";

/// Long enough for the next page.
const LIFE: Duration = Duration::minutes(1);

/// 303 to where the form came from, with what was done.
pub fn back_to(back: &str, value: &str, req: &HttpRequest) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, back))
        .cookie(cookie(value, LIFE, req))
        .finish()
}

/// The same for script: the page that is open is read again whole, since a part would leave some of it behind.
pub fn read_again(back: &str, value: &str, req: &HttpRequest) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("HX-Redirect", back))
        .cookie(cookie(value, LIFE, req))
        .finish()
}

fn cookie(value: &str, life: Duration, req: &HttpRequest) -> Cookie<'static> {
    let secure = req
        .extensions()
        .get::<Rc<RequestInfo>>()
        .is_some_and(|info| info.secure);
    Cookie::build(COOKIE, value.to_owned())
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .max_age(life)
        .finish()
}

/// The shell with the notice, if there is one to show; says whether there was a cookie.
pub async fn shown(
    mut shell: Shell,
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
) -> Result<(Shell, bool), AppError> {
    let Some(cookie) = req.cookie(COOKIE) else {
        return Ok((shell, false));
    };
    shell.notice = match cookie.value() {
        UNCHANGED => Some(said::unchanged(0)),
        UNDONE_BEFORE => Some(said::undone_before()),
        operation => match operation.split_once('.') {
            None => said::own_notice(state, user, operation).await?,
            Some((operation, version)) => {
                merged(state, user, operation, version.parse().unwrap_or(i64::MAX)).await?
            }
        },
    };
    if let Some(notice) = &mut shell.notice {
        notice.back.clone_from(&shell.here);
    }
    Ok((shell, true))
}

/// In place of an operation: an edit, and the version of the agent that its form was opened with.
pub fn of_edit(operation: &str, version: i64) -> String {
    format!("{operation}.{version}")
}

/// What was saved, and what others had changed since the form was opened.
async fn merged(
    state: &AppState,
    user: &CurrentUser,
    operation: &str,
    version: i64,
) -> Result<Option<Notice>, AppError> {
    let Some(mut notice) = said::own_notice(state, user, operation).await? else {
        return Ok(None);
    };
    let operation = operation.to_owned();
    let edits = state
        .read(move |conn| history::before_operation(conn, &operation, version))
        .await?;
    for sentence in conflict::kept(&edits) {
        notice.text.push(' ');
        notice.text.push_str(&sentence);
    }
    Ok(Some(notice))
}

/// Takes the cookie away once it was shown.
pub fn cleared(mut response: HttpResponse, shown: bool, req: &HttpRequest) -> HttpResponse {
    if shown {
        // A cookie that can't be written stays a minute: no harm.
        let _ = response.add_cookie(&cookie("", Duration::ZERO, req));
    }
    response
}
