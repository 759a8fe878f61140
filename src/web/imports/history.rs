//! `GET /imports`: the uploads before, who made them, and what came of each.

use super::{count, date, path_of, size, viewer};
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::store::import::{self, Import, State, Viewer};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller, CurrentUser, Posted};
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono_tz::Tz;

/// Rows on a page.
const PER: i64 = 50;
const LAST: i64 = 100_000;

/// An upload in the list.
pub struct PastView {
    pub id: i64,
    pub href: String,
    pub file_name: String,
    pub size: String,
    /// The first letters of the hash, and all of it; empty while the file comes in.
    pub hash: String,
    pub hash_whole: String,
    pub by: String,
    pub at: String,
    /// `Committed`, `Waits for you`.
    pub state: &'static str,
    /// Counts; empty while there are none.
    pub rows: String,
    pub created: String,
    pub updated: String,
    pub errors: String,
    /// `22 Dec 2026`, `over`, or empty.
    pub undo_until: String,
}

#[derive(Template)]
#[template(path = "imports/history.html")]
struct HistoryPage<'a> {
    shell: &'a Shell,
    past: Vec<PastView>,
    total: String,
    /// Addresses of the pages before and after; empty for none.
    newer: String,
    older: String,
}

pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
) -> Result<HttpResponse, AppError> {
    let query = Posted::read_query(&req, &["page"])?;
    let number = match query.one("page") {
        "" => Some(1),
        text => text.parse().ok().filter(|page| (1..=LAST).contains(page)),
    };
    let number = number.ok_or_else(|| AppError::BadRequest("There is no such page.".to_owned()))?;
    let viewer = viewer(&Caller::User(user.clone()), &by);
    let (past, total) = read(&state, viewer, PER, (number - 1) * PER).await?;
    let to = |page: i64, there: bool| match there {
        true => format!("/imports?page={page}"),
        false => String::new(),
    };
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Upload, "Earlier uploads");
    let (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let page = HistoryPage {
        past,
        total: show::count(total),
        newer: to(number - 1, number > 1),
        older: to(number + 1, number * PER < total),
        shell: &shell,
    };
    let response = page::html(StatusCode::OK, render(&page)?);
    Ok(flash::cleared(response, flashed, &req))
}

/// Uploads that this person may see, the newest first, and how many there are.
pub async fn read(
    state: &AppState,
    viewer: Viewer,
    limit: i64,
    offset: i64,
) -> Result<(Vec<PastView>, i64), AppError> {
    let (past, total) = state
        .read(move |conn| import::page(conn, &viewer, limit, offset))
        .await?;
    let zone = state.floor.picture().install().calendar.zone;
    let now = state.clock.now();
    Ok((
        past.iter().map(|import| view(import, zone, now)).collect(),
        total,
    ))
}

fn view(import: &Import, zone: Tz, now: Timestamp) -> PastView {
    let hash = import.sha256.clone().unwrap_or_default();
    let planned = import.counts.rows > 0;
    let number = |number: u64| {
        if planned {
            count(number)
        } else {
            String::new()
        }
    };
    PastView {
        id: import.id.0,
        href: path_of(import.id),
        file_name: import.file_name.clone(),
        size: size(import.size),
        hash: hash.chars().take(12).collect(),
        hash_whole: hash,
        by: import.by.name.clone(),
        at: show::moment(import.created_at, zone),
        state: state_said(import.state),
        rows: number(import.counts.rows),
        created: wrote(
            import,
            "would create",
            import.counts.create,
            import.done.created,
        ),
        updated: wrote(
            import,
            "would update",
            import.counts.update,
            import.done.updated,
        ),
        errors: number(import.counts.error + import.done.conflicts),
        undo_until: match import.undo_until() {
            Some(until) if until > now => date(until, zone),
            Some(_) => "over".to_owned(),
            None => String::new(),
        },
    }
}

/// `35`, `35, undone`, or `would create 35` of a plan that nobody carried out.
fn wrote(import: &Import, would: &str, planned: u64, done: u64) -> String {
    if import.counts.rows == 0 {
        return String::new();
    }
    match import.state {
        State::Uploading
        | State::Planning
        | State::Unreadable
        | State::Planned
        | State::Expired => match planned {
            0 => count(0),
            planned => format!("{would} {}", count(planned)),
        },
        State::Undone if done > 0 => format!("{}, undone", count(done)),
        State::Committing
        | State::Committed
        | State::Cancelled
        | State::Failed
        | State::Undoing
        | State::Undone => count(done),
    }
}

fn state_said(state: State) -> &'static str {
    match state {
        State::Uploading => "On its way",
        State::Planning => "Being planned",
        State::Unreadable => "Can’t be read",
        State::Planned => "Planned, not committed",
        State::Committing => "Being written",
        State::Committed => "Done",
        State::Cancelled => "Cancelled",
        State::Failed => "Failed",
        State::Undoing => "Being undone",
        State::Undone => "Undone",
        State::Expired => "Expired",
    }
}
