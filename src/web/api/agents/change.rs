//! Making, changing and deleting agents by JSON: the rules of the forms, strict about versions.

use super::one;
use crate::domain::act::Act;
use crate::domain::agent_form::{AgentChange, AgentForm, Field, FieldErrors, Value as Sent};
use crate::domain::ids::AgentId;
use crate::store::agent::create::create as make;
use crate::store::agent::update::update as write;
use crate::store::{StoreError, Taken};
use crate::web::agents::edit::posted::Posted;
use crate::web::agents::edit::{rules, taken};
use crate::web::api::agents::acts::perform;
use crate::web::api::version::Expected;
use crate::web::error::AppError;
use crate::web::extract::{By, Caller};
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};

/// Takes the agent out of the last group that the caller sees, on purpose.
const LEAVE_GROUP: &str = "leave_group";

/// `POST /api/v1/agents`: adds an agent; 201 with where it is.
pub async fn create(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let mut form = form(object(&body)?)?;
    for field in [Field::Name, Field::Username] {
        if form.typed(field).is_none() {
            form.set(field, Vec::new());
        }
    }
    let rights = caller.rights();
    let posted = Posted {
        form,
        ..Posted::default()
    };
    let change = rules::check(&state.floor.picture(), &rights, &posted, None)?;
    let (scope, its_change) = (rights.scope, change.clone());
    let made = state
        .floor
        .write(by.0, move |tx| make(tx, &scope, None, &its_change))
        .await
        .map_err(|error| told(&state, &caller, &change, error))?;
    let id = AgentId::of(made.id);
    let mut answer = one(&state, &caller, id)?;
    *answer.status_mut() = StatusCode::CREATED;
    let place = header::HeaderValue::from_str(&format!("/api/v1/agents/{id}"));
    answer
        .headers_mut()
        .insert(header::LOCATION, place.map_err(AppError::internal)?);
    Ok(answer)
}

/// `PATCH /api/v1/agents/{id}`: the fields given get these values, all others stay.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id: AgentId = id.parse().map_err(|_| AppError::NotFound)?;
    // Who is not there, or out of sight, is not found, whatever else is wrong with the request.
    rules::find(&state.floor.picture(), &caller.rights(), id.user())?;
    let mut object = object(&body)?;
    let expected = Expected::of(&req, &mut object)?.version();
    let leave = match object.remove(LEAVE_GROUP) {
        None => false,
        Some(Value::Bool(leave)) => leave,
        Some(_) => {
            let why = format!("{LEAVE_GROUP} is true or false.");
            return Err(AppError::BadRequest(why));
        }
    };
    let posted = Posted {
        form: form(object)?,
        leave,
        ..Posted::default()
    };
    let rights = caller.rights();
    let change = {
        let picture = state.floor.picture();
        let person = rules::find_to_change(&picture, &rights, id.user())?;
        rules::check(&picture, &rights, &posted, Some(person))
            .map_err(|errors| rules::told_to_programs(errors, LEAVE_GROUP))?
    };
    let (scope, its_change) = (rights.scope, change.clone());
    state
        .floor
        .write_about(by.0, id.user(), move |tx| {
            write(tx, &scope, id.user(), expected, &its_change)
        })
        .await
        .map_err(|error| told(&state, &caller, &change, error))?;
    one(&state, &caller, id)
}

/// `DELETE /api/v1/agents/{id}`: takes the agent away, as on the page; 204.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id: AgentId = id.parse().map_err(|_| AppError::NotFound)?;
    rules::find(&state.floor.picture(), &caller.rights(), id.user())?;
    let expected = Expected::of(&req, &mut Map::new())?.version();
    perform(&state, &caller, by, id, Act::Delete, expected).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The body as an object; nothing at all is an empty one.
pub(in crate::web::api) fn object(body: &[u8]) -> Result<Map<String, Value>, AppError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(AppError::BadRequest(
            "The body is no JSON object.".to_owned(),
        )),
        Err(error) => Err(AppError::BadRequest(format!(
            "The body is no JSON: {error}."
        ))),
    }
}

fn form(object: Map<String, Value>) -> Result<AgentForm, AppError> {
    Ok(AgentForm::from_json(&object)?)
}

/// What the store refused, at its field where it has one.
fn told(state: &AppState, caller: &Caller, change: &AgentChange, error: StoreError) -> AppError {
    match error {
        StoreError::Taken(taken) => match taken::field(&taken) {
            Some(field) => in_use(state, caller, change, field, &taken),
            None => StoreError::Taken(taken).into(),
        },
        other => other.into(),
    }
}

fn in_use(
    state: &AppState,
    caller: &Caller,
    change: &AgentChange,
    field: Field,
    holder: &Taken,
) -> AppError {
    let typed = match change.get(field) {
        Some(Sent::Text(Some(text))) => text.as_str(),
        Some(Sent::Text(None) | Sent::Texts(_) | Sent::Flag(_) | Sent::One(_) | Sent::Many(_))
        | None => "",
    };
    let fault = taken::fault(&state.floor.picture(), caller.scope(), holder, typed);
    let mut errors = FieldErrors::default();
    errors.add(field, fault.text());
    AppError::Fields(errors)
}
