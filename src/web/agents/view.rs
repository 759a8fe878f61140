//! What the templates of the agents list print: ready strings and numbers, no rules.

use std::borrow::Cow;
use std::fmt;

use askama::Template;

use super::columns::{COLUMNS, Column, Columns};
use super::links::Query;
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
}

/// One message of the live stream, as `<hx-partial>`s. Every part may be empty.
#[derive(Template)]
#[template(path = "agents/live.html")]
pub struct AgentsLive<'a> {
    /// Whole rows, for those on the page whose badges or data changed.
    pub rows: &'a [AgentRow<'a>],
    /// The columns of the page that listens.
    pub cols: Columns,
    /// Only the number, for agents whose call was answered or missed.
    pub counts: &'a [CountUpdate<'a>],
    /// Tabs whose number changed.
    pub tabs: &'a [TabCount],
    /// The order or the membership of this page is no longer right.
    pub order_changed: bool,
    /// Address of the page as it is, behind "Refresh".
    pub here: &'a str,
}

/// Everything below the shell.
#[derive(Default)]
pub struct AgentsView<'a> {
    pub query: Query<'a>,
    /// How many match, and how many there are in this person's scope.
    pub shown: u32,
    pub total: u32,
    pub tabs: Vec<TabCount>,
    /// The status words in force; empty: all. One word marks its tab.
    pub status: Vec<&'static str>,
    /// The search as typed.
    pub q: Cow<'a, str>,
    /// Filters of the menu, in the order shown.
    pub filters: Vec<Filter<'a>>,
    pub chips: Vec<Chip<'a>>,
    pub cols: Columns,
    pub density: Density,
    pub range: RangeView<'a>,
    /// Sort word in force (`name`, `-calls_answered`); empty: the default order.
    pub sort: Cow<'a, str>,
    pub rows: Vec<AgentRow<'a>>,
    pub totals: Totals,
    pub leavers: Option<Leavers>,
    pub pager: Pager,
    pub empty: Option<Empty>,
    /// `/live?…` with the page's query and a token of the moment it was read; empty: no stream.
    pub live_url: String,
}

/// A row of the table. Numbers, names and ages are ready to print; empty text prints as a dash.
#[derive(Clone, Debug, Default)]
pub struct AgentRow<'a> {
    pub agent_id: Cow<'a, str>,
    pub name: Cow<'a, str>,
    pub employee_id: Cow<'a, str>,
    pub designation: Cow<'a, str>,
    pub email: Cow<'a, str>,
    pub call_forwarding_number: Cow<'a, str>,
    /// The first alternative number, and the others joined by ", ".
    pub alternative: Cow<'a, str>,
    pub more_alternatives: Cow<'a, str>,
    pub more_alternatives_count: u32,
    pub intercom_number: Cow<'a, str>,
    pub time_group: Cow<'a, str>,
    /// Names joined by ", ".
    pub departments: Cow<'a, str>,
    pub agent_groups: Cow<'a, str>,
    pub username: Cow<'a, str>,
    pub extension_caller_id: Cow<'a, str>,
    pub status: Badge,
    /// The second mark: `on a call`, `lunch`, `ringing`; empty for none.
    pub also: Cow<'a, str>,
    /// `09:12 by R. Kulkarni · sick · until 18:00`: stands in place of the age. Empty for none.
    pub why: Cow<'a, str>,
    /// Time in state: `12m`, `since 22 Nov 13:50:11`, and the instant as RFC 3339 in UTC. Empty: unknown.
    pub age: Cow<'a, str>,
    pub since: Cow<'a, str>,
    pub since_at: Cow<'a, str>,
    pub extension: Badge,
    pub calls_answered: u32,
    pub missed: u32,
}

/// A status: its word in `data-status` and its label. An empty word is "no extension".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Badge {
    pub word: &'static str,
    pub label: &'static str,
}

impl Badge {
    pub fn new(word: &'static str) -> Self {
        Self {
            word,
            label: label(word),
        }
    }
}

