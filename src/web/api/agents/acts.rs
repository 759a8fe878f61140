//! Blocking and disabling by JSON: `PUT` puts one in force in place of the other, `DELETE` lifts it.

use super::change::object;
use super::one;
use crate::domain::act::{Act, ActKind, Refusal};
use crate::domain::ids::AgentId;
use crate::domain::status::AdminState;
use crate::store::Tx;
use crate::store::agent::{ActOutcome, act, require_version};
use crate::web::agents::acts::form::ActForm;
use crate::web::api::version::Expected;
use crate::web::error::{AppError, Bar};
use crate::web::extract::{By, Caller};
use crate::web::state::AppState;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident => $act:ident($with:expr);)+) => {$(
        $(#[$doc])*
        pub async fn $name(
            req: HttpRequest,
            state: web::Data<AppState>,
            caller: Caller,
            by: By,
            id: web::Path<String>,
            body: web::Bytes,
        ) -> Result<HttpResponse, AppError> {
            let id: AgentId = id.parse().map_err(|_| AppError::NotFound)?;
            $act(&req, &state, &caller, by, id, &body, $with).await
        }
    )+};
}

acts! {
    /// `PUT /api/v1/agents/{id}/block` with optional `reason` and `until`.
    block => put(ActKind::Block);
    /// `PUT /api/v1/agents/{id}/disable`.
    disable => put(ActKind::Disable);
    /// `DELETE /api/v1/agents/{id}/block`.
    unblock => lift(AdminState::Blocked);
    /// `DELETE /api/v1/agents/{id}/disable`.
    enable => lift(AdminState::Disabled);
}

async fn put(
    req: &HttpRequest,
    state: &AppState,
    caller: &Caller,
    by: By,
    id: AgentId,
    body: &[u8],
    kind: ActKind,
) -> Result<HttpResponse, AppError> {
    let mut object = object(body)?;
    let expected = Expected::if_given(req, &mut object)?.version();
    let mut text = |name: &str| match object.remove(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(AppError::BadRequest(format!("{name} is a text."))),
    };
    let form = ActForm {
        act: kind.word().to_owned(),
        reason: text("reason")?,
        until: text("until")?,
        ..ActForm::default()
    };
    if let Some(name) = object.keys().next() {
        let name: String = name.chars().take(64).collect();
        return Err(AppError::BadRequest(format!(
            "“{name}” means nothing here."
        )));
    }
    let install = state.floor.picture().install().clone();
    let act = form
        .check(&install, state.clock.now())
        .map_err(|errors| AppError::Invalid(errors.line()))?;
    perform(state, caller, by, id, act, expected).await?;
    one(state, caller, id)
}

/// What is not in force is not lifted, and that is no fault: 204 either way.
async fn lift(
    req: &HttpRequest,
    state: &AppState,
    caller: &Caller,
    by: By,
    id: AgentId,
    body: &[u8],
    only: AdminState,
) -> Result<HttpResponse, AppError> {
    let expected = Expected::if_given(req, &mut object(body)?)?.version();
    let act = Act::Enable { only: Some(only) };
    perform(state, caller, by, id, act, expected).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Does an act to one agent, if it still has the expected version.
///
/// # Errors
/// `Forbidden` without the right or over someone with more, `NotFound` out of scope, `Conflict`, `Invalid`.
pub(super) async fn perform(
    state: &AppState,
    caller: &Caller,
    by: By,
    id: AgentId,
    what: Act,
    expected: Option<i64>,
) -> Result<ActOutcome, AppError> {
    let rights = caller.rights();
    if !rights.may(what.kind().needs()) {
        return Err(AppError::Forbidden);
    }
    let write = move |tx: &mut Tx<'_>| {
        if let Some(expected) = expected {
            require_version(tx, &rights.scope, id.user(), expected)?;
        }
        act(tx, &rights, &[id.user()], &what)
    };
    let outcome = state.floor.write(by.0, write).await?;
    match outcome.refused.first() {
        None => Ok(outcome),
        Some((_, Refusal::NotFound)) => Err(AppError::NotFound),
        Some((_, Refusal::MoreRights)) => Err(AppError::Barred(Bar::MoreRights)),
        Some((_, why)) => Err(AppError::Invalid(format!("This agent {why}."))),
    }
}
