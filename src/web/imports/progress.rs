//! How far an upload has come, and `GET /imports/{id}/progress`, which the page asks for while it waits.

use super::{count, counted, find, id_of, path_of, viewer};
use crate::store::import::{Import, Phase, Progress, State};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller, CurrentUser};
use crate::web::imports::view::ProgressPart;
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use std::time::Duration;

/// A step under way, ready to print.
pub struct ProgressView {
    pub id: i64,
    /// `Writing`, `Making the plan`.
    pub doing: &'static str,
    /// 0 to 100; none while nobody knows how many rows there are.
    pub percent: Option<u64>,
    /// `63,114 of 100,000 rows`.
    pub done: String,
    /// `3,120 rows a second, about 12 seconds left`; empty while there is nothing to go by.
    pub pace: String,
    /// What has come of it so far, by its name.
    pub parts: Vec<(&'static str, String)>,
    /// What happens when it is cancelled; empty when it can't be.
    pub cancel: &'static str,
}

impl ProgressView {
    pub fn new(import: &Import, progress: Option<Progress>) -> Self {
        let (done, total) = progress.map_or((import.place, 0), |progress| {
            (progress.done, progress.total)
        });
        let phase = progress.map_or(Phase::Plan, |progress| progress.phase);
        Self {
            id: import.id.0,
            doing: match import.state {
                State::Uploading => "The file is on its way",
                State::Undoing => "Taking it back",
                State::Committing => "Writing",
                _ => "Making the plan",
            },
            percent: (total > 0).then(|| (done * 100 / total).min(100)),
            done: match (total, done) {
                (0, 0) => "Begins in a moment".to_owned(),
                (0, done) => counted(done, "row"),
                (total, done) => format!("{} of {}", count(done), counted(total, "row")),
            },
            pace: pace(progress),
            parts: match phase {
                Phase::Commit => parts(import),
                Phase::Plan | Phase::Undo => Vec::new(),
            },
            cancel: match import.state {
                State::Committing => "What is written stays, and can be undone.",
                State::Planning | State::Uploading => {
                    "Nothing is written, and the file is removed."
                }
                _ => "",
            },
        }
    }
}

fn pace(progress: Option<Progress>) -> String {
    let Some(progress) = progress else {
        return String::new();
    };
    let rate = progress
        .per_second
        .map(|rate| format!("{} a second", counted(rate, "row")));
    let left = progress
        .left
        .map(|left| format!("about {} left", span(left)));
    let said: Vec<String> = rate.into_iter().chain(left).collect();
    said.join(", ")
}

fn span(left: Duration) -> String {
    match left.as_secs() {
        0 | 1 => "a second".to_owned(),
        seconds @ 2..=90 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// All or nothing is one transaction, of which nothing shows before its end.
fn parts(import: &Import) -> Vec<(&'static str, String)> {
    let (done, plan) = (import.done, import.counts);
    if done.written() + done.conflicts == 0 {
        return Vec::new();
    }
    let of = |done: u64, all: u64| format!("{} of {}", count(done), count(all));
    vec![
        ("Created", of(done.created, plan.create)),
        ("Updated", of(done.updated, plan.update)),
        ("Conflicts", count(done.conflicts)),
    ]
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    by: By,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    let viewer = viewer(&Caller::User(user.clone()), &by);
    let import = find(&state, &viewer, id).await?;
    if !import.is_busy() {
        // What came of it is another page: the one that waited is read anew, with the toast that has Undo.
        let done = import
            .undo_operation
            .as_deref()
            .or(import.operation.as_deref());
        return Ok(match done {
            Some(operation) => flash::read_again(&path_of(id), operation, &req),
            None => HttpResponse::Ok()
                .insert_header(("HX-Redirect", path_of(id)))
                .finish(),
        });
    }
    let progress = ProgressView::new(&import, state.uploads.progress(&import));
    Ok(page::html(
        StatusCode::OK,
        render(&ProgressPart {
            progress: &progress,
        })?,
    ))
}
