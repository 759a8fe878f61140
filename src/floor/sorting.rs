//! Puts the slots that a filter selected in order.

use super::bits::Bits;
use super::counts::Tally;
use super::picture::Picture;
use super::rank::BLANK;
use crate::domain::filter::{Sort, SortColumn};

/// A slot behind its place in an order.
pub(super) type Keyed = (u64, u32, u32);

impl Picture {
    /// The slots of one page in order: only the page itself is sorted.
    pub(super) fn cut(
        &self,
        slots: Vec<u32>,
        sort: Sort,
        skip: usize,
        take: usize,
        tally: impl Fn(u32) -> Tally,
    ) -> Vec<u32> {
        cut_out(self.keyed(slots, sort, tally), skip, take)
    }

    /// A page of these in the order of their names, which is kept: nothing is sorted.
    pub(super) fn by_name(&self, these: &Bits, skip: usize, take: usize) -> Vec<u32> {
        let total = these.len();
        let take = take.min(total.saturating_sub(skip));
        let order = self.ranks.name.order().iter().copied();
        let wanted = |slot: &u32| these.has(*slot);
        // From the nearer end.
        if skip <= total / 2 {
            return order.filter(wanted).skip(skip).take(take).collect();
        }
        let behind = total.saturating_sub(skip + take);
        let back = order.rev().filter(wanted).skip(behind).take(take);
        let mut slots: Vec<u32> = back.collect();
        slots.reverse();
        slots
    }

    /// Pairs each slot with its place in an order: by the key, then by name, then as they came.
    pub(super) fn pair(
        &self,
        slots: &[u32],
        descending: bool,
        key: &dyn Fn(u32) -> u64,
    ) -> Vec<Keyed> {
        let directed = |key: u64| match (descending, key) {
            // Blank cells stay last whichever way the rest runs.
            (true, key) if key != BLANK => BLANK - 1 - key,
            (true | false, key) => key,
        };
        let name = &self.ranks.name;
        let keyed = |&slot: &u32| (directed(key(slot)), name.key(slot) as u32, slot);
        slots.iter().map(keyed).collect()
    }

    /// Pairs each slot with its place in the order: by the column, then by name, then as they came.
    pub(super) fn keyed(
        &self,
        slots: Vec<u32>,
        sort: Sort,
        tally: impl Fn(u32) -> Tally,
    ) -> Vec<Keyed> {
        let ranks = &self.ranks;
        let keys = &self.keys;
        let column = |column: &Vec<u64>, slot: u32| column[slot as usize];
        let person = |slot: u32| &self.people[slot as usize];
        let causes = |slot: u32| self.hot[slot as usize].causes(&self.records, self.source_alive);
        let status = |slot: u32| self.statuses.of(slot).map_or(BLANK, |status| status as u64);
        let pair = |key: &dyn Fn(u32) -> u64| self.pair(&slots, sort.descending, key);
        match sort.column {
            SortColumn::AgentId => pair(&|slot| person(slot).id.0 as u64),
            SortColumn::Name => pair(&|slot| ranks.name.key(slot)),
            SortColumn::CallForwardingNumber => pair(&|slot| column(&keys.forwarding, slot)),
            SortColumn::AlternativeNumbers => pair(&|slot| column(&keys.alternative, slot)),
            SortColumn::IntercomNumber => pair(&|slot| column(&keys.intercom, slot)),
            SortColumn::TimeGroup => pair(&|slot| column(&keys.time_group, slot)),
            SortColumn::Departments => pair(&|slot| column(&keys.departments, slot)),
            SortColumn::Username => pair(&|slot| ranks.login_id.key(slot)),
            SortColumn::ExtensionCallerId => pair(&|slot| column(&keys.caller_id, slot)),
            SortColumn::AgentStatus => pair(&status),
            SortColumn::ExtensionStatus => pair(&|slot| causes(slot).extension_status() as u64),
            SortColumn::CallsAnswered => pair(&|slot| tally(slot).answered as u64),
            SortColumn::Missed => pair(&|slot| tally(slot).missed as u64),
            SortColumn::EmployeeId => pair(&|slot| ranks.employee_id.key(slot)),
            SortColumn::Designation => pair(&|slot| ranks.designation.key(slot)),
            SortColumn::Phone => pair(&|slot| column(&keys.phone, slot)),
            SortColumn::Email => pair(&|slot| ranks.email.key(slot)),
        }
    }
}

/// The slots of one page in order: only the page itself is sorted.
pub(super) fn cut_out(mut keyed: Vec<Keyed>, skip: usize, take: usize) -> Vec<u32> {
    let end = (skip + take).min(keyed.len());
    if skip > 0 && skip < keyed.len() {
        keyed.select_nth_unstable(skip);
    }
    let mut page = keyed.split_off(skip.min(keyed.len()));
    let wanted = end - skip.min(end);
    if wanted > 0 && wanted < page.len() {
        page.select_nth_unstable(wanted - 1);
    }
    page.truncate(wanted);
    page.sort_unstable();
    page.into_iter().map(|(_, _, slot)| slot).collect()
}
