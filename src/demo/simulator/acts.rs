//! What happens on the simulated floor, step by step.

use super::super::random::Random;
use crate::domain::call::{
    AgentRef, CallEvent, CallEventKind, DepartmentRef, Direction, EventBody, ReportedState,
};
use crate::domain::ids::{AgentId, DepartmentId, UserId};
use crate::domain::person::Agent;
use crate::domain::status::{AgentStatus, CallState, Device};
use crate::domain::time::{SECOND, Timestamp};
use crate::floor::Picture;
use std::collections::HashSet;

/// Calls that begin in a second for each agent, and the most for all.
const CALLS_PER_AGENT: f64 = 1.0 / 900.0;
const MOST_CALLS: f64 = 8.0;
/// Tries to find a free agent before the caller gives up.
const TRIES: usize = 40;
const PAUSES: [&str; 5] = ["lunch", "tea break", "training", "meeting", "back office"];

/// Something that will happen.
enum Next {
    Answer(Call),
    End(Call),
    GiveUp(Call),
    Resume(AgentId),
    Register(AgentId),
}

#[derive(Clone)]
struct Call {
    id: String,
    agent: Option<AgentId>,
    department: Option<DepartmentId>,
    caller: String,
    callee: String,
    started: Timestamp,
    answered: Option<Timestamp>,
}

pub(super) struct Acts {
    random: Random,
    due: Vec<(Timestamp, Next)>,
    /// Agents that an act is going on with.
    taken: HashSet<AgentId>,
    calls: u64,
    /// Chances are counted from here.
    stepped: Timestamp,
    began: Timestamp,
}

impl Acts {
    pub fn new(random: Random, now: Timestamp) -> Self {
        Self {
            random,
            due: Vec::new(),
            taken: HashSet::new(),
            calls: 0,
            stepped: now,
            began: now,
        }
    }

    /// What happened since the last step.
    pub fn step(&mut self, picture: &Picture, now: Timestamp) -> Vec<EventBody> {
        let seconds = now.since(self.stepped) as f64 / SECOND as f64;
        self.stepped = now;
        let mut events = Vec::new();
        let (due, later) = std::mem::take(&mut self.due)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.due = later;
        for (_, next) in due {
            events.push(self.go_on(next, now));
        }
        let rate = (picture.people().len() as f64 * CALLS_PER_AGENT).clamp(0.15, MOST_CALLS);
        let happens = |random: &mut Random, a_second: f64| random.unit() < a_second * seconds;
        if happens(&mut self.random, rate) {
            events.extend(self.ring(picture, now));
        }
        if happens(&mut self.random, rate / 12.0) {
            events.extend(self.pause(picture, now));
        }
        if happens(&mut self.random, rate / 20.0) {
            events.extend(self.drop_out(picture, now));
        }
        events
    }

    fn go_on(&mut self, next: Next, now: Timestamp) -> EventBody {
        match next {
            Next::Answer(mut call) => {
                call.answered = Some(now);
                let event = call.event(CallEventKind::Answered, None);
                let talk = 15 + self.random.span(45.0) as i64;
                self.due
                    .push((now.plus(talk.min(240) * SECOND), Next::End(call)));
                event
            }
            Next::End(call) => {
                self.release(call.agent);
                call.event(CallEventKind::Ended, Some(now))
            }
            Next::GiveUp(call) => {
                self.release(call.agent);
                call.event(CallEventKind::Missed, Some(now))
            }
            Next::Resume(agent) => {
                self.release(Some(agent));
                EventBody::AgentState {
                    agent: AgentRef::Id(agent),
                    state: ReportedState::SignedIn,
                    reason: None,
                }
            }
            Next::Register(agent) => {
                self.release(Some(agent));
                EventBody::Registered(AgentRef::Id(agent))
            }
        }
    }

    fn release(&mut self, agent: Option<AgentId>) {
        if let Some(agent) = agent {
            self.taken.remove(&agent);
        }
    }

