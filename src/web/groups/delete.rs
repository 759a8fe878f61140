//! `GET /agent-groups/{id}/delete`: what goes with a group; `DELETE /agent-groups/{id}` takes it away.

use super::view::DeletePage;
use super::{find, id};
use crate::domain::ids::UserId;
use crate::store::group::delete::delete as take_away;
use crate::web::agents::acts::words::agents;
use crate::web::error::{AppError, Form};
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// So many names are listed.
const LISTED: usize = 10;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let shell = user.shell(&req, &state);
    let picture = state.floor.picture();
    let group = find(&picture, &user.scope, id)?;
    let shell = shell.page(shell::Page::Groups, format!("Delete {}", group.name));
    let members = picture.group_members(id);
    let lonely = picture.only_in(id, &user.scope, &members);
    let name = |id: &UserId| picture.person(*id).map(|person| person.name.to_string());
    let scoped = picture.scoped_to(id).into_iter().map(|person| {
        let other = |group: &crate::domain::ids::GroupId| {
            *group != id && picture.records().group(*group).is_some()
        };
        let has_others = person.scope_groups.iter().any(other);
        (person.name.to_string(), has_others)
    });
    let page = DeletePage {
        shell: &shell,
        id: id.0,
        name: &group.name,
        version: group.version,
        members: match members.len() {
            0 => String::new(),
            count => agents(count),
        },
        lonely: lonely.iter().take(LISTED).filter_map(name).collect(),
        lonely_count: lonely.len(),
        // Who else is a supervisor is not for everyone to know.
        scoped: match user.scope.is_all() {
            true => scoped.collect(),
            false => Vec::new(),
        },
    };
    Ok(page::html(StatusCode::OK, render(&page)?))
}

/// Deletes what was looked at: a group that somebody changed since is looked at again first.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    find(&state.floor.picture(), &user.scope, id)?;
    let posted = Posted::read(&req, &body, &["version"], &[])?;
    let expected = match posted.one("version") {
        "" => None,
        text => {
            let bad = || AppError::BadRequest("The version is no number.".to_owned());
            Some(text.parse::<i64>().map_err(|_| bad())?)
        }
    };
    let scope = user.scope.clone();
    let deleted = state
        .floor
        .write(by.0, move |tx| take_away(tx, &scope, id, expected))
        .await?;
    match Form::of(&req) {
        Form::Json => Ok(HttpResponse::Ok().json(json!({
            "operation": deleted.operation,
            "left": deleted.members,
        }))),
        Form::Page => Ok(flash::back_to("/agent-groups", &deleted.operation, &req)),
        Form::Fragment => Ok(flash::read_again("/agent-groups", &deleted.operation, &req)),
    }
}
