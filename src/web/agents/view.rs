//! What the templates of the agents list print: ready strings and numbers, no rules.

use askama::Template;

use super::columns::{COLUMNS, Column, Columns};
pub use super::drawn::DrawnRow;
pub use super::filters::{Chip, Filter, FilterOption, InForce, TABS, status_filters};
use super::links::Query;
pub use super::range::{PRESETS, RangeView};
pub use super::row::{AgentRow, Badge, CallDays, CountUpdate, Grouped, LEGEND, grouped, label};
use crate::domain::call::filter::{CallFilter, Counted, People};
use crate::domain::filter::{AgentFilter, BadParam, FilterPart};
use crate::domain::role::{Permission, Permissions};
use crate::domain::status::AgentStatus;
use crate::web::shell::Shell;

/// The whole page; `as_list()` is the part that follows the query, for `HX-Request-Type: partial`.
#[derive(Template)]
#[template(path = "agents/list.html", blocks = ["list"])]
pub struct AgentsPage<'a> {
    pub shell: &'a Shell,
    pub page: &'a AgentsView<'a>,
}

/// The answer to Refresh: counts, range and the links that carry the range, as `<hx-partial>`s. When the
/// table is sorted by calls the order may change too: answer with `AgentsPage::as_list` instead.
#[derive(Template)]
#[template(path = "agents/counts.html")]
pub struct AgentsCounts<'a> {
    pub page: &'a AgentsView<'a>,
    pub counts: &'a [CountUpdate],
}

/// Everything below the shell.
pub struct AgentsView<'a> {
    /// What was asked; with bad parameters, what could be read of it.
    pub filter: &'a AgentFilter,
    /// Parameters that make no sense: marked chips, no rows, answered with 400.
    pub bad: &'a [BadParam],
    /// How many match, and how many there are in this person's scope.
    pub shown: u32,
    pub total: u32,
    pub tabs: Vec<TabCount>,
    /// Filters that are set, in the order of the menu: the chips.
    pub filters: Vec<InForce<'a>>,
    pub cols: Columns,
    pub can: Can,
    pub density: Density,
    pub range: RangeView<'a>,
    pub rows: Vec<DrawnRow>,
    pub totals: Totals,
    pub leavers: Option<Leavers>,
    /// The reader may see calls, so that sums lead to them.
    pub calls: bool,
    /// `/live?…` with the page's query and a token of the moment it was read; empty: no stream.
    pub live_url: String,
}

/// What the reader may do to the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Can {
    /// Block, pause and so on: rows can be selected.
    pub act: bool,
    pub restore: bool,
    /// Take the list along as a file.
    pub export: bool,
}

impl Can {
    pub fn of(rights: Permissions) -> Self {
        Self {
            act: rights.contains(Permission::AgentsState),
            restore: rights.contains(Permission::AgentsDelete),
            export: rights.contains(Permission::Exports),
        }
    }
}

/// The buttons of the bar that stands below while rows are selected: word and label.
pub static BULK: [(&str, &str); 6] = [
    ("block", "Block…"),
    ("disable", "Disable…"),
    ("enable", "Enable…"),
    ("pause", "Pause…"),
    ("join_groups", "Add to group…"),
    ("", "More…"),
];

/// A tab above the table.
#[derive(Clone, Copy, Debug)]
pub struct TabCount {
    /// Status word; empty for All.
    pub word: &'static str,
    pub count: u32,
}

impl TabCount {
    /// All and the six statuses, in the order of the tabs. `count` answers for `None` = all.
    pub fn all(count: impl Fn(Option<AgentStatus>) -> u32) -> Vec<Self> {
        let all = Self {
            word: "",
            count: count(None),
        };
        let each = TABS.iter().map(|&status| Self {
            word: status.word(),
            count: count(Some(status)),
        });
        std::iter::once(all).chain(each).collect()
    }

