//! Calls that are up now.

use crate::domain::call::Direction;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::legs;
use diesel::prelude::*;
use std::collections::HashSet;

/// A call that an agent is on, or that rings at one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCall {
    pub agent: UserId,
    pub direction: Direction,
    pub other_party: String,
    pub started_at: Timestamp,
    pub answered: bool,
}

/// Those of these agents, the oldest first. There are never many, however many agents are asked for.
pub fn open_calls_of(conn: &mut Conn, agents: &[UserId]) -> Result<Vec<OpenCall>, StoreError> {
    type Row = (i64, String, String, i64, Option<i64>);
    let rows: Vec<Row> = legs::table
        .filter(legs::ended_at.is_null())
        .order((legs::started_at, legs::id))
        .select((
            legs::agent_id,
            legs::direction,
            legs::other_party,
            legs::started_at,
            legs::answered_at,
        ))
        .load(conn)?;
    let wanted: HashSet<i64> = agents.iter().map(|agent| agent.0).collect();
    rows.into_iter()
        .filter(|row| wanted.contains(&row.0))
        .map(|(agent, direction, other_party, started_at, answered_at)| {
            Ok(OpenCall {
                agent: UserId(agent),
                direction: crate::store::person::word(&direction)?,
                other_party,
                started_at: Timestamp(started_at),
                answered: answered_at.is_some(),
            })
        })
        .collect()
}
