//! `POST /agents/{id}`: saves the form of a row or of a page.

use super::answer::Asked;
use super::fill::Filler;
use super::posted::Posted;
use super::{back, conflict, rules, taken};
use crate::domain::agent_form::{AgentChange, FieldErrors};
use crate::domain::ids::AgentId;
use crate::store::agent::history::Edit;
use crate::store::agent::update::{Basis, Conflict, Saved, Updated, save};
use crate::store::{StoreError, Taken};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser, Partial};
use crate::web::operations::{flash, said};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    Partial(partial): Partial,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let id: AgentId = id.parse().map_err(|_| AppError::NotFound)?;
    let asked = Asked::new(req, state, user, partial).await?;
    let posted = {
        let picture = asked.state.floor.picture();
        rules::find_to_change(&picture, &asked.user.rights(), id.user())?;
        Posted::read(&form)?
    };
    let basis = posted.basis()?;
    let change = {
        let picture = asked.state.floor.picture();
        let person = rules::find_to_change(&picture, &asked.user.rights(), id.user())?;
        rules::check(&picture, &asked.user.rights(), &posted, Some(person))
    };
    let change = match change {
        Ok(change) => change,
        Err(errors) => return refused(&asked, id, &posted, &errors),
    };
    let (scope, its_basis, its_change) = (asked.user.scope.clone(), basis.clone(), change.clone());
    let saved = asked
        .state
        .floor
        .write_about(by.0, id.user(), move |tx| {
            save(tx, &scope, id.user(), &its_basis, &its_change)
        })
        .await;
    match saved {
        Ok(Saved::Written(updated, edits)) => written(&asked, id, &posted, &updated, &edits).await,
        Ok(Saved::Conflict(conflict)) => {
            conflicting(&asked, id, posted, &basis, &change, &conflict)
        }
        Err(StoreError::Taken(taken)) => in_use(&asked, id, &posted, &taken),
        Err(error) => Err(error.into()),
    }
}

async fn written(
    asked: &Asked,
    id: AgentId,
    posted: &Posted,
    updated: &Updated,
    edits: &[Edit],
) -> Result<HttpResponse, AppError> {
    let back = back::checked(&posted.back, id);
    let changed = !updated.changed.is_empty();
    if !asked.in_row() {
        let version = posted.version.unwrap_or_default();
        let value = match changed {
            true => flash::of_edit(&updated.operation, version),
            false => flash::UNCHANGED.to_owned(),
        };
        return Ok(flash::back_to(&back, &value, &asked.req));
    }
    let mut notice = match changed {
        true => said::notice(&asked.state, &asked.user, &updated.operation).await?,
        false => said::unchanged(0),
    };
    notice.back = "/agents".to_owned();
    for sentence in conflict::kept(edits) {
        notice.text.push(' ');
        notice.text.push_str(&sentence);
    }
    asked.done(&asked.state.floor.picture(), id, Some(&notice))
}

/// 422 with what was typed and what is wrong with it.
fn refused(
    asked: &Asked,
    id: AgentId,
    posted: &Posted,
    errors: &FieldErrors,
) -> Result<HttpResponse, AppError> {
    let picture = asked.state.floor.picture();
    let person = rules::find_to_change(&picture, &asked.user.rights(), id.user())?;
    let filler = Filler {
        picture: &picture,
        scope: &asked.user.scope,
    };
    let form = filler.typed(Some(person), posted, errors);
    asked.form(&picture, &form, StatusCode::UNPROCESSABLE_ENTITY, true)
}

/// The same for a value that someone else has.
fn in_use(
    asked: &Asked,
    id: AgentId,
    posted: &Posted,
    taken: &Taken,
) -> Result<HttpResponse, AppError> {
    let Some(field) = taken::field(taken) else {
        return Err(AppError::Taken(taken.to_string()));
    };
    let picture = asked.state.floor.picture();
    let scope = &asked.user.scope;
    let person = rules::find_to_change(&picture, &asked.user.rights(), id.user())?;
    let filler = Filler {
        picture: &picture,
        scope,
    };
    let mut form = filler.typed(Some(person), posted, &FieldErrors::default());
    for control in form.controls.iter_mut().filter(|c| c.field == field) {
        control.fault = taken::fault(&picture, scope, taken, &control.value);
    }
    asked.form(&picture, &form, StatusCode::UNPROCESSABLE_ENTITY, true)
}

/// 409: the form with the others' new values, what this person typed, and the choice between the two.
fn conflicting(
    asked: &Asked,
    id: AgentId,
    mut posted: Posted,
    basis: &Basis,
    change: &AgentChange,
    conflict: &Conflict,
) -> Result<HttpResponse, AppError> {
    let picture = asked.state.floor.picture();
    let person = rules::find_to_change(&picture, &asked.user.rights(), id.user())?;
    let filler = Filler {
        picture: &picture,
        scope: &asked.user.scope,
    };
    for (field, mine) in change.values().iter() {
        if basis.was.get(field) == Some(mine) {
            posted.form.leave_out(field);
        }
    }
    let mut now = filler.values(person);
    conflict.now.iter().for_each(|(f, v)| now.set(f, v.clone()));
    posted.version = Some(conflict.version);
    posted.was = now.to_json();
    let mut form = filler.typed(Some(person), &posted, &FieldErrors::default());
    form.conflict = Some(filler.bar(conflict, &basis.was, change));
    form.ask_leave = false;
    asked.form(&picture, &form, StatusCode::CONFLICT, true)
}
