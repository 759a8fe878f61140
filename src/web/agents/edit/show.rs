//! `GET /agents/{id}/edit`, `/row` and `/edit/news`: the form, the row without it, and what changed meanwhile.

use super::answer::Asked;
use super::fill::Filler;
use super::view::EditNews;
use super::{back, conflict, rules};
use crate::domain::ids::AgentId;
use crate::store::agent::history;
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::state::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// The form with the values that are stored.
pub async fn edit(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id: AgentId = id.parse().map_err(|_| AppError::NotFound)?;
    let asked = Asked::new(req, state, user, partial).await?;
    let picture = asked.state.floor.picture();
    let person = rules::find_to_change(&picture, &asked.user.rights(), id.user())?;
    let filler = Filler {
        picture: &picture,
        scope: &asked.user.scope,
    };
    let mut form = filler.stored(person);
    if !asked.in_row() {
        form.free_intercoms = filler.free_intercoms();
        form.back = back::from_referer(&asked.req, "");
    }
    asked.form(&picture, &form, StatusCode::OK, false)
}

/// The row as it is: Cancel.
pub async fn row(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id: AgentId = id.parse().map_err(|_| AppError::NotFound)?;
    let asked = Asked::new(req, state, user, partial).await?;
    let picture = asked.state.floor.picture();
    rules::find(&picture, &asked.user.rights(), id.user())?;
    if asked.in_row() {
        return asked.done(&picture, id, None);
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, back::checked("", id)))
        .finish())
}

#[derive(Deserialize)]
pub struct Since {
    since: i64,
}

/// What others changed after the version that a form was opened with.
pub async fn news(
    state: web::Data<AppState>,
    user: CurrentUser,
    id: web::Path<String>,
    since: web::Query<Since>,
) -> Result<HttpResponse, AppError> {
    let id: AgentId = id.parse().map_err(|_| AppError::NotFound)?;
    let zone = {
        let picture = state.floor.picture();
        rules::find(&picture, &user.rights(), id.user())?;
        picture.install().calendar.zone
    };
    let since = since.since;
    let edits = state
        .read(move |conn| history::since(conn, id.user(), since))
        .await?;
    let text = conflict::news(&edits, zone);
    Ok(page::html(StatusCode::OK, render(&EditNews { text })?))
}
