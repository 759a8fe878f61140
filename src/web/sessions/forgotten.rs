//! `GET` and `POST /forgotten`: a new password by mail. Everyone gets the same answer in the same time.

use super::links;
use super::view::ForgottenPage;
use crate::domain::audit::Entry;
use crate::domain::mail::LinkReason;
use crate::domain::text::LoginId;
use crate::domain::time::MINUTE;
use crate::store::link::{self, Handout};
use crate::store::{Keeper, StoreError, Tx, sign_in};
use crate::web::error::AppError;
use crate::web::extract::nobody;
use crate::web::form::Field;
use crate::web::middleware::request_info::RequestInfo;
use crate::web::sessions::sign_in::{retry_after, too_many};
use crate::web::shell::Door;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use std::rc::Rc;

/// Nobody is sent letters more often than this.
const BETWEEN_LETTERS: i64 = 2 * MINUTE;

#[derive(Deserialize)]
pub struct ForgottenForm {
    #[serde(default)]
    login_id: String,
}

pub async fn show(req: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    page(&req, &state, StatusCode::OK, false, "")
}

/// Answers before it looks: what is done then takes as long as it takes, and nobody can time it.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    info: web::ReqData<Rc<RequestInfo>>,
    form: web::Form<ForgottenForm>,
) -> Result<HttpResponse, AppError> {
    if state.floor.picture().install().mail.is_none() {
        return page(&req, &state, StatusCode::OK, false, "");
    }
    let account = LoginId::claim_of(&form.login_id);
    if account.is_empty() {
        let message = "Type your user ID or e-mail address.";
        return page(
            &req,
            &state,
            StatusCode::UNPROCESSABLE_ENTITY,
            false,
            message,
        );
    }
    if let Err(wait) = state.throttle.take(info.address, &account) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let response = page(&req, &state, status, false, &too_many(wait))?;
        return Ok(retry_after(response, wait));
    }
    let typed: String = form.into_inner().login_id.chars().take(254).collect();
    let handout = links::handout(&state, LinkReason::Forgotten)?;
    let (floor, keeper, by) = (state.floor.clone(), state.keeper.clone(), nobody(&info));
    actix_web::rt::spawn(async move {
        let written = floor
            .write(by, move |tx| hand_out(tx, &keeper, &typed, &handout))
            .await;
        if let Err(error) = written {
            tracing::error!(%error, "a link for a forgotten password could not be sent");
        }
    });
    page(&req, &state, StatusCode::OK, true, "")
}

fn hand_out(
    tx: &mut Tx<'_>,
    keeper: &Keeper,
    typed: &str,
    handout: &Handout,
) -> Result<(), StoreError> {
    let known = sign_in::find_forgetful(tx.conn, typed)?;
    if let Some(known) = &known
        && known.allowed
        && known.email.is_some()
    {
        let since = tx.now.plus(-BETWEEN_LETTERS);
        if !link::was_given_since(tx.conn, known.user, since)? {
            link::hand_out(tx, keeper, known.user, handout)?;
        }
        return Ok(());
    }
    let typed: String = typed.chars().take(64).collect();
    let subject = known.map(|known| (known.user.0, known.name));
    tx.audit(match subject {
        Some((user, name)) => Entry::new("password.refused", "user", Some(user), name),
        None => Entry::new("password.refused", "login_id", None, typed),
    })
}

fn page(
    req: &HttpRequest,
    state: &AppState,
    status: StatusCode,
    asked: bool,
    message: &str,
) -> Result<HttpResponse, AppError> {
    let door = Door::new(req, "Forgotten password");
    let page = ForgottenPage {
        door: &door,
        login_id: Field::new("login_id"),
        by_mail: state.floor.picture().install().mail.is_some(),
        asked,
        message: message.to_owned(),
    };
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}
