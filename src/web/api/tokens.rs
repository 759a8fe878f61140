//! `/api/v1/tokens`: the tokens of programs. What a token is, stands in the answer that makes it and nowhere else.

use super::agents::change::object;
use crate::domain::agent_form::{FieldError, FieldErrors};
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::domain::token::{TokenForm, USUAL_DAYS};
use crate::store::StoreError;
use crate::store::token::{self, Made, Token};
use crate::web::error::{AppError, Bar};
use crate::web::extract::{By, Caller};
use crate::web::sessions::proof::require_recent_of;
use crate::web::settings::tokens::{fresh, id_of};
use crate::web::state::AppState;
use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};

/// `GET /api/v1/tokens`: all of them, the newest first.
pub async fn index(state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let tokens = state.read(token::all).await?;
    let now = state.clock.now();
    Ok(HttpResponse::Ok().json(json!({
        "data": tokens.iter().map(|token| shown(token, now)).collect::<Vec<_>>(),
        "next_cursor": null,
        "total": tokens.len(),
    })))
}

/// `POST /api/v1/tokens`; 201 with the token itself.
pub async fn create(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    require_recent_of(&state, &caller)?;
    let wanted = form(object(&body)?)?.check()?;
    let maker = match &caller {
        Caller::User(user) => Some(user.id),
        Caller::Token(_) => None,
    };
    let (secret, new) = fresh(wanted, maker, state.clock.now())?;
    let rights = caller.rights();
    let made = state
        .floor
        .write(by.0, move |tx| token::create(tx, &rights, None, &new))
        .await;
    let id = match made {
        Ok(Made::Written(id) | Made::Again(id)) => id,
        Ok(Made::GivesMore) => {
            return Err(one_error(
                "role",
                "has rights, or reaches agents, that you don’t have",
            ));
        }
        Ok(Made::Outlives(end)) => {
            let end = show::rfc3339(end);
            let why = format!(
                "are too many: no token outlives the one that makes it, which ends at {end}"
            );
            return Err(one_error("days", &why));
        }
        Err(StoreError::NotFound) => return Err(one_error("role", "or a group is not there")),
        Err(error) => return Err(error.into()),
    };
    let tokens = state.read(token::all).await?;
    let now = state.clock.now();
    let made = tokens.iter().find(|token| token.id == id);
    let mut body = made.map_or(Value::Null, |token| shown(token, now));
    body["token"] = secret.into();
    Ok(HttpResponse::Created().json(body))
}

/// `DELETE /api/v1/tokens/{id}`: it is refused from now on; 204.
pub async fn delete(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    require_recent_of(&state, &caller)?;
    let id = id_of(&id)?;
    let rights = caller.rights();
    let ended = state
        .floor
        .write(by.0, move |tx| token::end(tx, &rights, id))
        .await?;
    match ended {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(AppError::Barred(Bar::TokenHasMore)),
    }
}

fn shown(token: &Token, now: Timestamp) -> Value {
    let instant = |at: Option<Timestamp>| at.map(show::rfc3339);
    json!({
        "id": token.id,
        "name": token.name,
        "role": token.role.0,
        "role_name": token.role_name,
        "groups": token.groups.iter().map(|group| group.0).collect::<Vec<_>>(),
        "in_force": token.in_force(now),
        "created_at": show::rfc3339(token.created_at),
        "expires_at": instant(token.expires_at),
        "last_used_at": instant(token.last_used_at),
        "revoked_at": instant(token.revoked_at),
    })
}

/// `{"name": "wallboard", "role": 3, "groups": [7], "days": 90}`.
fn form(object: Map<String, Value>) -> Result<TokenForm, AppError> {
    let mut form = TokenForm {
        days: USUAL_DAYS.to_string(),
        ..TokenForm::default()
    };
    for (name, value) in object {
        match (name.as_str(), value) {
            ("name", Value::String(text)) => form.name = text,
            ("role", Value::Number(id)) => form.role = id.to_string(),
            ("days", Value::Number(days)) => form.days = days.to_string(),
            ("groups", Value::Array(groups)) if groups.iter().all(Value::is_i64) => {
                form.groups = groups.iter().map(ToString::to_string).collect();
            }
            ("name" | "role" | "days" | "groups", _) => {
                return Err(one_error(&name, "has a value of another kind"));
            }
            (_, _) => return Err(one_error(&name, "is not a field of a token")),
        }
    }
    Ok(form)
}

fn one_error(name: &str, message: &str) -> AppError {
    FieldErrors(vec![FieldError {
        name: name.chars().take(64).collect::<String>().into(),
        message: message.to_owned(),
    }])
    .into()
}
