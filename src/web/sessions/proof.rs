//! Proving who one is: the code of the second factor, and the password typed again before sensitive acts.

use super::hasher::Verdict;
use super::local_path::confirm_url;
use super::{recovery, sign_in as door};
use crate::domain::refusal::Refusal;
use crate::domain::time::MINUTE;
use crate::domain::totp::Factor;
use crate::store::factor::{self, Proof};
use crate::store::sign_in::{self, Credentials};
use crate::web::error::AppError;
use crate::web::extract::{Caller, CurrentUser};
use crate::web::middleware::request_info::RequestInfo;
use crate::web::state::AppState;
use actix_web::HttpResponse;
use actix_web::http::header;
use std::time::Duration;

/// How long a proof is good for.
const RECENT: i64 = 15 * MINUTE;

/// For pages and acts that are sensitive: passwords, factors, roles, tokens, deleting many.
///
/// # Errors
/// `Confirm`, which leads to the page that asks for the password, when the last proof is too old.
pub fn require_recent(state: &AppState, user: &CurrentUser) -> Result<(), AppError> {
    let age = state.clock.now().since(user.session().proved_at);
    match age < RECENT {
        true => Ok(()),
        false => Err(AppError::Confirm),
    }
}

/// The same for acts that programs do too: a token is a proof in itself.
///
/// # Errors
/// As for [`require_recent`].
pub fn require_recent_of(state: &AppState, caller: &Caller) -> Result<(), AppError> {
    match caller {
        Caller::User(user) => require_recent(state, user),
        Caller::Token(_) => Ok(()),
    }
}

/// For a button with nothing typed beside it: the password, and back to the page that has it. A form is shown again
/// instead, by [`Shell::confirm`](crate::web::shell::Shell::confirm).
pub fn confirm_first(page: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, confirm_url(page)))
        .finish()
}

/// What came of a password and a code.
pub enum Outcome {
    Right(Box<Credentials>, Option<Proof>),
    Wrong,
    /// Too many tries: come back after this.
    Wait(Duration),
}

/// Checks the password of the person who is signed in and, if they have a second factor, its code. A wrong
/// one counts like a wrong sign-in: a session left open is no place to guess.
pub async fn check(
    state: &AppState,
    info: &RequestInfo,
    user: &CurrentUser,
    password: String,
    code: &str,
) -> Result<Outcome, AppError> {
    if let Err(wait) = state.throttle.take(info.address, &account_key(user.id)) {
        return Ok(Outcome::Wait(wait));
    }
    let id = user.id;
    let known = state
        .read(move |conn| sign_in::credentials(conn, id))
        .await?
        .ok_or(AppError::SignIn)?;
    if let Some(wait) = locked(state, &known) {
        return Ok(Outcome::Wait(wait));
    }
    let stored = known.password_hash.clone();
    let right = match state.hasher.verify(password, stored).await? {
        Verdict::Right { .. } => true,
        Verdict::Wrong => false,
    };
    let proof = match known.factor {
        Some(_) => of_factor(state, &known, code)?,
        None => None,
    };
    if right && (known.factor.is_none() || proof.is_some()) {
        return Ok(Outcome::Right(Box::new(known), proof));
    }
    let why = match right {
        true => Refusal::Code,
        false => Refusal::Password,
    };
    refused(state, info, known, why).await?;
    Ok(Outcome::Wrong)
}

/// Counts a wrong password or code against the account.
pub async fn refused(
    state: &AppState,
    info: &RequestInfo,
    known: Credentials,
    why: Refusal,
) -> Result<(), AppError> {
    let by = door::as_user(known.user, &known.name, info);
    let write = move |tx: &mut crate::store::Tx<'_>| sign_in::refuse(tx, &known, why);
    Ok(state.floor.write(by, write).await?)
}

/// How long the account is closed by failures before.
pub fn locked(state: &AppState, known: &Credentials) -> Option<Duration> {
    let now = state.clock.now();
    let until = known.locked_until.filter(|until| *until > now)?;
    Some(Duration::from_micros(until.since(now).unsigned_abs()))
}

/// Name of an account for the throttle where no login id was typed.
pub fn account_key(user: crate::domain::ids::UserId) -> String {
    format!("#{}", user.0)
}

/// What a typed code stands for: a step of the app that was not taken before, or a recovery code. Whether
/// it is used up is for the write to say. `None` when it is wrong.
///
/// # Errors
/// `Unavailable` when the secret can't be opened.
pub fn of_factor(
    state: &AppState,
    known: &Credentials,
    code: &str,
) -> Result<Option<Proof>, AppError> {
    let Some(stored) = &known.factor else {
        return Ok(None);
    };
    if code.chars().filter(|c| c.is_ascii_alphanumeric()).count() > 8 {
        return Ok(Some(Proof::Recovery(recovery::hash(code))));
    }
    let secret = state
        .keeper
        .open(&stored.sealed, &factor::place(known.user))
        .map_err(AppError::unavailable)?;
    let factor = Factor::of(&secret).map_err(AppError::internal)?;
    let step = factor.step_of(code, state.clock.now());
    Ok(step
        .filter(|step| *step > stored.last_step)
        .map(Proof::Step))
}
