//! `/settings`: the number plan, which is checked as one before a change of it is accepted; the other pages of the
//! settings stand beside it.

pub mod general;
pub mod tabs;
pub mod tokens;
mod view;

use crate::domain::number_plan::settings::{PlanSettings, Words, names};
use crate::domain::role::Permission;
use crate::store::number_plan::{InUse, Saved, Wanted, save};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use view::{Form, SettingsPage};

/// Before the name of a setting: the value that the form was opened with.
const WAS: &str = "was_";

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let form = Form::of(&now(&state));
    page(&req, &state, &user, StatusCode::OK, form).await
}

/// Saves what was changed; nothing of it if something stands in the way.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let wanted = read_words(&req, &body, names())?;
    let its_wanted = wanted.clone();
    let saved = state
        .floor
        .write(by.0, move |tx| save(tx, &its_wanted))
        .await?;
    let mut form = Form::typed(&now(&state), &wanted.typed);
    let status = match saved {
        Saved::Written { operation, changed } => {
            let value = match changed {
                true => operation,
                false => flash::UNCHANGED.to_owned(),
            };
            return Ok(flash::back_to("/settings", &value, &req));
        }
        Saved::Conflict { now, both } => {
            form.conflict(&now, &both);
            StatusCode::CONFLICT
        }
        Saved::Wrong(errors) => {
            form.was(&wanted.was);
            form.wrong(&errors);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Saved::InUse(in_use) => {
            form.was(&wanted.was);
            form.in_use(&in_use);
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    page(&req, &state, &user, status, form).await
}

/// The settings as they are in force.
fn now(state: &AppState) -> Words {
    PlanSettings::of(state.floor.picture().install()).words()
}

/// # Errors
/// `VersionRequired` for a setting without the value that it had; `BadRequest` for what is no setting here.
fn read_words(
    req: &HttpRequest,
    body: &[u8],
    names: impl IntoIterator<Item = &'static str>,
) -> Result<Wanted, AppError> {
    let twins: Vec<(&'static str, String)> = names
        .into_iter()
        .map(|name| (name, format!("{WAS}{name}")))
        .collect();
    let known: Vec<&str> = twins
        .iter()
        .flat_map(|(name, was)| [*name, was.as_str()])
        .collect();
    let posted = Posted::read(req, body, &known, &[])?;
    let mut wanted = Wanted::default();
    for (name, was) in &twins {
        if let Some(typed) = posted.all(name).next() {
            let was = posted.all(was).next().ok_or(AppError::VersionRequired)?;
            wanted.typed.insert(*name, typed.trim().to_owned());
            wanted.was.insert(*name, was.to_owned());
        }
    }
    match wanted.typed.is_empty() {
        true => Err(AppError::BadRequest("No setting was sent.".to_owned())),
        false => Ok(wanted),
    }
}

async fn page(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    status: StatusCode,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let shell = user
        .shell(req, state)
        .page(shell::Page::Settings, "Settings");
    let (shell, flashed) = flash::shown(shell, req, state, user).await?;
    let page = SettingsPage {
        shell: &shell,
        tab: tabs::Tab::Plan,
        form: &form,
        may_save: user.may(Permission::SettingsWrite) && user.scope.is_all(),
    };
    let body = render(&page)?;
    Ok(flash::cleared(page::html(status, body), flashed, req))
}
