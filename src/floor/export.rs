//! A list whole and in order, to be read piece by piece: the picture may not be held for as long as a
//! file takes to write.

use super::counts::Tally;
use super::picture::Picture;
use super::query::Older;
use crate::domain::day_range::{Day, DaySpan};
use crate::domain::filter::AgentFilter;
use crate::domain::ids::UserId;
use crate::domain::role::Scope;

/// Who is in a list, in its order, with the counts that the list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    pub agents: Vec<(UserId, Tally)>,
    /// People who are no agents any more and have calls in the span; only when nothing narrows the list.
    pub left: Vec<(UserId, Tally)>,
}

impl Order {
    pub fn sum(&self) -> Tally {
        let mut sum = Tally::default();
        let all = self.agents.iter().chain(&self.left);
        all.for_each(|&(_, tally)| sum += tally);
        sum
    }
}

impl Picture {
    /// Everyone whom the filter selects, whatever page it asks for.
    pub fn order(
        &self,
        filter: &AgentFilter,
        scope: &Scope,
        span: DaySpan,
        older: &Older,
    ) -> Order {
        let range = self.counts.range(span);
        let tally = |slot: u32| self.tally(slot, &range, older);
        let with_tally = |slot: u32| (self.people[slot as usize].id, tally(slot));
        let selected = self.selected(filter, scope);
        let all = selected.len();
        let agents = self.cut(selected, filter.sort, 0, all, tally);
        let left = match scope.is_all() && !filter.is_narrowed() {
            true => self.left.iter().map(with_tally).collect(),
            false => Vec::new(),
        };
        Order {
            agents: agents.into_iter().map(with_tally).collect(),
            left: left
                .into_iter()
                .filter(|(_, tally)| *tally != Tally::default())
                .collect(),
        }
    }

    /// Answered calls of a person on each of these days; none on days that are not kept.
    pub fn answered_by_day(&self, id: UserId, days: impl Iterator<Item = Day>) -> Vec<i64> {
        let Some(slot) = self.slot(id) else {
            return days.map(|_| 0).collect();
        };
        days.map(|day| self.counts.range(DaySpan::one(day)).of(slot).answered)
            .collect()
    }
}
