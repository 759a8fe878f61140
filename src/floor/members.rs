//! Which slots belong to a group or department.

use std::collections::HashMap;

/// Members by key, each list ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    of: HashMap<i64, Vec<u32>>,
}

impl Members {
    pub fn of(&self, key: i64) -> &[u32] {
        self.of.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Replaces what a slot belonged to.
    pub fn replace(&mut self, slot: u32, before: Vec<i64>, after: Vec<i64>) {
        for key in before {
            if let Some(slots) = self.of.get_mut(&key)
                && let Ok(at) = slots.binary_search(&slot)
            {
                slots.remove(at);
                if slots.is_empty() {
                    self.of.remove(&key);
                }
            }
        }
        for key in after {
            let slots = self.of.entry(key).or_default();
            if let Err(at) = slots.binary_search(&slot) {
                slots.insert(at, slot);
            }
        }
    }
}
