//! Phone events as tests write them, and random numbers that a seed repeats.

use rollcall::domain::audit::Actor;
use rollcall::domain::call::{
    AgentRef, CallEvent, CallEventKind, DepartmentRef, Direction, EventBody, PhoneEvent, Sequence,
};
use rollcall::domain::ids::{AgentId, DepartmentId};
use rollcall::domain::time::{SECOND, Timestamp};
use rollcall::store::Store;
use rollcall::store::ledger::{self, Outcome};
use std::sync::atomic::{AtomicU64, Ordering};

/// An instant like `2026-11-22T09:30:00Z`.
pub fn at(instant: &str) -> Timestamp {
    super::TestClock::at(instant).now()
}

/// What is known of a leg, or of a call where there is no agent. Times are whole instants.
#[derive(Clone, Debug)]
pub struct Known {
    pub call: String,
    pub leg: Option<String>,
    pub agent: Option<AgentId>,
    pub direction: Direction,
    pub department: Option<DepartmentId>,
    pub started: Timestamp,
    pub answered: Option<Timestamp>,
    pub ended: Option<Timestamp>,
}

impl Known {
    /// An inbound call that came in then.
    pub fn call(id: &str, started: Timestamp) -> Self {
        Self {
            call: id.to_owned(),
            leg: None,
            agent: None,
            direction: Direction::Inbound,
            department: None,
            started,
            answered: None,
            ended: None,
        }
    }

    /// It rings at an agent.
    pub fn leg(call: &str, leg: &str, agent: AgentId, started: Timestamp) -> Self {
        Self {
            leg: Some(format!("{call}-{leg}")),
            agent: Some(agent),
            ..Self::call(call, started)
        }
    }

    pub fn in_department(self, department: DepartmentId) -> Self {
        Self {
            department: Some(department),
            ..self
        }
    }

    pub fn directed(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// Answered so many seconds after the start.
    pub fn answered(self, seconds: i64) -> Self {
        Self {
            answered: Some(self.started.plus(seconds * SECOND)),
            ..self
        }
    }

    /// Ended so many seconds after the start.
    pub fn ended(self, seconds: i64) -> Self {
        Self {
            ended: Some(self.started.plus(seconds * SECOND)),
            ..self
        }
    }

    /// The last instant that is known.
    pub fn newest(&self) -> Timestamp {
        [Some(self.started), self.answered, self.ended]
            .into_iter()
            .flatten()
            .max()
            .unwrap()
    }

    pub fn call_event(&self, kind: CallEventKind) -> CallEvent {
        CallEvent {
            kind,
            call_id: self.call.clone(),
            leg_id: self.leg.clone(),
            agent: self.agent.map(AgentRef::Id),
            direction: self.direction,
            caller: "+919812345678".to_owned(),
            callee: "+918040002291".to_owned(),
            department: self.department.map(DepartmentRef::Id),
            started_at: Some(self.started),
            answered_at: self.answered,
            ended_at: self.ended,
            end_reason: None,
        }
    }

    /// An event of this moment that says all of it.
    pub fn event(&self, kind: CallEventKind) -> PhoneEvent {
        event(self.newest(), EventBody::Call(self.call_event(kind)))
    }

    /// The whole leg at once.
    pub fn record(&self) -> PhoneEvent {
        self.event(CallEventKind::Record)
    }
}

/// An event of the source `pbx`, its id never used before in this process.
pub fn event(at: Timestamp, body: EventBody) -> PhoneEvent {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    PhoneEvent {
        id: format!("e-{}", COUNT.fetch_add(1, Ordering::Relaxed)),
        source: "pbx".to_owned(),
        at,
        sequence: Sequence::default(),
        body,
    }
}

/// Takes events in one batch.
pub fn take(store: &Store, events: Vec<PhoneEvent>) -> Vec<Outcome> {
    store
        .write_blocking(Actor::system(), move |tx| ledger::record(tx, &events))
        .unwrap()
}

/// Takes events that must all be accepted.
pub fn accept(store: &Store, events: Vec<PhoneEvent>) {
    let outcomes = take(store, events);
    assert!(
        outcomes.iter().all(|outcome| *outcome == Outcome::Accepted),
        "{outcomes:?}"
    );
}

/// Numbers that look random and are the same for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    pub fn between(&mut self, from: i64, end: i64) -> i64 {
        from + self.below((end - from) as u64) as i64
    }

    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// Seeds to try: a few fixed ones, or the one in `ROLLCALL_TEST_SEED`.
pub fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("ROLLCALL_TEST_SEED") {
        Ok(seed) => vec![seed.parse().expect("ROLLCALL_TEST_SEED is a number")],
        Err(_) => (1..=count).collect(),
    }
}
