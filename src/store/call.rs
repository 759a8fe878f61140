//! Reads the ledger of calls for people: pages newest first, and the sums above them. Ten million
//! rows may lie there, so a read walks the days, newest first, and stops when its time is over.

mod agents;
mod hours;
mod walk;

pub use hours::{MinuteCount, by_minute};
pub use walk::Budget;

use super::connection::Conn;
use super::error::StoreError;
use super::person::word;
use super::schema::legs;
use crate::domain::call::filter::{CallFilter, Counted, Place, Start, talk_micros};
use crate::domain::call::{Counts, Direction, Outcome};
use crate::domain::day_range::{Day, DaySpan};
use crate::domain::ids::{DepartmentId, UserId};
use crate::domain::phone::Region;
use crate::domain::role::Scope;
use crate::domain::time::Timestamp;
use agents::Agents;
use diesel::dsl::{count_star, sql};
use diesel::internal::table_macro::{BoxedSelectStatement, FromClause};
use diesel::prelude::*;
use diesel::query_builder::AsQuery;
use diesel::sql_types::BigInt;
use walk::Walk;

type Backend = <Conn as Connection>::Backend;

/// One agent's part of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    pub id: i64,
    /// Key of the call that it belongs to.
    pub call: i64,
    pub agent: UserId,
    pub department: Option<DepartmentId>,
    pub direction: Direction,
    /// As the phone network sent it: hostile text of any length. Empty: unknown.
    pub other_party: String,
    pub our_number: String,
    pub started_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub day: Day,
    pub outcome: Outcome,
}

impl Leg {
    pub fn place(&self) -> Place {
        Place {
            day: self.day,
            started_at: self.started_at,
            id: self.id,
        }
    }
}

/// What is asked of the ledger.
#[derive(Clone, Debug)]
pub struct Asked {
    pub filter: CallFilter,
    pub scope: Scope,
    pub span: DaySpan,
    /// Whose way of writing numbers the filter's number follows.
    pub region: Region,
    pub now: Timestamp,
}

/// A page of calls, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub legs: Vec<Leg>,
    /// There are newer ones than the first, older ones than the last.
    pub newer: bool,
    pub older: bool,
    /// The time was over before the page was full: the oldest day that was read.
    pub read_back_to: Option<Day>,
}

/// Sums of all calls that match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub calls: i64,
    pub answered: i64,
    /// Microseconds; a call that is up counts until now.
    pub talk: i64,
    /// The time was over before all days were read: the oldest day that is in the sums.
    pub since: Option<Day>,
}

/// The page that the filter's start and size ask for.
pub fn page(conn: &mut Conn, asked: &Asked, budget: Budget) -> Result<Page, StoreError> {
    let agents = Agents::of(conn, asked)?;
    let rows = asked.filter.per.rows();
    let newest_first = !matches!(asked.filter.start, Start::Before(_));
    let mut walk = Walk::new(asked, &agents, newest_first, budget);
    let mut legs: Vec<Leg> = Vec::with_capacity(rows + 1);
    while legs.len() <= rows
        && let Some(days) = walk.next()
    {
        let query = narrowed(legs::table.into_boxed(), asked, &agents, days);
        let query = begun(query, asked.filter.start);
        let limit = (rows + 1 - legs.len()) as i64;
        let query = match newest_first {
            true => query.order((legs::day.desc(), legs::started_at.desc(), legs::id.desc())),
            false => query.order((legs::day.asc(), legs::started_at.asc(), legs::id.asc())),
        };
        let found: Vec<LegRow> = query.limit(limit).select(LegRow::as_select()).load(conn)?;
        for row in found {
            legs.push(row.into_leg()?);
        }
    }
    let more = legs.len() > rows;
    legs.truncate(rows);
    let read_back_to = walk.stopped_at().filter(|_| !more);
    let unread = read_back_to.is_some();
    if !newest_first {
        legs.reverse();
    }
    let (newer, older) = match asked.filter.start {
        Start::Newest => (false, more || unread),
        Start::After(_) => (true, more || unread),
        Start::Before(_) => (more || unread, true),
    };
    Ok(Page {
        legs,
        newer,
        older,
        read_back_to: read_back_to.filter(|_| newest_first),
    })
}

/// The sums of all that match, whatever the page.
pub fn sums(conn: &mut Conn, asked: &Asked, budget: Budget) -> Result<Sums, StoreError> {
    let agents = Agents::of(conn, asked)?;
    let mut walk = Walk::new(asked, &agents, true, budget);
    let mut sums = Sums::default();
    while let Some(days) = walk.next() {
        let query = narrowed(legs::table.into_boxed(), asked, &agents, days);
        // A sum of BigInt would come as Numeric, which does not cross.
        let talk = sql::<BigInt>("CAST(COALESCE(SUM(COALESCE(legs.ended_at, ")
            .bind::<BigInt, _>(asked.now.0)
            .sql(") - legs.answered_at), 0) AS BIGINT)");
        let (calls, answered, talk): (i64, i64, i64) = query
            .select((count_star(), diesel::dsl::count(legs::answered_at), talk))
            .first(conn)?;
        sums.calls += calls;
        sums.answered += answered;
        sums.talk += talk;
    }
    sums.since = walk.stopped_at();
    Ok(sums)
}

/// One agent's part of a call beside others of the same call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct Sibling {
    pub call: i64,
    pub agent: i64,
    pub started_at: i64,
    pub answered_at: Option<i64>,
}

