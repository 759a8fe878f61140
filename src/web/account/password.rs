//! `GET` and `POST /account/password`: another password, after the old one was typed a short while ago.

use super::view::PasswordPage;
use super::{Done, NewKey, html, shell, with_cookie};
use crate::domain::password;
use crate::store::{factor, session, sign_in};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::form::Field;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::sessions::password_link::{password_hint, password_rules};
use crate::web::sessions::proof;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use std::rc::Rc;

#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    password: String,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    proof::require_recent(&state, &user)?;
    let has_factor = has_factor(&state, &user).await?;
    page(&req, &state, &user, has_factor, "")
}

/// Ends the person's other sessions, and gives this one another key.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    info: web::ReqData<Rc<RequestInfo>>,
    form: web::Form<PasswordForm>,
) -> Result<HttpResponse, AppError> {
    proof::require_recent(&state, &user)?;
    let has_factor = has_factor(&state, &user).await?;
    let install = state.floor.picture().install().name.clone();
    let context = [&*user.name, &*user.login_id, &*install];
    if let Err(fault) = password::check(&form.password, &context, has_factor) {
        return page(&req, &state, &user, has_factor, &fault.to_string());
    }
    let hash = state.hasher.hash(form.into_inner().password).await?;
    let key = NewKey::of(&user, &info)?;
    let (id, old, new) = (user.id, key.old, key.new);
    state
        .floor
        .write(by.0, move |tx| {
            session::renew(tx, &old, &new, false)?;
            sign_in::set_password(tx, id, &hash, Some(&new))
        })
        .await?;
    with_cookie(Done::Password.back(), &key.cookie)
}

pub(super) async fn has_factor(state: &AppState, user: &CurrentUser) -> Result<bool, AppError> {
    let id = user.id;
    let found = state.read(move |conn| factor::find(conn, id)).await?;
    Ok(found.is_some())
}

fn page(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    has_factor: bool,
    fault: &str,
) -> Result<HttpResponse, AppError> {
    let page = PasswordPage {
        shell: &shell(req, state, user, "Change the password"),
        login_id: &user.login_id,
        password: Field::new("password").error(fault),
        hint: password_hint(has_factor),
        rules: password_rules(has_factor),
        message: String::new(),
    };
    let status = match fault.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    html(status, &page)
}
