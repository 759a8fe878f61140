//! What the simulated phone system does from moment to moment, as phone events. Pure: it is told
//! the time and sees agents through the caller's eyes, so that people who are blocked, paused or
//! put off duty in the console are left alone.

mod calls;

use super::SOURCE;
use super::company::Company;
use super::people::Agent;
use super::random::{Random, Stream};
use super::turnover::{Rota, Wanted};
use crate::domain::call::{
    AgentRef, CallEvent, CallEventKind, Direction, EventBody, PhoneEvent, ReportedState, Sequence,
};
use crate::domain::ids::{AgentId, UserId};
use crate::domain::status::{AgentStatus, CallState, Device, Duty};
use crate::domain::time::{SECOND, Timestamp};
use crate::store::seed::OpenLeg;
use calls::Leg;
use std::collections::{BTreeMap, HashMap, HashSet};

/// An agent as the console shows them now.
#[derive(Clone, Debug)]
pub struct Seen {
    pub status: AgentStatus,
    pub call: CallState,
    pub duty: Duty,
    pub duty_reason: Option<String>,
    pub duty_at: Timestamp,
    pub device: Device,
    pub device_at: Timestamp,
}

/// Looks at an agent; none when it is gone.
pub type Eyes<'a> = &'a dyn Fn(UserId) -> Option<Seen>;

/// Changes of status a second, whatever the size.
const MOST_CHANGES: f64 = 30.0;
const FEWEST_CHANGES: f64 = 0.5;
/// A call rings, is answered, ends, and its wrap-up ends.
const CHANGES_OF_A_CALL: f64 = 4.0;
const HEARTBEAT: i64 = 20 * SECOND;

/// Something that will happen.
enum Step {
    Answer(u64),
    /// The leg stops ringing.
    GiveUp(u64),
    HangUp(u64),
    /// A caller whom nobody was free for leaves.
    Leave(Box<CallEvent>),
    /// The pause of an agent is over.
    Resume(usize, &'static str),
    Register(usize),
}

pub struct World {
    agents: Vec<Agent>,
    company: Company,
    rota: Rota,
    random: Random,
    began: Timestamp,
    numbered: u64,
    steps: BTreeMap<(Timestamp, u64), Step>,
    legs: HashMap<u64, Leg>,
    busy: HashSet<usize>,
    next_call: Timestamp,
    next_pause: Timestamp,
    next_flap: Timestamp,
    next_heartbeat: Timestamp,
    now: Timestamp,
    out: Vec<PhoneEvent>,
}

impl World {
    pub fn new(seed: u64, agents: Vec<Agent>, company: Company, now: Timestamp) -> Self {
        Self {
            rota: Rota::new(seed),
            random: Random::of(seed, Stream::Simulator, now.0 as u64),
            agents,
            company,
            began: now,
            numbered: 0,
            steps: BTreeMap::new(),
            legs: HashMap::new(),
            busy: HashSet::new(),
            next_call: now.plus(SECOND),
            next_pause: now.plus(5 * SECOND),
            next_flap: now.plus(9 * SECOND),
            next_heartbeat: now,
            now,
            out: Vec::new(),
        }
    }

    /// What happened since the last time, in order.
    pub fn step(&mut self, now: Timestamp, eyes: Eyes<'_>) -> Vec<PhoneEvent> {
        self.now = now;
        while let Some(entry) = self
            .steps
            .first_entry()
            .filter(|entry| entry.key().0 <= now)
        {
            let step = entry.remove();
            self.happen(step, eyes);
        }
        if self.due(
            |world| &mut world.next_heartbeat,
            HEARTBEAT as f64 / SECOND as f64,
        ) {
            self.emit(EventBody::Heartbeat);
        }
        while self.due(
            |world| &mut world.next_call,
            CHANGES_OF_A_CALL / self.changes(),
        ) {
            self.call(eyes);
        }
        if self.due(|world| &mut world.next_pause, 24.0 / self.changes()) {
            self.pause(eyes);
        }
        if self.due(|world| &mut world.next_flap, 30.0 / self.changes()) {
            self.flap(eyes);
        }
        self.turn_over(eyes);
        std::mem::take(&mut self.out)
    }

    /// Ends what an earlier run left open.
    pub fn resume(&mut self, open: Vec<OpenLeg>) -> Vec<PhoneEvent> {
        for leg in open {
            let event = CallEvent {
                kind: CallEventKind::Ended,
                call_id: leg.call_id,
                leg_id: Some(leg.leg_id),
                agent: Some(AgentRef::Id(AgentId::of(UserId(leg.agent_id)))),
                direction: leg.direction.parse().unwrap_or(Direction::Inbound),
                caller: String::new(),
                callee: String::new(),
                department: None,
                started_at: Some(Timestamp(leg.started_at)),
                answered_at: leg.answered_at.map(Timestamp),
                ended_at: Some(self.now),
                end_reason: Some("pbx_restart".to_owned()),
            };
            self.emit(EventBody::Call(event));
        }
        std::mem::take(&mut self.out)
    }

