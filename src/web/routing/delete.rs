//! `GET /departments/{id}/delete`: what depends on it, and `DELETE /departments/{id}` to do it; likewise for IVRs
//! and caller ids.

use super::noun::{Of, key};
use super::show::led_by;
use super::view::DeletePage;
use super::{rules, view};
use crate::domain::ids::{CallerIdId, DepartmentId, IvrId};
use crate::domain::role::Scope;
use crate::domain::routing::{Noun, Target};
use crate::floor::Picture;
use crate::store::StoreError;
use crate::store::routing;
use crate::web::agents::acts::words::counted;
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Posted};
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
    Of(noun): Of,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    confirm(&req, &state, &user, noun, key(&path)?, false)
}

fn confirm(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    noun: Noun,
    id: i64,
    stale: bool,
) -> Result<HttpResponse, AppError> {
    let picture = state.floor.picture();
    let (title, version) = rules::find(&picture, noun, id)?;
    let shell = user
        .shell(req, state)
        .page(shell::Page::Departments, format!("Delete {title}"));
    let page = DeletePage {
        shell: &shell,
        noun,
        id,
        title,
        version,
        effects: effects(&picture, noun, id),
        led_by: leading(&picture, noun, id),
        stale,
    };
    let status = match stale {
        true => StatusCode::CONFLICT,
        false => StatusCode::OK,
    };
    Ok(page::html(status, render(&page)?))
}

/// What becomes of everything that has to do with it, a sentence each.
pub fn effects(picture: &Picture, noun: Noun, id: i64) -> Vec<String> {
    let held = format!(
        "Its transfer code stays its own for {}, unless it is restored.",
        counted(
            usize::from(picture.install().quarantine_days),
            "day",
            "days"
        )
    );
    let records = picture.records();
    let code = match noun {
        Noun::Department => {
            let department = records.department(DepartmentId(id));
            department.is_some_and(|department| department.transfer_code.is_some())
        }
        Noun::Ivr => true,
        Noun::CallerId => false,
    };
    let mut effects = match noun {
        Noun::Department => {
            let sizes = picture.department_sizes(&Scope::All);
            let members = sizes.get(&DepartmentId(id)).copied().unwrap_or(0);
            vec![
                match members {
                    0 => "Nobody is in it.".to_owned(),
                    1 => "1 agent leaves it. The agent stays.".to_owned(),
                    _ => format!(
                        "{} leave it. The agents stay.",
                        counted(members, "agent", "agents")
                    ),
                },
                "Its calls and its counts stay.".to_owned(),
            ]
        }
        Noun::Ivr => vec!["Nobody can be transferred to it any more.".to_owned()],
        Noun::CallerId => {
            let users = picture.caller_id_users(&Scope::All);
            let users = users.get(&CallerIdId(id)).copied().unwrap_or(0);
            vec![
                match users {
                    0 => "No agent calls with it.".to_owned(),
                    1 => "1 agent may not call with it any more.".to_owned(),
                    _ => format!(
                        "{} may not call with it any more.",
                        counted(users, "agent", "agents")
                    ),
                },
                "Calls to the number are not led anywhere any more.".to_owned(),
            ]
        }
    };
    effects.extend(code.then_some(held));
    effects.push("It can be undone, and restored later from the deleted ones.".to_owned());
    effects
}

fn leading(picture: &Picture, noun: Noun, id: i64) -> Vec<view::Link> {
    match noun {
        Noun::Department => led_by(picture, Target::Department(DepartmentId(id))),
        Noun::Ivr => led_by(picture, Target::Ivr(IvrId(id))),
        Noun::CallerId => Vec::new(),
    }
}

pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Of(noun): Of,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = key(&path)?;
    rules::find(&state.floor.picture(), noun, id)?;
    let posted = Posted::read(&req, &body, &["version"], &[])?;
    let expected = match posted.one("version") {
        "" => return Err(AppError::VersionRequired),
        text => text.parse().ok().filter(|version: &i64| *version > 0),
    };
    let expected =
        expected.ok_or_else(|| AppError::BadRequest("version can’t be read.".to_owned()))?;
    let scope = user.scope.clone();
    let deleted = state
        .floor
        .write(by.0, move |tx| {
            routing::delete(tx, &scope, noun, id, Some(expected))
        })
        .await;
    match deleted {
        Ok(deleted) => Ok(flash::back_to(noun.path(), &deleted.operation, &req)),
        Err(StoreError::Stale) => confirm(&req, &state, &user, noun, id, true),
        Err(error) => Err(error.into()),
    }
}
