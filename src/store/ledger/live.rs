//! Live states of agents: what they do now, and since when.

mod duty;
mod stored;

pub use duty::{DutyChange, DutyState, NewDuty, change_duties, restore_duties};

use crate::domain::call::{AgentRef, ReportedState, Sequence};
use crate::domain::ids::{AgentId, UserId};
use crate::domain::person::Live;
use crate::domain::status::{CallState, Device, Duty};
use crate::domain::time::{SECOND, Timestamp};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agent_live, agents, departments, extensions, intervals, legs};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// A row of `agent_live`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LiveRow {
    agent: UserId,
    live: Live,
    duty_heard: Heard,
    device_heard: Heard,
    call_heard: Heard,
    /// When wrap-up ends by itself.
    call_until: Option<Timestamp>,
    /// What the duty becomes when the call that is up ends.
    next: Option<Next>,
    /// There is a row of it in the table.
    stored: bool,
}

/// A duty that waits for the end of a call, and who decided it.
#[derive(Clone, Debug, PartialEq)]
struct Next {
    duty: Duty,
    reason: Option<Box<str>>,
    by: Option<i64>,
}

/// The newest report on a state. It may be newer than the state: the same again changes nothing, but
/// an older report that comes late must not either.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Heard {
    at: Timestamp,
    sequence: Sequence,
}

/// When something happened, for the last-writer rule.
#[derive(Clone, Copy)]
pub(super) struct Moment<'a> {
    pub at: Timestamp,
    pub sequence: &'a Sequence,
}

impl Moment<'_> {
    fn heard(self) -> Heard {
        Heard {
            at: self.at,
            sequence: self.sequence.clone(),
        }
    }
}

/// Lets one transaction at a time into the ledger and the live states, whichever node it is of: what
/// is known is read, merged and written back, and a reading that goes stale meanwhile would lose facts.
pub(super) fn take_turns(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    /// Any fixed number that no other lock of ours has.
    const LEDGER: i64 = 0x6c65_6467_6572;
    if let Conn::Pg(conn) = tx.conn {
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({LEDGER})")).execute(conn)?;
    }
    Ok(())
}

impl LiveRow {
    /// The device's state by the last writer; `false` when something newer is known.
    pub fn device(
        &mut self,
        tx: &mut Tx<'_>,
        device: Device,
        moment: Moment<'_>,
    ) -> Result<bool, StoreError> {
        let known_since = match self.live.device {
            Device::Unknown => Timestamp::default(),
            Device::Registered | Device::Unregistered => self.live.device_at,
        };
        if moment.at < known_since || moment.heard() < self.device_heard {
            return Ok(false);
        }
        if self.live.device != device {
            self.live.device = device;
            self.live.device_at = moment.at;
            interval(tx, self.agent, "device", device.word(), None, moment.at)?;
        }
        self.device_heard = moment.heard();
        Ok(true)
    }

    /// The call's or the duty's state, as a source reports it; `false` when something newer is known.
    pub fn reported(
        &mut self,
        tx: &mut Tx<'_>,
        state: ReportedState,
        reason: Option<&str>,
        moment: Moment<'_>,
    ) -> Result<bool, StoreError> {
        let call = match state {
            ReportedState::Idle => CallState::Idle,
            ReportedState::Ringing => CallState::Ringing,
            ReportedState::OnCall => CallState::OnCall,
            ReportedState::WrapUp => CallState::WrapUp,
            ReportedState::SignedIn => return self.reported_duty(tx, Duty::On, None, moment),
            ReportedState::Paused => return self.reported_duty(tx, Duty::Paused, reason, moment),
            ReportedState::Offline => return self.reported_duty(tx, Duty::Off, reason, moment),
        };
        if moment.at < self.live.call_at || moment.heard() < self.call_heard {
            return Ok(false);
        }
        self.call(call, moment.at, None);
        self.call_heard = moment.heard();
        Ok(true)
    }

