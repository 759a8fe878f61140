//! `GET /agents/new` and `POST /agents`: adds an agent.

use super::answer::Asked;
use super::fill::Filler;
use super::posted::Posted;
use super::{back, rules, taken};
use crate::domain::agent_form::{Field, FieldErrors};
use crate::domain::ids::AgentId;
use crate::store::agent::create::create as make;
use crate::store::{self, StoreError, Taken};
use crate::web::error::AppError;
use crate::web::extract::{By, CurrentUser};
use crate::web::operations::{flash, once};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// The form with nothing in it.
pub async fn new(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let asked = Asked::new(req, state, user, false).await?;
    let picture = asked.state.floor.picture();
    let filler = Filler {
        picture: &picture,
        scope: &asked.user.scope,
    };
    let mut form = filler.blank(store::random_hex());
    form.free_intercoms = filler.free_intercoms();
    asked.form(&picture, &form, StatusCode::OK, false)
}

pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let asked = Asked::new(req, state, user, false).await?;
    let mut posted = Posted::read(&form)?;
    for field in [Field::Name, Field::Username] {
        if posted.form.typed(field).is_none() {
            posted.form.set(field, Vec::new());
        }
    }
    let change = rules::check(
        &asked.state.floor.picture(),
        &asked.user.rights(),
        &posted,
        None,
    );
    let change = match change {
        Ok(change) => change,
        Err(errors) => return refused(&asked, &posted, &errors, None),
    };
    let once = once::operation("agent.create", asked.user.id, &posted.once);
    let scope = asked.user.scope.clone();
    let made = asked
        .state
        .floor
        .write(by.0, move |tx| make(tx, &scope, once, &change));
    match made.await {
        Ok(made) => {
            let back = back::checked("", AgentId::of(made.id));
            Ok(flash::back_to(&back, &made.operation, &asked.req))
        }
        Err(StoreError::Taken(taken)) => {
            refused(&asked, &posted, &FieldErrors::default(), Some(&taken))
        }
        Err(error) => Err(error.into()),
    }
}

fn refused(
    asked: &Asked,
    posted: &Posted,
    errors: &FieldErrors,
    taken: Option<&Taken>,
) -> Result<HttpResponse, AppError> {
    let picture = asked.state.floor.picture();
    let scope = &asked.user.scope;
    let filler = Filler {
        picture: &picture,
        scope,
    };
    let mut form = filler.typed(None, posted, errors);
    form.free_intercoms = filler.free_intercoms();
    if let Some(taken) = taken {
        let field = taken::field(taken).ok_or_else(|| AppError::Taken(taken.to_string()))?;
        for control in form.controls.iter_mut().filter(|c| c.field == field) {
            control.fault = taken::fault(&picture, scope, taken, &control.value);
        }
    }
    asked.form(&picture, &form, StatusCode::UNPROCESSABLE_ENTITY, true)
}
