//! `/settings/sign-in`: the roles whose people need a second factor.

use crate::domain::ids::RoleId;
use crate::domain::role::Permission;
use crate::store::{StoreError, factor, role};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::page::{self, render};
use crate::web::sessions::proof;
use crate::web::settings::tabs::Tab;
use crate::web::shell::{self, NoticeKind, Shell};
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

const SAVED: &str =
    "Saved. Who now needs a second factor and has none is asked to add it at the next page.";

#[derive(Deserialize)]
pub struct Arriving {
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "settings/sign_in.html")]
struct RulesPage<'a> {
    shell: &'a Shell,
    tab: Tab,
    roles: &'a [RoleRow],
    /// The keys of the roles that need one, as the form was opened.
    was: String,
    may_save: bool,
}

struct RoleRow {
    id: i64,
    name: String,
    needs_factor: bool,
    /// The reader may change it: the role has no more rights than they do.
    may_change: bool,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    arriving: web::Query<Arriving>,
) -> Result<HttpResponse, AppError> {
    let mut shell = own_shell(&req, &state, &user);
    if arriving.done == "saved" {
        shell = shell.notice(NoticeKind::Done, SAVED);
    }
    answer(&state, &user, &shell, StatusCode::OK, None).await
}

fn own_shell(req: &HttpRequest, state: &AppState, user: &CurrentUser) -> Shell {
    user.shell(req, state)
        .page(shell::Page::Settings, "Signing in")
}

/// What a form was opened with, and the roles that are ticked in it.
struct Typed {
    was: String,
    wanted: Vec<RoleId>,
}

/// The form as it is stored, or as it was typed.
async fn answer(
    state: &web::Data<AppState>,
    user: &CurrentUser,
    shell: &Shell,
    status: StatusCode,
    typed: Option<Typed>,
) -> Result<HttpResponse, AppError> {
    let (required, roles) = state
        .read(|conn| Ok((factor::required_roles(conn)?, role::all(conn)?)))
        .await?;
    let stored = || {
        let of_list = roles.iter().filter(|role| required.contains(&role.id));
        let keys: Vec<String> = of_list.map(|role| role.id.to_string()).collect();
        Typed {
            was: keys.join(" "),
            wanted: required.clone(),
        }
    };
    let Typed { was, wanted } = typed.unwrap_or_else(stored);
    let rights = user.rights();
    let rows = roles.iter().map(|role| RoleRow {
        id: role.id.0,
        needs_factor: wanted.contains(&role.id),
        may_change: rights.outrank(role.permissions),
        name: role.name.clone(),
    });
    let page = RulesPage {
        shell,
        tab: Tab::SignIn,
        roles: &rows.collect::<Vec<_>>(),
        was,
        may_save: user.may(Permission::RolesWrite) && user.scope.is_all(),
    };
    Ok(page::html(status, render(&page)?))
}

/// Each role is a matter of its own: what was not touched in this form stays as others have set it.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let posted = Posted::read(&req, &body, &["was"], &["roles"])?;
    let given = posted.all("was").next().ok_or(AppError::VersionRequired)?;
    let was = keys(given.split_ascii_whitespace())?;
    let wanted = keys(posted.all("roles"))?;
    if proof::require_recent(&state, &user).is_err() {
        let shell = own_shell(&req, &state, &user).confirm(true);
        let was = given.to_owned();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return answer(&state, &user, &shell, status, Some(Typed { was, wanted })).await;
    }
    let changed: Vec<(RoleId, bool)> = was
        .iter()
        .filter(|role| !wanted.contains(role))
        .map(|role| (*role, false))
        .chain(
            wanted
                .iter()
                .filter(|role| !was.contains(role))
                .map(|role| (*role, true)),
        )
        .collect();
    let rights = user.rights();
    let allowed = state
        .floor
        .write(by.0, move |tx| {
            // All are looked at before the first is written: a refusal leaves nothing behind.
            for (id, _) in &changed {
                if !rights.outrank(role::get(tx.conn, *id)?.permissions) {
                    return Ok(false);
                }
            }
            for (id, required) in &changed {
                factor::require(tx, *id, *required)?;
            }
            Ok::<_, StoreError>(true)
        })
        .await?;
    match allowed {
        true => Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, "/settings/sign-in?done=saved"))
            .finish()),
        false => Err(AppError::Forbidden),
    }
}

fn keys<'a>(words: impl Iterator<Item = &'a str>) -> Result<Vec<RoleId>, AppError> {
    let unreadable = || AppError::BadRequest("A role is named that can’t be one.".to_owned());
    words
        .map(|word| word.parse().map(RoleId).map_err(|_| unreadable()))
        .collect()
}
