//! Making, changing, blocking and deleting users by JSON: the rules of the forms, strict about versions.

use super::{id_of, one};
use crate::domain::agent_form::{FieldError, FieldErrors, Value as Sent};
use crate::domain::ids::UserId;
use crate::domain::text::Reason;
use crate::domain::user_form::{Field, Own, UserChange, UserForm};
use crate::store::user::access::{self, AccessAct, Done};
use crate::store::user::create::{Made, create as make};
use crate::store::user::remove;
use crate::store::user::update::{Saved, update as write};
use crate::store::{StoreError, Tx};
use crate::web::agents::edit::rules::told_to_programs;
use crate::web::agents::edit::taken;
use crate::web::api::agents::change::object;
use crate::web::api::version::Expected;
use crate::web::error::AppError;
use crate::web::extract::{By, Caller};
use crate::web::sessions::proof;
use crate::web::state::AppState;
use crate::web::users::acts::refusal;
use crate::web::users::posted::Posted;
use crate::web::users::rules;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value};

/// Takes the user out of the caller's sight, on purpose.
const LEAVE_GROUP: &str = "leave_group";

/// `POST /api/v1/users`: adds a user; 201 with where they are. A password is chosen by a link, which the
/// console gives.
pub async fn create(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    use crate::domain::agent_form::Field::{Name, Username};
    let mut form = UserForm::from_json(&object(&body)?)?;
    for field in [Field::Shared(Name), Field::Shared(Username)] {
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
    if change.role().is_some() {
        proof::require_recent_of(&state, &caller)?;
    }
    let its_change = change.clone();
    let made = state
        .floor
        .write(by.0, move |tx| make(tx, &rights, None, &its_change))
        .await
        .map_err(|error| told(&state, &caller, &change, error))?;
    let id = match made {
        Made::Made(made) => made.id,
        Made::Denied(why) => return Err(refusal(why)),
    };
    let mut answer = one(&state, caller.scope(), id)?;
    *answer.status_mut() = StatusCode::CREATED;
    let place = header::HeaderValue::from_str(&format!("/api/v1/users/{id}"));
    answer
        .headers_mut()
        .insert(header::LOCATION, place.map_err(AppError::internal)?);
    Ok(answer)
}

/// `PATCH /api/v1/users/{id}`: the fields given get these values, all others stay.
pub async fn update(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&id)?;
    require_seen(&state, &caller, id)?;
    let mut object = object(&body)?;
    let expected = Expected::of(&req, &mut object)?.version();
    let leave = leaves(&mut object)?;
    let posted = Posted {
        form: UserForm::from_json(&object)?,
        leave,
        ..Posted::default()
    };
    let rights = caller.rights();
    let change = {
        let picture = state.floor.picture();
        let row = rules::find_to_change(&picture, &rights, id, state.clock.now())?;
        rules::check(&picture, &rights, &posted, Some(row.person))
            .map_err(|errors| told_to_programs(errors, LEAVE_GROUP))?
    };
    let own = [Own::Role, Own::ScopeGroups, Own::WebLogin];
    if own.iter().any(|own| change.values().own(*own).is_some()) {
        proof::require_recent_of(&state, &caller)?;
    }
    let its_change = change.clone();
    let saved = state
        .floor
        .write(by.0, move |tx| {
            write(tx, &rights, id, expected, &its_change)
        })
        .await
        .map_err(|error| told(&state, &caller, &change, error))?;
    match saved {
        Saved::Written(_, _) => one(&state, caller.scope(), id),
        Saved::Conflict(_) => Err(AppError::Conflict),
        Saved::Denied(why) => Err(refusal(why)),
    }
}

/// Who is not there, or out of sight, is not found, whatever else is wrong with the request.
fn require_seen(state: &AppState, caller: &Caller, id: UserId) -> Result<(), AppError> {
    let now = state.clock.now();
    rules::find(&state.floor.picture(), caller.scope(), id, now).map(|_| ())
}

fn leaves(object: &mut Map<String, Value>) -> Result<bool, AppError> {
    match object.remove(LEAVE_GROUP) {
        None => Ok(false),
        Some(Value::Bool(leave)) => Ok(leave),
        Some(_) => {
            let why = format!("{LEAVE_GROUP} is true or false.");
            Err(AppError::BadRequest(why))
        }
    }
}

/// `DELETE /api/v1/users/{id}`: takes the user away, with the agent where there is one; 204.
pub async fn delete(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&id)?;
    require_seen(&state, &caller, id)?;
    let expected = Expected::of(&req, &mut Map::new())?.version();
    let rights = caller.rights();
    let done = state
        .floor
        .write(by.0, move |tx| remove::delete(tx, &rights, id, expected))
        .await?;
    answered(done)
}

/// `PUT /api/v1/users/{id}/web-login/block`: signed out everywhere at once; 204 also when it was so.
pub async fn block(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    put(
        &req,
        &state,
        &caller,
        by,
        id_of(&id)?,
        &body,
        AccessAct::Block,
    )
    .await
}

/// `DELETE /api/v1/users/{id}/web-login/block`: 204 also when it was not in force.
pub async fn unblock(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    put(
        &req,
        &state,
        &caller,
        by,
        id_of(&id)?,
        &body,
        AccessAct::Unblock,
    )
    .await
}

async fn put(
    req: &HttpRequest,
    state: &AppState,
    caller: &Caller,
    by: By,
    id: UserId,
    body: &[u8],
    act: AccessAct,
) -> Result<HttpResponse, AppError> {
    let mut object = object(body)?;
    let expected = Expected::if_given(req, &mut object)?.version();
    let reason = reason(object)?;
    let rights = caller.rights();
    let write = move |tx: &mut Tx<'_>| {
        if let Some(expected) = expected {
            access::require_version(tx, &rights.scope, id, expected)?;
        }
        access::act(tx, &rights, id, act, reason.as_ref().map(Reason::as_str))
    };
    answered(state.floor.write(by.0, write).await?)
}

/// The only field of the body.
fn reason(mut object: Map<String, Value>) -> Result<Option<Reason>, AppError> {
    let reason = match object.remove("reason") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(
            Reason::parse(&text).map_err(|why| AppError::Invalid(format!("The reason {why}.")))?,
        ),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return Err(AppError::BadRequest("reason is a text.".to_owned()));
        }
    };
    match object.keys().next() {
        None => Ok(reason),
        Some(name) => {
            let name: String = name.chars().take(64).collect();
            Err(AppError::BadRequest(format!(
                "“{name}” means nothing here."
            )))
        }
    }
}

fn answered(done: Done) -> Result<HttpResponse, AppError> {
    match done {
        Done::Done(_) | Done::Unchanged => Ok(HttpResponse::NoContent().finish()),
        Done::Denied(why) => Err(refusal(why)),
    }
}

/// What the store refused, at its field where it has one.
fn told(state: &AppState, caller: &Caller, change: &UserChange, error: StoreError) -> AppError {
    let holder = match error {
        StoreError::Taken(holder) => holder,
        other => return other.into(),
    };
    let Some(field) = taken::field(&holder) else {
        return StoreError::Taken(holder).into();
    };
    let typed = match change.values().shared.get(field) {
        Some(Sent::Text(Some(text))) => text.as_str(),
        Some(Sent::Text(None) | Sent::Texts(_) | Sent::Flag(_) | Sent::One(_) | Sent::Many(_))
        | None => "",
    };
    let fault = taken::fault(&state.floor.picture(), caller.scope(), &holder, typed);
    AppError::Fields(FieldErrors(vec![FieldError {
        name: field.word().into(),
        message: fault.text(),
    }]))
}
