//! `/roles/new` and `/roles/{id}/edit`: a name, what the role holds on, and a checkbox for each right.

use super::form::{Asked, in_use, one_error};
use super::view::{Bar, EditForm, EditPage};
use super::{PATH, find, id_of, may_change};
use crate::domain::agent_form::FieldErrors;
use crate::domain::ids::RoleId;
use crate::domain::query::QueryReader;
use crate::domain::role::form::{Field, RoleValues};
use crate::domain::show;
use crate::store::role::write::{Conflict, Refused, Saved, create as make, save};
use crate::store::{self, StoreError};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::operations::{flash, once};
use crate::web::page::{self, render};
use crate::web::sessions::proof::require_recent;
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// `GET /roles/new`; `from=3` begins with the rights of that role.
pub async fn new(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    require_recent(&state, &user)?;
    let was = match QueryReader::new(req.query_string()).take("from") {
        None => RoleValues::default(),
        Some(id) => {
            let from = find(&state, id_of(&id)?).await?;
            // What the reader lacks can't be given, so it is not ticked.
            RoleValues {
                name: String::new(),
                permissions: from
                    .permissions
                    .minus(from.permissions.minus(user.permissions)),
                own_groups: from.own_groups,
            }
        }
    };
    let asked = Asked::opened(was, None, store::random_hex());
    let form = asked.form(None, "", user.permissions, &FieldErrors::default());
    answer(&req, &state, &user, &form, StatusCode::OK)
}

/// `POST /roles`.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let mut asked = Asked::read(&req, &body)?;
    asked.typed.name.get_or_insert_default();
    asked.typed.permissions.get_or_insert_default();
    let refused = |errors: &FieldErrors| {
        let form = asked.form(None, "", user.permissions, errors);
        answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY)
    };
    let change = match asked.typed.check() {
        Ok(change) => change,
        Err(errors) => return refused(&errors),
    };
    if require_recent(&state, &user).is_err() {
        let mut form = asked.form(None, "", user.permissions, &FieldErrors::default());
        form.confirm = true;
        return answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let once = once::operation("role.create", user.id, &asked.once);
    let rights = user.rights();
    let made = state
        .floor
        .write(by.0, move |tx| make(tx, &rights, once, &change))
        .await;
    match made {
        Ok(Saved::Written(made)) => Ok(flash::back_to(
            &format!("{PATH}/{}", made.id),
            &made.operation,
            &req,
        )),
        Ok(Saved::Refused(why)) => refused(&told(&why)),
        // A new role is nobody else's yet.
        Ok(Saved::Conflict(_)) => Err(AppError::Conflict),
        Err(StoreError::Taken(taken)) => match in_use(&taken) {
            Some(errors) => refused(&errors),
            None => Err(StoreError::Taken(taken).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// `GET /roles/{id}/edit`.
pub async fn edit(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let role = find(&state, id_of(&path)?).await?;
    if !may_change(&user, &role) {
        return Err(AppError::Forbidden);
    }
    require_recent(&state, &user)?;
    let asked = Asked::opened(role.values(), Some(role.version), String::new());
    let form = asked.form(
        Some(role.id.0),
        &role.name,
        user.permissions,
        &FieldErrors::default(),
    );
    answer(&req, &state, &user, &form, StatusCode::OK)
}

/// `POST /roles/{id}`.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    let who = find(&state, id).await?.name;
    let asked = Asked::read(&req, &body)?;
    let basis = asked.basis()?;
    let refused = |errors: &FieldErrors| {
        let form = asked.form(Some(id.0), &who, user.permissions, errors);
        answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY)
    };
    let change = match asked.typed.check() {
        Ok(change) => change,
        Err(errors) => return refused(&errors),
    };
    if require_recent(&state, &user).is_err() {
        let mut form = asked.form(Some(id.0), &who, user.permissions, &FieldErrors::default());
        form.confirm = true;
        return answer(&req, &state, &user, &form, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let rights = user.rights();
    let saved = state
        .floor
        .write(by.0, move |tx| save(tx, &rights, id, &basis, &change))
        .await;
    match saved {
        Ok(Saved::Written(written)) => {
            let value = match written.changed {
                true => written.operation.as_str(),
                false => flash::UNCHANGED,
            };
            Ok(flash::back_to(&format!("{PATH}/{id}"), value, &req))
        }
        Ok(Saved::Refused(why)) => refused(&told(&why)),
        Ok(Saved::Conflict(conflict)) => {
            let form = conflicting(&state, &user, id, &who, &asked, conflict);
            answer(&req, &state, &user, &form, StatusCode::CONFLICT)
        }
        Err(StoreError::Taken(taken)) => match in_use(&taken) {
            Some(errors) => refused(&errors),
            None => Err(StoreError::Taken(taken).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// What is refused stands at the rights, whichever rule it was.
fn told(why: &Refused) -> FieldErrors {
    one_error(Field::Permissions, why.to_string())
}

/// The form with what was typed, and the choice between the two names. Rights that others changed meanwhile are
/// taken along.
fn conflicting(
    state: &AppState,
    user: &CurrentUser,
    id: RoleId,
    who: &str,
    asked: &Asked,
    conflict: Conflict,
) -> EditForm {
    let zone = state.floor.picture().install().calendar.zone;
    let last = conflict.edits.last();
    let bar = Bar {
        title: match last {
            Some(edit) => format!(
                "{} saved this role at {}, while you were editing",
                edit.by,
                show::time_of_day(edit.at, zone)
            ),
            None => "This role was saved while you were editing".to_owned(),
        },
        whose: last.map_or("Theirs".to_owned(), |edit| format!("{}’s", edit.by)),
        was: asked.was.name.clone(),
        theirs: conflict.now.name.clone(),
        mine: asked.typed.name.clone().unwrap_or_default(),
    };
    let again = Asked {
        typed: asked.typed.clone(),
        was: conflict.now,
        version: Some(conflict.version),
        once: String::new(),
    };
    let mut form = again.form(Some(id.0), who, user.permissions, &FieldErrors::default());
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
    let title = match form.id {
        None => "Add a role".to_owned(),
        Some(_) => format!("Edit {}", form.who),
    };
    let shell = user.shell(req, state).page(shell::Page::Roles, title);
    let shell = shell.confirm(form.confirm);
    let page = EditPage {
        shell: &shell,
        form,
    };
    Ok(page::html(status, render(&page)?))
}
