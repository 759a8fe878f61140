//! `POST /sign-in/factor`: the code of the second factor, after the password was right.
//!
//! Between the two steps nothing is kept here: the page holds a sealed ticket that says whose password was
//! right and when. It ends after five minutes, with the password, and is worth nothing without a code.

use super::local_path::local;
use super::proof;
use super::secret::SecretHash;
use super::sign_in::{Answer, begin, is_welcome, retry_after, too_many, welcome};
use super::view::SecondStepPage;
use crate::domain::ids::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::time::{MINUTE, Timestamp};
use crate::store::sign_in::{self, Credentials};
use crate::web::error::AppError;
use crate::web::form::Field;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::shell::Door;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::rc::Rc;

/// How long a ticket is good for.
const LIFE: i64 = 5 * MINUTE;
/// The place that tickets are sealed for.
const PLACE: &str = "second step";

const TOO_LATE: &str = "That took too long. Sign in again.";
const WRONG: &str =
    "That code is wrong or was used already. Wait for the next one, then try again.";

#[derive(Deserialize)]
pub struct FactorForm {
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// The page that asks for the code, for someone whose password was right.
pub(super) fn ask(
    req: &HttpRequest,
    state: &AppState,
    known: &Credentials,
    next: &str,
) -> Result<HttpResponse, AppError> {
    let ticket = ticket(state, known)?;
    page(req, StatusCode::OK, &ticket, next, "")
}

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    info: web::ReqData<Rc<RequestInfo>>,
    form: web::Form<FactorForm>,
) -> Result<HttpResponse, AppError> {
    let FactorForm { ticket, code, next } = form.into_inner();
    let again = Answer {
        req: &req,
        state: &state,
        info: &info,
        login_id: "",
        next: &next,
        has_chosen: false,
    };
    if !info.is_private() {
        return again.page(StatusCode::FORBIDDEN, "");
    }
    let Some(known) = holder(&state, &info, &ticket).await? else {
        return again.page(StatusCode::UNPROCESSABLE_ENTITY, TOO_LATE);
    };
    let throttled = state
        .throttle
        .take(info.address, &proof::account_key(known.user));
    if let Some(wait) = throttled.err().or_else(|| proof::locked(&state, &known)) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let response = page(&req, status, &ticket, &next, &too_many(wait))?;
        return Ok(retry_after(response, wait));
    }
    if let Some(proof) = proof::of_factor(&state, &known, &code)?
        && let Some(cookie) = begin(&req, &state, &info, known.clone(), Some(proof)).await?
    {
        return Ok(welcome(&next, cookie));
    }
    proof::refused(&state, &info, known, Refusal::Code).await?;
    page(
        &req,
        StatusCode::UNPROCESSABLE_ENTITY,
        &ticket,
        &next,
        WRONG,
    )
}

fn ticket(state: &AppState, known: &Credentials) -> Result<String, AppError> {
    let key = state.keeper.key().map_err(AppError::unavailable)?;
    let key =
        key.ok_or_else(|| AppError::unavailable("there is no key to open the second factor with"))?;
    let text = format!(
        "{}.{}.{}",
        known.user.0,
        state.clock.now().0,
        password_mark(known)
    );
    key.seal(text.as_bytes(), PLACE).map_err(AppError::internal)
}

/// Changes with the password.
fn password_mark(known: &Credentials) -> String {
    SecretHash::of(known.password_hash.as_deref().unwrap_or_default()).hex()
}

/// Whose ticket it is, if it can be used now and they may still come in.
async fn holder(
    state: &AppState,
    info: &RequestInfo,
    ticket: &str,
) -> Result<Option<Credentials>, AppError> {
    let Some((user, at, mark)) = read(state, ticket) else {
        return Ok(None);
    };
    let now = state.clock.now();
    if at > now || now.since(at) >= LIFE {
        return Ok(None);
    }
    let known = state
        .read(move |conn| sign_in::credentials(conn, user))
        .await?;
    Ok(known.filter(|known| {
        known.factor.is_some() && is_welcome(known, info.address) && password_mark(known) == mark
    }))
}

fn read(state: &AppState, ticket: &str) -> Option<(UserId, Timestamp, String)> {
    // What can't be opened was made up, or its key is gone: both begin again.
    let text = String::from_utf8(state.keeper.open(ticket, PLACE).ok()?).ok()?;
    let mut parts = text.splitn(3, '.');
    let user = parts.next()?.parse().ok()?;
    let at = parts.next()?.parse().ok()?;
    Some((UserId(user), Timestamp(at), parts.next()?.to_owned()))
}

fn page(
    req: &HttpRequest,
    status: StatusCode,
    ticket: &str,
    next: &str,
    message: &str,
) -> Result<HttpResponse, AppError> {
    let door = Door::new(req, "Second factor");
    let next = match local(next) {
        "/" => "",
        next => next,
    };
    let page = SecondStepPage {
        door: &door,
        ticket,
        next,
        code: Field::new("code"),
        message: message.to_owned(),
    };
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}
