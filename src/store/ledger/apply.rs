//! Takes events one by one, within one transaction.

use super::Outcome;
use super::call::{self, Call};
use super::counts::Deltas;
use super::live::{self, LiveRow, Moment};
use super::recount::Sorting;
use super::refs::Refs;
use crate::domain::calendar::DayCursor;
use crate::domain::call::{
    AgentRef, Authority, CallEvent, CallEventKind, CallFacts, End, EventBody, LegFacts, PhoneEvent,
};
use crate::domain::ids::{AgentId, DepartmentId};
use crate::domain::install::Install;
use crate::domain::status::Device;
use crate::domain::time::{MINUTE, SECOND, Timestamp};
use crate::store::connection::on_each;
use crate::store::error::StoreError;
use crate::store::schema::{seen_events, sources};
use crate::store::tx::Tx;
use crate::store::{setting, source};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};

/// An event from further ahead than this has a wrong clock.
const FUTURE: i64 = 5 * MINUTE;
/// From so many names on, everyone is looked up at once.
const MANY: usize = 200;
/// How often the time at which a source was heard is written.
const NOTE_SOURCE: i64 = 10 * SECOND;

/// What a batch gathers before it is written.
pub(super) struct Batch {
    generation: i32,
    days: DayCursor,
    refs: Refs,
    deltas: Deltas,
    /// The days that the calls are being sorted into.
    next: Option<Sorting>,
    heard: HashSet<String>,
}

impl Batch {
    pub fn begin(tx: &mut Tx<'_>) -> Result<Self, StoreError> {
        live::take_turns(tx)?;
        let install = Install::from_words(&setting::all(tx.conn)?).map_err(StoreError::broken)?;
        Ok(Self {
            generation: install.count_generation,
            days: install.calendar.cursor(),
            refs: Refs::default(),
            deltas: Deltas::default(),
            next: Sorting::under_way(tx.conn, &install)?,
            heard: HashSet::new(),
        })
    }

    pub fn run(
        mut self,
        tx: &mut Tx<'_>,
        events: &[PhoneEvent],
    ) -> Result<Vec<Outcome>, StoreError> {
        let outcomes = events
            .iter()
            .map(|event| self.take(tx, event))
            .collect::<Result<Vec<_>, _>>()?;
        self.deltas.write(tx, self.generation)?;
        if let Some(next) = self.next {
            next.write(tx)?;
        }
        for name in &self.heard {
            note_source(tx, name)?;
        }
        Ok(outcomes)
    }

    fn take(&mut self, tx: &mut Tx<'_>, event: &PhoneEvent) -> Result<Outcome, StoreError> {
        if event.at.0 > tx.now.0.saturating_add(FUTURE) {
            return Ok(Outcome::Rejected(
                "its time is more than 5 minutes in the future".to_owned(),
            ));
        }
        if !first_time(tx, event)? {
            return Ok(Outcome::Duplicate);
        }
        self.heard.insert(event.source.clone());
        let outcome = self.take_new(tx, event)?;
        if let Outcome::Rejected(_) = outcome {
            // What was refused may be sent again once its cause is mended, as a missing agent.
            forget_event(tx, event)?;
        }
        Ok(outcome)
    }

    fn take_new(&mut self, tx: &mut Tx<'_>, event: &PhoneEvent) -> Result<Outcome, StoreError> {
        let moment = Moment {
            at: event.at,
            sequence: &event.sequence,
        };
        match &event.body {
            EventBody::Registered(agent) => self.device(tx, agent, Device::Registered, moment),
            EventBody::Unregistered(agent) => self.device(tx, agent, Device::Unregistered, moment),
            EventBody::AgentState {
                agent,
                state,
                reason,
            } => match self.refs.agent(tx.conn, agent)? {
                None => Ok(unknown(agent)),
                Some(id) => {
                    let mut row = LiveRow::get(tx, id, event.at)?;
                    let newer = row.reported(tx, *state, reason.as_deref(), moment)?;
                    finish(tx, row, newer)
                }
            },
            EventBody::Call(call) => self.call(tx, &event.source, call, event.at),
            EventBody::Heartbeat => Ok(Outcome::Accepted),
            EventBody::Snapshot { registered, calls } => {
                self.snapshot(tx, event, registered, calls)
            }
        }
    }

