//! `GET /agents/deleted`: who was deleted, and `POST /agents/{id}/restore` to bring one back.

use super::perform::Answer;
use super::show::{agent, back};
use crate::domain::act::Act;
use crate::domain::ids::AgentId;
use crate::domain::show;
use crate::store::agent::deleted::{self, Gone};
use crate::web::error::AppError;
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
#[template(path = "agents/deleted.html")]
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
    agent_id: String,
    name: String,
    username: String,
    /// `22 Nov 2026 14:02:11`.
    at: String,
    /// Empty when it is not known.
    by: String,
    user_stays: bool,
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
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Agents, "Deleted agents");
    let (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let to = |page: i64, there: bool| match there {
        true => format!("/agents/deleted?page={page}"),
        false => String::new(),
    };
    let page = DeletedPage {
        rows: gone.iter().map(|gone| row(gone, zone)).collect(),
        total: show::count(total),
        newer: to(number - 1, number > 1),
        older: to(number + 1, number * PER < total),
        back: shell.here.clone(),
        shell: &shell,
    };
    let response = page::html(StatusCode::OK, render(&page)?);
    Ok(flash::cleared(response, flashed, &req))
}

fn row(gone: &Gone, zone: chrono_tz::Tz) -> Row {
    Row {
        agent_id: AgentId::of(gone.id).to_string(),
        name: gone.name.clone(),
        username: gone.login_id.clone(),
        at: show::moment(gone.at, zone),
        by: gone.by.clone().unwrap_or_default(),
        user_stays: gone.user_stays,
    }
}

pub async fn restore(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let agent = agent(&path)?;
    let posted = Posted::read(&req, &body, &["back"], &[])?;
    let back = back(posted.one("back"));
    Answer::new(&req, &state, &user, &back)
        .perform(by, &[agent.user()], Act::Restore)
        .await
}