    /// A customer calls: a free agent's phone rings, or nobody is free and the caller gives up.
    fn ring(&mut self, picture: &Picture, now: Timestamp) -> Option<EventBody> {
        self.calls += 1;
        let found = self.free_agent(picture);
        let department = found
            .and_then(|(_, agent)| agent.departments.first().copied())
            .or_else(|| {
                let all = picture.records().departments();
                (!all.is_empty()).then(|| self.random.pick(all).id)
            });
        let callee = found
            .and_then(|(_, agent)| picture.records().caller_id(*agent.caller_ids.first()?))
            .map_or(String::new(), |caller_id| caller_id.number.to_string());
        let call = Call {
            id: format!("{:x}-{}", self.began.0, self.calls),
            agent: found.map(|(id, _)| id),
            department,
            caller: format!("+9198{:08}", self.random.below(100_000_000)),
            callee,
            started: now,
            answered: None,
        };
        let event = call.event(CallEventKind::Ringing, None);
        let rings = self.random.between(3, 9) * SECOND;
        let next = match found {
            Some((id, _)) => {
                self.taken.insert(id);
                if self.random.percent(93.0) {
                    Next::Answer(call)
                } else {
                    Next::GiveUp(call)
                }
            }
            None => Next::GiveUp(call),
        };
        self.due.push((now.plus(rings), next));
        Some(event)
    }

    fn pause(&mut self, picture: &Picture, now: Timestamp) -> Option<EventBody> {
        let (agent, _) = self.free_agent(picture)?;
        self.taken.insert(agent);
        let back = now.plus(self.random.between(40, 180) * SECOND);
        self.due.push((back, Next::Resume(agent)));
        let reason = Some((*self.random.pick(&PAUSES)).to_owned());
        Some(EventBody::AgentState {
            agent: AgentRef::Id(agent),
            state: ReportedState::Paused,
            reason,
        })
    }

    fn drop_out(&mut self, picture: &Picture, now: Timestamp) -> Option<EventBody> {
        let (id, agent) = self.free_agent(picture)?;
        if agent.extension.is_none() || agent.live.device != Device::Registered {
            return None;
        }
        self.taken.insert(id);
        let back = now.plus(self.random.between(15, 60) * SECOND);
        self.due.push((back, Next::Register(id)));
        Some(EventBody::Unregistered(AgentRef::Id(id)))
    }

    /// An agent who is Active and idle.
    fn free_agent<'a>(&mut self, picture: &'a Picture) -> Option<(AgentId, &'a Agent)> {
        let people = picture.people();
        for _ in 0..TRIES.min(people.len()) {
            let person = self.random.pick(people);
            let id = AgentId::of(person.id);
            let free = picture.status_of(person.id) == Some(AgentStatus::Active);
            if let Some(agent) = person.living_agent()
                && free
                && agent.live.call == CallState::Idle
                && !self.taken.contains(&id)
            {
                return Some((id, agent));
            }
        }
        None
    }
}

impl Call {
    fn event(&self, kind: CallEventKind, ended_at: Option<Timestamp>) -> EventBody {
        EventBody::Call(CallEvent {
            kind,
            call_id: self.id.clone(),
            leg_id: self.agent.map(|_| format!("{}-1", self.id)),
            agent: self.agent.map(AgentRef::Id),
            direction: Direction::Inbound,
            caller: self.caller.clone(),
            callee: self.callee.clone(),
            department: self.department.map(DepartmentRef::Id),
            started_at: Some(self.started),
            answered_at: self.answered,
            ended_at,
            end_reason: None,
        })
    }
}

/// Everyone whose extension is registered as far as the list knows.
pub(super) fn registered(picture: &Picture) -> Vec<AgentRef> {
    let is_registered = |id: UserId, agent: &Agent| {
        (agent.live.device == Device::Registered).then(|| AgentRef::Id(AgentId::of(id)))
    };
    picture
        .people()
        .iter()
        .filter_map(|person| is_registered(person.id, person.living_agent()?))
        .collect()
}
