//! `POST /me/duty`: starts or stops taking calls, or pauses with a reason. Only ever one's own.

use super::{PATH, show};
use crate::domain::act::{Act, ActKind, Refusal};
use crate::domain::role::{Rights, Scope};
use crate::store::agent::act;
use crate::web::agents::acts::form::ActForm;
use crate::web::error::{AppError, Form};
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::operations::flash;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// What was typed, with what is wrong; empty where nothing is.
#[derive(Default)]
pub struct DutyForm {
    pub reason: String,
    pub error: String,
}

pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let posted = Posted::read(&req, &body, &["act", "reason", "when"], &[])?;
    let install = state.floor.picture().install().clone();
    let checked = ActForm::of(&posted).check(&install, state.clock.now());
    let refused = |error: String| DutyForm {
        reason: posted.one("reason").chars().take(256).collect(),
        error,
    };
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let what = match checked {
        Ok(what) if is_of_duty(&what) => what,
        Ok(_) => {
            return Err(AppError::BadRequest(
                "Choose to start, to stop or to pause.".to_owned(),
            ));
        }
        Err(errors) => {
            return show::page(&req, &state, &user, wrong, &refused(errors.line())).await;
        }
    };
    let id = user.id;
    // On oneself, whatever groups the rights hold on.
    let rights = Rights {
        permissions: user.permissions,
        scope: Scope::All,
    };
    let outcome = state
        .floor
        .write(by.0, move |tx| act(tx, &rights, &[id], &what))
        .await?;
    match outcome.refused.first() {
        None => {}
        Some((_, Refusal::NotFound)) => return Err(AppError::NotFound),
        Some((_, why)) => {
            let form = refused(format!("That can’t be done: your line {why}."));
            return show::page(&req, &state, &user, wrong, &form).await;
        }
    }
    let value = match outcome.done {
        0 => flash::UNCHANGED,
        _ => outcome.operation.as_str(),
    };
    match Form::of(&req) {
        Form::Page | Form::Json => Ok(flash::back_to(PATH, value, &req)),
        Form::Fragment => Ok(flash::read_again(PATH, value, &req)),
    }
}

/// Acts that people may do to themselves.
fn is_of_duty(what: &Act) -> bool {
    match what.kind() {
        ActKind::Pause | ActKind::Resume | ActKind::OffDuty => true,
        ActKind::Block
        | ActKind::Disable
        | ActKind::Enable
        | ActKind::OffBoard
        | ActKind::Delete
        | ActKind::Restore
        | ActKind::JoinGroups
        | ActKind::LeaveGroups
        | ActKind::SetTimeGroup
        | ActKind::SetDepartments
        | ActKind::SetCallerIds => false,
    }
}
