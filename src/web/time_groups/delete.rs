//! `GET /time-groups/{id}/delete`: whom it concerns, and `DELETE /time-groups/{id}` of the version that was seen.

use super::view::{DeleteDialog, DeletePage, DeleteView, PATH};
use super::{agents_href, find, id_of};
use crate::store::StoreError;
use crate::store::time_group::{self, Stored};
use crate::web::agents::acts::into_dialog;
use crate::web::agents::acts::words::agents;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Partial, Posted};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let stored = find(&state, id_of(&path)?).await?;
    let it = of(&state, &user, stored);
    if partial {
        let dialog = DeleteDialog {
            it: &it,
            dialog: true,
        };
        let mut response = page::html(StatusCode::OK, render(&dialog)?);
        into_dialog(&mut response);
        return Ok(response);
    }
    whole(&req, &state, &user, &it)
}

fn of(state: &AppState, user: &CurrentUser, stored: Stored) -> DeleteView {
    let count = state.floor.picture().by_time_group(&user.scope);
    let count = count.get(&stored.id).copied().unwrap_or(0);
    DeleteView {
        id: stored.id.0,
        name: stored.details.name,
        version: stored.version,
        stale: false,
        agents: count,
        agents_said: agents(count),
        agents_href: agents_href(stored.id),
    }
}

fn whole(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    it: &DeleteView,
) -> Result<HttpResponse, AppError> {
    let title = format!("Delete {}", it.name);
    let shell = user.shell(req, state);
    let shell = shell.page(shell::Page::TimeGroups, title);
    let page = DeletePage {
        shell: &shell,
        it,
        dialog: false,
    };
    let status = match it.stale {
        true => StatusCode::CONFLICT,
        false => StatusCode::OK,
    };
    Ok(page::html(status, render(&page)?))
}

pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    find(&state, id).await?;
    let posted = Posted::read(&req, &body, &["version"], &[])?;
    let expected = version(posted.one("version"))?;
    let scope = user.scope.clone();
    let deleted = state
        .floor
        .write(by.0, move |tx| {
            time_group::delete(tx, &scope, id, Some(expected))
        })
        .await;
    match deleted {
        Ok(deleted) => Ok(flash::back_to(PATH, &deleted.operation, &req)),
        Err(StoreError::Stale) => {
            let mut it = of(&state, &user, find(&state, id).await?);
            it.stale = true;
            whole(&req, &state, &user, &it)
        }
        Err(error) => Err(error.into()),
    }
}

fn version(text: &str) -> Result<i64, AppError> {
    if text.is_empty() {
        return Err(AppError::VersionRequired);
    }
    let version = text.parse().ok().filter(|version: &i64| *version > 0);
    version.ok_or_else(|| AppError::BadRequest("version can’t be read.".to_owned()))
}
