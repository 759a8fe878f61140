//! `/api/v1/roles`: the roles, strict about versions; nobody gives what they lack.

use super::agents::change::object;
use super::version::Expected;
use crate::domain::agent_form::{FieldError, FieldErrors};
use crate::domain::ids::RoleId;
use crate::domain::role::form::{Field, RoleForm};
use crate::store::StoreError;
use crate::store::role::write::{
    Saved, Written, create as make, delete as take_away, update as write,
};
use crate::store::role::{self, CLAIM, Role};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller};
use crate::web::sessions::proof::require_recent_of;
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

/// `GET /api/v1/roles`: all of them; there are a handful.
pub async fn index(state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let roles = state.read(role::all).await?;
    Ok(HttpResponse::Ok().json(json!({
        "data": roles.iter().map(shown).collect::<Vec<_>>(),
        "next_cursor": null,
        "total": roles.len(),
    })))
}

/// `GET /api/v1/roles/{id}`; the answer's `ETag` is what a change sends as `If-Match`.
pub async fn show(
    state: web::Data<AppState>,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    one(&state, id_of(&id)?).await
}

/// `POST /api/v1/roles`; 201 with where it is.
pub async fn create(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    require_recent_of(&state, &caller)?;
    let mut form = form(object(&body)?)?;
    form.name.get_or_insert_default();
    form.permissions.get_or_insert_default();
    let change = form.check()?;
    let rights = caller.rights();
    let saved = state
        .floor
        .write(by.0, move |tx| make(tx, &rights, None, &change))
        .await
        .map_err(refused)?;
    let made = written(saved)?;
    let mut answer = one(&state, made.id).await?;
    *answer.status_mut() = StatusCode::CREATED;
    let place = header::HeaderValue::from_str(&format!("/api/v1/roles/{}", made.id));
    answer
        .headers_mut()
        .insert(header::LOCATION, place.map_err(AppError::internal)?);
    Ok(answer)
}

/// `PATCH /api/v1/roles/{id}`: the fields given get these values, all others stay.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    require_recent_of(&state, &caller)?;
    let id = id_of(&id)?;
    state.read(move |conn| role::get(conn, id)).await?;
    let mut object = object(&body)?;
    let expected = Expected::of(&req, &mut object)?.version();
    let change = form(object)?.check()?;
    let rights = caller.rights();
    let saved = state
        .floor
        .write(by.0, move |tx| write(tx, &rights, id, expected, &change))
        .await
        .map_err(refused)?;
    written(saved)?;
    one(&state, id).await
}

/// `DELETE /api/v1/roles/{id}`: one that nobody has; 204.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    require_recent_of(&state, &caller)?;
    let id = id_of(&id)?;
    state.read(move |conn| role::get(conn, id)).await?;
    let expected = Expected::of(&req, &mut Map::new())?.version();
    let rights = caller.rights();
    let saved = state
        .floor
        .write(by.0, move |tx| take_away(tx, &rights, id, expected))
        .await?;
    written(saved)?;
    Ok(HttpResponse::NoContent().finish())
}

fn id_of(text: &str) -> Result<RoleId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

async fn one(state: &AppState, id: RoleId) -> Result<HttpResponse, AppError> {
    let role = state.read(move |conn| role::get(conn, id)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, format!("\"{}\"", role.version)))
        .json(shown(&role)))
}

fn shown(role: &Role) -> Value {
    let rights: Vec<&str> = role.permissions.iter().map(|right| right.word()).collect();
    json!({
        "id": role.id.0,
        "name": role.name,
        "permissions": rights,
        "own_groups": role.own_groups,
        "built_in": role.built_in,
        "version": role.version,
    })
}

fn form(object: Map<String, Value>) -> Result<RoleForm, AppError> {
    let (mut form, mut errors) = (RoleForm::default(), FieldErrors::default());
    for (name, value) in object {
        let fault = match (name.parse::<Field>(), value) {
            (Ok(Field::Name), Value::String(text)) => {
                form.name = Some(text);
                None
            }
            (Ok(Field::OwnGroups), Value::Bool(own)) => {
                form.own_groups = Some(own);
                None
            }
            (Ok(Field::Permissions), Value::Array(rights)) => {
                let words = rights.iter().map(|right| right.as_str().map(str::to_owned));
                form.permissions = words.collect();
                form.permissions.is_none().then_some("is a list of words")
            }
            (Ok(_), _) => Some("has a value of another kind"),
            (Err(_), _) => Some("is not a field that can be changed here"),
        };
        if let Some(message) = fault {
            errors.0.push(FieldError {
                name: name.chars().take(64).collect::<String>().into(),
                message: message.to_owned(),
            });
        }
    }
    match errors.is_empty() {
        true => Ok(form),
        false => Err(errors.into()),
    }
}

/// What is refused is told at the rights.
fn written(saved: Saved) -> Result<Written, AppError> {
    match saved {
        Saved::Written(written) => Ok(written),
        Saved::Conflict(_) => Err(AppError::Conflict),
        Saved::Refused(why) => Err(one_error(Field::Permissions, why.to_string()).into()),
    }
}

fn refused(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(taken) if taken.kind == CLAIM => {
            one_error(Field::Name, "That name is already in use.").into()
        }
        error => error.into(),
    }
}

fn one_error(field: Field, message: impl Into<String>) -> FieldErrors {
    FieldErrors(vec![FieldError {
        name: field.word().into(),
        message: message.into(),
    }])
}
