//! `GET /roles/{id}/delete`: who stands in the way; `DELETE /roles/{id}` takes it away.

use super::view::DeletePage;
use super::{PATH, find, id_of, may_change};
use crate::store::role::write::{Refused, Saved, delete as take_away, in_the_way};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::sessions::proof::{confirm_first, require_recent};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let role = find(&state, id_of(&path)?).await?;
    if !may_change(&user, &role) {
        return Err(AppError::Forbidden);
    }
    require_recent(&state, &user)?;
    let (now, id) = (state.clock.now(), role.id);
    let refused = state.read(move |conn| in_the_way(conn, now, id)).await?;
    question(&req, &state, &user, &role, refused, StatusCode::OK)
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
    if require_recent(&state, &user).is_err() {
        return Ok(confirm_first(&format!("{PATH}/{id}/delete")));
    }
    let role = find(&state, id).await?;
    let posted = Posted::read(&req, &body, &["version"], &[])?;
    let expected = match posted.one("version") {
        "" => None,
        text => {
            let bad = || AppError::BadRequest("The version is no number.".to_owned());
            Some(text.parse::<i64>().map_err(|_| bad())?)
        }
    };
    let rights = user.rights();
    let deleted = state
        .floor
        .write(by.0, move |tx| take_away(tx, &rights, id, expected))
        .await?;
    match deleted {
        Saved::Written(written) => Ok(flash::back_to(PATH, &written.operation, &req)),
        Saved::Refused(why) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            question(&req, &state, &user, &role, Some(why), status)
        }
        Saved::Conflict(_) => Err(AppError::Conflict),
    }
}

fn question(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    role: &crate::store::role::Role,
    refused: Option<Refused>,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    let title = format!("Delete {}", role.name);
    let shell = user.shell(req, state).page(shell::Page::Roles, title);
    let page = DeletePage {
        shell: &shell,
        id: role.id.0,
        name: role.name.clone(),
        version: role.version,
        users_href: match refused {
            Some(Refused::InUse { people, .. }) if people > 0 => format!("/users?role={}", role.id),
            Some(_) | None => String::new(),
        },
        refused: refused.map_or(String::new(), |why| why.to_string()),
    };
    Ok(page::html(status, render(&page)?))
}
