//! `GET /users/deleted`: who was deleted, and `POST /users/{id}/restore` to bring one back.

use super::acts::{refusal, tell};
use super::{back, id};
use crate::domain::act::Refusal;
use crate::domain::show;
use crate::store::StoreError;
use crate::store::user::access::Done;
use crate::store::user::deleted::{self, Gone};
use crate::store::user::remove::{Restored, restore as bring_back};
use crate::web::error::{AppError, Bar};
use crate::web::extract::{By, CurrentUser, Posted};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// Rows on a page.
const PER: i64 = 50;
/// The last page that anyone may ask for.
const LAST: i64 = 100_000;

#[derive(Template)]
#[template(path = "users/deleted.html")]
struct DeletedPage<'a> {
    shell: &'a Shell,
    rows: Vec<Row>,
    /// How many there are, `1,204`.
    total: String,
    /// Addresses of the pages before and after; empty for none.
    newer: String,
    older: String,
    back: String,
}

struct Row {
    id: i64,
    name: String,
    username: String,
    /// `22 Nov 2026 14:02:11`.
    at: String,
    /// Empty when it is not known.
    by: String,
}

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, AppError> {
    let query = Posted::read_query(&req, &["page"])?;
    let number = match query.one("page") {
        "" => Some(1),
        text => text.parse().ok().filter(|page| (1..=LAST).contains(page)),
    };
    let number = number.ok_or_else(|| AppError::BadRequest("There is no such page.".to_owned()))?;
    let scope = user.scope.clone();
    let (gone, total) = state
        .read(move |conn| deleted::page(conn, &scope, PER, (number - 1) * PER))
        .await?;
    let zone = state.floor.picture().install().calendar.zone;
    let row = |gone: &Gone| Row {
        id: gone.id.0,
        name: gone.name.clone(),
        username: gone.login_id.clone(),
        at: show::moment(gone.at, zone),
        by: gone.by.clone().unwrap_or_default(),
    };
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Users, "Deleted users");
    let (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let to = |page: i64, there: bool| match there {
        true => format!("/users/deleted?page={page}"),
        false => String::new(),
    };
    let page = DeletedPage {
        rows: gone.iter().map(row).collect(),
        total: show::count(total),
        newer: to(number - 1, number > 1),
        older: to(number + 1, number * PER < total),
        back: shell.here.clone(),
        shell: &shell,
    };
    let response = page::html(StatusCode::OK, render(&page)?);
    Ok(flash::cleared(response, flashed, &req))
}

pub async fn restore(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let posted = Posted::read(&req, &body, &["back"], &[])?;
    let back = back(posted.one("back"));
    let rights = user.rights();
    let restored = state
        .floor
        .write(by.0, move |tx| bring_back(tx, &rights, id))
        .await
        .map_err(told)?;
    match restored {
        Restored::User(Done::Done(operation)) => Ok(tell(&req, &back, Some(&operation))),
        Restored::User(Done::Unchanged) => Ok(tell(&req, &back, None)),
        Restored::User(Done::Denied(denied)) => Err(refusal(denied)),
        Restored::Agent(outcome) => match outcome.refused.first() {
            None => Ok(tell(&req, &back, Some(&outcome.operation))),
            Some((_, Refusal::NotFound)) => Err(AppError::NotFound),
            Some((_, Refusal::MoreRights)) => Err(AppError::Barred(Bar::MoreRights)),
            Some((_, why)) => Err(AppError::Invalid(format!(
                "Nothing was changed: this user {why}."
            ))),
        },
    }
}

/// What went to someone else since is named.
fn told(error: StoreError) -> AppError {
    match error {
        StoreError::Taken(taken) => {
            let what = match taken.kind.as_str() {
                "login_id" => "user ID",
                "email" => "email",
                _ => "employee ID",
            };
            AppError::Invalid(format!(
                "Nothing was changed: the {what} {} is already in use by someone else.",
                taken.value
            ))
        }
        error => error.into(),
    }
}
