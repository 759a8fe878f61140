//! `/api/v1/imports`: bulk uploads for programs. The same plan as on the pages; the answer waits until it is made or
//! carried out.

use super::paging::told;
use crate::domain::ids::{ImportId, UserId};
use crate::domain::import::{Asked, Changed, Facts, Lists, Options, Outcome as Plan, Which};
use crate::domain::query::QueryReader;
use crate::domain::show;
use crate::store::Conn;
use crate::store::StoreError;
use crate::store::import::{
    self, Import, Kind, Mode, Outcome, PlannedRow, Pressed, Shown, State, rows,
};
use crate::web::error::AppError;
use crate::web::extract::{By, Caller};
use crate::web::imports::receive::{self, Received};
use crate::web::imports::{acts, find, id_of, viewer};
use crate::web::state::AppState;
use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Errors and changes in an answer.
const MOST: u64 = 1_000;
/// An answer waits so long for a plan or a commit; later it says how far that has come.
const PATIENCE: Duration = Duration::from_secs(100);
/// How often it is looked whether it is done.
const LOOKS: [u64; 6] = [5, 10, 20, 40, 80, 160];

/// What the address says of an upload.
struct Query {
    dry_run: bool,
    mode: Mode,
    asked: Asked,
    options: Options,
    file_name: String,
}

/// `POST /api/v1/imports`: plans a file and, without `dry_run=true`, carries it out.
pub async fn create(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    payload: web::Payload,
) -> Result<HttpResponse, AppError> {
    let query = query(req.query_string())?;
    let file = match receive::is_form(&req) {
        true => {
            let mut payload: Payload = payload.into_inner();
            let form = Multipart::from_request(&req, &mut payload).await;
            let form =
                form.map_err(|_| AppError::BadRequest("The form can't be read.".to_owned()))?;
            let Received { fields, file } = receive::form(&state, &by.0, form).await?;
            if let Some((name, _)) = fields.first() {
                let name: String = name.chars().take(40).collect();
                return Err(AppError::BadRequest(format!(
                    "{name:?} is no field: send `file`, and choices in the address."
                )));
            }
            file.ok_or_else(|| {
                AppError::Invalid("There is no file in the form: send it as `file`.".to_owned())
            })?
        }
        false => receive::body(&state, &by.0, &query.file_name, payload).await?,
    };
    let id = receive::finish(&state, file, query.asked, query.options).await?;
    let import = waited(&state, &caller, &by, id).await?;
    match import.state {
        State::Planned if !query.dry_run => carry_out(&state, &caller, by, id, query.mode).await,
        State::Unreadable => Err(AppError::Invalid(import.fault.unwrap_or_default())),
        _ => answer(&state, &caller, &import, 1).await,
    }
}

fn query(raw: &str) -> Result<Query, AppError> {
    let mut query = QueryReader::new(raw);
    let yes = |text: &str| text.parse::<bool>().map_err(|_| "is true or false");
    let dry_run = query.take_as("dry_run", yes).unwrap_or(false);
    let mode = query.take_as("mode", |text| text.parse().map_err(|_| "is all or valid"));
    let ignore_unknown = query.take_as("ignore_unknown", yes).unwrap_or(false);
    let lists = query.take_as("lists", |text| {
        text.parse().map_err(|_| "is replace or add")
    });
    let which = query.take_as("which", |text| {
        text.parse().map_err(|_| "is all, new or known")
    });
    let file_name = query.take("file_name");
    match query.finish(&[]).as_slice() {
        [] => {}
        bad => return Err(AppError::BadRequest(told(bad))),
    }
    let mut asked = Asked::default();
    asked.mapping.ignore_unknown = ignore_unknown;
    Ok(Query {
        dry_run,
        mode: mode.unwrap_or(Mode::AllOrNothing),
        asked,
        options: Options {
            lists: lists.unwrap_or(Lists::Replace),
            which: which.unwrap_or(Which::All),
            ..Options::default()
        },
        file_name: file_name.unwrap_or_else(|| "upload.csv".to_owned()),
    })
}

/// `POST /api/v1/imports/{id}/commit`: carries a plan out, `mode=all` or `valid`; once, however often it is asked.
pub async fn commit(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&id)?;
    let mut query = QueryReader::new(req.query_string());
    let in_address = query.take("mode").unwrap_or_default();
    if let [bad, ..] = query.finish(&[]).as_slice() {
        return Err(AppError::BadRequest(format!(
            "{}: {}",
            bad.name, bad.reason
        )));
    }
    let posted = crate::web::extract::Posted::read(&req, &body, &["mode"], &[])?;
    let mode = match (in_address.as_str(), posted.one("mode")) {
        (mode, "") | ("", mode) => acts::mode_of(mode)?,
        (one, other) if one == other => acts::mode_of(one)?,
        _ => {
            return Err(AppError::BadRequest(
                "mode differs in the address and in the body.".to_owned(),
            ));
        }
    };
    carry_out(&state, &caller, by, id, mode).await
}

