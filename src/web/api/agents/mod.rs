//! `/api/v1/agents`: the agents list for programs.

pub mod acts;
pub mod change;

use super::paging::Piece;
use crate::domain::ids::AgentId;
use crate::domain::phone::Phone;
use crate::domain::role::Scope;
use crate::domain::show;
use crate::floor::{Older, Records, Row};
use crate::web::days;
use crate::web::error::AppError;
use crate::web::extract::Caller;
use crate::web::state::AppState;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// A piece of the list.
#[derive(Serialize)]
struct Agents<'a> {
    data: Vec<Agent<'a>>,
    /// Send it as `cursor` to get the next piece; null at the end.
    next_cursor: Option<String>,
    /// How many match, on all pieces together.
    total: usize,
}

/// An agent with the column names of the list. Numbers are E.164, instants RFC 3339 in UTC.
#[derive(Serialize)]
pub(super) struct Agent<'a> {
    agent_id: String,
    name: &'a str,
    employee_id: Option<&'a str>,
    designation: &'a str,
    email: Option<&'a str>,
    phone: Option<String>,
    call_forwarding_number: Option<String>,
    alternative_numbers: Vec<String>,
    rings_on: &'static str,
    intercom_number: Option<&'a str>,
    time_group: Option<&'a str>,
    departments: Vec<&'a str>,
    agent_groups: Vec<&'a str>,
    username: &'a str,
    caller_ids: Vec<String>,
    extension_caller_id: Option<String>,
    extension: Option<&'a str>,
    outgoing_calls: &'static str,
    login_based_calling: bool,
    agent_status: &'static str,
    extension_status: &'static str,
    admin_state: &'static str,
    reason: Option<&'a str>,
    until: Option<String>,
    calls_answered: i64,
    missed: i64,
    version: i64,
}

/// `GET /api/v1/agents`: the query of the list, with `limit` and `cursor`.
pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
) -> Result<HttpResponse, AppError> {
    let piece = Piece::parse(req.query_string())?;
    let span = days::span(
        state.floor.picture().install(),
        &piece.filter,
        state.clock.now(),
    );
    let older = days::load(&state, span).await?;
    let picture = state.floor.picture();
    let after = piece.after(&picture, caller.scope())?;
    let slice = picture.slice(
        &piece.filter,
        caller.scope(),
        span,
        &older,
        after,
        piece.limit,
    );
    let last = slice.rows.last().map(|row| row.id().to_string());
    let agents = Agents {
        next_cursor: last.filter(|_| slice.more),
        total: slice.total,
        data: slice
            .rows
            .iter()
            .map(|row| agent(row, picture.records(), caller.scope()))
            .collect(),
    };
    Ok(HttpResponse::Ok().json(agents))
}

/// `GET /api/v1/agents/{id}`: one agent; the answer's `ETag` is what a change sends as `If-Match`.
pub async fn show(
    state: web::Data<AppState>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id: AgentId = id.parse().map_err(|_| AppError::NotFound)?;
    one(&state, &caller, id)
}

/// The agent as it is now, counted today.
pub(super) fn one(
    state: &AppState,
    caller: &Caller,
    id: AgentId,
) -> Result<HttpResponse, AppError> {
    let picture = state.floor.picture();
    let today = picture.install().calendar.day_of(state.clock.now());
    let span = crate::domain::day_range::DaySpan::one(today);
    let row = picture
        .row(id.user(), caller.scope(), span, &Older::new())
        .ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, format!("\"{}\"", row.agent.version)))
        .json(agent(&row, picture.records(), caller.scope())))
}

fn agent<'a>(row: &Row<'a>, records: &'a Records, scope: &Scope) -> Agent<'a> {
    let (person, agent) = (row.person, row.agent);
    let number = |phone: Option<Phone>| phone.map(|phone| phone.to_string());
    let caller_ids: Vec<String> = agent
        .caller_ids
        .iter()
        .filter_map(|&id| records.caller_id(id))
        .map(|caller_id| caller_id.number.to_string())
        .collect();
    Agent {
        agent_id: row.id().to_string(),
        name: &person.name,
        employee_id: person.employee_id.as_deref(),
        designation: &person.designation,
        email: person.email.as_deref(),
        phone: number(person.phone),
        call_forwarding_number: number(agent.forwarding_number),
        alternative_numbers: agent
            .alternative_numbers
            .iter()
            .map(ToString::to_string)
            .collect(),
        rings_on: agent.rings_on.word(),
        intercom_number: agent.intercom.as_deref(),
        time_group: agent
            .time_group
            .and_then(|id| records.time_group(id))
            .map(|group| group.name.as_str()),
        departments: agent
            .departments
            .iter()
            .filter_map(|&id| records.department(id))
            .map(|department| department.name.as_str())
            .collect(),
        agent_groups: agent
            .groups
            .iter()
            .filter(|&&id| scope.sees(&[id]))
            .filter_map(|&id| records.group(id))
            .map(|group| group.name.as_str())
            .collect(),
        username: &person.login_id,
        extension_caller_id: caller_ids.first().cloned(),
        caller_ids,
        extension: agent.extension.as_deref(),
        outgoing_calls: agent.outgoing_calls.word(),
        login_based_calling: agent.login_based,
        agent_status: row.status.word(),
        extension_status: row.extension.word(),
        admin_state: agent.admin.state.word(),
        reason: agent.admin.reason.as_deref(),
        until: agent.admin.until.map(show::rfc3339),
        calls_answered: row.tally.answered,
        missed: row.tally.missed,
        version: agent.version,
    }
}
