//! Goes through a list from row to row, for readers that take it piece by piece.

use super::counts::Tally;
use super::picture::Picture;
use super::query::{Older, Row};
use crate::domain::day_range::DaySpan;
use crate::domain::filter::AgentFilter;
use crate::domain::ids::UserId;
use crate::domain::role::Scope;

/// Some rows of a list in its order.
pub struct Slice<'a> {
    pub rows: Vec<Row<'a>>,
    /// Agents that match, on whatever piece.
    pub total: usize,
    /// There are rows behind these.
    pub more: bool,
}

impl Picture {
    /// Up to `limit` rows behind the person `after`, or the first ones. The person keeps a place in the
    /// order also when no longer in the list, so nobody is told twice or passed by because of that.
    pub fn slice(
        &self,
        filter: &AgentFilter,
        scope: &Scope,
        span: DaySpan,
        older: &Older,
        after: Option<UserId>,
        limit: usize,
    ) -> Slice<'_> {
        let selection = self.select(filter, scope);
        let total = selection.slots.len();
        let range = self.counts.range(span);
        let tally = |slot: u32| -> Tally { self.tally(slot, &range, older) };
        let mut keyed = self.keyed(selection.slots, filter.sort, tally);
        if let Some(slot) = after.and_then(|id| self.slot(id)) {
            let last = self.keyed(vec![slot], filter.sort, tally);
            keyed.retain(|key| last.iter().all(|last| key > last));
        }
        let more = keyed.len() > limit;
        if more {
            keyed.select_nth_unstable(limit);
            keyed.truncate(limit);
        }
        keyed.sort_unstable();
        Slice {
            rows: keyed
                .into_iter()
                .filter_map(|(_, _, slot)| self.row_at(slot, tally(slot)))
                .collect(),
            total,
            more,
        }
    }
}