async fn carry_out(
    state: &AppState,
    caller: &Caller,
    by: By,
    id: ImportId,
    mode: Mode,
) -> Result<HttpResponse, AppError> {
    let (pressed, _) = acts::press(state, caller, by.clone(), id, mode).await?;
    if let Pressed::Refused(why) = pressed {
        let import = find(state, &viewer(caller, &by), id).await?;
        // Nothing to do is no fault of the file: a program that sends the same file twice is told that all is well.
        if why == import::Refused::NothingToDo
            && (import.counts.error == 0 || mode == Mode::ValidRows)
        {
            return answer(state, caller, &import, 1).await;
        }
        let body = body(state, caller, &import, 1).await?;
        return Ok(problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            &why.to_string(),
            &by,
            body,
        ));
    }
    let import = waited(state, caller, &by, id).await?;
    match import.state {
        State::Failed if import.operation.is_none() => {
            let body = body(state, caller, &import, 1).await?;
            let why = import.fault.as_deref().unwrap_or("Nothing was written.");
            Ok(problem(StatusCode::CONFLICT, why, &by, body))
        }
        _ => answer(state, caller, &import, 1).await,
    }
}

/// `GET /api/v1/imports/{id}`: the plan or what became of it; `page` goes on behind the first thousand.
pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let mut query = QueryReader::new(req.query_string());
    let page = query.take_as("page", |text| match text.parse() {
        Ok(page @ 1..=100_000) => Ok(page),
        Ok(_) | Err(_) => Err("is no page"),
    });
    match query.finish(&[]).as_slice() {
        [] => {}
        bad => return Err(AppError::BadRequest(told(bad))),
    }
    let import = find(&state, &viewer(&caller, &by), id_of(&id)?).await?;
    answer(&state, &caller, &import, page.unwrap_or(1)).await
}

/// `POST /api/v1/imports/{id}/undo`: takes it back, within 30 days; once, however often it is asked.
pub async fn undo(
    state: web::Data<AppState>,
    caller: Caller,
    by: By,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&id)?;
    acts::begin_undo(&state, &caller, by.clone(), id).await?;
    let import = waited(&state, &caller, &by, id).await?;
    answer(&state, &caller, &import, 1).await
}

