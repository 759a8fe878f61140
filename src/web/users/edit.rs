//! `GET /users/{id}/edit` and `POST /users/{id}`: everything of a user on one page.

use super::fill::Filler;
use super::posted::Posted;
use super::view::{FormPage, UserForm};
use super::{back, id, rules};
use crate::domain::agent_form::{FieldError, FieldErrors};
use crate::domain::authority::Denied;
use crate::domain::ids::UserId;
use crate::domain::user_form::{Field, Own, UserChange};
use crate::store::user;
use crate::store::user::update::{Basis, Conflict, Saved, save};
use crate::store::{StoreError, Taken};
use crate::web::error::{AppError, Bar};
use crate::web::extract::{By, CurrentUser, Posted as Query};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::sessions::proof;
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// The form with the values that are stored.
pub async fn edit(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let query = Query::read_query(&req, &["back"])?;
    let facts = state.read(move |conn| user::facts(conn, id)).await?;
    let facts = facts.ok_or(AppError::NotFound)?;
    let form = with_filler(&state, &user, id, |filler, person| {
        let mut form = filler.stored(person, &facts.allowed_ips);
        form.back = match query.one("back") {
            "" => format!("/users/{id}"),
            asked => back(asked),
        };
        form
    })?;
    answer(&req, &state, &user, &form, StatusCode::OK)
}

pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let rights = user.rights();
    let now = state.clock.now();
    rules::find_to_change(&state.floor.picture(), &rights, id, now)?;
    let posted = Posted::read(&form)?;
    let basis = posted.basis()?;
    let change = {
        let picture = state.floor.picture();
        let row = rules::find_to_change(&picture, &rights, id, now)?;
        rules::check(&picture, &rights, &posted, Some(row.person))
    };
    let change = match change {
        Ok(change) => change,
        Err(errors) => return refused(&req, &state, &user, id, &posted, &errors),
    };
    if changes_rights(&change, &basis) && proof::require_recent(&state, &user).is_err() {
        let mut form = with_filler(&state, &user, id, |filler, person| {
            filler.typed(Some(person), &posted, &FieldErrors::default())
        })?;
        form.confirm = true;
        return answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (its_basis, its_change) = (basis.clone(), change.clone());
    let saved = state
        .floor
        .write(by.0, move |tx| {
            save(tx, &rights, id, &its_basis, &its_change)
        })
        .await;
    match saved {
        Ok(Saved::Written(updated, _)) => {
            let value = match updated.changed.is_empty() {
                true => flash::UNCHANGED.to_owned(),
                false => flash::of_edit(&updated.operation, basis.version),
            };
            let to = match posted.back.as_str() {
                "" => format!("/users/{id}"),
                asked => back(asked),
            };
            Ok(flash::back_to(&to, &value, &req))
        }
        Ok(Saved::Conflict(conflict)) => {
            conflicting(&req, &state, &user, id, posted, &basis, &change, &conflict)
        }
        Ok(Saved::Denied(why)) => {
            let changed: Vec<Field> = change
                .values()
                .iter()
                .filter(|(field, value)| basis.was.get(*field) != Some(*value))
                .map(|(field, _)| field)
                .collect();
            let errors = denied(why, &changed)?;
            refused(&req, &state, &user, id, &posted, &errors)
        }
        Err(StoreError::Taken(taken)) => in_use(&req, &state, &user, id, &posted, &taken),
        Err(error) => Err(error.into()),
    }
}

/// Role, groups or web login are others than the form was opened with.
fn changes_rights(change: &UserChange, basis: &Basis) -> bool {
    [Own::Role, Own::ScopeGroups, Own::WebLogin]
        .into_iter()
        .any(|own| {
            let mine = change.values().own(own);
            mine.is_some() && mine != basis.was.own(own)
        })
}

