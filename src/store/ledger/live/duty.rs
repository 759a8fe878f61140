//! Duty as supervisors set it: of one agent or of many, now or when the call that is up ends.

use super::stored::AT_ONCE;
use super::{Heard, LiveRow, Next, interval_by, take_turns};
use crate::domain::audit::{Actor, Entry};
use crate::domain::ids::UserId;
use crate::domain::status::Duty;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::ledger::interval::{self, Begun};
use crate::store::schema::{agent_live, users};
use crate::store::tx::{Effect, Tx};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// What a supervisor wants.
#[derive(Clone, Copy, Debug)]
pub struct NewDuty<'a> {
    pub duty: Duty,
    pub reason: Option<&'a str>,
    /// Who is on a call, or about to be, finishes it first.
    pub after_call: bool,
}

/// The duty of an agent, and the one that waits for the end of the call.
#[derive(Clone, Debug, PartialEq)]
pub struct DutyState {
    pub duty: Duty,
    pub reason: Option<Box<str>>,
    pub since: Timestamp,
    pub next: Option<(Duty, Option<Box<str>>)>,
}

/// An agent whose duty was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct DutyChange {
    pub agent: UserId,
    pub before: DutyState,
    pub after: DutyState,
}

/// Sets the duty of agents; those who are left out were so already. The caller audits.
pub fn change_duties(
    tx: &mut Tx<'_>,
    agents: &[i64],
    new: NewDuty<'_>,
) -> Result<Vec<DutyChange>, StoreError> {
    take_turns(tx)?;
    let (mut at_once, mut later, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows(tx, agents)? {
        let wait = new.after_call && row.in_call();
        let is_so = row.live.duty == new.duty && row.live.duty_reason.as_deref() == new.reason;
        let waits_so = row
            .next
            .as_ref()
            .is_some_and(|next| next.duty == new.duty && next.reason.as_deref() == new.reason);
        if (is_so && row.next.is_none()) || (wait && waits_so) {
            continue;
        }
        let before = row.duty_state();
        let after = DutyState {
            next: wait.then(|| (new.duty, new.reason.map(Into::into))),
            ..match wait {
                true => before.clone(),
                false => row.turned(tx.now, new.duty, new.reason),
            }
        };
        changes.push(DutyChange {
            agent: row.agent,
            before,
            after,
        });
        if wait { &mut later } else { &mut at_once }.push(row);
    }
    put(tx, at_once, new.duty, new.reason)?;
    put_off(tx, later, new)?;
    Ok(changes)
}

/// Brings back what was before, where it is still as it was left; returns whose.
pub fn restore_duties(tx: &mut Tx<'_>, changes: &[DutyChange]) -> Result<Vec<UserId>, StoreError> {
    take_turns(tx)?;
    let by_agent: BTreeMap<i64, &DutyChange> = changes
        .iter()
        .map(|change| (change.agent.0, change))
        .collect();
    let keys: Vec<i64> = by_agent.keys().copied().collect();
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<LiveRow>> = BTreeMap::new();
    let mut restored = Vec::new();
    for mut row in rows(tx, &keys)? {
        let Some(change) = by_agent.get(&row.agent.0) else {
            continue;
        };
        if row.duty_state() != change.after {
            continue;
        }
        restored.push(row.agent);
        let (before, after) = (&change.before, &change.after);
        row.next = before.next.as_ref().map(|(duty, reason)| Next {
            duty: *duty,
            reason: reason.clone(),
            by: tx.by.user(),
        });
        row.live.next_duty = row.next.as_ref().map(|next| next.duty);
        if row.next.is_some() || (before.duty, &before.reason) == (after.duty, &after.reason) {
            let at = tx.now.max(row.live.duty_at);
            row.duty(tx, before.duty, before.reason.as_deref(), at)?;
            row.write(tx)?;
        } else {
            let group = (before.duty.word(), before.reason.as_deref());
            groups.entry(group).or_default().push(row);
        }
    }
    for ((duty, reason), rows) in groups {
        put(tx, rows, crate::store::person::word(duty)?, reason)?;
    }
    Ok(restored)
}

/// The rows of agents by key; who was never heard of is unknown since now.
fn rows(tx: &mut Tx<'_>, agents: &[i64]) -> Result<Vec<LiveRow>, StoreError> {
    let mut known = LiveRow::all_of(tx.conn, agents)?;
    let now = tx.now;
    Ok(agents
        .iter()
        .map(|&agent| {
            known
                .remove(&agent)
                .unwrap_or_else(|| LiveRow::unknown(UserId(agent), now))
        })
        .collect())
}

/// Sets one duty for all the rows, now.
fn put(
    tx: &mut Tx<'_>,
    rows: Vec<LiveRow>,
    duty: Duty,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let now = tx.now;
    // A phone system whose clock is ahead must not outweigh what is decided here: such rows, and
    // those that are not stored yet, are written one by one.
    let (plain, others): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.stored && row.live.duty_at <= now && row.duty_heard.at <= now);
    for mut row in others {
        row.next = None;
        row.live.next_duty = None;
        let at = now.max(row.live.duty_at);
        row.duty(tx, duty, reason, at)?;
        row.duty_heard.at = row.duty_heard.at.max(at);
        row.write(tx)?;
    }
    let keys: Vec<i64> = plain.iter().map(|row| row.agent.0).collect();
    let moved: Vec<i64> = plain
        .iter()
        .filter(|row| row.live.duty != duty || row.live.duty_reason.as_deref() != reason)
        .map(|row| row.agent.0)
        .collect();
    for keys in keys.chunks(AT_ONCE) {
        diesel::update(agent_live::table.filter(agent_live::agent_id.eq_any(keys)))
            .set((
                agent_live::next_duty.eq(None::<&str>),
                agent_live::next_duty_reason.eq(None::<&str>),
                agent_live::next_duty_by.eq(None::<i64>),
            ))
            .execute(tx.conn)?;
    }
    for keys in moved.chunks(AT_ONCE) {
        diesel::update(agent_live::table.filter(agent_live::agent_id.eq_any(keys)))
            .set((
                agent_live::duty.eq(duty.word()),
                agent_live::duty_reason.eq(reason),
                agent_live::duty_at.eq(now.0),
                agent_live::duty_heard_at.eq(now.0),
            ))
            .execute(tx.conn)?;
    }
    let begun = Begun {
        axis: "duty",
        value: duty.word(),
        reason,
        by: tx.by.user(),
        at: now,
    };
    interval::begin(tx, &moved, begun)?;
    for row in plain {
        let mut live = row.live;
        live.next_duty = None;
        if live.duty != duty || live.duty_reason.as_deref() != reason {
            live.duty_at = now;
        }
        live.duty = duty;
        live.duty_reason = reason.map(Into::into);
        tx.effect(Effect::Live(row.agent, live));
    }
    Ok(())
}

