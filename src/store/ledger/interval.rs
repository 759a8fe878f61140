//! Intervals of many agents at once: what was in force from when to when.

use crate::domain::time::Timestamp;
use crate::store::connection::on_each;
use crate::store::error::StoreError;
use crate::store::schema::intervals;
use crate::store::tx::Tx;
use diesel::prelude::*;

/// Keys in one statement.
const AT_ONCE: usize = 4_000;

/// What begins to be in force.
#[derive(Clone, Copy, Debug)]
pub struct Begun<'a> {
    pub axis: &'static str,
    pub value: &'static str,
    pub reason: Option<&'a str>,
    pub by: Option<i64>,
    pub at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = intervals, treat_none_as_default_value = false)]
struct Row<'a> {
    agent_id: i64,
    axis: &'a str,
    value: &'a str,
    reason: Option<&'a str>,
    by_user: Option<i64>,
    started_at: i64,
    ended_at: Option<i64>,
}

/// Closes what is open on the axis and begins the next, for each of the agents.
pub fn begin(tx: &mut Tx<'_>, agents: &[i64], begun: Begun<'_>) -> Result<(), StoreError> {
    for agents in agents.chunks(AT_ONCE) {
        let open = intervals::table
            .filter(intervals::agent_id.eq_any(agents))
            .filter(intervals::axis.eq(begun.axis))
            .filter(intervals::ended_at.is_null());
        diesel::update(open)
            .set(intervals::ended_at.eq(begun.at.0))
            .execute(tx.conn)?;
        let row = |&agent_id: &i64| Row {
            agent_id,
            axis: begun.axis,
            value: begun.value,
            reason: begun.reason,
            by_user: begun.by,
            started_at: begun.at.0,
            ended_at: None,
        };
        let rows: Vec<_> = agents.iter().map(row).collect();
        on_each!(tx.conn, |c| diesel::insert_into(intervals::table)
            .values(&rows)
            .execute(c))?;
    }
    Ok(())
}

/// Closes everything that is open, for agents who leave.
pub fn close(tx: &mut Tx<'_>, agents: &[i64], at: Timestamp) -> Result<(), StoreError> {
    for agents in agents.chunks(AT_ONCE) {
        let open = intervals::table
            .filter(intervals::agent_id.eq_any(agents))
            .filter(intervals::ended_at.is_null());
        diesel::update(open)
            .set(intervals::ended_at.eq(at.0))
            .execute(tx.conn)?;
    }
    Ok(())
}