/// What may not be, told at the field that asked for it: of those that were changed the first that is about
/// rights.
///
/// # Errors
/// `Forbidden` where no field of a form that was offered could ask for it.
pub fn denied(why: Denied, changed: &[Field]) -> Result<FieldErrors, AppError> {
    match why {
        Denied::NoRight => return Err(AppError::Forbidden),
        Denied::MoreRights => return Err(AppError::Barred(Bar::MoreRights)),
        Denied::GivesMore | Denied::Yourself | Denied::LastAdmin => {}
    }
    let about = [Own::Role, Own::ScopeGroups, Own::WebLogin];
    let own = about
        .into_iter()
        .find(|own| changed.contains(&Field::Own(*own)));
    Ok(FieldErrors(vec![FieldError {
        name: own.unwrap_or(Own::Role).word().into(),
        message: why.to_string(),
    }]))
}

/// 422 with what was typed and what is wrong with it.
fn refused(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    id: UserId,
    posted: &Posted,
    errors: &FieldErrors,
) -> Result<HttpResponse, AppError> {
    let form = with_filler(state, user, id, |filler, person| {
        filler.typed(Some(person), posted, errors)
    })?;
    answer(req, state, user, &form, StatusCode::UNPROCESSABLE_ENTITY)
}

/// The same for a value that someone else has.
fn in_use(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    id: UserId,
    posted: &Posted,
    taken: &Taken,
) -> Result<HttpResponse, AppError> {
    let form = with_filler(state, user, id, |filler, person| {
        let mut form = filler.typed(Some(person), posted, &FieldErrors::default());
        filler.in_use(&mut form, taken).map(|_| form)
    })?;
    let form = form.ok_or_else(|| AppError::Taken(taken.to_string()))?;
    answer(req, state, user, &form, StatusCode::UNPROCESSABLE_ENTITY)
}

/// 409: the form with the others' new values, what this person typed, and the choice between the two.
#[expect(
    clippy::too_many_arguments,
    reason = "everything that a conflict shows"
)]
fn conflicting(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    id: UserId,
    mut posted: Posted,
    basis: &Basis,
    change: &UserChange,
    conflict: &Conflict,
) -> Result<HttpResponse, AppError> {
    for (field, mine) in change.values().iter() {
        if basis.was.get(field) == Some(mine) {
            posted.form.leave_out(field);
        }
    }
    let form = with_filler(state, user, id, |filler, person| {
        let mut now = filler.values(person);
        conflict.now.iter().for_each(|(f, v)| now.set(f, v.clone()));
        posted.version = Some(conflict.version);
        posted.opened = filler.now.0;
        posted.was = now.to_json();
        let mut form = filler.typed(Some(person), &posted, &FieldErrors::default());
        form.conflict = Some(filler.bar(conflict, &basis.was, change.values()));
        form.calls.ask_leave = false;
        form
    })?;
    answer(req, state, user, &form, StatusCode::CONFLICT)
}

/// Fills a form from the picture as it is now, for a user whom this person may change.
fn with_filler<T>(
    state: &AppState,
    user: &CurrentUser,
    id: UserId,
    fill: impl FnOnce(&Filler<'_>, &crate::domain::person::Person) -> T,
) -> Result<T, AppError> {
    let (picture, rights) = (state.floor.picture(), user.rights());
    let now = state.clock.now();
    let row = rules::find_to_change(&picture, &rights, id, now)?;
    let filler = Filler {
        picture: &picture,
        rights: &rights,
        now,
    };
    Ok(fill(&filler, row.person))
}

fn answer(
    req: &HttpRequest,
    state: &AppState,
    user: &CurrentUser,
    form: &UserForm,
    status: StatusCode,
) -> Result<HttpResponse, AppError> {
    let title = format!("Edit {}", form.who);
    let shell = user.shell(req, state).page(shell::Page::Users, title);
    let shell = shell.confirm(form.confirm);
    let page = FormPage {
        shell: &shell,
        form,
    };
    Ok(page::html(status, render(&page)?))
}
