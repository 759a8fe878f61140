//! `GET /roles/{id}`: what a role lets people do, who has it, and what was changed.

use super::view::{SectionView, ShowPage, holds_on, sections};
use super::{find, id_of, may_change, may_write};
use crate::domain::ids::RoleId;
use crate::domain::role::Permission;
use crate::floor::Picture;
use crate::store::role::KIND;
use crate::web::changes::of_record;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// So many people are named.
const PEOPLE: usize = 20;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let role = find(&state, id_of(&path)?).await?;
    let id = role.id;
    let changes = of_record(&state, &user, KIND, id.0).await?;
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Roles, role.name.as_str());
    let (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let may_change = may_change(&user, &role);
    let body = {
        let picture = state.floor.picture();
        let (people, more_people) = match user.may(Permission::UsersRead) {
            true => people(&picture, id),
            false => (Vec::new(), 0),
        };
        render(&ShowPage {
            shell: &shell,
            id: id.0,
            built_in: role.built_in,
            holds_on: holds_on(role.own_groups),
            sections: only_ticked(sections(role.permissions, user.permissions)),
            people,
            more_people,
            may_change,
            may_write: may_write(&user),
            changes,
            name: role.name,
        })?
    };
    Ok(flash::cleared(
        page::html(StatusCode::OK, body),
        flashed,
        &req,
    ))
}

/// What the role has, under its headings.
fn only_ticked(mut sections: Vec<SectionView>) -> Vec<SectionView> {
    for section in &mut sections {
        section.rights.retain(|right| right.ticked);
    }
    sections.retain(|section| !section.rights.is_empty());
    sections
}

/// The first who have the role, each with their page, and how many more there are.
fn people(picture: &Picture, id: RoleId) -> (Vec<(String, String)>, usize) {
    let have = || {
        let living = picture.people().iter();
        living.filter(|person| !person.deleted && person.role == id)
    };
    let named = have().take(PEOPLE);
    let named = named.map(|person| (person.name.to_string(), format!("/users/{}", person.id)));
    (named.collect(), have().count().saturating_sub(PEOPLE))
}
