//! `GET /agents/{id}`: everything about one agent.

use super::present::Reader;
use super::show_view::{AgentPage, Details, Number, Transfer};
use super::timeline::{Drawn, TimelineView};
use crate::domain::call::filter::CallFilter;
use crate::domain::day_range::{DayChoice, DaySpan};
use crate::domain::filter::{self, PerPage};
use crate::domain::ids::{AgentId, TimeGroupId, UserId};
use crate::domain::person::Person;
use crate::domain::query::{BadParam, QueryReader, QueryWriter};
use crate::domain::role::Permission;
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::domain::time_group::TimeGroup;
use crate::domain::timeline::{Known, segments};
use crate::floor::{Older, Picture, Row};
use crate::store::audit::{self, Lines};
use crate::store::call::{self, Asked, Budget, Leg, Sibling};
use crate::store::interval::{self, Intervals};
use crate::store::{Conn, StoreError, time_group};
use crate::web::calls::present::{CallReader, CallRow};
use crate::web::changes::{self, Change, ChangeReader};
use crate::web::days;
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::page::{self, render};
use crate::web::range::RangeControl;
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Status is told for so many days; of a longer range for the last of them.
const TOLD_DAYS: i32 = 100;
const CHANGES: usize = 12;
const CALLS: usize = 8;
const BUDGET: Budget = Budget::millis(1_000);

/// What the address says beside the agent.
struct Query {
    days: DayChoice,
    /// Changes older than that line.
    changes: Option<i64>,
    bad: Vec<BadParam>,
}

impl Query {
    fn read(raw: &str) -> Self {
        let mut query = QueryReader::new(raw);
        let days = filter::days(&mut query);
        let changes = query.take_as("changes", changes::place);
        Self {
            days,
            changes,
            bad: query.finish(&[]),
        }
    }
}

/// What is asked of the database at once.
struct Wanted {
    agent: UserId,
    hours: Option<TimeGroupId>,
    span: DaySpan,
    /// The days whose status is told, and from when to when that is.
    told: DaySpan,
    window: (Timestamp, Timestamp),
    /// None: the reader may not see calls.
    calls: Option<Asked>,
    changes: Option<i64>,
}

/// What the database knows.
struct Found {
    intervals: Intervals,
    talks: Vec<(Timestamp, Option<Timestamp>)>,
    hours: Option<TimeGroup>,
    calls: Vec<Leg>,
    siblings: Vec<Sibling>,
    changes: Lines,
    window: (Timestamp, Timestamp),
}

pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    path: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id: AgentId = path.parse().map_err(|_| AppError::NotFound)?;
    let query = Query::read(req.query_string());
    let now = state.clock.now();
    let wanted = wanted(&state.floor.picture(), id, &user, &query, now)?;
    let (span, told) = (wanted.span, wanted.told);
    let today = DayChoice::Days(90).resolve(told.to, 1);
    let older = days::load(&state, today).await?;
    let found = state.read(move |conn| read(conn, &wanted)).await?;
    let mut shell = user.shell(&req, &state).page(shell::Page::Agents, "");
    let status = match query.bad.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    let body = {
        let picture = state.floor.picture();
        let row = picture
            .row(id.user(), &user.scope, span, &older)
            .ok_or(AppError::NotFound)?;
        shell.title = row.person.name.to_string();
        let about = About {
            picture: &picture,
            row: &row,
            user: &user,
            query: &query,
            now,
            span,
            told,
        };
        render(&about.page(&shell, &found, &older))?
    };
    Ok(page::html(status, body))
}

/// What to read, if the agent is there and in the reader's scope.
fn wanted(
    picture: &Picture,
    id: AgentId,
    user: &CurrentUser,
    query: &Query,
    now: Timestamp,
) -> Result<Wanted, AppError> {
    let agent = picture
        .person(id.user())
        .and_then(Person::living_agent)
        .filter(|agent| user.scope.sees(&agent.groups))
        .ok_or(AppError::NotFound)?;
    let install = picture.install();
    let today = install.calendar.day_of(now);
    let span = query.days.resolve(today, install.pay_cycle_day);
    let to = span.to.min(today);
    let told = DaySpan {
        from: span.from.max(to.plus(1 - TOLD_DAYS)).min(to),
        to,
    };
    let (from, until) = install.calendar.span_bounds(told);
    let filter = CallFilter {
        agent: Some(id),
        days: query.days,
        per: PerPage::P25,
        ..CallFilter::default()
    };
    Ok(Wanted {
        agent: id.user(),
        hours: agent.time_group,
        span,
        told,
        window: (from, until.min(now).max(from)),
        calls: user.may(Permission::CallsRead).then(|| Asked {
            filter,
            scope: user.scope.clone(),
            span,
            region: install.region,
            now,
        }),
        changes: query.changes,
    })
}

