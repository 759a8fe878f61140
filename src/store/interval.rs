//! Reads how long decisions, duty and devices of an agent held.

use super::connection::Conn;
use super::error::StoreError;
use super::person::word;
use super::schema::intervals;
use crate::domain::ids::UserId;
use crate::domain::status::{AdminState, Device, Duty};
use crate::domain::time::Timestamp;
use crate::domain::timeline::Held;
use diesel::prelude::*;

/// The stored causes of one agent over a stretch of time, each sorted by its begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intervals {
    pub admin: Vec<Held<AdminState>>,
    pub duty: Vec<Held<Duty>>,
    pub device: Vec<Held<Device>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = intervals)]
struct Row {
    axis: String,
    value: String,
    reason: Option<String>,
    started_at: i64,
    ended_at: Option<i64>,
}

impl Row {
    fn held<V: std::str::FromStr<Err = crate::domain::agent::UnknownWord>>(
        self,
    ) -> Result<Held<V>, StoreError> {
        Ok(Held {
            from: Timestamp(self.started_at),
            until: self.ended_at.map(Timestamp),
            value: word(&self.value)?,
            reason: self.reason.filter(|reason| !reason.is_empty()),
        })
    }
}

/// What held at any time of the window.
pub fn of_agent(
    conn: &mut Conn,
    agent: UserId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Intervals, StoreError> {
    let rows: Vec<Row> = intervals::table
        .filter(intervals::agent_id.eq(agent.0))
        .filter(intervals::started_at.lt(until.0))
        .filter(
            intervals::ended_at
                .is_null()
                .or(intervals::ended_at.gt(from.0)),
        )
        .order((intervals::axis, intervals::started_at, intervals::id))
        .select(Row::as_select())
        .load(conn)?;
    let mut found = Intervals::default();
    for row in rows {
        match row.axis.as_str() {
            "admin" => found.admin.push(row.held()?),
            "duty" => found.duty.push(row.held()?),
            "device" => found.device.push(row.held()?),
            _ => {}
        }
    }
    Ok(found)
}