/// Who else answered in these calls.
pub fn answered_in(conn: &mut Conn, calls: &[i64]) -> Result<Vec<Sibling>, StoreError> {
    let mut found = Vec::new();
    for calls in calls.chunks(500) {
        found.append(
            &mut legs::table
                .filter(legs::call.eq_any(calls))
                .filter(legs::answered_at.is_not_null())
                .order(legs::id)
                .select((
                    legs::call,
                    legs::agent_id,
                    legs::started_at,
                    legs::answered_at,
                ))
                .load(conn)?,
        );
    }
    Ok(found)
}

/// When an agent spoke, on calls of any direction, sorted by the begins.
pub fn talks(
    conn: &mut Conn,
    agent: UserId,
    span: DaySpan,
) -> Result<Vec<(Timestamp, Option<Timestamp>)>, StoreError> {
    // A call of the day before may reach into the first day.
    let days: Vec<i32> = (span.from.plus(-1).0..=span.to.0).collect();
    let rows: Vec<(Option<i64>, Option<i64>)> = legs::table
        .filter(legs::day.eq_any(days))
        .filter(legs::agent_id.eq(agent.0))
        .filter(legs::answered_at.is_not_null())
        .order(legs::answered_at)
        .select((legs::answered_at, legs::ended_at))
        .load(conn)?;
    let talks = rows
        .into_iter()
        .filter_map(|(answered, ended)| Some((Timestamp(answered?), ended.map(Timestamp))));
    Ok(talks.collect())
}

/// A query over the ledger, its conditions yet to come.
type Boxed<'a, Row = <legs::table as AsQuery>::SqlType, Group = ()> =
    BoxedSelectStatement<'a, Row, FromClause<legs::table>, Backend, Group>;

/// The conditions of a filter for some days.
fn narrowed<'a>(query: Boxed<'a>, asked: &Asked, agents: &Agents, days: DaySpan) -> Boxed<'a> {
    let filter = &asked.filter;
    let mut query = agents.narrow(query, days);
    if let Some(department) = filter.department {
        query = query.filter(legs::department_id.eq(department.0));
    }
    if let Some(direction) = filter.direction {
        query = query.filter(legs::direction.eq(direction.word()));
    }
    if let Some(outcome) = filter.outcome {
        query = with_outcome(query, outcome);
    }
    if let Some(counted) = filter.counted {
        query = query.filter(legs::counts.eq(match counted {
            Counted::Answered => Counts::Answered.code(),
            Counted::Missed => Counts::Missed.code(),
        }));
    }
    if let Some(digits) = filter.digits(asked.region) {
        query = query.filter(legs::other_party.like(format!("%{digits}%")));
    }
    if let Some(seconds) = filter.talk {
        let least = talk_micros(seconds);
        let over = (legs::ended_at - legs::answered_at).ge(least);
        let up = legs::ended_at
            .is_null()
            .and(legs::answered_at.le(asked.now.0.saturating_sub(least)));
        query = query.filter(over.or(up).assume_not_null());
    }
    query
}

fn with_outcome(query: Boxed<'_>, outcome: Outcome) -> Boxed<'_> {
    let inbound = Direction::Inbound.word();
    let missed = Counts::Missed.code();
    match outcome {
        Outcome::Answered => query.filter(legs::answered_at.is_not_null()),
        Outcome::Ringing => query
            .filter(legs::answered_at.is_null())
            .filter(legs::ended_at.is_null()),
        Outcome::Missed => query.filter(legs::counts.eq(missed)),
        Outcome::Colleague => query
            .filter(legs::answered_at.is_null())
            .filter(legs::ended_at.is_not_null())
            .filter(legs::direction.eq(inbound))
            .filter(legs::counts.ne(missed)),
        Outcome::Unanswered => query
            .filter(legs::answered_at.is_null())
            .filter(legs::ended_at.is_not_null())
            .filter(legs::direction.ne(inbound)),
    }
}

/// Leaves out what stands before the page.
fn begun(query: Boxed<'_>, start: Start) -> Boxed<'_> {
    match start {
        Start::Newest => query,
        Start::After(place) => query.filter(
            legs::day.lt(place.day.0).or(legs::day.eq(place.day.0).and(
                legs::started_at.lt(place.started_at.0).or(legs::started_at
                    .eq(place.started_at.0)
                    .and(legs::id.lt(place.id))),
            )),
        ),
        Start::Before(place) => query.filter(
            legs::day.gt(place.day.0).or(legs::day.eq(place.day.0).and(
                legs::started_at.gt(place.started_at.0).or(legs::started_at
                    .eq(place.started_at.0)
                    .and(legs::id.gt(place.id))),
            )),
        ),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = legs)]
struct LegRow {
    id: i64,
    call: i64,
    agent_id: i64,
    department_id: Option<i64>,
    direction: String,
    other_party: String,
    our_number: String,
    started_at: i64,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    day: i32,
    counts: i32,
}

impl LegRow {
    fn into_leg(self) -> Result<Leg, StoreError> {
        let direction = word(&self.direction)?;
        let counts = Counts::from_code(self.counts)
            .ok_or_else(|| StoreError::broken(format!("a call counts as {}", self.counts)))?;
        let (answered, ended) = (self.answered_at.is_some(), self.ended_at.is_some());
        Ok(Leg {
            id: self.id,
            call: self.call,
            agent: UserId(self.agent_id),
            department: self.department_id.map(DepartmentId),
            direction,
            other_party: self.other_party,
            our_number: self.our_number,
            started_at: Timestamp(self.started_at),
            answered_at: self.answered_at.map(Timestamp),
            ended_at: self.ended_at.map(Timestamp),
            day: Day(self.day),
            outcome: Outcome::of(direction, answered, ended, counts),
        })
    }
}
