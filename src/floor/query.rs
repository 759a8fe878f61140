//! Answers a list: filters, counts, sorts and cuts out a page, without the database.

use super::bits::Bits;
use super::counts::{Range, Tally};
use super::picture::{Numbers, Picture};
use super::records::Records;
use super::statuses::ByStatus;
use crate::domain::day_range::DaySpan;
use crate::domain::filter::{AgentFilter, Sort};
use crate::domain::ids::{AgentId, UserId};
use crate::domain::install::Install;
use crate::domain::person::{Agent, Person};
use crate::domain::role::Scope;
use crate::domain::status::{AgentStatus, CallState, Causes, ExtensionStatus};
use std::collections::HashMap;

/// Sums of days that the picture does not keep, by user key.
pub type Older = HashMap<i64, Tally>;

/// One row of the agents list, borrowed from the picture.
pub struct Row<'a> {
    pub slot: u32,
    pub person: &'a Person,
    pub agent: &'a Agent,
    pub causes: Causes,
    pub status: AgentStatus,
    pub extension: ExtensionStatus,
    pub tally: Tally,
    pub numbers: &'a Numbers,
    /// Who blocked or disabled the agent.
    pub admin_by: Option<&'a Person>,
    /// The number of the last change of anything in this row.
    pub touched: u64,
}

impl Row<'_> {
    pub fn id(&self) -> AgentId {
        AgentId::of(self.person.id)
    }
}

/// Calls of people who are no longer agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leavers {
    pub people: usize,
    pub tally: Tally,
}

/// A page of the agents list and what is said around it.
pub struct Page<'a> {
    pub rows: Vec<Row<'a>>,
    /// Agents that match.
    pub total: usize,
    /// Agents in the reader's scope.
    pub in_scope: usize,
    /// The page shown, from 1; the last one when the filter asked for a later one.
    pub page: usize,
    pub pages: usize,
    /// Agents by status, of those that match everything but the status.
    pub by_status: ByStatus,
    /// Calls of all agents that match.
    pub sum: Tally,
    /// Only when nothing narrows the list: who left is in no group.
    pub leavers: Leavers,
    pub records: &'a Records,
    pub install: &'a Install,
    pub source_alive: bool,
    /// The number of the last change that the page shows.
    pub seq: u64,
}

impl Page<'_> {
    pub fn count_of(&self, status: AgentStatus) -> usize {
        self.by_status[status as usize]
    }
}

/// What a filter selects, before sorting.
pub(super) struct Selection {
    pub(super) slots: Vec<u32>,
    by_status: ByStatus,
    in_scope: usize,
}

/// What a page shows of all that match.
struct Cut {
    /// The slots of the page, in order.
    slots: Vec<u32>,
    total: usize,
    in_scope: usize,
    by_status: ByStatus,
    sum: Tally,
    leavers: Leavers,
}