    pub fn label(&self) -> &'static str {
        if self.word.is_empty() {
            "All"
        } else {
            label(self.word)
        }
    }

    /// Ends the ids of the tab and its number.
    pub fn id(&self) -> &'static str {
        if self.word.is_empty() {
            "all"
        } else {
            self.word
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    Compact,
    #[default]
    Normal,
    Roomy,
}

impl Density {
    pub const ALL: &'static [Self] = &[Self::Compact, Self::Normal, Self::Roomy];

    pub fn word(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Normal => "normal",
            Self::Roomy => "roomy",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Compact => "Compact",
            Self::Normal => "Normal",
            Self::Roomy => "Roomy",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|density| density.word() == word)
    }
}

/// Sums over everything that matches, calls of leavers included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub answered: u32,
    pub missed: u32,
    /// Agents that match, and those the reader may see at all.
    pub shown: u32,
    pub total: u32,
}

/// Calls of deleted agents in the range.
#[derive(Clone, Copy, Debug)]
pub struct Leavers {
    pub calls: u32,
    pub agents: u32,
}

/// Where the page stands among the pages that match.
#[derive(Clone, Debug)]
pub struct Pager {
    /// `1–50`, counted from 1.
    pub from: u32,
    pub to: u32,
    /// Rows on a page.
    pub per: u32,
    /// Each way with its name and icon; no address where there is nothing that way.
    pub links: [(Option<String>, &'static str, &'static str); 4],
}

pub const PAGE_SIZES: [u32; 4] = [25, 50, 100, 250];

/// Why there are no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// No agent exists (in this person's scope).
    NothingYet,
    NoMatch,
    BadFilter,
}

/// A head of the table with its link.
pub struct Head {
    pub column: &'static Column,
    pub href: String,
    /// `ascending`, `descending`, or empty.
    pub order: &'static str,
    pub icon: &'static str,
}

/// Sorting by these starts with the largest.
fn starts_descending(key: &str) -> bool {
    matches!(key, "calls_answered" | "missed")
}