/// The label of a status word of either badge.
pub fn label(word: &str) -> &'static str {
    match word {
        "active" => "Active",
        "blocked" => "Blocked",
        "disabled" => "Disabled",
        "busy" => "Busy",
        "offline" => "Offline",
        "registered" => "Registered",
        "unregistered" => "Unregistered",
        "none" => "No extension",
        _ => "Unknown",
    }
}

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
        let order = [
            AgentStatus::Active,
            AgentStatus::Busy,
            AgentStatus::Offline,
            AgentStatus::Blocked,
            AgentStatus::Disabled,
            AgentStatus::Unknown,
        ];
        let all = Self {
            word: "",
            count: count(None),
        };
        let each = order.into_iter().map(|status| Self {
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

/// One group of boxes in the filter menu.
#[derive(Clone, Debug)]
pub struct Filter<'a> {
    /// Name in the query: `status`, `extension`, `group`, `department`, `time_group`.
    pub name: &'static str,
    pub legend: &'static str,
    pub options: Vec<FilterOption<'a>>,
}

#[derive(Clone, Debug)]
pub struct FilterOption<'a> {
    pub value: Cow<'a, str>,
    pub label: Cow<'a, str>,
    pub checked: bool,
}

/// A filter in force.
#[derive(Clone, Debug)]
pub struct Chip<'a> {
    /// `Group`, and what it is: `Bengaluru floor 2`, or `Support or Sales`.
    pub label: Cow<'a, str>,
    pub value: Cow<'a, str>,
    /// Address of the page without it.
    pub remove: String,
    /// What is wrong with it; empty when it is good.
    pub bad: Cow<'a, str>,
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

/// The *calls answered* control.
#[derive(Clone, Debug, Default)]
pub struct RangeView<'a> {
    /// Word of the preset in force (`today`, `7`, `last-cycle`); empty: a range of two days.
    pub days: Cow<'a, str>,
    /// `YYYY-MM-DD`, filled only for a range of two days.
    pub from: Cow<'a, str>,
    pub to: Cow<'a, str>,
    /// `Mon 16 – Sun 22 Nov 2026, IST`.
    pub said: Cow<'a, str>,
    /// `14:02:11`, and the same instant as RFC 3339.
    pub as_of: Cow<'a, str>,
    pub as_of_at: Cow<'a, str>,
    /// What is wrong with the range; empty when it is good.
    pub bad: Cow<'a, str>,
}

/// Word and label of each preset; the first eight stand in the bar, the others under More.
pub static PRESETS: &[(&str, &str)] = &[
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("week", "This week"),
    ("month", "This month"),
    ("7", "7 days"),
    ("15", "15 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("last-week", "Last week"),
    ("last-month", "Last month"),
    ("cycle", "Pay cycle"),
    ("last-cycle", "Last pay cycle"),
];
const IN_BAR: usize = 8;

impl RangeView<'_> {
    pub fn bar(&self) -> &'static [(&'static str, &'static str)] {
        &PRESETS[..IN_BAR]
    }

    pub fn more(&self) -> &'static [(&'static str, &'static str)] {
        &PRESETS[IN_BAR..]
    }

    /// What the More button says: the choice under it, if it is the one in force.
    pub fn more_label(&self) -> &'static str {
        if self.days.is_empty() {
            return "Custom";
        }
        let chosen = self.more().iter().find(|(word, _)| *word == self.days);
        chosen.map_or("More", |(_, label)| label)
    }
}

/// Sums over everything that matches, leavers included.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub answered: u32,
    pub missed: u32,
}

/// Calls of deleted agents in the range.
#[derive(Clone, Copy, Debug)]
pub struct Leavers {
    pub calls: u32,
    pub agents: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// `1–50`, counted from 1.
    pub from: u32,
    pub to: u32,
    pub per: u32,
    /// Addresses; `None` where there is nothing that way.
    pub first: Option<String>,
    pub previous: Option<String>,
    pub next: Option<String>,
    pub last: Option<String>,
}

impl Pager {
    /// Each way with its name and icon.
    pub fn links(&self) -> [(Option<&str>, &'static str, &'static str); 4] {
        [
            (self.first.as_deref(), "First", "first"),
            (self.previous.as_deref(), "Previous", "left"),
            (self.next.as_deref(), "Next", "right"),
            (self.last.as_deref(), "Last", "last"),
        ]
    }
}

