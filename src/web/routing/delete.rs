//! `GET /departments/{id}/delete`: what depends on it, as a dialog or a page, and `DELETE /departments/{id}` to do
//! it; likewise for IVRs and caller ids.

use super::noun::{Of, key};
use super::rules;
use super::show::led_by;
use super::view::{DeleteDialog, DeletePage, DeleteView, Link};
use crate::domain::filter::AgentFilter;
use crate::domain::ids::{CallerIdId, DepartmentId, IvrId};
use crate::domain::role::Scope;
use crate::domain::routing::{Noun, Target};
use crate::floor::Picture;
use crate::store::StoreError;
use crate::store::routing;
use crate::web::agents::acts::into_dialog;
use crate::web::agents::acts::words::counted;
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
    Of(noun): Of,
    Partial(partial): Partial,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = key(&path)?;
    if !partial {
        return whole(&req, &state, &user, noun, id, false);
    }
    let it = of(&state.floor.picture(), noun, id, false)?;
    let dialog = DeleteDialog {
        it: &it,
        dialog: true,
    };
    let mut response = page::html(StatusCode::OK, render(&dialog)?);
    into_dialog(&mut response);
    Ok(response)
}

/// `stale`: it was changed since it was looked at, and is looked at again.
fn whole(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    noun: Noun,
    id: i64,
    stale: bool,
) -> Result<HttpResponse, AppError> {
    let it = of(&state.floor.picture(), noun, id, stale)?;
    let shell = user.shell(req, state);
    let shell = shell.page(shell::Page::Departments, format!("Delete {}", it.title));
    let page = DeletePage {
        shell: &shell,
        it: &it,
        dialog: false,
    };
    let status = match stale {
        true => StatusCode::CONFLICT,
        false => StatusCode::OK,
    };
    Ok(page::html(status, render(&page)?))
}

fn of(picture: &Picture, noun: Noun, id: i64, stale: bool) -> Result<DeleteView, AppError> {
    let (title, version) = rules::find(picture, noun, id)?;
    Ok(DeleteView {
        noun,
        id,
        title,
        version,
        effects: effects(picture, noun, id),
        led_by: leading(picture, noun, id),
        stale,
    })
}

/// What becomes of everything that has to do with it, a sentence each.
fn effects(picture: &Picture, noun: Noun, id: i64) -> Vec<Link> {
    let mut effects = match noun {
        Noun::Department => of_department(picture, DepartmentId(id)),
        Noun::Ivr => vec![plain("Nobody can be transferred to it any more.")],
        Noun::CallerId => of_caller_id(picture, CallerIdId(id)),
    };
    let records = picture.records();
    let has_code = match noun {
        Noun::Department => {
            let department = records.department(DepartmentId(id));
            department.is_some_and(|department| department.transfer_code.is_some())
        }
        Noun::Ivr => true,
        Noun::CallerId => false,
    };
    if has_code {
        let days = usize::from(picture.install().quarantine_days);
        effects.push(plain(format!(
            "Its transfer code stays its own for {}, unless it is restored.",
            counted(days, "day", "days")
        )));
    }
    effects.push(plain(
        "It can be undone, and restored later from the deleted ones.",
    ));
    effects
}

fn plain(text: impl Into<String>) -> Link {
    Link {
        text: text.into(),
        href: String::new(),
    }
}

fn of_department(picture: &Picture, id: DepartmentId) -> Vec<Link> {
    let members = picture.department_sizes(&Scope::All);
    let members = members.get(&id).copied().unwrap_or(0);
    let agents = AgentFilter {
        department: Some(id),
        ..AgentFilter::default()
    };
    let leave = match members {
        0 => plain("Nobody is in it."),
        1 => Link {
            text: "1 agent leaves it. The agent stays.".to_owned(),
            href: agents.link("/agents"),
        },
        _ => Link {
            text: format!(
                "{} leave it. The agents stay.",
                counted(members, "agent", "agents")
            ),
            href: agents.link("/agents"),
        },
    };
    vec![leave, plain("Its calls and its counts stay.")]
}

fn of_caller_id(picture: &Picture, id: CallerIdId) -> Vec<Link> {
    let users = picture.caller_id_users(&Scope::All);
    let users = users.get(&id).copied().unwrap_or(0);
    let mut effects = vec![plain(match users {
        0 => "No agent calls with it.".to_owned(),
        _ => format!(
            "{} may not call with it any more.",
            counted(users, "agent", "agents")
        ),
    })];
    let shown = picture.shown_by(id);
    if shown > 0 {
        effects.push(plain(format!(
            "It is the extension caller ID of {}: from then on the next one allowed is, if there is one.",
            counted(shown, "agent", "agents")
        )));
    }
    effects.push(plain("Calls to the number are not led anywhere any more."));
    effects
}

fn leading(picture: &Picture, noun: Noun, id: i64) -> Vec<Link> {
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
        Err(StoreError::Stale) => whole(&req, &state, &user, noun, id, true),
        Err(error) => Err(error.into()),
    }
}
