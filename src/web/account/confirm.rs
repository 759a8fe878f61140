//! `GET` and `POST /account/confirm`: the password once more, before something sensitive.

use super::view::ConfirmPage;
use super::{NewKey, html, password, see_other, shell, with_cookie};
use crate::store::sign_in;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::form::Field;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::sessions::local_path::local;
use crate::web::sessions::proof::{self, Outcome};
use crate::web::sessions::sign_in::{retry_after, too_many};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use std::rc::Rc;

const WRONG: &str = "The password or the code is wrong. Nothing was changed.";

#[derive(Deserialize)]
pub struct Arriving {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub struct ConfirmForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    arriving: web::Query<Arriving>,
) -> Result<HttpResponse, AppError> {
    page(&req, &state, &user, StatusCode::OK, &arriving.next, "").await
}

/// The session gets another key with the proof, and goes on to where it was led from.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    info: web::ReqData<Rc<RequestInfo>>,
    form: web::Form<ConfirmForm>,
) -> Result<HttpResponse, AppError> {
    let ConfirmForm {
        password,
        code,
        next,
    } = form.into_inner();
    match proof::check(&state, &info, &user, password, &code).await? {
        Outcome::Right(known, proof) => {
            let key = NewKey::of(&user, &info)?;
            let (old, new) = (key.old, key.new);
            let confirmed = state
                .floor
                .write(by.0, move |tx| {
                    sign_in::confirm(tx, &known, &old, &new, proof.as_ref())
                })
                .await?;
            if confirmed {
                let to = match local(&next) {
                    "/" => "/account",
                    next => next,
                };
                return with_cookie(see_other(to), &key.cookie);
            }
        }
        Outcome::Wrong => {}
        Outcome::Wait(wait) => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let response = page(&req, &state, &user, status, &next, &too_many(wait)).await?;
            return Ok(retry_after(response, wait));
        }
    }
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    page(&req, &state, &user, status, &next, WRONG).await
}

async fn page(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    status: StatusCode,
    next: &str,
    message: &str,
) -> Result<HttpResponse, AppError> {
    let has_factor = password::has_factor(state, user).await?;
    let page = ConfirmPage {
        shell: &shell(req, state, user, "Is it you?"),
        login_id: &user.login_id,
        next: local(next),
        password: Field::new("password"),
        code: has_factor.then(|| Field::new("code")),
        message: message.to_owned(),
    };
    html(status, &page)
}