/// What each status means, under the table.
pub static LEGEND: &[(&str, &str)] = &[
    ("active", "takes calls"),
    ("busy", "on a call or wrapping up"),
    ("offline", "off duty, paused, outside hours or unreachable"),
    ("blocked", "no calls in"),
    ("disabled", "no calls in or out"),
    ("unknown", "the phone system is silent"),
    ("registered", "the phone is connected"),
    ("unregistered", "it is not"),
];

pub const PAGE_SIZES: [u32; 4] = [25, 50, 100, 250];

/// Why there are no rows.
#[derive(Clone, Debug)]
pub enum Empty {
    /// No agent exists (in this person's scope).
    NothingYet,
    NoMatch,
    /// What is wrong, one sentence each; answered with 400.
    BadFilter(Vec<String>),
}

/// A number that changed in a row.
#[derive(Clone, Debug)]
pub struct CountUpdate<'a> {
    pub agent_id: Cow<'a, str>,
    pub calls_answered: u32,
    pub missed: u32,
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

impl AgentsView<'_> {
    /// The heads that are seen. A second press turns the order round, a third goes back to the default.
    pub fn heads(&self) -> Vec<Head> {
        let base = self.query.base("sort");
        let (sorted, descending) = match self.sort.strip_prefix('-') {
            Some(key) => (key, true),
            None => (self.sort.as_ref(), false),
        };
        let seen = COLUMNS.iter().filter(|column| self.cols.shows(column.key));
        seen.map(|column| {
            let first = starts_descending(column.key);
            let (order, icon, next) = match (column.key == sorted, descending) {
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

    /// Address of a tab: the same page with only that status.
    pub fn tab_href(&self, tab: &TabCount) -> String {
        let base = self.query.base("status");
        if tab.word.is_empty() {
            base.bare()
        } else {
            base.with("status", tab.word)
        }
    }

    pub fn tab_current(&self, tab: &TabCount) -> bool {
        match self.status.as_slice() {
            [] => tab.word.is_empty(),
            [only] => *only == tab.word,
            [..] => false,
        }
    }

    /// Unknown is a state of alarm: its tab shows only while somebody is in it.
    pub fn tab_seen(&self, tab: &TabCount) -> bool {
        tab.word != "unknown" || tab.count > 0 || self.tab_current(tab)
    }

    /// Address without any filter; sort, size and range stay.
    pub fn clear_href(&self) -> String {
        self.query.without(&FILTER_NAMES)
    }

    pub fn keep_for_search(&self) -> Vec<(&'static str, &str)> {
        self.query.keep(&["q"])
    }

    pub fn keep_for_filters(&self) -> Vec<(&'static str, &str)> {
        self.query
            .keep(&["status", "extension", "group", "department", "time_group"])
    }

    pub fn keep_for_range(&self) -> Vec<(&'static str, &str)> {
        self.query.keep(&["days", "from", "to"])
    }

    pub fn per_href(&self, per: &u32) -> String {
        self.query.with("per", &per.to_string())
    }

    /// A filter other than the search is in force: the button says so.
    pub fn filtered(&self) -> bool {
        self.filters
            .iter()
            .flat_map(|filter| &filter.options)
            .any(|option| option.checked)
    }
}

const FILTER_NAMES: [&str; 7] = [
    "q",
    "status",
    "extension",
    "group",
    "department",
    "time_group",
    "attention",
];

/// A number with its thousands apart: `1,204`.
#[derive(Clone, Copy, Debug)]
pub struct Grouped(u32);

/// Takes a reference because templates hand over fields that way.
pub fn grouped(number: &u32) -> Grouped {
    Grouped(*number)
}

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (millions, thousands, rest) = (self.0 / 1_000_000, self.0 / 1000 % 1000, self.0 % 1000);
        match (millions, thousands) {
            (0, 0) => write!(f, "{rest}"),
            (0, _) => write!(f, "{thousands},{rest:03}"),
            (_, _) => write!(f, "{millions},{thousands:03},{rest:03}"),
        }
    }
}

impl askama::FastWritable for Grouped {
    fn write_into(
        &self,
        dest: &mut dyn fmt::Write,
        values: &dyn askama::Values,
    ) -> askama::Result<()> {
        if self.0 < 1000 {
            return self.0.write_into(dest, values);
        }
        Ok(write!(dest, "{self}")?)
    }
}

impl askama::filters::HtmlSafe for Grouped {}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