    fn reported_duty(
        &mut self,
        tx: &mut Tx<'_>,
        duty: Duty,
        reason: Option<&str>,
        moment: Moment<'_>,
    ) -> Result<bool, StoreError> {
        if moment.at < self.live.duty_at || moment.heard() < self.duty_heard {
            return Ok(false);
        }
        self.duty_heard = moment.heard();
        self.duty(tx, duty, reason, moment.at)?;
        Ok(true)
    }

    fn duty(
        &mut self,
        tx: &mut Tx<'_>,
        duty: Duty,
        reason: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if self.live.duty != duty || self.live.duty_reason.as_deref() != reason {
            self.live.duty = duty;
            self.live.duty_reason = reason.map(Into::into);
            self.live.duty_at = at;
            interval(tx, self.agent, "duty", duty.word(), reason, at)?;
        }
        Ok(())
    }

    /// The agent is on a call, or about to be.
    fn in_call(&self) -> bool {
        match self.live.call {
            CallState::OnCall | CallState::Ringing => true,
            CallState::Idle | CallState::WrapUp => false,
        }
    }

    fn call(&mut self, call: CallState, at: Timestamp, until: Option<Timestamp>) {
        if self.live.call != call {
            self.live.call = call;
            self.live.call_at = at;
        }
        self.call_until = until;
    }

    /// Concludes the call state from the agent's legs: an answered open one, else a ringing one, else
    /// wrap-up for as long as the department of the last one gives.
    pub fn follow_legs(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let open: Vec<(i64, Option<i64>)> = legs::table
            .filter(legs::agent_id.eq(self.agent.0))
            .filter(legs::ended_at.is_null())
            .select((legs::started_at, legs::answered_at))
            .load(tx.conn)?;
        if let Some(answered) = open.iter().filter_map(|leg| leg.1).min() {
            self.call(CallState::OnCall, Timestamp(answered), None);
        } else if let Some(started) = open.iter().map(|leg| leg.0).min() {
            self.call(CallState::Ringing, Timestamp(started), None);
        } else if self.live.call == CallState::OnCall {
            match last_answered(tx, self.agent)? {
                Some((ended, until)) if until > tx.now => {
                    self.call(CallState::WrapUp, ended, Some(until))
                }
                Some((ended, _)) => self.call(CallState::Idle, ended, None),
                None => self.call(CallState::Idle, tx.now, None),
            }
        } else if self.live.call == CallState::Ringing {
            let now = tx.now;
            self.call(CallState::Idle, now, None);
        }
        Ok(())
    }
}

/// When the agent's last answered leg ended, and when the wrap-up after it ends.
fn last_answered(
    tx: &mut Tx<'_>,
    agent: UserId,
) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
    let today = legs::table
        .select(diesel::dsl::max(legs::day))
        .filter(legs::agent_id.eq(agent.0));
    let day: Option<i32> = today.first(tx.conn)?;
    let Some(day) = day else { return Ok(None) };
    let row: Option<(Option<i64>, Option<i64>)> = legs::table
        .filter(legs::day.eq(day))
        .filter(legs::agent_id.eq(agent.0))
        .filter(legs::answered_at.is_not_null())
        .filter(legs::ended_at.is_not_null())
        .order(legs::ended_at.desc())
        .select((legs::ended_at, legs::department_id))
        .first(tx.conn)
        .optional()?;
    let Some((Some(ended), department)) = row else {
        return Ok(None);
    };
    let wrap_up: i32 = match department {
        Some(id) => departments::table
            .find(id)
            .select(departments::wrap_up_seconds)
            .first(tx.conn)
            .optional()?
            .unwrap_or(0),
        None => 0,
    };
    let ended = Timestamp(ended);
    Ok(Some((ended, ended.plus(i64::from(wrap_up) * SECOND))))
}

/// Closes the interval that is open on an axis and begins the next.
pub(in crate::store) fn interval(
    tx: &mut Tx<'_>,
    agent: UserId,
    axis: &str,
    value: &str,
    reason: Option<&str>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let by = tx.by.user();
    interval_by(tx, agent, axis, (value, reason), at, by)
}

