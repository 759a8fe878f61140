//! `/api/v1/users`: the list of users for programs, agents or not.

pub mod change;

use super::paging::{USUAL, limit, told};
use crate::domain::ids::{AgentId, UserId};
use crate::domain::phone::Phone;
use crate::domain::query::QueryReader;
use crate::domain::role::Scope;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::domain::user_filter::UserFilter;
use crate::floor::{Picture, Records, UserRow};
use crate::web::error::AppError;
use crate::web::extract::Caller;
use crate::web::state::AppState;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// A piece of the list.
#[derive(Serialize)]
struct Users<'a> {
    data: Vec<User<'a>>,
    /// Send it as `cursor` to get the next piece; null at the end.
    next_cursor: Option<String>,
    /// How many match, on all pieces together.
    total: usize,
}

/// A record that is referred to.
#[derive(Serialize)]
struct Named<'a> {
    id: i64,
    name: &'a str,
}

/// A user with the column names of the list. Numbers are E.164, instants RFC 3339 in UTC; what belongs to an
/// agent is null for who is none.
#[derive(Serialize)]
struct User<'a> {
    id: i64,
    agent_id: Option<String>,
    name: &'a str,
    username: &'a str,
    employee_id: Option<&'a str>,
    designation: &'a str,
    phone: Option<String>,
    email: Option<&'a str>,
    role: Option<Named<'a>>,
    scope_groups: Vec<Named<'a>>,
    web_login: &'static str,
    locked_until: Option<String>,
    calling_agent: bool,
    call_forward_number: Option<String>,
    agent_extension: Option<&'a str>,
    agent_status: Option<&'static str>,
    extension_status: Option<&'static str>,
    admin_state: Option<&'static str>,
    version: i64,
}

/// `GET /api/v1/users`: the query of the list, with `limit` and `cursor`.
pub async fn index(
    req: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller,
) -> Result<HttpResponse, AppError> {
    let (filter, limit, cursor) = piece(req.query_string())?;
    let now = state.clock.now();
    let picture = state.floor.picture();
    let after = after(&picture, caller.scope(), cursor)?;
    let slice = picture.users_slice(&filter, caller.scope(), now, after, limit);
    let last = slice.rows.last().map(|row| row.person.id.to_string());
    let users = Users {
        next_cursor: last.filter(|_| slice.more),
        total: slice.total,
        data: slice
            .rows
            .iter()
            .map(|row| user(row, picture.records(), caller.scope(), now))
            .collect(),
    };
    Ok(HttpResponse::Ok().json(users))
}

fn piece(raw: &str) -> Result<(UserFilter, usize, Option<UserId>), AppError> {
    const NAMES: [&str; 2] = ["limit", "cursor"];
    let mut query = QueryReader::new(raw);
    let limit = query.take_as("limit", limit).unwrap_or(USUAL);
    let cursor = query.take_as("cursor", |text| text.parse().map_err(|_| "is no cursor"));
    let mut bad = query.finish(&[]);
    bad.retain(|param| NAMES.contains(&param.name.as_str()));
    let filter = UserFilter::parse_beside(raw, &NAMES).unwrap_or_else(|query| {
        let others = query.bad.into_iter();
        bad.extend(others.filter(|param| !NAMES.contains(&param.name.as_str())));
        query.filter
    });
    match bad.is_empty() {
        true => Ok((filter, limit, cursor)),
        false => Err(AppError::BadRequest(told(&bad))),
    }
}

/// The person behind the cursor. One that the reader may not see is no cursor: its place in the order would
/// tell about it.
fn after(
    picture: &Picture,
    scope: &Scope,
    cursor: Option<UserId>,
) -> Result<Option<UserId>, AppError> {
    let Some(id) = cursor else {
        return Ok(None);
    };
    let seen = picture.person(id).is_some_and(|person| {
        let agent = person.agent.as_deref();
        scope.is_all() || agent.is_some_and(|agent| scope.sees(&agent.groups))
    });
    match seen {
        true => Ok(Some(id)),
        false => Err(AppError::BadRequest("cursor: is no cursor".to_owned())),
    }
}

/// `GET /api/v1/users/{id}`: one user; the answer's `ETag` is what a change sends as `If-Match`.
pub async fn show(
    state: web::Data<AppState>,
    caller: Caller,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    one(&state, caller.scope(), id_of(&id)?)
}

fn id_of(text: &str) -> Result<UserId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// The user as they are now.
fn one(state: &AppState, scope: &Scope, id: UserId) -> Result<HttpResponse, AppError> {
    let now = state.clock.now();
    let picture = state.floor.picture();
    let row = picture.user(id, scope, now).ok_or(AppError::NotFound)?;
    let version = row.person.version_of_both();
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, format!("\"{version}\"")))
        .json(user(&row, picture.records(), scope, now)))
}

fn user<'a>(row: &UserRow<'a>, records: &'a Records, scope: &Scope, now: Timestamp) -> User<'a> {
    let person = row.person;
    let facet = row.agent.as_ref();
    let agent = facet.map(|facet| facet.agent);
    let number = |phone: Option<Phone>| phone.map(|phone| phone.to_string());
    let groups = person.scope_groups.iter();
    let groups = groups
        .filter(|&&id| scope.is_all() || scope.sees(&[id]))
        .filter_map(|&id| records.group(id));
    User {
        id: person.id.0,
        agent_id: agent.map(|_| AgentId::of(person.id).to_string()),
        name: &person.name,
        username: &person.login_id,
        employee_id: person.employee_id.as_deref(),
        designation: &person.designation,
        phone: number(person.phone),
        email: person.email.as_deref(),
        role: records.role(person.role).map(|role| Named {
            id: role.id.0,
            name: &role.name,
        }),
        scope_groups: groups
            .map(|group| Named {
                id: group.id.0,
                name: &group.name,
            })
            .collect(),
        web_login: row.web_login.word(),
        locked_until: person
            .locked_until
            .filter(|until| *until > now)
            .map(show::rfc3339),
        calling_agent: agent.is_some(),
        call_forward_number: number(agent.and_then(|agent| agent.forwarding_number)),
        agent_extension: agent.and_then(|agent| agent.extension.as_deref()),
        agent_status: facet.map(|facet| facet.status.word()),
        extension_status: facet.map(|facet| facet.extension.word()),
        admin_state: agent.map(|agent| agent.admin.state.word()),
        version: person.version_of_both(),
    }
}
