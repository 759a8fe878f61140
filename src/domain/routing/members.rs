//! The members of a department in ring order, as forms carry them: `010247 010112`.

use crate::domain::ids::{AgentId, UserId};

/// Why a list of members can't be read, in words that can stand beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MembersError {
    #[error("“{0}” is no Agent ID")]
    NoAgentId(String),
    #[error("{0} is there twice")]
    Twice(AgentId),
}

/// Reads Agent IDs that are set apart by spaces or commas.
pub fn parse(text: &str) -> Result<Vec<UserId>, MembersError> {
    let mut ids = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let parts = text.split(|c: char| c == ',' || c.is_whitespace());
    for part in parts.filter(|part| !part.is_empty()) {
        let id: AgentId = part
            .parse()
            .map_err(|_| MembersError::NoAgentId(part.chars().take(20).collect()))?;
        if !seen.insert(id) {
            return Err(MembersError::Twice(id));
        }
        ids.push(id.user());
    }
    Ok(ids)
}

/// The text that [`parse`] reads back.
pub fn text(members: &[UserId]) -> String {
    let ids: Vec<String> = members
        .iter()
        .map(|id| AgentId::of(*id).to_string())
        .collect();
    ids.join(" ")
}

/// One step in arranging members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Up(UserId),
    Down(UserId),
    Remove(UserId),
    /// At the end of the order.
    Add(UserId),
}

impl Step {
    pub fn agent(self) -> UserId {
        match self {
            Self::Up(id) | Self::Down(id) | Self::Remove(id) | Self::Add(id) => id,
        }
    }

    /// `up:010247`, as the buttons send it.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, id) = text.split_once(':')?;
        let id = id.parse::<AgentId>().ok()?.user();
        match word {
            "up" => Some(Self::Up(id)),
            "down" => Some(Self::Down(id)),
            "remove" => Some(Self::Remove(id)),
            "add" => Some(Self::Add(id)),
            _ => None,
        }
    }

    /// Takes the step; one that makes no sense any more changes nothing.
    pub fn take(self, members: &mut Vec<UserId>) {
        let at = members.iter().position(|id| *id == self.agent());
        match (self, at) {
            (Self::Up(_), Some(at)) if at > 0 => members.swap(at, at - 1),
            (Self::Down(_), Some(at)) if at + 1 < members.len() => members.swap(at, at + 1),
            (Self::Remove(_), Some(at)) => {
                members.remove(at);
            }
            (Self::Add(id), None) => members.push(id),
            (Self::Up(_) | Self::Down(_) | Self::Remove(_) | Self::Add(_), _) => {}
        }
    }
}
