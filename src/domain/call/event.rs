//! What any phone system tells us, in one form, whatever wire it came over.

use super::Direction;
use crate::domain::agent::words;
use crate::domain::ids::{AgentId, DepartmentId};
use crate::domain::time::Timestamp;
use std::cmp::Ordering;

/// How an event names an agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AgentRef {
    Id(AgentId),
    /// The username of the extension.
    Extension(String),
    Intercom(String),
}

/// How an event names a department.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DepartmentRef {
    Id(DepartmentId),
    Name(String),
}

words!(/// The state of an agent as a phone system reports it: of calls or of duty.
ReportedState {
    Idle = "idle",
    Ringing = "ringing",
    OnCall = "on_call",
    WrapUp = "wrap_up",
    SignedIn = "signed_in",
    Paused = "paused",
    Offline = "offline",
});

words!(/// What a call event is about. `Record` is a whole leg and outweighs the others.
CallEventKind {
    Started = "call.started",
    Ringing = "call.ringing",
    Answered = "call.answered",
    Missed = "call.missed",
    Ended = "call.ended",
    Record = "call.record",
});

/// Every call event carries all that is known so far, so that order does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallEvent {
    pub kind: CallEventKind,
    pub call_id: String,
    /// None: the event is about the call itself, as when a caller gives up before anyone rang.
    pub leg_id: Option<String>,
    pub agent: Option<AgentRef>,
    pub direction: Direction,
    pub caller: String,
    pub callee: String,
    pub department: Option<DepartmentRef>,
    pub started_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub end_reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventBody {
    /// The extension named, or the agent's, can ring.
    Registered(AgentRef),
    Unregistered(AgentRef),
    AgentState {
        agent: AgentRef,
        state: ReportedState,
        reason: Option<String>,
    },
    Call(CallEvent),
    /// Nothing but that the source is alive.
    Heartbeat,
    /// All that is registered and live now: replaces what was known.
    Snapshot {
        registered: Vec<AgentRef>,
        calls: Vec<CallEvent>,
    },
}

/// One event of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneEvent {
    /// Unique within the source; the same one twice is a duplicate.
    pub id: String,
    pub source: String,
    /// When it happened, by the source's clock.
    pub at: Timestamp,
    pub sequence: Sequence,
    pub body: EventBody,
}

/// Orders events of the same instant. All-digit ones compare as numbers and come before others;
/// an absent one is the empty text and comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sequence(pub String);

impl Sequence {
    fn digits(&self) -> Option<&str> {
        let all = self.0.bytes().all(|b| b.is_ascii_digit());
        all.then(|| self.0.trim_start_matches('0'))
    }
}

impl Ord for Sequence {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.digits(), other.digits()) {
            (Some(a), Some(b)) => (a.len(), a).cmp(&(b.len(), b)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
        // "007" and "7" are the same number but not equal texts: Ord has to agree with Eq.
        .then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Sequence {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sequence(text: &str) -> Sequence {
        Sequence(text.to_owned())
    }

    #[test]
    fn digits_compare_as_numbers_of_any_length() {
        let sorted = [
            "",
            "9",
            "10",
            "48211",
            "100000000000000000000000000",
            "a",
            "b10",
            "b9",
        ];
        for pair in sorted.windows(2) {
            assert!(sequence(pair[0]) < sequence(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn words_of_events_read_back() {
        for kind in CallEventKind::ALL {
            assert_eq!(kind.word().parse(), Ok(*kind));
        }
        assert!("call.fly".parse::<CallEventKind>().is_err());
        assert_eq!("wrap_up".parse(), Ok(ReportedState::WrapUp));
    }

    proptest! {
        #[test]
        fn the_order_of_sequences_is_total(a in "[0-9a-c]{0,4}", b in "[0-9a-c]{0,4}", c in "[0-9a-c]{0,4}") {
            let (a, b, c) = (sequence(&a), sequence(&b), sequence(&c));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
        }
    }
}
