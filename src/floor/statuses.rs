//! The first badge of every living agent, kept beside what decides it, and how many have each.

use crate::domain::status::AgentStatus;

/// Agents by status, in the order of the statuses.
pub type ByStatus = [usize; AgentStatus::ALL.len()];

/// Renewed wherever a cause changes, so that a list reads a badge instead of working it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statuses {
    of: Vec<Option<AgentStatus>>,
    count: ByStatus,
}

impl Statuses {
    /// Sets the badge of a slot, `None` for who is no living agent. Slots are added in order.
    pub fn set(&mut self, slot: u32, status: Option<AgentStatus>) {
        let slot = slot as usize;
        if self.of.len() <= slot {
            self.of.resize(slot + 1, None);
        }
        if let Some(before) = std::mem::replace(&mut self.of[slot], status) {
            self.count[before as usize] -= 1;
        }
        if let Some(after) = status {
            self.count[after as usize] += 1;
        }
    }

    pub fn of(&self, slot: u32) -> Option<AgentStatus> {
        self.of[slot as usize]
    }

    /// Of all living agents.
    pub fn count(&self) -> ByStatus {
        self.count
    }
}