    fn device(
        &mut self,
        tx: &mut Tx<'_>,
        agent: &AgentRef,
        device: Device,
        moment: Moment<'_>,
    ) -> Result<Outcome, StoreError> {
        let Some(id) = self.refs.agent(tx.conn, agent)? else {
            return Ok(unknown(agent));
        };
        if !live::has_extension(tx, id)? {
            return Ok(Outcome::Rejected(format!(
                "{} has no extension",
                live::show(agent)
            )));
        }
        let mut row = LiveRow::get(tx, id, moment.at)?;
        let newer = row.device(tx, device, moment)?;
        finish(tx, row, newer)
    }

    fn call(
        &mut self,
        tx: &mut Tx<'_>,
        source: &str,
        event: &CallEvent,
        at: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let agent = match &event.agent {
            None => None,
            Some(named) => match self.refs.agent(tx.conn, named)? {
                None => return Ok(unknown(named)),
                id => id,
            },
        };
        let department = match &event.department {
            None => None,
            Some(named) => match self.refs.department(tx.conn, named)? {
                None => return Ok(Outcome::Rejected("its department is not known".to_owned())),
                id => id,
            },
        };
        let facts = call_facts(event, department, at);
        let mut call = Call::open(tx.conn, source, &event.call_id, facts.clone())?;
        let refused = match (agent, &event.leg_id) {
            (Some(agent), Some(leg_id)) => call.refusal(tx.conn, leg_id, agent)?,
            (None, Some(_)) => Some("a leg needs its agent".to_owned()),
            (Some(_), None) => Some("an agent's part of a call needs its leg_id".to_owned()),
            (None, None) => None,
        };
        if let Some(why) = refused {
            return Ok(Outcome::Rejected(why));
        }
        if !call.is_new() {
            self.take_off(&call);
            call.merge(facts);
        }
        if let (Some(agent), Some(leg_id)) = (agent, &event.leg_id) {
            call.merge_leg(leg_id, leg_facts(event, agent, department, at));
        }
        self.write(tx, call)?;
        Ok(Outcome::Accepted)
    }

    fn write(&mut self, tx: &mut Tx<'_>, mut call: Call) -> Result<(), StoreError> {
        call.settle();
        self.deltas.add(&call.contributions(&mut self.days));
        let agents: BTreeSet<AgentId> = call.agents().into_iter().collect();
        match self.next.as_mut().filter(|next| next.has(&call)) {
            Some(next) => {
                next.add(&call);
                call.write(tx.conn, next.days())?;
            }
            None => call.write(tx.conn, &mut self.days)?,
        }
        for agent in agents {
            let now = tx.now;
            let mut row = LiveRow::get(tx, agent, now)?;
            row.follow_legs(tx)?;
            row.write(tx)?;
        }
        Ok(())
    }

    /// Takes off the counts what the call adds to them as it stands.
    fn take_off(&mut self, call: &Call) {
        self.deltas.take(&call.contributions(&mut self.days));
        if let Some(next) = self.next.as_mut().filter(|next| next.has(call)) {
            next.take(call);
        }
    }

    /// All that is registered and live now: whatever else was known to be is over.
    fn snapshot(
        &mut self,
        tx: &mut Tx<'_>,
        event: &PhoneEvent,
        registered: &[AgentRef],
        calls: &[CallEvent],
    ) -> Result<Outcome, StoreError> {
        let moment = Moment {
            at: event.at,
            sequence: &event.sequence,
        };
        let known: BTreeSet<AgentId> = live::registered_agents(tx)?.into_iter().collect();
        if registered.len() > MANY {
            self.refs.load_all(tx.conn)?;
        }
        let mut listed = BTreeSet::new();
        for named in registered {
            listed.extend(self.refs.agent(tx.conn, named)?);
        }
        // Most are as they were: only what differs is written.
        for &id in listed.difference(&known) {
            if live::has_extension(tx, id)? {
                let mut row = LiveRow::get(tx, id, event.at)?;
                row.device(tx, Device::Registered, moment)?;
                row.write(tx)?;
            }
        }
        for &id in known.difference(&listed) {
            let mut row = LiveRow::get(tx, id, event.at)?;
            row.device(tx, Device::Unregistered, moment)?;
            row.write(tx)?;
        }
        let mut live: HashMap<&str, HashSet<&str>> = HashMap::new();
        for call in calls {
            self.call(tx, &event.source, call, event.at)?;
            live.entry(&call.call_id)
                .or_default()
                .extend(&call.leg_id.as_deref());
        }
        for call_id in call::open_calls(tx.conn, &event.source)? {
            self.conclude(
                tx,
                &event.source,
                &call_id,
                event.at,
                live.get(call_id.as_str()),
            )?;
        }
        Ok(Outcome::Accepted)
    }

