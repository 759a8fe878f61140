//! `POST /imports/{id}/commit`, `/cancel` and `/undo`: each is begun here and done by a job, once however often it
//! is pressed.

use super::{find, id_of, path_of, refusal, viewer};
use crate::domain::ids::ImportId;
use crate::store::import::{Mode, Pressed, commit};
use crate::store::undo::undo as take_back;
use crate::web::error::AppError;
use crate::web::extract::{By, Caller, CurrentUser, Posted};
use crate::web::operations::flash;
use crate::web::state::AppState;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn commit(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    let posted = Posted::read(&req, &body, &["mode"], &[])?;
    let mode = mode_of(posted.one("mode"))?;
    let (pressed, operation) = press(&state, &Caller::User(user), by, id, mode).await?;
    match pressed {
        // Told on the page that comes once it is done.
        Pressed::Begun => Ok(flash::back_to(&path_of(id), &operation, &req)),
        Pressed::Again => Ok(there(id)),
        Pressed::Refused(why) => Err(refusal(why)),
    }
}

/// All or nothing, unless something else is said.
pub fn mode_of(word: &str) -> Result<Mode, AppError> {
    match word {
        "" => Ok(Mode::AllOrNothing),
        word => word
            .parse()
            .map_err(|_| AppError::BadRequest("mode is all or valid.".to_owned())),
    }
}

/// Has a plan carried out; with the operation under which that is written down.
pub async fn press(
    state: &AppState,
    caller: &Caller,
    by: By,
    id: ImportId,
    mode: Mode,
) -> Result<(Pressed, String), AppError> {
    let viewer = viewer(caller, &by);
    let pressed = state
        .floor
        .write(by.0, move |tx| {
            let pressed = commit::press(tx, &viewer, id, mode)?;
            Ok((pressed, tx.operation.clone()))
        })
        .await?;
    state.uploads.ring();
    Ok(pressed)
}

pub async fn cancel(
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    let viewer = viewer(&Caller::User(user), &by);
    // Only of an upload that may be seen is the step under way asked to stop.
    let import = find(&state, &viewer, id).await?;
    if import.can_be_cancelled() {
        state.uploads.cancel(id);
    }
    let pressed = state
        .floor
        .write(by.0, move |tx| commit::cancel(tx, &viewer, id))
        .await?;
    state.uploads.ring();
    match pressed {
        Pressed::Begun | Pressed::Again => Ok(there(id)),
        Pressed::Refused(why) => Err(refusal(why)),
    }
}

pub async fn undo(
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    begin_undo(&state, &Caller::User(user), by, id).await?;
    Ok(there(id))
}

/// Begins to take an upload back; says whether it was begun before.
///
/// # Errors
/// `NotFound` for who may not see it, `Invalid` where there is nothing to take back any more.
pub async fn begin_undo(
    state: &AppState,
    caller: &Caller,
    by: By,
    id: ImportId,
) -> Result<bool, AppError> {
    let import = find(state, &viewer(caller, &by), id).await?;
    if import.undo_operation.is_some() {
        return Ok(true);
    }
    let until = import
        .undo_until()
        .filter(|until| *until > state.clock.now());
    let (Some(_), Some(operation)) = (until, import.operation) else {
        return Err(AppError::Invalid(
            "There is nothing to undo: nothing was written, or it is more than 30 days ago."
                .to_owned(),
        ));
    };
    let rights = caller.rights();
    let outcome = state
        .floor
        .write(by.0, move |tx| take_back(tx, &rights, &operation))
        .await?;
    state.uploads.ring();
    Ok(outcome.again)
}

fn there(id: ImportId) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path_of(id)))
        .finish()
}
