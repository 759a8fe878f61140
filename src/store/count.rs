//! Calls answered and missed by reporting day.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::{agent_group_members, day_counts};
use crate::domain::day_range::{Day, DaySpan};
use crate::domain::role::Scope;
use diesel::prelude::*;

/// Counts of one agent in one department (0: none) on one day; agent 0: the department's own counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct DayCount {
    pub agent: i64,
    pub department: i64,
    pub answered: i32,
    pub missed: i32,
}

/// The days that have counts, newest first.
pub fn days(conn: &mut Conn, generation: i32) -> Result<Vec<Day>, StoreError> {
    // One index step a day: a DISTINCT would read every row.
    let mut days = Vec::new();
    let mut before = i32::MAX;
    loop {
        let newest: Option<i32> = day_counts::table
            .filter(day_counts::generation.eq(generation))
            .filter(day_counts::day.lt(before))
            .select(diesel::dsl::max(day_counts::day))
            .first(conn)?;
        match newest {
            Some(day) => {
                days.push(Day(day));
                before = day;
            }
            None => return Ok(days),
        }
    }
}

/// All counts of a day.
pub fn on_day(conn: &mut Conn, generation: i32, day: Day) -> Result<Vec<DayCount>, StoreError> {
    Ok(day_counts::table
        .filter(day_counts::generation.eq(generation))
        .filter(day_counts::day.eq(day.0))
        .order((day_counts::agent_id, day_counts::department_id))
        .select((
            day_counts::agent_id,
            day_counts::department_id,
            day_counts::answered,
            day_counts::missed,
        ))
        .load(conn)?)
}

/// One agent's counts of a day, by department.
pub fn of_agent(
    conn: &mut Conn,
    generation: i32,
    day: Day,
    agent: i64,
) -> Result<Vec<DayCount>, StoreError> {
    Ok(day_counts::table
        .filter(day_counts::generation.eq(generation))
        .filter(day_counts::day.eq(day.0))
        .filter(day_counts::agent_id.eq(agent))
        .select((
            day_counts::agent_id,
            day_counts::department_id,
            day_counts::answered,
            day_counts::missed,
        ))
        .load(conn)?)
}

/// A department's answered and missed on a day.
pub fn of_department(
    conn: &mut Conn,
    generation: i32,
    day: Day,
    department: i64,
) -> Result<(i32, i32), StoreError> {
    let row: Option<(i32, i32)> = day_counts::table
        .find((generation, day.0, 0_i64, department))
        .select((day_counts::answered, day_counts::missed))
        .first(conn)
        .optional()?;
    Ok(row.unwrap_or_default())
}

/// Sums by agent over days that are older than the picture in memory keeps: (agent, answered, missed).
pub fn by_agent(
    conn: &mut Conn,
    generation: i32,
    span: DaySpan,
) -> Result<Vec<(i64, i64, i64)>, StoreError> {
    use diesel::dsl::sum;
    let rows: Vec<(i64, Option<i64>, Option<i64>)> = day_counts::table
        .filter(day_counts::generation.eq(generation))
        .filter(day_counts::day.between(span.from.0, span.to.0))
        .filter(day_counts::agent_id.gt(0))
        .group_by(day_counts::agent_id)
        .select((
            day_counts::agent_id,
            sum(day_counts::answered),
            sum(day_counts::missed),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(agent, answered, missed)| (agent, answered.unwrap_or(0), missed.unwrap_or(0)))
        .collect())
}

/// Sums by department over some days: the departments' own counts, or, for who has a scope of groups, those of
/// her agents in each: (department, answered, missed).
pub fn by_department(
    conn: &mut Conn,
    generation: i32,
    span: DaySpan,
    scope: &Scope,
) -> Result<Vec<(i64, i64, i64)>, StoreError> {
    use diesel::dsl::sum;
    macro_rules! sums {
        ($agents:expr) => {
            day_counts::table
                .filter(day_counts::generation.eq(generation))
                .filter(day_counts::day.between(span.from.0, span.to.0))
                .filter(day_counts::department_id.gt(0))
                .filter($agents)
                .group_by(day_counts::department_id)
                .select((
                    day_counts::department_id,
                    sum(day_counts::answered),
                    sum(day_counts::missed),
                ))
                .load(conn)?
        };
    }
    let rows: Vec<(i64, Option<i64>, Option<i64>)> = match scope {
        Scope::All => sums!(day_counts::agent_id.eq(0)),
        Scope::Groups(groups) => {
            let groups: Vec<i64> = groups.iter().map(|group| group.0).collect();
            let members = agent_group_members::table
                .filter(agent_group_members::group_id.eq_any(groups))
                .select(agent_group_members::agent_id);
            sums!(day_counts::agent_id.eq_any(members))
        }
    };
    Ok(rows
        .into_iter()
        .map(|(department, answered, missed)| {
            (department, answered.unwrap_or(0), missed.unwrap_or(0))
        })
        .collect())
}

/// Sums by agent of the calls of one department over some days: (agent, answered, missed).
pub fn in_department(
    conn: &mut Conn,
    generation: i32,
    span: DaySpan,
    department: i64,
) -> Result<Vec<(i64, i64, i64)>, StoreError> {
    use diesel::dsl::sum;
    let rows: Vec<(i64, Option<i64>, Option<i64>)> = day_counts::table
        .filter(day_counts::generation.eq(generation))
        .filter(day_counts::day.between(span.from.0, span.to.0))
        .filter(day_counts::department_id.eq(department))
        .filter(day_counts::agent_id.gt(0))
        .group_by(day_counts::agent_id)
        .select((
            day_counts::agent_id,
            sum(day_counts::answered),
            sum(day_counts::missed),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(agent, answered, missed)| (agent, answered.unwrap_or(0), missed.unwrap_or(0)))
        .collect())
}
