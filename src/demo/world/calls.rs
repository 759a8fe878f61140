//! The calls of the simulated phone system: one that comes in or goes out, from ringing to its end.

use super::{Eyes, Step, World};
use crate::demo::numbers::{Country, mobile};
use crate::domain::call::{CallEvent, CallEventKind, DepartmentRef, Direction, EventBody};
use crate::domain::ids::DepartmentId;
use crate::domain::status::AgentStatus;
use crate::domain::time::{SECOND, Timestamp};

/// One agent's part of a call that goes on.
pub(super) struct Leg {
    call_id: String,
    leg_id: String,
    agent: usize,
    direction: Direction,
    caller: String,
    callee: String,
    department: Option<i64>,
    started: Timestamp,
    answered: Option<Timestamp>,
}

impl World {
    pub(super) fn call(&mut self, eyes: Eyes<'_>) {
        let direction = match self.random.percent(86.0) {
            true => Direction::Inbound,
            false => Direction::Outbound,
        };
        let agent = self.find(eyes, |seen| match seen.status {
            AgentStatus::Active => true,
            // Who is blocked can still call out.
            AgentStatus::Blocked => direction == Direction::Outbound,
            AgentStatus::Disabled
            | AgentStatus::Unknown
            | AgentStatus::Busy
            | AgentStatus::Offline => false,
        });
        self.numbered += 1;
        let call_id = format!("s{}-{}", self.began.0 / SECOND, self.numbered);
        let country = if self.random.percent(85.0) {
            Country::India
        } else {
            *self.random.pick(Country::ALL)
        };
        let customer = mobile(&mut self.random, country);
        match agent {
            Some(agent) if direction == Direction::Outbound || !self.random.percent(5.0) => {
                let place = *self.random.pick(&self.agents[agent].departments);
                self.ring(call_id, agent, direction, customer, place);
            }
            Some(_) | None => self.nobody(call_id, customer),
        }
    }

    /// A caller waits a while and leaves before anyone's phone rang.
    fn nobody(&mut self, call_id: String, caller: String) {
        let place = self.random.below(self.company.departments.len() as u64) as u16;
        let event = CallEvent {
            kind: CallEventKind::Missed,
            call_id,
            leg_id: None,
            agent: None,
            direction: Direction::Inbound,
            caller,
            callee: self.company.number_of(place).to_owned(),
            department: Some(DepartmentRef::Id(DepartmentId(i64::from(place) + 1))),
            started_at: Some(self.now),
            answered_at: None,
            ended_at: None,
            end_reason: Some("abandoned".to_owned()),
        };
        self.later(8, 30, Step::Leave(Box::new(event)));
    }

    fn ring(
        &mut self,
        call_id: String,
        agent: usize,
        direction: Direction,
        customer: String,
        place: u16,
    ) {
        let line = self.company.number_of(place).to_owned();
        let (caller, callee) = match direction {
            Direction::Outbound => (line, customer),
            Direction::Inbound | Direction::Internal => (customer, line),
        };
        self.leg(Leg {
            leg_id: format!("{call_id}-1"),
            call_id,
            agent,
            direction,
            caller,
            callee,
            department: Some(i64::from(place) + 1),
            started: self.now,
            answered: None,
        });
    }

    fn leg(&mut self, leg: Leg) {
        self.numbered += 1;
        let number = self.numbered;
        self.busy.insert(leg.agent);
        self.legs.insert(number, leg);
        self.tell(number, CallEventKind::Ringing, None, None);
        match self.random.percent(91.0) {
            true => self.later(3, 12, Step::Answer(number)),
            false => self.later(12, 20, Step::GiveUp(number)),
        }
    }

    pub(super) fn answer(&mut self, number: u64) {
        let now = self.now;
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.answered = Some(now);
            self.tell(number, CallEventKind::Answered, None, None);
            let talk = self.random.span(75.0).clamp(20.0, 240.0) as i64;
            self.later(talk, talk + 1, Step::HangUp(number));
        }
    }

    /// Nobody took up the phone: a colleague's rings, or the caller leaves.
    pub(super) fn give_up(&mut self, number: u64, eyes: Eyes<'_>) {
        let Some(leg) = self.end(number, "no_answer") else {
            return;
        };
        if leg.direction == Direction::Inbound && self.random.percent(50.0) {
            self.pass_on(leg, eyes);
        }
    }

    pub(super) fn hang_up(&mut self, number: u64, eyes: Eyes<'_>) {
        let passed = self
            .legs
            .get(&number)
            .is_some_and(|leg| leg.direction == Direction::Inbound)
            && self.random.percent(5.0);
        let reason = if passed { "transfer" } else { "hangup" };
        let Some(leg) = self.end(number, reason) else {
            return;
        };
        if passed {
            self.pass_on(leg, eyes);
        }
    }

    /// The same call rings at someone else.
    fn pass_on(&mut self, leg: Leg, eyes: Eyes<'_>) {
        if let Some(agent) = self.find(eyes, |seen| seen.status == AgentStatus::Active)
            && agent != leg.agent
        {
            self.numbered += 1;
            let leg_id = format!("{}-{}", leg.call_id, self.numbered);
            self.leg(Leg {
                leg_id,
                agent,
                started: self.now,
                answered: None,
                ..leg
            });
        }
    }

    pub(super) fn end(&mut self, number: u64, reason: &str) -> Option<Leg> {
        self.tell(number, CallEventKind::Ended, Some(self.now), Some(reason));
        let leg = self.legs.remove(&number)?;
        self.busy.remove(&leg.agent);
        Some(leg)
    }

    fn tell(
        &mut self,
        number: u64,
        kind: CallEventKind,
        ended_at: Option<Timestamp>,
        reason: Option<&str>,
    ) {
        let Some(leg) = self.legs.get(&number) else {
            return;
        };
        let event = CallEvent {
            kind,
            call_id: leg.call_id.clone(),
            leg_id: Some(leg.leg_id.clone()),
            agent: Some(self.named(leg.agent)),
            direction: leg.direction,
            caller: leg.caller.clone(),
            callee: leg.callee.clone(),
            department: leg.department.map(|id| DepartmentRef::Id(DepartmentId(id))),
            started_at: Some(leg.started),
            answered_at: leg.answered,
            ended_at,
            end_reason: reason.map(str::to_owned),
        };
        self.emit(EventBody::Call(event));
    }
}