    /// Ends every call that goes on, for a clean stop.
    pub fn finish(&mut self, now: Timestamp) -> Vec<PhoneEvent> {
        self.now = now;
        self.steps.clear();
        let mut open: Vec<u64> = self.legs.keys().copied().collect();
        open.sort_unstable();
        for number in open {
            self.end(number, "hangup");
        }
        std::mem::take(&mut self.out)
    }

    fn changes(&self) -> f64 {
        (self.agents.len() as f64 / 300.0).clamp(FEWEST_CHANGES, MOST_CHANGES)
    }

    /// Whether something that happens about every so many seconds happens now.
    fn due(&mut self, at: impl Fn(&mut Self) -> &mut Timestamp, seconds: f64) -> bool {
        let now = self.now;
        let next = at(self);
        if *next > now {
            return false;
        }
        // After a pause of the machine nothing is made up for.
        let from = (*next).max(now.plus(-SECOND));
        let wait = self.random.span(seconds);
        *at(self) = from.plus((wait * SECOND as f64) as i64);
        true
    }

    fn later(&mut self, low: i64, high: i64, step: Step) {
        self.numbered += 1;
        let at = self
            .now
            .plus(self.random.between(low * 1_000, high * 1_000) * 1_000);
        self.steps.insert((at, self.numbered), step);
    }

    fn emit(&mut self, body: EventBody) {
        self.numbered += 1;
        self.out.push(PhoneEvent {
            id: format!("{}-{}", self.began.0, self.numbered),
            source: SOURCE.to_owned(),
            at: self.now,
            sequence: Sequence(self.numbered.to_string()),
            body,
        });
    }

    fn happen(&mut self, step: Step, eyes: Eyes<'_>) {
        match step {
            Step::Answer(number) => self.answer(number),
            Step::GiveUp(number) => self.give_up(number, eyes),
            Step::HangUp(number) => self.hang_up(number, eyes),
            Step::Leave(event) => {
                let ended_at = Some(self.now);
                self.emit(EventBody::Call(CallEvent { ended_at, ..*event }));
            }
            Step::Resume(agent, reason) => {
                let seen = eyes(self.user(agent));
                if seen.is_some_and(|seen| seen.duty_reason.as_deref() == Some(reason)) {
                    self.report(agent, ReportedState::SignedIn, None);
                }
            }
            Step::Register(agent) => {
                if eyes(self.user(agent)).is_some_and(|seen| seen.device == Device::Unregistered) {
                    self.emit(EventBody::Registered(self.named(agent)));
                }
            }
        }
    }

    fn pause(&mut self, eyes: Eyes<'_>) {
        let on_duty = |seen: &Seen| seen.status == AgentStatus::Active && seen.duty == Duty::On;
        if let Some(agent) = self.find(eyes, on_duty) {
            let reason = *self
                .random
                .pick(&["tea break", "coaching", "back office", "lunch"]);
            self.report(agent, ReportedState::Paused, Some(reason));
            self.later(40, 180, Step::Resume(agent, reason));
        }
    }

    fn flap(&mut self, eyes: Eyes<'_>) {
        if let Some(agent) = self.find(eyes, |seen| seen.device == Device::Registered) {
            self.emit(EventBody::Unregistered(self.named(agent)));
            self.later(8, 35, Step::Register(agent));
        }
    }

    /// People come to work, take their breaks and go home.
    fn turn_over(&mut self, eyes: Eyes<'_>) {
        for (agent, wanted) in self.rota.wanted(&self.agents, self.now, eyes) {
            if self.busy.contains(&agent) {
                continue;
            }
            match wanted {
                Wanted::Register => self.emit(EventBody::Registered(self.named(agent))),
                Wanted::Unregister => self.emit(EventBody::Unregistered(self.named(agent))),
                Wanted::Duty(state, reason) => self.report(agent, state, reason),
            }
        }
    }

    fn report(&mut self, agent: usize, state: ReportedState, reason: Option<&str>) {
        let reason = reason.map(str::to_owned);
        self.emit(EventBody::AgentState {
            agent: self.named(agent),
            state,
            reason,
        });
    }

    /// Someone idle who is as wanted, if a few looks find one.
    fn find(&mut self, eyes: Eyes<'_>, wanted: impl Fn(&Seen) -> bool) -> Option<usize> {
        for _ in 0..40 {
            let agent = self.random.below(self.agents.len() as u64) as usize;
            if !self.busy.contains(&agent)
                && eyes(self.user(agent))
                    .is_some_and(|seen| seen.call == CallState::Idle && wanted(&seen))
            {
                return Some(agent);
            }
        }
        None
    }

    fn user(&self, agent: usize) -> UserId {
        UserId(self.agents[agent].id)
    }

    fn named(&self, agent: usize) -> AgentRef {
        AgentRef::Id(AgentId::of(self.user(agent)))
    }
}

#[cfg(test)]
mod tests;
