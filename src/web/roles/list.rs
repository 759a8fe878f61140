//! `GET /roles`: every role in words, and how many people have it.

use super::view::{ListPage, RoleRow, holds_on};
use super::{may_change, may_write};
use crate::domain::ids::RoleId;
use crate::domain::role::Permission;
use crate::domain::show;
use crate::store::role;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use std::collections::HashMap;

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let roles = state.read(role::all).await?;
    let people = people(&state);
    let rows = roles.into_iter().map(|role| RoleRow {
        id: role.id.0,
        built_in: role.built_in,
        holds_on: holds_on(role.own_groups),
        count: format!("{} of {}", role.permissions.len(), Permission::ALL.len()),
        rights: role.permissions.said(),
        people: show::count(people.get(&role.id).copied().unwrap_or(0)),
        may_change: may_change(&user, &role),
        name: role.name,
    });
    let shell = user.shell(&req, &state).page(shell::Page::Roles, "Roles");
    let (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let page = ListPage {
        shell: &shell,
        rows: rows.collect(),
        may_write: may_write(&user),
    };
    let response = page::html(StatusCode::OK, render(&page)?);
    Ok(flash::cleared(response, flashed, &req))
}

/// How many living people have each role.
fn people(state: &AppState) -> HashMap<RoleId, i64> {
    let picture = state.floor.picture();
    let mut count = HashMap::new();
    for person in picture.people().iter().filter(|person| !person.deleted) {
        *count.entry(person.role).or_default() += 1;
    }
    count
}
