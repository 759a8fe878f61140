//! `/agent-groups/new` and `/agent-groups/{id}/edit`: a group's name and description.

use super::form::{Asked, in_use};
use super::view::{Bar, BarRow, EditForm, EditPage, PATH};
use super::{find, id};
use crate::domain::agent_form::FieldErrors;
use crate::domain::group::{GroupChange, GroupForm};
use crate::domain::ids::GroupId;
use crate::domain::show;
use crate::store::group::KIND;
use crate::store::group::create::create as make;
use crate::store::group::update::{Conflict, Saved, save};
use crate::store::{self, StoreError};
use crate::web::changes::{Change, of_record};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::operations::{flash, once};
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /agent-groups/new`.
pub async fn new(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let asked = Asked {
        typed: GroupForm::default(),
        was: GroupForm::default(),
        version: None,
        once: store::random_hex(),
    };
    let form = asked.form(None, "", &FieldErrors::default());
    answer(&req, &state, &user, &form, StatusCode::OK)
}

/// `POST /agent-groups`: makes a group, then leads to picking its agents.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let mut asked = Asked::read(&req, &body)?;
    if asked.typed.name.is_none() {
        asked.typed.name = Some(String::new());
    }
    let refused = |errors: &FieldErrors| {
        let form = asked.form(None, "", errors);
        answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY)
    };
    let change = match asked.typed.check() {
        Ok(change) => change,
        Err(errors) => return refused(&errors),
    };
    let once = once::operation("group.create", user.id, &asked.once);
    let scope = user.scope.clone();
    let made = state
        .floor
        .write(by.0, move |tx| make(tx, &scope, once, &change))
        .await;
    match made {
        Ok(made) => {
            let agents = format!("/agent-groups/{}/agents", made.id);
            Ok(flash::back_to(&agents, &made.operation, &req))
        }
        Err(StoreError::Taken(taken)) => match in_use(&taken) {
            Some(errors) => refused(&errors),
            None => Err(StoreError::Taken(taken).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// `GET /agent-groups/{id}/edit`.
pub async fn edit(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let form = {
        let picture = state.floor.picture();
        let group = find(&picture, &user.scope, id)?;
        let asked = Asked {
            typed: GroupForm::default(),
            was: GroupForm {
                name: Some(group.name.clone()),
                description: Some(group.description.clone()),
            },
            version: Some(group.version),
            once: String::new(),
        };
        asked.form(Some(id.0), &group.name, &FieldErrors::default())
    };
    let changes = of_record(&state, &user, KIND, id.0).await?;
    answer_with(&req, &state, &user, &form, StatusCode::OK, changes)
}

/// `POST /agent-groups/{id}`.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let who = find(&state.floor.picture(), &user.scope, id)?.name.clone();
    let asked = Asked::read(&req, &body)?;
    let basis = asked.basis()?;
    let refused = |errors: &FieldErrors| {
        let form = asked.form(Some(id.0), &who, errors);
        answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY)
    };
    let change = match asked.typed.check() {
        Ok(change) => change,
        Err(errors) => return refused(&errors),
    };
    let (scope, its_change, version) = (user.scope.clone(), change.clone(), basis.version);
    let saved = state
        .floor
        .write(by.0, move |tx| save(tx, &scope, id, &basis, &its_change))
        .await;
    match saved {
        Ok(Saved::Written(updated, _)) => {
            let value = match updated.changed.is_empty() {
                true => flash::UNCHANGED.to_owned(),
                false => flash::of_edit(&updated.operation, version),
            };
            Ok(flash::back_to(PATH, &value, &req))
        }
        Ok(Saved::Conflict(conflict)) => {
            let form = conflicting(&state, id, &who, &asked, &change, conflict);
            answer(&req, &state, &user, &form, StatusCode::CONFLICT)
        }
        Err(StoreError::Taken(taken)) => match in_use(&taken) {
            Some(errors) => refused(&errors),
            None => Err(StoreError::Taken(taken).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// The form with what was typed, and the choice between the two where both changed the same field. A field
/// that only the others changed has their value.
fn conflicting(
    state: &AppState,
    id: GroupId,
    who: &str,
    asked: &Asked,
    change: &GroupChange,
    conflict: Conflict,
) -> EditForm {
    let zone = state.floor.picture().install().calendar.zone;
    let text = |text: Option<&str>| match text.unwrap_or_default() {
        "" => "–".to_owned(),
        text => text.to_owned(),
    };
    let rows = conflict.both.iter().map(|&field| BarRow {
        name: field.word(),
        label: field.label(),
        was: text(asked.was.get(field)),
        theirs: text(Some(conflict.now.get(field))),
        mine: text(change.get(field)),
    });
    let last = conflict.edits.last();
    let bar = Bar {
        title: match last {
            Some(edit) => format!(
                "{} saved this group at {}, while you were editing",
                edit.by,
                show::time_of_day(edit.at, zone)
            ),
            None => "This group was saved while you were editing".to_owned(),
        },
        whose: last.map_or("Theirs".to_owned(), |edit| format!("{}’s", edit.by)),
        rows: rows.collect(),
    };
    let mut typed = asked.typed.clone();
    if typed.name == asked.was.name {
        typed.name = None;
    }
    if typed.description == asked.was.description {
        typed.description = None;
    }
    let again = Asked {
        typed,
        was: conflict.now.into_form(),
        version: Some(conflict.version),
        once: String::new(),
    };
    let mut form = again.form(Some(id.0), who, &FieldErrors::default());
    form.conflict = Some(bar);
    form
}

fn answer(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    form: &EditForm,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    answer_with(req, state, user, form, status, Vec::new())
}

fn answer_with(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    form: &EditForm,
    status: StatusCode,
    changes: Vec<Change>,
) -> Result<HttpResponse, AppError> {
    let title = match form.id {
        None => "Add new agent group".to_owned(),
        Some(_) => format!("Edit {}", form.who),
    };
    let shell = user.shell(req, state).page(shell::Page::Groups, title);
    let page = EditPage {
        shell: &shell,
        form,
        changes,
    };
    Ok(page::html(status, render(&page)?))
}
