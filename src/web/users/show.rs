//! `GET /users/{id}`: a user, what they may do, and what was done to them.

use super::list::second;
use super::list_view::Login;
use super::{id, rules};
use crate::domain::ids::{AgentId, UserId};
use crate::domain::person::{WebLogin, WebLoginStatus};
use crate::domain::query::QueryReader;
use crate::domain::role::Permission;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::floor::Picture;
use crate::store::audit::{self, Lines};
use crate::store::mail::{self, Failure, Queue};
use crate::store::user::{Facts, facts};
use crate::web::agents::view::Badge;
use crate::web::changes::{Change, ChangeReader};
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono_tz::Tz;

const CHANGES: usize = 20;

#[derive(Template)]
#[template(path = "users/show.html")]
struct UserPage<'a> {
    shell: &'a Shell,
    user: UserView,
    changes: Vec<Change>,
    older_changes: Option<String>,
}

/// A user, ready to print; empty texts print as a dash.
struct UserView {
    id: i64,
    name: String,
    username: String,
    employee_id: String,
    designation: String,
    phone: String,
    email: String,
    role: String,
    /// Groups that the rights hold on, by name; whether they are held to groups at all.
    scope_groups: Vec<String>,
    scoped: bool,
    web_login: Login,
    /// `until 14:12`, while it is locked.
    locked_until: String,
    allowed_ips: Vec<String>,
    has_password: bool,
    has_factor: bool,
    sessions: i64,
    failed_sign_ins: i32,
    created: String,
    agent: Option<AgentView>,
    may_change: bool,
    may_link: bool,
    /// The letter with a link that waits, for those who may make another.
    letter: Option<LetterView>,
}

struct LetterView {
    /// `last try 10:02:11: the mail server …`; empty before the first.
    failure: String,
}

struct AgentView {
    agent_id: String,
    status: Badge,
    also: String,
    call_forward_number: String,
    intercom: String,
    extension: String,
    /// The first of the allowed caller ids, and the others.
    extension_caller_id: String,
    other_caller_ids: Vec<String>,
    may_open: bool,
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id(&path)?;
    let mut query = QueryReader::new(req.query_string());
    let before = query.take_as("changes", |text| {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let line: Option<i64> = text.parse().ok().filter(|_| plain);
        line.ok_or("is no place among the changes")
    });
    if let Some(bad) = query.finish(&[]).first() {
        return Err(AppError::BadRequest(format!(
            "{}: {}",
            bad.name, bad.reason
        )));
    }
    let now = state.clock.now();
    rules::find(&state.floor.picture(), &user.scope, id, now)?;
    let (known, lines, letter) = state
        .read(move |conn| {
            let lines = audit::of_subject(conn, "user", id.0, before, CHANGES)?;
            let letter = mail::queue(conn, Some(id), now)?;
            Ok((facts(conn, id)?, lines, letter))
        })
        .await?;
    let known = known.ok_or(AppError::NotFound)?;
    let shell = user.shell(&req, &state).page(shell::Page::Users, "");
    let (mut shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let body = {
        let picture = state.floor.picture();
        let mut view = view(&picture, &user, id, &known, now)?;
        let zone = picture.install().calendar.zone;
        view.letter = letter
            .filter(|_| view.may_link)
            .map(|queue| letter_view(&queue, zone));
        shell.title.clone_from(&view.name);
        render(&UserPage {
            shell: &shell,
            user: view,
            changes: changes(&picture, &user, &lines, now),
            older_changes: older(id, &lines),
        })?
    };
    let response = page::html(StatusCode::OK, body);
    Ok(flash::cleared(response, flashed, &req))
}

fn view(
    picture: &Picture,
    user: &CurrentUser,
    id: UserId,
    known: &Facts,
    now: Timestamp,
) -> Result<UserView, AppError> {
    let row = rules::find(picture, &user.scope, id, now)?;
    let (person, records, install) = (row.person, picture.records(), picture.install());
    let (region, zone) = (install.region, install.calendar.zone);
    let may_change = rules::may_change(records, &user.rights(), person);
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let groups = person.scope_groups.iter();
    let named = groups.filter(|group| user.scope.is_all() || user.scope.sees(&[**group]));
    let named = named.filter_map(|&group| records.group(group));
    let own_groups = records
        .role(person.role)
        .is_some_and(|role| role.own_groups);
    let number = |id| records.caller_id_shown(id).map(|n| n.to(region).to_owned());
    let agent = row.agent.as_ref().map(|facet| {
        let mut caller_ids = facet.agent.caller_ids.iter().filter_map(|&id| number(id));
        let mark = facet.causes.second_mark();
        AgentView {
            agent_id: AgentId::of(id).to_string(),
            status: Badge::new(facet.status.word()),
            also: mark.map_or(String::new(), |mark| second(&row, mark)),
            call_forward_number: row
                .numbers
                .forwarding
                .as_ref()
                .map_or(String::new(), |n| n.to(region).to_owned()),
            intercom: text(facet.agent.intercom.as_deref()),
            extension: text(facet.agent.extension.as_deref()),
            extension_caller_id: caller_ids.next().unwrap_or_default(),
            other_caller_ids: caller_ids.collect(),
            may_open: user.may(Permission::AgentsRead),
        }
    });
    Ok(UserView {
        id: id.0,
        name: person.name.to_string(),
        username: person.login_id.to_string(),
        employee_id: text(person.employee_id.as_deref()),
        designation: person.designation.to_string(),
        phone: person
            .phone
            .map_or(String::new(), |number| number.show(region)),
        email: text(person.email.as_deref()),
        role: records
            .role(person.role)
            .map_or(String::new(), |role| role.name.clone()),
        scope_groups: named.map(|group| group.name.clone()).collect(),
        scoped: own_groups || !person.scope_groups.is_empty(),
        web_login: row.web_login.into(),
        locked_until: match (row.web_login, person.locked_until) {
            (WebLoginStatus::Locked, Some(until)) => show::time_of_day(until, zone),
            (_, Some(_) | None) => String::new(),
        },
        allowed_ips: known
            .allowed_ips
            .split('|')
            .filter(|entry| !entry.is_empty())
            .map(ToOwned::to_owned)
            .collect(),
        has_password: known.has_password,
        has_factor: known.has_factor,
        sessions: known.sessions,
        failed_sign_ins: known.failed_sign_ins,
        created: show::moment(known.created_at, zone),
        agent,
        may_change,
        may_link: may_change && person.web_login == WebLogin::Allowed,
        letter: None,
    })
}

fn letter_view(queue: &Queue, zone: Tz) -> LetterView {
    let failure = queue.failure.as_ref();
    let said = |failure: &Failure| {
        let at = show::time_of_day(failure.at, zone);
        format!("last try {at}: {}", failure.why)
    };
    LetterView {
        failure: failure.map_or_else(String::new, said),
    }
}

fn changes(picture: &Picture, user: &CurrentUser, lines: &Lines, now: Timestamp) -> Vec<Change> {
    let install = picture.install();
    let reader = ChangeReader {
        zone: install.calendar.zone,
        region: install.region,
        now,
        scope: &user.scope,
        audit: user.may(Permission::AuditRead),
    };
    lines.lines.iter().map(|line| reader.change(line)).collect()
}

fn older(id: UserId, lines: &Lines) -> Option<String> {
    let last = lines.lines.last().filter(|_| lines.more)?;
    Some(format!("/users/{id}?changes={}#changes", last.id))
}
