//! Where the calls to a number go.

use crate::domain::ids::{AgentId, DepartmentId, IvrId, UserId};
use std::fmt;
use std::str::FromStr;

/// A department, an IVR, an agent, or nowhere: such calls are not answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Target {
    #[default]
    Nowhere,
    Department(DepartmentId),
    Ivr(IvrId),
    Agent(UserId),
}

/// The text names no place that calls could go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("names no place for calls")]
pub struct NoTarget;

impl Target {
    /// The words of the kinds, in the order of forms.
    pub const KINDS: [&'static str; 4] = ["department", "ivr", "agent", "nowhere"];

    pub fn kind(self) -> &'static str {
        match self {
            Self::Department(_) => "department",
            Self::Ivr(_) => "ivr",
            Self::Agent(_) => "agent",
            Self::Nowhere => "nowhere",
        }
    }

    /// The key of the record, as it is stored.
    pub fn key(self) -> Option<i64> {
        match self {
            Self::Department(id) => Some(id.0),
            Self::Ivr(id) => Some(id.0),
            Self::Agent(id) => Some(id.0),
            Self::Nowhere => None,
        }
    }

    /// From the stored kind and key.
    pub fn stored(kind: &str, key: Option<i64>) -> Result<Self, NoTarget> {
        match (kind, key) {
            ("department", Some(key)) => Ok(Self::Department(DepartmentId(key))),
            ("ivr", Some(key)) => Ok(Self::Ivr(IvrId(key))),
            ("agent", Some(key)) => Ok(Self::Agent(UserId(key))),
            ("nowhere", _) => Ok(Self::Nowhere),
            _ => Err(NoTarget),
        }
    }

    /// The id as people and programs know it; an agent's is the Agent ID. Empty for nowhere.
    pub fn id(self) -> String {
        match self {
            Self::Department(id) => id.to_string(),
            Self::Ivr(id) => id.to_string(),
            Self::Agent(id) => AgentId::of(id).to_string(),
            Self::Nowhere => String::new(),
        }
    }
}

/// `department:3`, `agent:010042`, `nowhere`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("nowhere"),
            Self::Department(_) | Self::Ivr(_) | Self::Agent(_) => {
                write!(f, "{}:{}", self.kind(), self.id())
            }
        }
    }
}

impl FromStr for Target {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Self, NoTarget> {
        match text.split_once(':') {
            None if text == "nowhere" => Ok(Self::Nowhere),
            Some(("department", id)) => id.parse().map(Self::Department).map_err(|_| NoTarget),
            Some(("ivr", id)) => id.parse().map(Self::Ivr).map_err(|_| NoTarget),
            Some(("agent", id)) => {
                let id: AgentId = id.parse().map_err(|_| NoTarget)?;
                Ok(Self::Agent(id.user()))
            }
            Some(_) | None => Err(NoTarget),
        }
    }
}
