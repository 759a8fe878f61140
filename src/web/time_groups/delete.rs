//! `GET /time-groups/{id}/delete`: whom it concerns, and `DELETE /time-groups/{id}`.

use super::view::{DeleteDialog, DeletePage, DeleteView, PATH};
use super::{agents_href, find, id_of};
use crate::store::time_group;
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
    let count = state.floor.picture().by_time_group(&user.scope);
    let count = count.get(&stored.id).copied().unwrap_or(0);
    let it = DeleteView {
        id: stored.id.0,
        name: stored.details.name,
        agents: count,
        agents_said: agents(count),
        agents_href: agents_href(stored.id),
    };
    if partial {
        let dialog = DeleteDialog {
            it: &it,
            dialog: true,
        };
        let mut response = page::html(StatusCode::OK, render(&dialog)?);
        into_dialog(&mut response);
        return Ok(response);
    }
    let title = format!("Delete {}", it.name);
    let shell = user.shell(&req, &state);
    let shell = shell.page(shell::Page::TimeGroups, title);
    let page = DeletePage {
        shell: &shell,
        it: &it,
        dialog: false,
    };
    Ok(page::html(StatusCode::OK, render(&page)?))
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
    Posted::read(&req, &body, &[], &[])?;
    let scope = user.scope.clone();
    let deleted = state
        .floor
        .write(by.0, move |tx| time_group::delete(tx, &scope, id, None))
        .await?;
    Ok(flash::back_to(PATH, &deleted.operation, &req))
}
