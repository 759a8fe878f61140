//! `GET /agents/{id}/acts`: what can be done to one agent, and `POST` to do it.

use super::bulk::checked;
use super::facts::Facts;
use super::form::{ActErrors, ActForm, FIELDS, MANY};
use super::perform::{self, Answer};
use super::view::{ActsDialog, ActsForm, ActsPage, ActsView};
use crate::domain::ids::AgentId;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Partial, Posted};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::sessions::local_path::local;
use crate::web::shell::Page;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// The agent of an address; text that is none is an agent that is not there.
pub fn agent(path: &str) -> Result<AgentId, AppError> {
    path.parse().map_err(|_| AppError::NotFound)
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let agent = agent(&path)?;
    let query = Posted::read_query(&req, &["act", "back"])?;
    let form = ActForm {
        act: query.one("act").to_owned(),
        ..ActForm::default()
    };
    let facts = Facts::of(&state, &user, &[agent.user()]).await?;
    let back = back(query.one("back"));
    let view = ActsView::new(&facts, form, ActErrors::default(), &back);
    answer(&req, &state, &user, &view, partial, StatusCode::OK).await
}

/// Where a form comes back to: the list unless it says otherwise.
pub fn back(asked: &str) -> String {
    match local(asked) {
        "/" => "/agents".to_owned(),
        path => path.to_owned(),
    }
}

/// The form as a page, as a dialog, or alone where a dialog is open and something is wrong.
pub async fn answer(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    view: &ActsView,
    partial: bool,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    if partial && status != StatusCode::OK {
        let form = ActsForm {
            acts: view,
            dialog: true,
        };
        return Ok(page::html(status, render(&form)?));
    }
    if partial {
        let dialog = ActsDialog {
            acts: view,
            dialog: true,
        };
        let mut response = page::html(status, render(&dialog)?);
        perform::into_dialog(&mut response);
        return Ok(response);
    }
    let title = format!("Act on {}", view.subject);
    let shell = user.shell(req, state).page(Page::Agents, title);
    let (shell, flashed) = flash::shown(shell, req, state, user).await?;
    let page = ActsPage {
        shell: &shell,
        acts: view,
        dialog: false,
    };
    Ok(flash::cleared(
        page::html(status, render(&page)?),
        flashed,
        req,
    ))
}

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Partial(partial): Partial,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let agent = agent(&path)?;
    let posted = Posted::read(&req, &body, &FIELDS, &MANY)?;
    let form = ActForm::of(&posted);
    let back = back(posted.one("back"));
    match checked(&state, &user, &form) {
        Ok(act) => {
            let ids = [agent.user()];
            let answer = Answer::new(&req, &state, &user, &back);
            answer.perform(by, &ids, act).await
        }
        Err(errors) => {
            let facts = Facts::of(&state, &user, &[agent.user()]).await?;
            let view = ActsView::new(&facts, form, *errors, &back);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            answer(&req, &state, &user, &view, partial, status).await
        }
    }
}
