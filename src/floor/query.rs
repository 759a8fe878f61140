//! Answers a list: filters, counts, sorts and cuts out a page, without the database.

use super::bits::Bits;
use super::counts::{Range, Tally};
use super::picture::{Numbers, Picture};
use super::rank::{BLANK, Rank};
use super::records::Records;
use crate::domain::day_range::DaySpan;
use crate::domain::filter::{AgentFilter, Sort, SortColumn};
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
    pub by_status: [usize; AgentStatus::ALL.len()],
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
    by_status: [usize; AgentStatus::ALL.len()],
    in_scope: usize,
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
        let selection = self.select(filter, scope);
        let range = self.counts.range(span);
        let total = selection.slots.len();
        let per = filter.per.rows();
        let pages = total.div_ceil(per).max(1);
        let page = (filter.page as usize).clamp(1, pages);
        let mut sum = Tally::default();
        selection
            .slots
            .iter()
            .for_each(|&slot| sum += self.tally(slot, &range, older));
        let slots = self.cut(
            selection.slots,
            filter.sort,
            (page - 1) * per,
            per,
            |slot| self.tally(slot, &range, older),
        );
        Page {
            rows: slots
                .into_iter()
                .filter_map(|slot| self.row_at(slot, self.tally(slot, &range, older)))
                .collect(),
            total,
            in_scope: selection.in_scope,
            page,
            pages,
            by_status: selection.by_status,
            sum,
            leavers: match scope.is_all() && !filter.is_narrowed() {
                true => self.leavers(&range, older),
                false => Leavers::default(),
            },
            records: &self.records,
            install: &self.install,
            source_alive: self.source_alive,
            seq: self.seq,
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
    pub fn by_status(&self, scope: &Scope) -> ([usize; AgentStatus::ALL.len()], usize) {
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
        Some(Row {
            slot,
            person,
            agent,
            causes,
            status: causes.agent_status(),
            extension: causes.extension_status(),
            tally,
            numbers: self.numbers(slot),
            admin_by: agent.admin.by.and_then(|id| self.person(id)),
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
            filter.group.map(|group| self.groups.of(group.0)),
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
            let causes = hot.causes(&self.records, self.source_alive);
            if time_group.is_some() && hot.time_group() != time_group {
                continue;
            }
            if filter
                .extension
                .is_some_and(|wanted| causes.extension_status() != wanted)
            {
                continue;
            }
            let status = causes.agent_status();
            selection.by_status[status as usize] += 1;
            if filter.status.is_none_or(|wanted| status == wanted) {
                selection.slots.push(slot);
            }
        }
        selection
    }

    /// The slots of one page in order: only the page itself is sorted.
    pub(super) fn cut(
        &self,
        slots: Vec<u32>,
        sort: Sort,
        skip: usize,
        take: usize,
        tally: impl Fn(u32) -> Tally,
    ) -> Vec<u32> {
        let mut keyed = self.keyed(slots, sort, tally);
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

    /// Pairs each slot with its place in the order: by the column, then by name, then as they came.
    pub(super) fn keyed(
        &self,
        slots: Vec<u32>,
        sort: Sort,
        tally: impl Fn(u32) -> Tally,
    ) -> Vec<(u64, u32, u32)> {
        let ranks = &self.ranks;
        let keys = &self.keys;
        let column = |column: &Vec<u64>, slot: u32| column[slot as usize];
        let ranked = |rank: &Rank, slot: u32, blank: bool| rank.key(slot, blank);
        let person = |slot: u32| &self.people[slot as usize];
        let causes = |slot: u32| self.hot[slot as usize].causes(&self.records, self.source_alive);
        let pair = |key: &dyn Fn(u32) -> u64| -> Vec<(u64, u32, u32)> {
            let directed = |key: u64| match (sort.descending, key) {
                // Blank cells stay last whichever way the rest runs.
                (true, key) if key != BLANK => BLANK - 1 - key,
                (true | false, key) => key,
            };
            slots
                .iter()
                .map(|&slot| {
                    (
                        directed(key(slot)),
                        ranks.name.key(slot, false) as u32,
                        slot,
                    )
                })
                .collect()
        };
        match sort.column {
            SortColumn::AgentId => pair(&|slot| person(slot).id.0 as u64),
            SortColumn::Name => pair(&|slot| ranked(&ranks.name, slot, false)),
            SortColumn::CallForwardingNumber => pair(&|slot| column(&keys.forwarding, slot)),
            SortColumn::AlternativeNumbers => pair(&|slot| column(&keys.alternative, slot)),
            SortColumn::IntercomNumber => pair(&|slot| column(&keys.intercom, slot)),
            SortColumn::TimeGroup => pair(&|slot| column(&keys.time_group, slot)),
            SortColumn::Departments => pair(&|slot| column(&keys.departments, slot)),
            SortColumn::Username => pair(&|slot| ranked(&ranks.login_id, slot, false)),
            SortColumn::ExtensionCallerId => pair(&|slot| column(&keys.caller_id, slot)),
            SortColumn::AgentStatus => pair(&|slot| causes(slot).agent_status() as u64),
            SortColumn::ExtensionStatus => pair(&|slot| causes(slot).extension_status() as u64),
            SortColumn::CallsAnswered => pair(&|slot| tally(slot).answered as u64),
            SortColumn::Missed => pair(&|slot| tally(slot).missed as u64),
            SortColumn::EmployeeId => {
                pair(&|slot| ranked(&ranks.employee_id, slot, person(slot).employee_id.is_none()))
            }
            SortColumn::Designation => pair(&|slot| {
                ranked(
                    &ranks.designation,
                    slot,
                    person(slot).designation.is_empty(),
                )
            }),
            SortColumn::Phone => pair(&|slot| column(&keys.phone, slot)),
            SortColumn::Email => {
                pair(&|slot| ranked(&ranks.email, slot, person(slot).email.is_none()))
            }
        }
    }
}
