//! Which legs count as answered or missed, and whose missed a call is (product rule §5).

use super::{CallFacts, Direction, LegFacts};
use crate::domain::day_range::Day;
use crate::domain::ids::{AgentId, DepartmentId};
use crate::domain::time::Timestamp;
use std::collections::BTreeMap;

/// What a leg counts as; the numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counts {
    Nothing,
    /// A call answered, on the reporting day of the answer.
    Answered,
    /// A missed call of this agent, on the reporting day of the start.
    Missed,
}

impl Counts {
    pub fn code(self) -> i32 {
        match self {
            Self::Nothing => 0,
            Self::Answered => 1,
            Self::Missed => 2,
        }
    }

    pub fn from_code(code: i32) -> Option<Self> {
        match code {
            0 => Some(Self::Nothing),
            1 => Some(Self::Answered),
            2 => Some(Self::Missed),
            _ => None,
        }
    }
}

/// What a call and its legs count as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// One for each leg, in the order given.
    pub legs: Vec<Counts>,
    /// The caller left unanswered: the department's missed, on the reporting day of the start.
    pub missed: bool,
    /// When the call ended: reported, or with its last leg.
    pub ended_at: Option<Timestamp>,
    /// The first answer by a person.
    pub answered_at: Option<Timestamp>,
}

/// Judges a call by all of its legs, which come in the order of their leg ids, so that two answers
/// of one agent in the same instant are told apart the same way each time.
pub fn judge(call: &CallFacts, legs: &[LegFacts]) -> Verdict {
    let answered_at = legs
        .iter()
        .filter(|leg| leg.direction != Direction::Internal)
        .filter_map(|leg| leg.answered_at)
        .chain(call.answered_at)
        .min();
    let ended_at = ended_at(call, legs);
    let unanswered = answered_at.is_none() && ended_at.is_some();
    let mut first_answers = BTreeMap::new();
    for (index, leg) in legs.iter().enumerate() {
        if let (Direction::Inbound, Some(at)) = (leg.direction, leg.answered_at) {
            let first = first_answers.entry(leg.agent).or_insert((at, index));
            *first = (at, index).min(*first);
        }
    }
    let counts = |(index, leg): (usize, &LegFacts)| match (leg.direction, leg.answered_at) {
        (Direction::Internal | Direction::Outbound, _) => Counts::Nothing,
        (Direction::Inbound, Some(at)) if first_answers.get(&leg.agent) == Some(&(at, index)) => {
            Counts::Answered
        }
        (Direction::Inbound, Some(_)) => Counts::Nothing,
        (Direction::Inbound, None) if unanswered && leg.end.is_some() => Counts::Missed,
        (Direction::Inbound, None) => Counts::Nothing,
    };
    Verdict {
        legs: legs.iter().enumerate().map(counts).collect(),
        missed: call.direction == Direction::Inbound && unanswered,
        ended_at,
        answered_at,
    }
}

fn ended_at(call: &CallFacts, legs: &[LegFacts]) -> Option<Timestamp> {
    if let Some(end) = &call.end {
        return Some(end.at);
    }
    let ends: Option<Vec<_>> = legs
        .iter()
        .map(|leg| leg.end.as_ref().map(|end| end.at))
        .collect();
    ends?.into_iter().max()
}

impl LegFacts {
    /// The instant whose reporting day the leg belongs to.
    pub fn counted_at(&self, counts: Counts) -> Timestamp {
        match (counts, self.answered_at) {
            (Counts::Answered, Some(at)) => at,
            (Counts::Answered | Counts::Missed | Counts::Nothing, _) => self.started_at,
        }
    }
}

/// One addition to the counts by day: an agent's, by the department of the leg counted, or, without
/// an agent, a department's missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Contribution {
    pub day: Day,
    pub agent: Option<AgentId>,
    pub department: Option<DepartmentId>,
    pub answered: i32,
    pub missed: i32,
}

/// What the call adds to the counts. The difference of what it added before and adds after an event
/// is what the counts change by.
pub fn contributions(
    call: &CallFacts,
    legs: &[LegFacts],
    verdict: &Verdict,
    mut day_of: impl FnMut(Timestamp) -> Day,
) -> Vec<Contribution> {
    let mut out = Vec::with_capacity(legs.len());
    for (leg, counts) in legs.iter().zip(&verdict.legs) {
        let (answered, missed) = match counts {
            Counts::Nothing => continue,
            Counts::Answered => (1, 0),
            Counts::Missed => (0, 1),
        };
        let day = day_of(leg.counted_at(*counts));
        out.push(Contribution {
            day,
            agent: Some(leg.agent),
            department: leg.department,
            answered,
            missed,
        });
    }
    if verdict.missed && call.department.is_some() {
        let day = day_of(call.started_at);
        out.push(Contribution {
            day,
            agent: None,
            department: call.department,
            answered: 0,
            missed: 1,
        });
    }
    out
}