fn read(conn: &mut Conn, wanted: &Wanted) -> Result<Found, StoreError> {
    let (from, until) = wanted.window;
    let calls = match &wanted.calls {
        Some(asked) => call::page(conn, asked, BUDGET)?.legs,
        None => Vec::new(),
    };
    let keys: Vec<i64> = calls.iter().take(CALLS).map(|leg| leg.call).collect();
    Ok(Found {
        intervals: interval::of_agent(conn, wanted.agent, from, until)?,
        talks: call::talks(conn, wanted.agent, wanted.told)?,
        hours: wanted
            .hours
            .map(|id| time_group::hours(conn, id))
            .transpose()?,
        siblings: call::answered_in(conn, &keys)?,
        calls,
        changes: audit::of_subject(conn, "user", wanted.agent.0, wanted.changes, CHANGES)?,
        window: wanted.window,
    })
}

/// One agent and who looks.
struct About<'a> {
    picture: &'a Picture,
    row: &'a Row<'a>,
    user: &'a CurrentUser,
    query: &'a Query,
    now: Timestamp,
    span: DaySpan,
    told: DaySpan,
}

impl<'a> About<'a> {
    fn page<'p>(&'p self, shell: &'p Shell, found: &Found, older: &Older) -> AgentPage<'p> {
        let install = self.picture.install();
        let reader = Reader::of(self.picture, self.user, self.query.days, self.now);
        let id = self.row.id();
        let row = reader.row(self.row);
        let action = format!("/agents/{id}");
        AgentPage {
            shell,
            may_edit: row.editable,
            may_act: row.actable,
            since: reader.since(self.row),
            row,
            details: Details::of(self.picture, self.row, &self.user.scope),
            may_see_calls: self.user.may(Permission::CallsRead),
            range: RangeControl::new(
                action.clone(),
                "Days",
                self.query.days,
                self.span,
                install,
                self.now,
            ),
            bad: &self.query.bad,
            timeline: self.timeline(found),
            told: match self.told == self.span {
                true => String::new(),
                false => show::range(self.told),
            },
            numbers: self.numbers(older),
            calls: self.last_calls(found),
            calls_href: self.calls_filter().link("/calls"),
            changes: self.changes(found),
            older_changes: self.older_changes(found, &action),
            transfer: Transfer::of(self.row, install),
        }
    }

    fn calls(&self, days: DayChoice) -> Option<DayChoice> {
        self.user.may(Permission::CallsRead).then_some(days)
    }

    fn calls_filter(&self) -> CallFilter {
        CallFilter {
            agent: Some(self.row.id()),
            days: self.query.days,
            ..CallFilter::default()
        }
    }

    fn timeline(&self, found: &Found) -> TimelineView {
        let agent = self.row.agent;
        let (from, until) = found.window;
        let known = Known {
            admin: found.intervals.admin.clone(),
            duty: found.intervals.duty.clone(),
            device: found.intervals.device.clone(),
            calls: found.talks.clone(),
            open: found
                .hours
                .as_ref()
                .filter(|_| agent.time_group.is_some())
                .map(|hours| hours.open_between(from, until)),
            fixed: self.row.causes,
        };
        Drawn {
            segments: &segments(&known, from, until),
            calendar: self.picture.install().calendar,
            span: self.told,
            now: self.now,
        }
        .view()
    }

    fn numbers(&self, older: &Older) -> Vec<Number> {
        let today = self.picture.install().calendar.day_of(self.now);
        let cycle = self.picture.install().pay_cycle_day;
        let choices = [
            DayChoice::Today,
            DayChoice::Days(7),
            DayChoice::Days(30),
            DayChoice::Month,
        ];
        choices
            .into_iter()
            .filter_map(|days| {
                let span = days.resolve(today, cycle);
                let id = self.row.person.id;
                let row = self.picture.row(id, &self.user.scope, span, older)?;
                Some(Number::new(days, &row, self.calls(days)))
            })
            .collect()
    }

    fn last_calls(&self, found: &Found) -> Vec<CallRow> {
        let install = self.picture.install();
        let reader = CallReader {
            picture: self.picture,
            scope: &self.user.scope,
            region: install.region,
            zone: install.calendar.zone,
            now: self.now,
            today: install.calendar.day_of(self.now),
            numbers: self.user.may(Permission::CustomerNumbers),
        };
        let last = found.calls.iter().take(CALLS);
        last.map(|leg| reader.row(leg, &found.siblings)).collect()
    }

    fn changes(&self, found: &Found) -> Vec<Change> {
        let install = self.picture.install();
        let reader = ChangeReader {
            zone: install.calendar.zone,
            region: install.region,
            now: self.now,
            scope: &self.user.scope,
            audit: self.user.may(Permission::AuditRead),
        };
        let lines = found.changes.lines.iter();
        lines.map(|line| reader.change(line)).collect()
    }

    fn older_changes(&self, found: &Found, action: &str) -> Option<String> {
        let last = found.changes.lines.last().filter(|_| found.changes.more)?;
        let query = self.query.days.write(QueryWriter::behind(action));
        Some(format!(
            "{}#changes",
            query.with("changes", last.id).finish()
        ))
    }
}
