//! `POST /operations/{operation}/undo`.

use super::{flash, said};
use crate::domain::act::ActKind;
use crate::domain::number_plan::settings;
use crate::store::undo::{UndoOutcome, Undoable, undo};
use crate::store::{StoreError, Taken, operation};
use crate::web::agents::acts;
use crate::web::agents::acts::view::Toast;
use crate::web::agents::edit::taken;
use crate::web::error::{AppError, Form};
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::page::{self, render};
use crate::web::sessions::local_path::local;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let posted = Posted::read(&req, &body, &["back"], &[])?;
    let back = match local(posted.one("back")) {
        "/" => "/agents".to_owned(),
        path => path.to_owned(),
    };
    let id = path.into_inner();
    let key = id.clone();
    let found = state.read(move |conn| operation::find(conn, &key)).await?;
    let what = found.ok_or(AppError::NotFound)?;
    let Some(undoable) = Undoable::of_action(&what.action) else {
        return Err(AppError::Invalid("That can't be undone.".to_owned()));
    };
    let rights = user.rights();
    if !rights.may(undoable.needs()) {
        return Err(AppError::Forbidden);
    }
    let outcome = state
        .floor
        .write(by.0, move |tx| undo(tx, &rights, &id))
        .await
        .map_err(|error| told(&state, &user, error))?;
    answer(&req, &state, &user, &back, undoable, &outcome).await
}

async fn answer(
    req: &HttpRequest,
    state: &web::Data<AppState>,
    user: &CurrentUser,
    back: &str,
    undoable: Undoable,
    outcome: &UndoOutcome,
) -> Result<HttpResponse, AppError> {
    match Form::of(req) {
        Form::Json => Ok(HttpResponse::Ok().json(json!({
            "done": outcome.done,
            "kept": outcome.kept.len(),
            "again": outcome.again,
        }))),
        Form::Page if outcome.again => Ok(flash::back_to(back, flash::UNDONE_BEFORE, req)),
        Form::Page => Ok(flash::back_to(back, &outcome.operation, req)),
        // The pages of users have no rows of agents that could be replaced.
        Form::Fragment if is_of_a_record(undoable) || back.starts_with("/users") => {
            let value = match outcome.again {
                true => flash::UNDONE_BEFORE,
                false => &outcome.operation,
            };
            Ok(flash::read_again(back, value, req))
        }
        Form::Fragment => {
            let mut notice = match outcome.again {
                true => said::undone_before(),
                false => said::notice(state, user, &outcome.operation).await?,
            };
            notice.back = back.to_owned();
            let mut html = render(&Toast { notice: &notice })?;
            let parts = match undoable {
                // Whoever comes back has no row to be replaced: the list is read anew.
                Undoable::Act(ActKind::Delete | ActKind::Restore) => acts::list_again(req),
                Undoable::Act(
                    ActKind::Block
                    | ActKind::Disable
                    | ActKind::Enable
                    | ActKind::Pause
                    | ActKind::Resume
                    | ActKind::OffDuty
                    | ActKind::OffBoard
                    | ActKind::JoinGroups
                    | ActKind::LeaveGroups
                    | ActKind::SetTimeGroup
                    | ActKind::SetDepartments
                    | ActKind::SetCallerIds,
                )
                | Undoable::Edit => acts::rows(req, state, user, &outcome.agents, false).await?,
                Undoable::Group(_)
                | Undoable::TimeGroup(_)
                | Undoable::Routing(_)
                | Undoable::User(_)
                | Undoable::Role(_)
                | Undoable::Settings => String::new(),
            };
            html.push_str(&parts);
            Ok(page::html(StatusCode::OK, html))
        }
    }
}

/// A name that went to another record meanwhile is named, so that it can be mended; so is what stands in the way
/// of settings.
fn told(state: &AppState, user: &CurrentUser, error: StoreError) -> AppError {
    match error {
        StoreError::Taken(taken) if taken.kind.ends_with("_name") => AppError::Invalid(format!(
            "Another one is called “{}” now: rename that one first, then undo.",
            taken.value
        )),
        StoreError::Taken(taken) if settings::names().any(|name| name == taken.kind) => {
            AppError::Invalid(in_the_way(state, user, &taken))
        }
        error => error.into(),
    }
}

/// What keeps the number plan from being as it was: the number of a record, or another setting.
fn in_the_way(state: &AppState, user: &CurrentUser, taken: &Taken) -> String {
    let value = &taken.value;
    let Some(owner) = &taken.owner else {
        return format!(
            "The number plan as it is now has no place for “{value}”: see in Settings what stands in its way, then undo."
        );
    };
    let holder = taken::name(&state.floor.picture(), &user.scope, owner);
    let of = holder.map_or_else(String::new, |(_, name)| format!(" of {name}"));
    format!(
        "The number {value}{of} is in use, and the number plan as it was has no place for it: change that number first, then undo."
    )
}

/// Not of agents, whose rows can be replaced alone.
fn is_of_a_record(undoable: Undoable) -> bool {
    match undoable {
        Undoable::Act(_) | Undoable::Edit => false,
        Undoable::Group(_)
        | Undoable::TimeGroup(_)
        | Undoable::Routing(_)
        | Undoable::User(_)
        | Undoable::Role(_)
        | Undoable::Settings => true,
    }
}