impl<'a> AgentsView<'a> {
    pub fn query(&self) -> Query<'a> {
        Query::from(self.filter)
    }

    /// The heads that are seen. A second press turns the order round, a third goes back to the default.
    pub fn heads(&self) -> Vec<Head> {
        let base = self.query().base("sort");
        let sorted = self.filter.sort.column.word();
        let seen = COLUMNS.iter().filter(|column| self.cols.shows(column.key));
        seen.map(|column| {
            let first = starts_descending(column.key);
            let (order, icon, next) = match (column.key == sorted, self.filter.sort.descending) {
                (false, _) => ("", "sort", Some(first)),
                (true, false) => ("ascending", "asc", (!first).then_some(true)),
                (true, true) => ("descending", "desc", first.then_some(false)),
            };
            let href = match next {
                Some(true) => base.with("sort", &format!("-{}", column.key)),
                Some(false) => base.with("sort", column.key),
                None => base.bare(),
            };
            Head {
                column,
                href,
                order,
                icon,
            }
        })
        .collect()
    }

    pub fn tab_current(&self, tab: &TabCount) -> bool {
        self.filter.status.map_or("", AgentStatus::word) == tab.word
    }

    /// The tabs with their addresses: the same page with only that status. Unknown is a state of alarm:
    /// its tab shows only while somebody is in it.
    pub fn tab_links(&self) -> impl Iterator<Item = (&TabCount, String)> {
        let base = self.query().base("status");
        let seen =
            |tab: &&TabCount| tab.word != "unknown" || tab.count > 0 || self.tab_current(tab);
        self.tabs
            .iter()
            .filter(seen)
            .map(move |tab| match tab.word {
                "" => (tab, base.bare()),
                word => (tab, base.with("status", word)),
            })
    }

    /// The filters in force, then the parameters that make no sense.
    pub fn chips(&self) -> Vec<Chip<'_>> {
        let query = self.query();
        let good = self.filters.iter().map(|filter| Chip {
            label: filter.legend,
            value: filter.value,
            remove: query.without(&[filter.name]),
            bad: "",
        });
        // What could be read leaves out everything that could not.
        let bad = self.bad.iter().map(|param| Chip {
            label: &param.name,
            value: &param.value,
            remove: query.href(),
            bad: &param.reason,
        });
        good.chain(bad).collect()
    }

    /// Address without any filter; sort, size and range stay.
    pub fn clear_href(&self) -> String {
        self.query().without(&FILTER_NAMES)
    }

    /// Where columns and density are chosen; from there back to this page.
    pub fn view_href(&self) -> String {
        format!("/agents/view?{}", self.query().encoded())
    }

    /// Where the ranges are that the bar has no room for.
    pub fn days_href(&self) -> String {
        format!("/agents/days?{}", self.query().encoded())
    }

    /// Where all options of all filters are.
    pub fn filters_href(&self) -> String {
        format!("/agents/filters?{}", self.query().encoded())
    }

    pub fn filtered(&self) -> bool {
        !self.filters.is_empty()
    }

    pub fn empty(&self) -> Option<Empty> {
        if !self.bad.is_empty() {
            Some(Empty::BadFilter)
        } else if !self.rows.is_empty() {
            None
        } else if self.total == 0 {
            Some(Empty::NothingYet)
        } else {
            Some(Empty::NoMatch)
        }
    }

    pub fn pager(&self) -> Pager {
        let per = u32::try_from(self.filter.per.rows()).unwrap_or(u32::MAX);
        let last = self.shown.div_ceil(per).max(1);
        let page = self.filter.page.min(last);
        let from = (page - 1) * per;
        let base = self.query().base("page");
        let link = |to: u32, there: bool| {
            there.then(|| match to {
                1 => base.bare(),
                to => base.with("page", &to.to_string()),
            })
        };
        Pager {
            from: from + 1,
            to: (from + per).min(self.shown),
            per,
            links: [
                (link(1, page > 1), "First", "first"),
                (link(page.saturating_sub(1), page > 1), "Previous", "left"),
                (link(page + 1, page < last), "Next", "right"),
                (link(last, page < last), "Last", "last"),
            ],
        }
    }

    /// The address of the calls behind a sum; none where the filter says more than calls can be
    /// found by.
    pub fn calls_href(&self, counted: Counted) -> Option<String> {
        let only = [FilterPart::Group, FilterPart::Department];
        let sayable = FilterPart::ALL
            .iter()
            .all(|part| only.contains(part) || !self.filter.has(*part));
        (self.calls && sayable).then(|| {
            CallFilter {
                group: self.filter.group,
                member_of: self.filter.department,
                ..self.counted(counted)
            }
            .link("/calls")
        })
    }

    /// The address of the calls of those who left.
    pub fn leavers_href(&self) -> Option<String> {
        self.calls.then(|| {
            CallFilter {
                people: Some(People::Left),
                ..self.counted(Counted::Answered)
            }
            .link("/calls")
        })
    }

    /// The addresses of the list as a file.
    pub fn exports(&self) -> [(&'static str, &'static str, String); 3] {
        let link = |path| self.filter.with_page(1).link(path);
        let xlsx = link("/agents/export.xlsx");
        let and = if xlsx.contains('?') { '&' } else { '?' };
        [
            ("xlsx", "Excel", xlsx.clone()),
            ("by-day", "Excel by day", format!("{xlsx}{and}by=day")),
            ("csv", "CSV", link("/agents/export.csv")),
        ]
    }

    fn counted(&self, counted: Counted) -> CallFilter {
        CallFilter {
            counted: Some(counted),
            days: self.filter.days,
            ..CallFilter::default()
        }
    }

    /// An id that no other stream address has (64-bit FNV-1a).
    pub fn stream_id(&self) -> String {
        let hash = self
            .live_url
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        format!("live-{hash:016x}")
    }

    pub fn per_href(&self, per: &u32) -> String {
        self.query().with("per", &per.to_string())
    }
}

pub(super) const FILTER_NAMES: [&str; 6] = [
    "q",
    "status",
    "extension",
    "group",
    "department",
    "time_group",
];
