//! `GET /time-groups/{id}`: the week as a picture and a table, the holidays, whether it is open now, and who
//! changed what.

use super::list::{Listed, hours_said, now_view};
use super::view::{HolidayView, PATH, ShowPage};
use super::week::week;
use super::{agents_href, id_of, may_change};
use crate::domain::calendar::wall_clock;
use crate::domain::day_range::Day;
use crate::domain::ids::TimeGroupId;
use crate::domain::query::{BadParam, QueryReader, QueryWriter};
use crate::domain::role::Permission;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::domain::time_group::Details;
use crate::store::audit::{self, Lines};
use crate::store::time_group::{self, KIND};
use crate::store::{Conn, StoreError};
use crate::web::agents::acts::words::agents;
use crate::web::changes::{self, Change, ChangeReader};
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::operations::flash;
use crate::web::page::{self, render};
use crate::web::shell;
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// So many changes are told at once.
const CHANGES: usize = 12;

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = id_of(&path)?;
    let (before, bad) = query(req.query_string());
    let read = move |conn: &mut Conn| -> Result<_, StoreError> {
        let stored = time_group::find(conn, id)?;
        let lines = audit::of_subject(conn, KIND, id.0, before, CHANGES)?;
        Ok((stored, lines))
    };
    let (stored, lines) = state.read(read).await?;
    let stored = stored.ok_or(AppError::NotFound)?;
    let now = state.clock.now();
    let count = state.floor.picture().by_time_group(&user.scope);
    let it = Listed::of(stored, now, &count);
    let details = &it.stored.details;
    let hours = details.hours();
    let shell = user.shell(&req, &state);
    let shell = shell.page(shell::Page::TimeGroups, details.name.as_str());
    let (shell, flashed) = flash::shown(shell, &req, &state, &user).await?;
    let within = it.standing.until.map(|at| show::age(at.since(now)));
    let page = ShowPage {
        shell: &shell,
        id: it.stored.id.0,
        name: &details.name,
        zone: details.zone.name(),
        now: now_view(it.standing, now, details.zone),
        within: within.map_or_else(String::new, |age| format!("in {age}")),
        always: details.always,
        hours: hours_said(&hours),
        holidays: holidays(details, now),
        week: week(&hours, now),
        agents: agents(it.agents),
        agents_href: agents_href(it.stored.id),
        may_change: may_change(user.permissions, &user.scope),
        bad: &bad,
        older_changes: older(id, &lines),
        changes: told(&state, &user, now, lines),
    };
    let status = match bad.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    let response = page::html(status, render(&page)?);
    Ok(flash::cleared(response, flashed, &req))
}

/// Behind which line of the changes to begin, and what makes no sense.
fn query(raw: &str) -> (Option<i64>, Vec<BadParam>) {
    let mut query = QueryReader::new(raw);
    let before = query.take_as("changes", changes::place);
    (before, query.finish(&[]))
}

/// The changes in words. How many agents one concerned is only for who sees them all.
fn told(state: &AppState, user: &CurrentUser, now: Timestamp, lines: Lines) -> Vec<Change> {
    let picture = state.floor.picture();
    let install = picture.install();
    let reader = ChangeReader {
        zone: install.calendar.zone,
        region: install.region,
        now,
        scope: &user.scope,
        audit: user.may(Permission::AuditRead),
    };
    let lines = lines.lines.into_iter().map(|mut line| {
        if !user.scope.is_all() {
            line.after.remove("agents");
        }
        reader.change(&line)
    });
    lines.collect()
}

/// Where the changes go on.
fn older(id: TimeGroupId, lines: &Lines) -> Option<String> {
    let last = lines.lines.last().filter(|_| lines.more)?;
    let query = QueryWriter::behind(&format!("{PATH}/{id}")).with("changes", last.id);
    Some(format!("{}#changes", query.finish()))
}

/// In order of date; those before today are told apart.
fn holidays(details: &Details, now: Timestamp) -> Vec<HolidayView> {
    let today = wall_clock(details.zone, now).date();
    let holiday = |(date, name): (&chrono::NaiveDate, &String)| HolidayView {
        date: show::weekday_and_day(Day::from(*date)),
        name: name.clone(),
        past: *date < today,
    };
    details.holidays.iter().map(holiday).collect()
}