    /// Ends what its source no longer knows of a call: all but the legs that are listed.
    fn conclude(
        &mut self,
        tx: &mut Tx<'_>,
        source: &str,
        call_id: &str,
        at: Timestamp,
        listed: Option<&HashSet<&str>>,
    ) -> Result<(), StoreError> {
        let Some(mut call) = Call::find(tx.conn, source, call_id)? else {
            return Ok(());
        };
        self.take_off(&call);
        call.conclude(at, "reconciled", listed);
        self.write(tx, call)
    }
}

fn finish(tx: &mut Tx<'_>, row: LiveRow, newer: bool) -> Result<Outcome, StoreError> {
    if !newer {
        return Ok(Outcome::Stale);
    }
    row.write(tx)?;
    Ok(Outcome::Accepted)
}

fn unknown(agent: &AgentRef) -> Outcome {
    Outcome::Rejected(format!("{} is not known", live::show(agent)))
}

/// Remembers the id; `false` when it was there already.
fn first_time(tx: &mut Tx<'_>, event: &PhoneEvent) -> Result<bool, StoreError> {
    let now = tx.now.0;
    let added = on_each!(tx.conn, |c| diesel::insert_into(seen_events::table)
        .values((
            seen_events::source.eq(&event.source),
            seen_events::event_id.eq(&event.id),
            seen_events::received_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(added == 1)
}

fn forget_event(tx: &mut Tx<'_>, event: &PhoneEvent) -> Result<(), StoreError> {
    diesel::delete(seen_events::table.find((&event.source, &event.id))).execute(tx.conn)?;
    Ok(())
}

/// Forgets ids that were received before this instant.
pub fn forget_events(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    diesel::delete(seen_events::table.filter(seen_events::received_at.lt(before.0)))
        .execute(tx.conn)?;
    Ok(())
}

fn note_source(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
    let last: Option<i64> = sources::table
        .find(name)
        .select(sources::last_seen_at)
        .first(tx.conn)
        .optional()?;
    match last {
        Some(at) if tx.now.since(Timestamp(at)) < NOTE_SOURCE => Ok(()),
        _ => source::heard(tx, name, "events"),
    }
}

fn end(event: &CallEvent) -> Option<End> {
    event.ended_at.map(|at| End {
        at,
        reason: event.end_reason.clone(),
    })
}

fn call_facts(event: &CallEvent, department: Option<DepartmentId>, at: Timestamp) -> CallFacts {
    CallFacts {
        direction: event.direction,
        caller: event.caller.clone(),
        callee: event.callee.clone(),
        department,
        started_at: event.started_at.unwrap_or(at),
        answered_at: match event.leg_id {
            Some(_) => None,
            None => event.answered_at,
        },
        end: match event.leg_id {
            Some(_) => None,
            None => end(event),
        },
    }
}

fn leg_facts(
    event: &CallEvent,
    agent: AgentId,
    department: Option<DepartmentId>,
    at: Timestamp,
) -> LegFacts {
    use crate::domain::call::Direction;
    let (other_party, our_number) = match event.direction {
        Direction::Outbound => (event.callee.clone(), event.caller.clone()),
        Direction::Inbound | Direction::Internal => (event.caller.clone(), event.callee.clone()),
    };
    LegFacts {
        authority: match event.kind {
            CallEventKind::Record => Authority::Record,
            CallEventKind::Started
            | CallEventKind::Ringing
            | CallEventKind::Answered
            | CallEventKind::Missed
            | CallEventKind::Ended => Authority::Event,
        },
        agent,
        department,
        direction: event.direction,
        other_party,
        our_number,
        started_at: event.started_at.unwrap_or(at),
        answered_at: event.answered_at,
        end: end(event),
    }
}
