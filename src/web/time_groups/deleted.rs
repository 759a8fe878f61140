//! `GET /time-groups/deleted`: those that were deleted, and `POST /time-groups/{id}/restore` to bring one back.

use super::id_of;
use super::view::{DeletedPage, GoneRow, PATH};
use crate::domain::show;
use crate::store::time_group::{self, Gone, NAME_CLAIM};
use crate::store::{StoreError, Taken};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    list(&req, &state, &user, String::new()).await
}

pub async fn restore(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    let scope = user.scope.clone();
    let restored = state
        .floor
        .write(by.0, move |tx| time_group::restore(tx, &scope, id))
        .await;
    match restored {
        Ok(operation) => Ok(flash::back_to(&format!("{PATH}/{id}"), &operation, &req)),
        Err(StoreError::Taken(Taken { kind, value, .. })) if kind == NAME_CLAIM => {
            let why = format!(
                "It can’t be restored: another time group is called “{value}” now. Rename that one first."
            );
            list(&req, &state, &user, why).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn list(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    wrong: String,
) -> Result<HttpResponse, AppError> {
    let gone = state.read(time_group::deleted).await?;
    let zone = state.floor.picture().install().calendar.zone;
    let row = |gone: Gone| GoneRow {
        id: gone.id.0,
        name: gone.name,
        at: show::moment(gone.at, zone),
    };
    let shell = user.shell(req, state);
    let shell = shell.page(shell::Page::TimeGroups, "Deleted time groups");
    let (shell, flashed) = flash::shown(shell, req, state, user).await?;
    let status = match wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = DeletedPage {
        shell: &shell,
        rows: gone.into_iter().map(row).collect(),
        wrong,
    };
    let response = page::html(status, render(&page)?);
    Ok(flash::cleared(response, flashed, req))
}
