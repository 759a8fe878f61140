//! What the calls page prints: ready strings and numbers, no rules.

use askama::Template;

use super::present::CallRow;
use crate::domain::call::filter::{CallFilter, CallPart, Start};
use crate::domain::filter::PerPage;
use crate::domain::query::BadParam;
use crate::web::range::RangeControl;
use crate::web::shell::Shell;

/// The whole page; `as_list()` is the part that follows the query.
#[derive(Template)]
#[template(path = "calls/list.html", blocks = ["list"])]
pub struct CallsPage<'a> {
    pub shell: &'a Shell,
    pub page: &'a CallsView<'a>,
}

/// Everything below the shell.
pub struct CallsView<'a> {
    pub filter: &'a CallFilter,
    /// Parameters that make no sense: marked chips, no rows, answered with 400.
    pub bad: &'a [BadParam],
    pub selects: Vec<Select>,
    pub chips: Vec<Chip>,
    pub range: RangeControl,
    /// None where the filter makes no sense.
    pub sums: Option<SumsView>,
    pub rows: Vec<CallRow>,
    /// Addresses of the pages around this one.
    pub newest: Option<String>,
    pub newer: Option<String>,
    pub older: Option<String>,
    /// `05 Nov 2026`: the search was not through; empty otherwise.
    pub read_back_to: String,
    /// The reader may filter by numbers.
    pub numbers: bool,
    /// The reader may take the list along.
    pub exports: bool,
}

/// A choice in the bar of filters.
pub struct Select {
    pub name: &'static str,
    pub label: &'static str,
    /// What stands for "all".
    pub any: &'static str,
    pub options: Vec<SelectOption>,
}

pub struct SelectOption {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// A filter in force.
pub struct Chip {
    pub label: &'static str,
    pub value: String,
    pub remove: String,
}

/// The sums above the table.
pub struct SumsView {
    pub calls: String,
    pub answered: String,
    pub talk: String,
    /// `12 Nov 2026`: the sums begin there, since more would take too long; empty: they are whole.
    pub since: String,
}

impl CallsView<'_> {
    /// What the form of filters must carry to keep the rest.
    pub fn keep(&self) -> Vec<(&'static str, String)> {
        let own: &[&str] = match self.numbers {
            true => &["department", "direction", "outcome", "number", "talk"],
            false => &["department", "direction", "outcome", "talk"],
        };
        let mut pairs = self.filter.pairs();
        pairs.retain(|(name, _)| !own.contains(name));
        pairs
    }

    pub fn here(&self) -> String {
        self.filter.link("/calls")
    }

    pub fn clear_href(&self) -> String {
        self.filter.cleared().link("/calls")
    }

    pub fn export_href(&self) -> String {
        self.filter.at(Start::Newest).link("/calls/export.csv")
    }

    pub fn per_pages(&self) -> impl Iterator<Item = (&'static str, bool, String)> {
        PerPage::ALL.iter().map(|per| {
            (
                per.word(),
                *per == self.filter.per,
                self.filter.with_per(*per).link("/calls"),
            )
        })
    }

    /// The ways out of this page: address, name, icon.
    pub fn ends(&self) -> [(&Option<String>, &'static str, &'static str); 3] {
        [
            (&self.newest, "Newest", "first"),
            (&self.newer, "Newer", "left"),
            (&self.older, "Older", "right"),
        ]
    }

    pub fn filtered(&self) -> bool {
        !self.chips.is_empty()
    }
}

/// Chips in the order of the query; `value` names what each part is set to, if it is set.
pub fn chips(filter: &CallFilter, value: impl Fn(CallPart) -> Option<String>) -> Vec<Chip> {
    let label = |part| match part {
        CallPart::Agent => "Agent",
        CallPart::Group => "Agent group",
        CallPart::MemberOf => "Agents of",
        CallPart::People => "Agents",
        CallPart::Department => "Department",
        CallPart::Direction => "Direction",
        CallPart::Outcome => "Outcome",
        CallPart::Counted => "Counted as",
        CallPart::Number => "Number",
        CallPart::Talk => "Talked",
    };
    CallPart::ALL
        .iter()
        .filter_map(|&part| {
            Some(Chip {
                label: label(part),
                value: value(part)?,
                remove: filter.without(part).link("/calls"),
            })
        })
        .collect()
}
