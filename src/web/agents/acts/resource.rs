//! `PUT` and `DELETE` of a block or a disable, as links and programs know them.

use super::form::{ActForm, FIELDS};
use super::perform::Answer;
use super::show::{agent, back};
use crate::domain::act::{Act, ActKind};
use crate::domain::status::AdminState;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn block(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    put(&req, &state, &user, by, &path, &body, ActKind::Block).await
}

pub async fn disable(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    put(&req, &state, &user, by, &path, &body, ActKind::Disable).await
}

pub async fn unblock(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    lift(&req, &state, &user, by, &path, &body, AdminState::Blocked).await
}

pub async fn enable(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    lift(&req, &state, &user, by, &path, &body, AdminState::Disabled).await
}

async fn put(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    by: By,
    path: &str,
    body: &[u8],
    kind: ActKind,
) -> Result<HttpResponse, AppError> {
    let agent = agent(path)?;
    let posted = Posted::read(req, body, &FIELDS, &[])?;
    let form = ActForm {
        act: kind.word().to_owned(),
        ..ActForm::of(&posted)
    };
    let install = state.floor.picture().install().clone();
    let act = form
        .check(&install, state.clock.now())
        .map_err(|errors| AppError::Invalid(errors.line()))?;
    let back = back(posted.one("back"));
    Answer::new(req, state, user, &back)
        .perform(by, &[agent.user()], act)
        .await
}

/// What is not in force is not lifted, and that is no fault: 204.
async fn lift(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    by: By,
    path: &str,
    body: &[u8],
    only: AdminState,
) -> Result<HttpResponse, AppError> {
    let ids = [agent(path)?.user()];
    let posted = Posted::read(req, body, &FIELDS, &[])?;
    let back = back(posted.one("back"));
    let answer = Answer::new(req, state, user, &back);
    let act = Act::Enable { only: Some(only) };
    let outcome = answer.write(by, &ids, act).await?;
    if outcome.unchanged == 1 {
        return Ok(HttpResponse::NoContent().finish());
    }
    answer.tell(&ids, ActKind::Enable, &outcome).await
}

/// `DELETE /agents/{id}`: takes the agent away.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let agent = agent(&path)?;
    let posted = Posted::read(&req, &body, &["back"], &[])?;
    let back = back(posted.one("back"));
    Answer::new(&req, &state, &user, &back)
        .perform(by, &[agent.user()], Act::Delete)
        .await
}