/// Keeps a duty for when the call ends.
fn put_off(tx: &mut Tx<'_>, rows: Vec<LiveRow>, new: NewDuty<'_>) -> Result<(), StoreError> {
    let by = tx.by.user();
    for mut row in rows {
        row.next = Some(Next {
            duty: new.duty,
            reason: new.reason.map(Into::into),
            by,
        });
        row.live.next_duty = Some(new.duty);
        row.write(tx)?;
    }
    Ok(())
}

impl LiveRow {
    pub(super) fn unknown(agent: UserId, since: Timestamp) -> Self {
        Self {
            agent,
            live: crate::domain::person::Live::unknown(since),
            duty_heard: Heard::default(),
            device_heard: Heard::default(),
            call_heard: Heard::default(),
            call_until: None,
            next: None,
            stored: false,
        }
    }

    fn duty_state(&self) -> DutyState {
        DutyState {
            duty: self.live.duty,
            reason: self.live.duty_reason.clone(),
            since: self.live.duty_at,
            next: self
                .next
                .as_ref()
                .map(|next| (next.duty, next.reason.clone())),
        }
    }

    /// What the duty is after it is set now.
    fn turned(&self, now: Timestamp, duty: Duty, reason: Option<&str>) -> DutyState {
        let is_so = self.live.duty == duty && self.live.duty_reason.as_deref() == reason;
        DutyState {
            duty,
            reason: reason.map(Into::into),
            since: match is_so {
                true => self.live.duty_at,
                false => now.max(self.live.duty_at),
            },
            next: None,
        }
    }

    /// Does what was put off until the call is over, once it is.
    pub(super) fn follow_next(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if self.in_call() {
            return Ok(());
        }
        let Some(next) = self.next.take() else {
            return Ok(());
        };
        self.live.next_duty = None;
        if self.live.duty == next.duty && self.live.duty_reason == next.reason {
            return Ok(());
        }
        let at = tx.now.max(self.live.duty_at);
        let before = self.live.duty;
        let state = (next.duty.word(), next.reason.as_deref());
        interval_by(tx, self.agent, "duty", state, at, next.by)?;
        self.duty_heard.at = self.duty_heard.at.max(at);
        self.live.duty_at = at;
        self.live.duty = next.duty;
        self.live.duty_reason = next.reason;
        self.note_next(tx, before)
    }

    /// The writer is whoever told of the call's end, so the line is put down to the program.
    fn note_next(&self, tx: &mut Tx<'_>, before: Duty) -> Result<(), StoreError> {
        let name: String = users::table
            .find(self.agent.0)
            .select(users::name)
            .first(tx.conn)?;
        let action = action(self.live.duty);
        let mut entry = Entry::new(action, "user", Some(self.agent.0), name)
            .before("duty", before.word())
            .after("duty", self.live.duty.word())
            .after("when", "the call was over");
        if let Some(reason) = &self.live.duty_reason {
            entry = entry.after("reason", &**reason);
        }
        tx.audit_as(&Actor::system(), &entry)
    }
}

fn action(duty: Duty) -> &'static str {
    match duty {
        Duty::On => "agent.resume",
        Duty::Paused => "agent.pause",
        Duty::Off => "agent.off_duty",
    }
}