impl Picture {
    /// The page that the filter asks for. `older` holds the sums of the part of the span that the
    /// picture does not keep.
    pub fn page(
        &self,
        filter: &AgentFilter,
        scope: &Scope,
        span: DaySpan,
        older: &Older,
    ) -> Page<'_> {
        let range = self.counts.range(span);
        let everyone = scope.is_all() && !filter.is_narrowed();
        let cut = match everyone && filter.sort == Sort::default() && older.is_empty() {
            true => self.cut_of_everyone(filter, &range),
            false => self.cut_of_selection(filter, scope, everyone, &range, older),
        };
        Page {
            rows: cut
                .slots
                .into_iter()
                .filter_map(|slot| self.row_at(slot, self.tally(slot, &range, older)))
                .collect(),
            total: cut.total,
            in_scope: cut.in_scope,
            page: page_of(filter, cut.total),
            pages: pages_of(filter, cut.total),
            by_status: cut.by_status,
            sum: cut.sum,
            leavers: cut.leavers,
            records: &self.records,
            install: &self.install,
            source_alive: self.source_alive,
            seq: self.seq,
        }
    }

    /// The list as it opens, which most requests ask for: everyone by name. All that it says is kept up to
    /// date with every change, so no pass over the agents is needed.
    fn cut_of_everyone(&self, filter: &AgentFilter, range: &Range<'_>) -> Cut {
        let by_status = self.statuses.count();
        let total = by_status.iter().sum();
        let per = filter.per.rows();
        let skip = (page_of(filter, total) - 1) * per;
        let slots = self.by_name(&self.agents, skip, per);
        let leavers = self.leavers(range, &Older::new());
        let mut sum = range.of_all();
        sum -= leavers.tally;
        Cut {
            slots,
            total,
            in_scope: total,
            by_status,
            sum,
            leavers,
        }
    }

    fn cut_of_selection(
        &self,
        filter: &AgentFilter,
        scope: &Scope,
        everyone: bool,
        range: &Range<'_>,
        older: &Older,
    ) -> Cut {
        let Selection {
            slots,
            by_status,
            in_scope,
        } = self.select(filter, scope);
        let total = slots.len();
        let per = filter.per.rows();
        let skip = (page_of(filter, total) - 1) * per;
        let mut sum = Tally::default();
        slots
            .iter()
            .for_each(|&slot| sum += self.tally(slot, range, older));
        Cut {
            slots: self.cut(slots, filter.sort, skip, per, |slot| {
                self.tally(slot, range, older)
            }),
            total,
            in_scope,
            by_status,
            sum,
            leavers: match everyone {
                true => self.leavers(range, older),
                false => Leavers::default(),
            },
        }
    }

    /// Everyone that a filter selects, whatever its page.
    pub fn matching(&self, filter: &AgentFilter, scope: &Scope) -> Vec<UserId> {
        let slots = self.select(filter, scope).slots;
        let id = |slot: u32| self.people[slot as usize].id;
        slots.into_iter().map(id).collect()
    }

    /// The slots that a filter selects, in no order.
    pub(super) fn selected(&self, filter: &AgentFilter, scope: &Scope) -> Vec<u32> {
        self.select(filter, scope).slots
    }

    /// Counts by status in a scope.
    pub fn by_status(&self, scope: &Scope) -> (ByStatus, usize) {
        let selection = self.select(&AgentFilter::default(), scope);
        (selection.by_status, selection.in_scope)
    }

    /// How many agents of a scope are in a state of call.
    pub fn in_call_state(&self, scope: &Scope, call: CallState) -> usize {
        let selection = self.select(&AgentFilter::default(), scope);
        selection
            .slots
            .iter()
            .filter(|&&slot| self.hot[slot as usize].call() == call)
            .count()
    }

    /// One person's row, if it is a living agent in the scope.
    pub fn row(&self, id: UserId, scope: &Scope, span: DaySpan, older: &Older) -> Option<Row<'_>> {
        let slot = self.slot(id)?;
        let agent = self.people[slot as usize].living_agent()?;
        let tally = self.tally(slot, &self.counts.range(span), older);
        if scope.sees(&agent.groups) {
            self.row_at(slot, tally)
        } else {
            None
        }
    }

    /// The first badge of a living agent.
    pub fn status_of(&self, id: UserId) -> Option<AgentStatus> {
        let slot = self.slot(id)?;
        self.people[slot as usize].living_agent()?;
        Some(
            self.hot[slot as usize]
                .causes(&self.records, self.source_alive)
                .agent_status(),
        )
    }

    /// The number of the last change that touched a person.
    pub fn touched(&self, id: UserId) -> u64 {
        self.slot(id)
            .map_or(self.seq, |slot| self.touched[slot as usize])
    }

    /// Tells this picture's numbers of changes from those of another start of the program.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(super) fn row_at(&self, slot: u32, tally: Tally) -> Option<Row<'_>> {
        let person = &self.people[slot as usize];
        let agent = person.living_agent()?;
        let causes = self.hot[slot as usize].causes(&self.records, self.source_alive);
        let admin_by = agent.admin.by.and_then(|id| self.slot(id));
        let touched = |slot: u32| self.touched[slot as usize];
        Some(Row {
            slot,
            person,
            agent,
            causes,
            status: causes.agent_status(),
            extension: causes.extension_status(),
            tally,
            numbers: self.numbers(slot),
            admin_by: admin_by.map(|by| &self.people[by as usize]),
            touched: admin_by.map_or(0, touched).max(touched(slot)),
        })
    }

    pub(super) fn tally(&self, slot: u32, range: &Range<'_>, older: &Older) -> Tally {
        let mut tally = range.of(slot);
        if !older.is_empty()
            && let Some(&more) = older.get(&self.people[slot as usize].id.0)
        {
            tally += more;
        }
        tally
    }

    fn leavers(&self, range: &Range<'_>, older: &Older) -> Leavers {
        let mut leavers = Leavers::default();
        for slot in self.left.iter() {
            let tally = self.tally(slot, range, older);
            leavers.people += usize::from(tally != Tally::default());
            leavers.tally += tally;
        }
        leavers
    }

    pub(super) fn select(&self, filter: &AgentFilter, scope: &Scope) -> Selection {
        let mut found = self.agents.clone();
        if let Scope::Groups(groups) = scope {
            let mut visible = Bits::none(self.people.len());
            groups
                .iter()
                .for_each(|group| visible.or(self.groups.of(group.0)));
            found.and(&visible);
        }
        let in_scope = found.len();
        for members in [
            // A group out of the reader's scope is nobody's: which of hers are in it is not for her to know.
            filter.group.map(|group| match scope.sees(&[group]) {
                true => self.groups.of(group.0),
                false => &[],
            }),
            filter
                .department
                .map(|department| self.departments.of(department.0)),
        ]
        .into_iter()
        .flatten()
        {
            found.and(&Bits::of(self.people.len(), members));
        }
        if !filter.q.trim().is_empty() {
            found.and(&self.search.find(&filter.q));
        }
        let mut selection = Selection {
            slots: Vec::with_capacity(found.len()),
            by_status: Default::default(),
            in_scope,
        };
        let time_group = filter.time_group.map(|id| id.0);
        for slot in found.iter() {
            let hot = self.hot[slot as usize];
            if time_group.is_some() && hot.time_group() != time_group {
                continue;
            }
            if let Some(wanted) = filter.extension {
                let causes = hot.causes(&self.records, self.source_alive);
                if causes.extension_status() != wanted {
                    continue;
                }
            }
            let Some(status) = self.statuses.of(slot) else {
                continue;
            };
            selection.by_status[status as usize] += 1;
            if filter.status.is_none_or(|wanted| status == wanted) {
                selection.slots.push(slot);
            }
        }
        selection
    }
}

/// How many pages so many rows fill; an empty list has one.
fn pages_of(filter: &AgentFilter, total: usize) -> usize {
    total.div_ceil(filter.per.rows()).max(1)
}

/// The page that is shown: the last one when a later one was asked for.
fn page_of(filter: &AgentFilter, total: usize) -> usize {
    (filter.page as usize).clamp(1, pages_of(filter, total))
}
