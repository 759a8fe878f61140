//! The records that agents refer to, as lists and badges need them.

use super::ids::{CallerIdId, DepartmentId, GroupId, TimeGroupId};
use super::phone::Phone;
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
    pub version: i64,
}
