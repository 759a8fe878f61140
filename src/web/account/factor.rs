//! `/account/factor`: adding an authenticator app, replacing it, taking it away.

use super::view::{CodesPage, FactorOffPage, FactorPage};
use super::{Done, NewKey, html, shell, with_cookie};
use crate::domain::password::{self, PasswordFault};
use crate::domain::refusal::Refusal;
use crate::domain::totp::Factor;
use crate::store::factor::{self, NewFactor};
use crate::store::{StoreError, session};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::form::Field;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::sessions::hasher::Verdict;
use crate::web::sessions::{proof, recovery};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use std::rc::Rc;

const WRONG: &str = "That is not the code that the app shows now. Look whether the clock of the phone is right, then type the next one.";
const NEEDED: &str = "Your role needs a second factor. You can replace it, not take it away.";

#[derive(Deserialize)]
pub struct FactorForm {
    #[serde(default)]
    secret: String,
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
pub struct OffForm {
    #[serde(default)]
    password: String,
}

/// Shows a fresh secret. Nothing is stored before its first code comes back.
pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    proof::require_recent(&state, &user)?;
    let secret = Factor::fresh_secret().map_err(AppError::internal)?;
    let (keeper, place) = (state.keeper.clone(), draft_place(&user));
    let its_secret = secret.clone();
    let sealed = state
        .read(move |conn| {
            let key = keeper.ready(conn)?;
            key.seal(&its_secret, &place).map_err(StoreError::broken)
        })
        .await?;
    page(&req, &state, &user, &secret, &sealed, "").await
}

/// Sets the factor, shows the recovery codes once, ends the person's other sessions and gives this one
/// another key.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    info: web::ReqData<Rc<RequestInfo>>,
    form: web::Form<FactorForm>,
) -> Result<HttpResponse, AppError> {
    proof::require_recent(&state, &user)?;
    if let Err(retry_after) = state
        .throttle
        .take(info.address, &proof::account_key(user.id))
    {
        return Err(AppError::TooMany { retry_after });
    }
    // Made up, or of a session that has ended: a fresh one is shown.
    let Ok(secret) = state.keeper.open(&form.secret, &draft_place(&user)) else {
        return show(req, state, user).await;
    };
    let factor = Factor::of(&secret).map_err(AppError::internal)?;
    let Some(step) = factor.step_of(&form.code, state.clock.now()) else {
        return page(&req, &state, &user, &secret, &form.secret, WRONG).await;
    };
    let codes = recovery::fresh()?;
    let key = NewKey::of(&user, &info)?;
    let (id, keeper, hashes) = (user.id, state.keeper.clone(), codes.hashes);
    let (old, new) = (key.old, key.new);
    state
        .floor
        .write(by.0, move |tx| {
            let sealing = keeper.sealing(tx)?;
            let sealed = sealing
                .seal(&secret, &factor::place(id))
                .map_err(StoreError::broken)?;
            session::renew(tx, &old, &new, false)?;
            let factor = NewFactor {
                sealed,
                step,
                codes: hashes,
            };
            factor::set(tx, id, &factor, Some(&new))
        })
        .await?;
    let page = CodesPage {
        shell: &shell(&req, &state, &user, "Recovery codes"),
        codes: &codes.shown,
        factor_set: true,
    };
    with_cookie(html(StatusCode::OK, &page)?, &key.cookie)
}

/// Asks for the password, which has to be good enough to stand alone.
pub async fn show_off(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    proof::require_recent(&state, &user)?;
    require_removable(&state, &user).await?;
    off_page(&req, &state, &user, StatusCode::OK, "")
}

pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    info: web::ReqData<Rc<RequestInfo>>,
    form: web::Form<OffForm>,
) -> Result<HttpResponse, AppError> {
    proof::require_recent(&state, &user)?;
    require_removable(&state, &user).await?;
    if let Err(retry_after) = state
        .throttle
        .take(info.address, &proof::account_key(user.id))
    {
        return Err(AppError::TooMany { retry_after });
    }
    let typed = form.into_inner().password;
    let context = [user.name.as_str(), user.login_id.as_str()];
    let weak = password::check(&typed, &context, false).err();
    let id = user.id;
    let known = state
        .read(move |conn| crate::store::sign_in::credentials(conn, id))
        .await?
        .ok_or(AppError::SignIn)?;
    let stored = known.password_hash.clone();
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    match (state.hasher.verify(typed, stored).await?, weak) {
        (Verdict::Wrong, _) => {
            proof::refused(&state, &info, known, Refusal::Password).await?;
            return off_page(&req, &state, &user, refused, "That is not your password.");
        }
        (Verdict::Right { .. }, Some(fault)) => {
            return off_page(&req, &state, &user, refused, &too_weak(&fault));
        }
        (Verdict::Right { .. }, None) => {}
    }
    let key = NewKey::of(&user, &info)?;
    let (old, new) = (key.old, key.new);
    let removed = state
        .floor
        .write(by.0, move |tx| {
            session::renew(tx, &old, &new, false)?;
            factor::remove(tx, id, Some(&new))
        })
        .await?;
    match removed {
        true => with_cookie(Done::FactorRemoved.back(), &key.cookie),
        false => Err(AppError::NotFound),
    }
}

fn too_weak(fault: &PasswordFault) -> String {
    format!(
        "Without a second factor the password has to stand alone, and it can’t. {fault} Change it first."
    )
}

/// There is a factor, and the role does without it.
async fn require_removable(state: &AppState, user: &CurrentUser) -> Result<(), AppError> {
    let (id, role) = (user.id, user.role);
    let (there, needed) = state
        .read(move |conn| {
            let there = factor::find(conn, id)?.is_some();
            Ok((there, factor::is_required(conn, role)?))
        })
        .await?;
    match (there, needed) {
        (false, _) => Err(AppError::NotFound),
        (true, true) => Err(AppError::Invalid(NEEDED.to_owned())),
        (true, false) => Ok(()),
    }
}

/// What a secret on the page is sealed for: it is worth nothing in another session.
fn draft_place(user: &CurrentUser) -> String {
    format!("totp draft:{}:{}", user.id.0, user.session().hash.hex())
}

async fn page(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    secret: &[u8],
    sealed: &str,
    fault: &str,
) -> Result<HttpResponse, AppError> {
    let replaces = super::password::has_factor(state, user).await?;
    let install = state.floor.picture().install().name.clone();
    let card = Factor::of(secret)
        .and_then(|factor| factor.card(&install, &user.login_id))
        .map_err(AppError::internal)?;
    let page = FactorPage {
        shell: &shell(req, state, user, "Second factor"),
        card: &card,
        sealed,
        code: Field::new("code").error(fault),
        replaces,
        must: user.must_add_factor,
        message: String::new(),
    };
    let status = match fault.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    html(status, &page)
}

fn off_page(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    status: StatusCode,
    fault: &str,
) -> Result<HttpResponse, AppError> {
    let page = FactorOffPage {
        shell: &shell(req, state, user, "Take the second factor away"),
        login_id: &user.login_id,
        password: Field::new("password").error(fault),
        message: String::new(),
    };
    html(status, &page)
}