/// The same, put down to someone else than the writer.
fn interval_by(
    tx: &mut Tx<'_>,
    agent: UserId,
    axis: &str,
    (value, reason): (&str, Option<&str>),
    at: Timestamp,
    by: Option<i64>,
) -> Result<(), StoreError> {
    diesel::update(
        intervals::table
            .filter(intervals::agent_id.eq(agent.0))
            .filter(intervals::axis.eq(axis))
            .filter(intervals::ended_at.is_null()),
    )
    .set(intervals::ended_at.eq(at.0))
    .execute(tx.conn)?;
    diesel::insert_into(intervals::table)
        .values((
            intervals::agent_id.eq(agent.0),
            intervals::axis.eq(axis),
            intervals::value.eq(value),
            intervals::reason.eq(reason),
            intervals::by_user.eq(by),
            intervals::started_at.eq(at.0),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Sets the duty of an agent now; the caller audits.
pub fn set_duty(
    tx: &mut Tx<'_>,
    agent: AgentId,
    duty: Duty,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    take_turns(tx)?;
    let now = tx.now;
    let mut row = LiveRow::get(tx, agent, now)?;
    // A phone system whose clock is ahead must not outweigh what is decided here.
    let at = now.max(row.live.duty_at);
    row.duty(tx, duty, reason, at)?;
    row.duty_heard = Heard {
        at: at.max(row.duty_heard.at),
        ..row.duty_heard.clone()
    };
    row.write(tx)
}

/// Nothing is known of an agent's device any more: it has another extension, or none.
pub fn forget_device(tx: &mut Tx<'_>, agent: AgentId) -> Result<(), StoreError> {
    take_turns(tx)?;
    let now = tx.now;
    let mut row = LiveRow::get(tx, agent, now)?;
    if row.live.device == Device::Unknown {
        return Ok(());
    }
    row.live.device = Device::Unknown;
    row.live.device_at = now;
    // Whatever comes next is about another device, so it counts however old it is.
    row.device_heard = Heard::default();
    interval(
        tx,
        agent.user(),
        "device",
        Device::Unknown.word(),
        None,
        now,
    )?;
    row.write(tx)
}

/// Some wrap-up's time is over.
pub fn wrap_up_is_over(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    let first: Option<i64> = agent_live::table
        .filter(agent_live::call_until.le(now.0))
        .select(agent_live::agent_id)
        .first(conn)
        .optional()?;
    Ok(first.is_some())
}

/// Ends the wrap-ups whose time is over; returns how many.
pub fn end_wrap_up(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    take_turns(tx)?;
    let over: Vec<i64> = agent_live::table
        .filter(agent_live::call_until.le(tx.now.0))
        .select(agent_live::agent_id)
        .load(tx.conn)?;
    for &agent in &over {
        let now = tx.now;
        let mut row = LiveRow::get(tx, AgentId::of(UserId(agent)), now)?;
        let at = row.call_until.unwrap_or(now);
        if row.live.call == CallState::WrapUp {
            row.call(CallState::Idle, at, None);
        }
        row.call_until = None;
        row.write(tx)?;
    }
    Ok(over.len())
}

/// Agents whose device is registered although a snapshot does not list them.
pub(super) fn registered_agents(tx: &mut Tx<'_>) -> Result<Vec<AgentId>, StoreError> {
    let keys: Vec<i64> = agent_live::table
        .filter(agent_live::device.eq(Device::Registered.word()))
        .select(agent_live::agent_id)
        .load(tx.conn)?;
    Ok(keys
        .into_iter()
        .map(|key| AgentId::of(UserId(key)))
        .collect())
}

/// The agent has an extension: only then does a registration mean something.
pub(super) fn has_extension(tx: &mut Tx<'_>, agent: AgentId) -> Result<bool, StoreError> {
    let found: Option<i64> = agents::table
        .inner_join(extensions::table)
        .filter(agents::user_id.eq(agent.user().0))
        .select(extensions::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// How a reference reads in a refusal.
pub(super) fn show(agent: &AgentRef) -> String {
    match agent {
        AgentRef::Id(id) => format!("agent {id}"),
        AgentRef::Extension(username) => format!("extension {username}"),
        AgentRef::Intercom(digits) => format!("intercom {digits}"),
    }
}