/// The upload once nothing is under way with it, or as it is when that takes too long.
async fn waited(
    state: &AppState,
    caller: &Caller,
    by: &By,
    id: ImportId,
) -> Result<Import, AppError> {
    let began = Instant::now();
    let mut looks = LOOKS.into_iter();
    let mut pause = LOOKS[0];
    loop {
        let import = find(state, &viewer(caller, by), id).await?;
        if !import.is_busy() || began.elapsed() > PATIENCE {
            return Ok(import);
        }
        pause = looks.next().unwrap_or(pause);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

async fn answer(
    state: &AppState,
    caller: &Caller,
    import: &Import,
    page: u64,
) -> Result<HttpResponse, AppError> {
    let status = match import.is_busy() {
        true => StatusCode::ACCEPTED,
        false => StatusCode::OK,
    };
    Ok(HttpResponse::build(status).json(body(state, caller, import, page).await?))
}

/// Problem details, with the plan beside them.
fn problem(status: StatusCode, why: &str, by: &By, mut body: Value) -> HttpResponse {
    body["type"] = "about:blank".into();
    body["title"] = status.canonical_reason().unwrap_or_default().into();
    body["status"] = status.as_u16().into();
    body["detail"] = why.into();
    body["request_id"] = by.0.request_id.clone().into();
    HttpResponse::build(status)
        .content_type("application/problem+json")
        .body(body.to_string())
}

async fn body(
    state: &AppState,
    caller: &Caller,
    import: &Import,
    page: u64,
) -> Result<Value, AppError> {
    let rights = caller.rights();
    let me = match caller {
        Caller::User(user) => Some(user.id),
        Caller::Token(_) => None,
    };
    let its = import.clone();
    let (facts, rows) = state
        .read(move |conn| {
            Ok((
                import::facts(conn, rights, me)?,
                Rows::read(conn, &its, page)?,
            ))
        })
        .await?;
    let (counts, done) = (import.counts, import.done);
    let more = [counts.error, counts.create + counts.update, done.conflicts]
        .into_iter()
        .any(|all| all > page * MOST);
    let next = more.then(|| format!("/api/v1/imports/{}?page={}", import.id, page + 1));
    let unknown = import.listed.unknown.iter().map(|one| {
        json!({ "column": one.column.word(), "name": one.name, "rows": one.rows, "line": one.line })
    });
    let columns = import.found.iter().flat_map(|found| found.head.unknown());
    let now = state.clock.now();
    let until = import.undo_until().filter(|until| *until > now);
    Ok(json!({
        "id": import.id.0,
        "state": import.state.word(),
        "file_name": import.file_name,
        "sha256": import.sha256,
        "counts": {
            "rows": counts.rows, "create": counts.create, "update": counts.update,
            "unchanged": counts.unchanged, "skip": counts.skip, "error": counts.error,
        },
        "done": {
            "created": done.created, "updated": done.updated, "conflicts": done.conflicts,
            "undone": done.undone, "kept": done.kept,
        },
        "mode": import.mode.map(Mode::word),
        "fault": import.fault,
        "errors": rows.errors(import),
        "changes": rows.changes(state, import, &facts),
        "conflicts": rows.conflicts(),
        "unknown_columns": columns.collect::<Vec<_>>(),
        "unknown_names": unknown.collect::<Vec<_>>(),
        "operation": import.operation,
        "undo_until": until.map(show::rfc3339),
        "next": next,
    }))
}

/// A page of what an answer lists.
struct Rows {
    errors: Vec<PlannedRow>,
    changes: Vec<PlannedRow>,
    conflicts: Vec<PlannedRow>,
}

impl Rows {
    fn read(conn: &mut Conn, import: &Import, page: u64) -> Result<Self, StoreError> {
        let id = import.id;
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let skip = (page - 1) * MOST;
        let mut of = |shown, limit: u64, offset: u64| {
            rows::page(conn, id, shown, signed(limit), signed(offset))
        };
        let errors = of(Shown::Kind(Kind::Error), MOST, skip)?.rows;
        let conflicts = of(Shown::Outcome(Outcome::Conflict), MOST, skip)?.rows;
        // First all that are made, then all that change: both are read by the index, however many there are.
        let made = import.counts.create;
        let mut changes = match skip < made {
            true => of(Shown::Kind(Kind::Create), MOST, skip)?.rows,
            false => Vec::new(),
        };
        let room = MOST - changes.len() as u64;
        if room > 0 {
            changes.extend(of(Shown::Kind(Kind::Update), room, skip.saturating_sub(made))?.rows);
        }
        changes.sort_by_key(|row| row.number);
        Ok(Self {
            errors,
            changes,
            conflicts,
        })
    }

    fn errors(&self, import: &Import) -> Vec<Value> {
        let head = import.found.as_ref().map(|found| &found.head);
        let row = |row: &PlannedRow| {
            let faults = match &row.planned.outcome {
                Plan::Error(faults) => faults.as_slice(),
                Plan::Create(_) | Plan::Update(_) | Plan::Unchanged(_) | Plan::Skip(_) => &[],
            };
            let line = row.planned.line;
            let fault = move |fault: &crate::domain::import::Fault| {
                let named = fault
                    .column
                    .map(|column| head.map_or(column.word(), |head| head.name_of(column)));
                json!({
                    "line": line, "column": named, "value": fault.value, "reason": fault.reason,
                    "fix": fault.fix, "same_as_line": fault.pair,
                })
            };
            faults.iter().map(fault).collect::<Vec<_>>()
        };
        self.errors.iter().flat_map(row).collect()
    }

    fn changes(&self, state: &AppState, import: &Import, facts: &Facts) -> Vec<Value> {
        let picture = state.floor.picture();
        let made = &import.listed.created;
        let login = |id: UserId| {
            let person = picture.person(id).filter(|person| facts.sees(person));
            person.map(|person| person.login_id.to_string())
        };
        let change = |row: &PlannedRow| {
            let (action, user, cells) = match &row.planned.outcome {
                Plan::Create(draft) => (
                    "create",
                    row.result.as_ref().and_then(|result| result.user),
                    draft.cells(facts, made),
                ),
                Plan::Update(edit) => ("update", Some(edit.user), edit.changes(facts, made)),
                Plan::Unchanged(_) | Plan::Skip(_) | Plan::Error(_) => return None,
            };
            let cell = |cell: &Changed| json!({ "column": cell.column.word(), "old": cell.old, "new": cell.new });
            Some(json!({
                "line": row.planned.line,
                "action": action,
                "user": user.map(|id| id.0),
                "login_id": user.and_then(login),
                "cells": cells.iter().map(cell).collect::<Vec<_>>(),
                "outcome": row.result.as_ref().map(|result| result.outcome.word()),
                "reason": row.result.as_ref().and_then(|result| result.reason.as_deref()),
            }))
        };
        self.changes.iter().filter_map(change).collect()
    }

    fn conflicts(&self) -> Vec<Value> {
        let conflict = |row: &PlannedRow| {
            let reason = row
                .result
                .as_ref()
                .and_then(|result| result.reason.as_deref());
            json!({ "line": row.planned.line, "reason": reason })
        };
        self.conflicts.iter().map(conflict).collect()
    }
}
