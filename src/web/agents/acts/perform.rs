//! Does an act and says what became of it, in the form that the asker understands.

use super::rows::rows;
use super::view::Toast;
use crate::domain::act::{Act, ActKind, Refusal};
use crate::domain::ids::{AgentId, UserId};
use crate::store::agent::{ActOutcome, act};
use crate::web::error::{AppError, Bar, Form};
use crate::web::extract::{By, CurrentUser};
use crate::web::operations::{flash, said};
use crate::web::page::{self, render};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// Who asked, and where the answer leads.
pub struct Answer<'a> {
    req: &'a HttpRequest,
    state: &'a web::Data<AppState>,
    user: &'a CurrentUser,
    back: &'a str,
}

impl<'a> Answer<'a> {
    pub fn new(
        req: &'a HttpRequest,
        state: &'a web::Data<AppState>,
        user: &'a CurrentUser,
        back: &'a str,
    ) -> Self {
        Self {
            req,
            state,
            user,
            back,
        }
    }

    /// Does the act and answers.
    pub async fn perform(
        self,
        by: By,
        ids: &[UserId],
        what: Act,
    ) -> Result<HttpResponse, AppError> {
        let kind = what.kind();
        let outcome = self.write(by, ids, what).await?;
        self.tell(ids, kind, &outcome).await
    }

    /// Does the act.
    ///
    /// # Errors
    /// `Forbidden` without the right, and what the store says.
    pub async fn write(&self, by: By, ids: &[UserId], what: Act) -> Result<ActOutcome, AppError> {
        let rights = self.user.rights();
        if !rights.may(what.kind().needs()) {
            return Err(AppError::Forbidden);
        }
        let ids = ids.to_vec();
        let write = move |tx: &mut crate::store::Tx<'_>| act(tx, &rights, &ids, &what);
        Ok(self.state.floor.write(by.0, write).await?)
    }

    /// Says what was done: a toast with the rows, a page to go back to, or plain data.
    pub async fn tell(
        self,
        ids: &[UserId],
        kind: ActKind,
        outcome: &ActOutcome,
    ) -> Result<HttpResponse, AppError> {
        if outcome.done == 0 && outcome.unchanged == 0 {
            return Err(self.refusal(&outcome.refused));
        }
        let form = Form::of(self.req);
        if form == Form::Json {
            return Ok(self.data(outcome));
        }
        if form == Form::Page {
            let value = match outcome.done {
                0 => flash::UNCHANGED,
                _ => &outcome.operation,
            };
            return Ok(flash::back_to(self.back, value, self.req));
        }
        let mut notice = match outcome.done {
            0 => said::unchanged(outcome.unchanged),
            _ => said::notice(self.state, self.user, &outcome.operation).await?,
        };
        notice.back = self.back.to_owned();
        let mut html = render(&Toast { notice: &notice })?;
        html.push_str(
            &rows(
                self.req,
                self.state,
                self.user,
                ids,
                kind == ActKind::Delete,
            )
            .await?,
        );
        Ok(page::html(StatusCode::OK, html))
    }

    /// Nobody was acted on: why.
    fn refusal(&self, refused: &[(UserId, Refusal)]) -> AppError {
        if refused.iter().all(|(_, why)| *why == Refusal::NotFound) {
            return AppError::NotFound;
        }
        if refused.iter().all(|(_, why)| *why == Refusal::MoreRights) {
            return AppError::Barred(Bar::MoreRights);
        }
        let said = said::refusals(self.state, self.user, refused);
        AppError::Invalid(format!("Nothing was changed. {}", said.join(" ")))
    }

    fn data(&self, outcome: &ActOutcome) -> HttpResponse {
        let refused: Vec<_> = outcome
            .refused
            .iter()
            .map(|(id, why)| {
                json!({ "agent_id": AgentId::of(*id).to_string(), "reason": why.to_string() })
            })
            .collect();
        let operation = (outcome.done > 0).then_some(&outcome.operation);
        HttpResponse::Ok().json(json!({
            "operation": operation,
            "done": outcome.done,
            "unchanged": outcome.unchanged,
            "refused": refused,
        }))
    }
}

/// A link in the list leads here; what comes back belongs into the dialog, and is no page of its own.
pub fn into_dialog(response: &mut HttpResponse) {
    let headers = response.headers_mut();
    for (name, value) in [
        ("hx-retarget", "#dialog"),
        ("hx-reswap", "innerHTML"),
        ("hx-push-url", "false"),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers.append(header::VARY, HeaderValue::from_static("HX-Request-Type"));
}
