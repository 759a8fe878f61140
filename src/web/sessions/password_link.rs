//! `GET` and `POST /password`: choose a password behind a one-time link.

use super::secret::{self, SecretHash};
use crate::domain::audit::Entry;
use crate::domain::mail::LinkReason;
use crate::domain::password;
use crate::store::factor;
use crate::store::link::{self, LinkKind};
use crate::store::sign_in::{self, Account, Credentials};
use crate::web::error::AppError;
use crate::web::form::{Attributes, Field, NEW_PASSWORD, NEW_PASSWORD_WITH_FACTOR};
use crate::web::middleware::request_info::RequestInfo;
use crate::web::sessions::sign_in::as_user;
use crate::web::shell::Door;
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::rc::Rc;

/// Why someone with the right password has to choose another.
const TOO_SHORT: &str =
    "Beside a second factor your password was long enough. Alone it is not: choose a longer one.";

#[derive(Deserialize)]
pub struct Token {
    #[serde(default)]
    token: String,
    /// `short`: led here by [`lead_to`].
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    password: String,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    door: &'a Door,
    /// Address that the form posts to, with the one-time token.
    action: String,
    login_id: &'a str,
    password: Field,
    /// What the password has to have, in words and as the browser checks it.
    hint: String,
    rules: Attributes,
    message: String,
}

/// Who a link is for.
struct Holder {
    account: Account,
    has_factor: bool,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    info: web::ReqData<Rc<RequestInfo>>,
    token: web::Query<Token>,
) -> Result<HttpResponse, AppError> {
    let holder = holder(&state, &info, &token).await?;
    page(&req, &token, &holder, "")
}

/// For someone whose second factor is gone, with a password that was good enough only beside it: a link of
/// their own to choose a longer one, in place of a session.
pub(super) async fn lead_to(
    state: &AppState,
    info: &RequestInfo,
    known: Credentials,
) -> Result<HttpResponse, AppError> {
    let reason = LinkReason::Forgotten;
    let token = secret::fresh("")?;
    let hash = SecretHash::of(&token).hex();
    let by = as_user(known.user, &known.name, info);
    state
        .floor
        .write(by, move |tx| {
            let (kind, life) = (LinkKind::Password, reason.life());
            link::insert(tx, kind, Some(known.user), &hash, life)?;
            let entry = Entry::new("user.reset_link", "user", Some(known.user.0), known.name);
            tx.audit(entry.after("reason", "too_short_alone"))
        })
        .await?;
    let to = format!("/password?token={token}&why=short");
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .finish())
}

/// Sets the password, ends every session of the person, and sends them to sign in with it.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    info: web::ReqData<Rc<RequestInfo>>,
    token: web::Query<Token>,
    form: web::Form<PasswordForm>,
) -> Result<HttpResponse, AppError> {
    let holder = holder(&state, &info, &token).await?;
    let account = &holder.account;
    let install = state.floor.picture().install().name.clone();
    let context = [&*account.name, &*account.login_id, &*install];
    if let Err(fault) = password::check(&form.password, &context, holder.has_factor) {
        return page(&req, &token, &holder, &fault.to_string());
    }
    let hash = state.hasher.hash(form.into_inner().password).await?;
    let link = SecretHash::of(&token.token).hex();
    let by = as_user(account.id, &account.name, &info);
    state
        .floor
        .write(by, move |tx| {
            let user = link::use_up(tx, LinkKind::Password, &link)?
                .ok_or(crate::store::StoreError::NotFound)?;
            sign_in::set_password(tx, user, &hash, None)
        })
        .await?;
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/sign-in?done=password"))
        .finish())
}

/// What a new password has to have, in words.
pub(in crate::web) fn password_hint(has_factor: bool) -> String {
    let least = match has_factor {
        true => password::LEAST_WITH_FACTOR,
        false => password::LEAST,
    };
    format!("{least} characters or more. A short sentence is good.")
}

/// The same as the browser checks it.
pub(in crate::web) fn password_rules(has_factor: bool) -> Attributes {
    match has_factor {
        true => NEW_PASSWORD_WITH_FACTOR,
        false => NEW_PASSWORD,
    }
}

async fn holder(state: &AppState, info: &RequestInfo, token: &Token) -> Result<Holder, AppError> {
    if !info.is_private() {
        return Err(AppError::Invalid(
            "Choosing a password needs HTTPS, or a browser on the same machine.".to_owned(),
        ));
    }
    if let Err(retry_after) = state.throttle.take_source(info.address) {
        return Err(AppError::TooMany { retry_after });
    }
    let (hash, now) = (SecretHash::of(&token.token).hex(), state.clock.now());
    let find = move |conn: &mut _| match link::find_usable(conn, LinkKind::Password, &hash, now)? {
        Some(Some(user)) => {
            let account = sign_in::account(conn, user)?;
            let has_factor = factor::find(conn, user)?.is_some();
            Ok(account.map(|account| Holder {
                account,
                has_factor,
            }))
        }
        Some(None) | None => Ok(None),
    };
    state.read(find).await?.ok_or(AppError::LinkOver)
}

fn page(
    req: &HttpRequest,
    token: &Token,
    holder: &Holder,
    fault: &str,
) -> Result<HttpResponse, AppError> {
    let door = Door::new(req, "Choose a password");
    let query =
        serde_urlencoded::to_string([("token", &token.token)]).map_err(AppError::internal)?;
    let page = PasswordPage {
        door: &door,
        action: format!("/password?{query}"),
        login_id: &holder.account.login_id,
        password: Field::new("password").error(fault),
        hint: password_hint(holder.has_factor),
        rules: password_rules(holder.has_factor),
        message: match token.why.as_str() {
            "short" if fault.is_empty() => TOO_SHORT.to_owned(),
            _ => String::new(),
        },
    };
    let status = if fault.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}
