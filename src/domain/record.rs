//! The records that agents refer to, as lists and badges need them.

use super::ids::{CallerIdId, DepartmentId, GroupId, IvrId, TimeGroupId};
use super::phone::Phone;
use super::routing::{RingStrategy, Target};
use super::time::Timestamp;

/// A management unit of agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    pub description: String,
    pub version: i64,
}

/// A routing unit of agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    pub id: DepartmentId,
    pub name: String,
    pub description: String,
    pub ring_strategy: RingStrategy,
    pub ring_timeout_seconds: i32,
    pub use_as_queue: bool,
    pub wrap_up_seconds: i32,
    pub transfer_code: Option<String>,
    pub version: i64,
}

/// Working hours, by name and by what they say now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingHours {
    pub id: TimeGroupId,
    pub name: String,
    pub open_now: bool,
    pub next_change_at: Option<Timestamp>,
    pub version: i64,
}

/// A number that calls can be made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerId {
    pub id: CallerIdId,
    pub number: Phone,
    pub label: String,
    /// Where calls to it go.
    pub goes_to: Target,
    pub version: i64,
}

/// A spoken menu in the phone system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ivr {
    pub id: IvrId,
    pub name: String,
    pub transfer_code: String,
    /// The place in the dialplan that it stands for.
    pub target: String,
    pub version: i64,
}
