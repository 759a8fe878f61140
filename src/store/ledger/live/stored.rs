//! The row of `agent_live`, read and written.

use super::{Heard, LiveRow, Next};
use crate::domain::call::Sequence;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::person::Live;
use crate::domain::time::Timestamp;
use crate::store::connection::{Conn, on_each};
use crate::store::error::StoreError;
use crate::store::person::word;
use crate::store::schema::agent_live;
use crate::store::tx::{Effect, Tx};
use diesel::prelude::*;
use std::collections::HashMap;

/// Keys in one statement.
pub(super) const AT_ONCE: usize = 5_000;

impl LiveRow {
    /// Reads the state of an agent; one that was never heard of is unknown since the event.
    pub fn get(tx: &mut Tx<'_>, agent: AgentId, since: Timestamp) -> Result<Self, StoreError> {
        let key = agent.user().0;
        let row: Option<Stored> = agent_live::table
            .find(key)
            .select(Stored::as_select())
            .first(tx.conn)
            .optional()?;
        match row {
            Some(row) => row.into_row(),
            None => Ok(Self::unknown(agent.user(), since)),
        }
    }

    /// The states of agents, by key; who was never heard of has none.
    pub fn all_of(conn: &mut Conn, agents: &[i64]) -> Result<HashMap<i64, Self>, StoreError> {
        let mut found = HashMap::with_capacity(agents.len());
        for agents in agents.chunks(AT_ONCE) {
            let rows: Vec<Stored> = agent_live::table
                .filter(agent_live::agent_id.eq_any(agents))
                .select(Stored::as_select())
                .load(conn)?;
            for row in rows {
                found.insert(row.agent_id, row.into_row()?);
            }
        }
        Ok(found)
    }

    /// Writes the state and tells the picture. What was put off until the call is over comes true.
    pub fn write(mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.follow_next(tx)?;
        let live = &self.live;
        let row = Change {
            agent_id: self.agent.0,
            duty: live.duty.word(),
            duty_reason: live.duty_reason.as_deref(),
            duty_at: live.duty_at.0,
            duty_heard_at: self.duty_heard.at.0,
            duty_sequence: &self.duty_heard.sequence.0,
            device: live.device.word(),
            device_at: live.device_at.0,
            device_heard_at: self.device_heard.at.0,
            device_sequence: &self.device_heard.sequence.0,
            call_state: live.call.word(),
            call_at: live.call_at.0,
            call_heard_at: self.call_heard.at.0,
            call_sequence: &self.call_heard.sequence.0,
            call_until: self.call_until.map(|at| at.0),
            next_duty: self.next.as_ref().map(|next| next.duty.word()),
            next_duty_reason: self.next.as_ref().and_then(|next| next.reason.as_deref()),
            next_duty_by: self.next.as_ref().and_then(|next| next.by),
        };
        on_each!(tx.conn, |c| diesel::insert_into(agent_live::table)
            .values(&row)
            .on_conflict(agent_live::agent_id)
            .do_update()
            .set(&row)
            .execute(c))?;
        tx.effect(Effect::Live(self.agent, self.live));
        Ok(())
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = agent_live)]
struct Stored {
    agent_id: i64,
    duty: String,
    duty_reason: Option<String>,
    duty_at: i64,
    duty_heard_at: i64,
    duty_sequence: String,
    device: String,
    device_at: i64,
    device_heard_at: i64,
    device_sequence: String,
    call_state: String,
    call_at: i64,
    call_heard_at: i64,
    call_sequence: String,
    call_until: Option<i64>,
    next_duty: Option<String>,
    next_duty_reason: Option<String>,
    next_duty_by: Option<i64>,
}

impl Stored {
    fn into_row(self) -> Result<LiveRow, StoreError> {
        let next = match &self.next_duty {
            None => None,
            Some(duty) => Some(Next {
                duty: word(duty)?,
                reason: self.next_duty_reason.map(Into::into),
                by: self.next_duty_by,
            }),
        };
        Ok(LiveRow {
            agent: UserId(self.agent_id),
            live: Live {
                duty: word(&self.duty)?,
                duty_reason: self.duty_reason.map(Into::into),
                duty_at: Timestamp(self.duty_at),
                next_duty: next.as_ref().map(|next| next.duty),
                device: word(&self.device)?,
                device_at: Timestamp(self.device_at),
                call: word(&self.call_state)?,
                call_at: Timestamp(self.call_at),
            },
            duty_heard: heard(self.duty_heard_at, self.duty_sequence),
            device_heard: heard(self.device_heard_at, self.device_sequence),
            call_heard: heard(self.call_heard_at, self.call_sequence),
            call_until: self.call_until.map(Timestamp),
            next,
            stored: true,
        })
    }
}

fn heard(at: i64, sequence: String) -> Heard {
    Heard {
        at: Timestamp(at),
        sequence: Sequence(sequence),
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = agent_live, treat_none_as_null = true)]
struct Change<'a> {
    agent_id: i64,
    duty: &'a str,
    duty_reason: Option<&'a str>,
    duty_at: i64,
    duty_heard_at: i64,
    duty_sequence: &'a str,
    device: &'a str,
    device_at: i64,
    device_heard_at: i64,
    device_sequence: &'a str,
    call_state: &'a str,
    call_at: i64,
    call_heard_at: i64,
    call_sequence: &'a str,
    call_until: Option<i64>,
    next_duty: Option<&'a str>,
    next_duty_reason: Option<&'a str>,
    next_duty_by: Option<i64>,
}
