//! Calls and their legs as facts: what is known of each, and how what several events say is merged.

mod count;
mod event;
pub mod filter;
mod outcome;

pub use count::{Contribution, Counts, Verdict, contributions, judge};
pub use event::{
    AgentRef, CallEvent, CallEventKind, DepartmentRef, EventBody, PhoneEvent, ReportedState,
    Sequence,
};

pub use outcome::Outcome;

use super::agent::words;
use super::ids::{AgentId, DepartmentId};
use super::time::Timestamp;

words!(/// Which way a call went. In the order of what outweighs what when events differ: a consultation is
/// internal until it is joined to an outside caller, then it is inbound.
Direction { Internal = "internal", Outbound = "outbound", Inbound = "inbound" });

words!(/// How much a source of facts weighs. A record is a whole, finished leg: it replaces what events said.
Authority { Event = "event", Record = "record" });

/// Reasons of ends that were concluded, not reported: any reported end outweighs them.
pub const CONCLUDED_REASONS: &[&str] = &["pbx_restart", "reconciled", "cleared", CALL_ENDED];

/// Concluded from the end of the whole call.
const CALL_ENDED: &str = "call_ended";

/// The end of a leg or call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    pub at: Timestamp,
    pub reason: Option<String>,
}

impl End {
    pub fn is_concluded(&self) -> bool {
        self.reason
            .as_deref()
            .is_some_and(|reason| CONCLUDED_REASONS.contains(&reason))
    }

    /// A reported end before a concluded one, then the earlier (a leg can get two ends, the first
    /// holds), then the one with a reason.
    fn merge(self, other: Self) -> Self {
        let rank = |end: &Self| (end.is_concluded(), end.at, end.reason.is_none());
        match rank(&self)
            .cmp(&rank(&other))
            .then_with(|| self.reason.cmp(&other.reason))
        {
            std::cmp::Ordering::Greater => other,
            std::cmp::Ordering::Less | std::cmp::Ordering::Equal => self,
        }
    }
}

/// What is known of one agent's part of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegFacts {
    pub authority: Authority,
    pub agent: AgentId,
    pub department: Option<DepartmentId>,
    pub direction: Direction,
    /// The caller, or the number dialled. Empty: unknown.
    pub other_party: String,
    /// Our side's number. Empty: unknown.
    pub our_number: String,
    /// An event that doesn't know the start gives its own time: the true one is earlier and wins.
    pub started_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub end: Option<End>,
}

impl LegFacts {
    /// What both know together. The order in which facts arrive and how often does not matter:
    /// the merge is associative, commutative and idempotent.
    ///
    /// A record outweighs events as a whole; between equals, unknown values are filled, and of two
    /// known ones the earlier time and a fixed choice of the rest holds.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        match self.authority.cmp(&other.authority) {
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Equal => Self {
                authority: self.authority,
                agent: self.agent.min(other.agent),
                department: earlier(self.department, other.department),
                direction: self.direction.max(other.direction),
                other_party: fuller(self.other_party, other.other_party),
                our_number: fuller(self.our_number, other.our_number),
                started_at: self.started_at.min(other.started_at),
                answered_at: earlier(self.answered_at, other.answered_at),
                end: join(self.end, other.end, End::merge),
            },
        }
    }

    /// Closes a leg whose own end was lost when the whole call is known to have ended. An end that
    /// was concluded so before is concluded anew: the call's may have turned out to be another.
    pub fn close_with(&mut self, call: &CallFacts) {
        let own = |end: &End| end.reason.as_deref() != Some(CALL_ENDED);
        if let (false, Some(end)) = (self.end.as_ref().is_some_and(own), &call.end) {
            self.end = Some(End {
                at: end.at.max(self.started_at),
                reason: Some(CALL_ENDED.to_owned()),
            });
        }
    }
}

/// What is known of a call as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    pub direction: Direction,
    pub caller: String,
    pub callee: String,
    pub department: Option<DepartmentId>,
    pub started_at: Timestamp,
    /// The first answer by a person, in this call or in a leg of it.
    pub answered_at: Option<Timestamp>,
    /// Only if the call's own end was reported; without it a call ends with its last leg.
    pub end: Option<End>,
}

impl CallFacts {
    /// As [`LegFacts::merge`], without records.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            direction: self.direction.max(other.direction),
            caller: fuller(self.caller, other.caller),
            callee: fuller(self.callee, other.callee),
            department: earlier(self.department, other.department),
            started_at: self.started_at.min(other.started_at),
            answered_at: earlier(self.answered_at, other.answered_at),
            end: join(self.end, other.end, End::merge),
        }
    }
}

fn join<T>(a: Option<T>, b: Option<T>, both: impl FnOnce(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(both(a, b)),
        (a, b) => a.or(b),
    }
}

fn earlier<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    join(a, b, Ord::min)
}

/// The longer of two texts says more ("Unknown" aside); equal lengths need any fixed choice.
fn fuller(a: String, b: String) -> String {
    if (a.len(), &a) >= (b.len(), &b) { a } else { b }
}

#[cfg(test)]
mod tests;
