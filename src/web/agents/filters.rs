//! The filter menu and the chips.

use std::borrow::Cow;

use super::row::label;
use crate::domain::filter::AgentFilter;
use crate::domain::status::{AgentStatus, ExtensionStatus};

/// The statuses in the order of the tabs and the menu.
pub const TABS: [AgentStatus; 6] = [
    AgentStatus::Active,
    AgentStatus::Busy,
    AgentStatus::Offline,
    AgentStatus::Blocked,
    AgentStatus::Disabled,
    AgentStatus::Unknown,
];

/// One choice in the filter menu.
#[derive(Clone, Debug)]
pub struct Filter<'a> {
    /// Name in the query: `status`, `extension`, `group`, `department`, `time_group`.
    pub name: &'static str,
    pub legend: &'static str,
    pub options: Vec<FilterOption<'a>>,
}

impl Filter<'_> {
    pub fn chosen(&self) -> Option<&FilterOption<'_>> {
        self.options.iter().find(|option| option.chosen)
    }
}

#[derive(Clone, Debug)]
pub struct FilterOption<'a> {
    /// The status word or the id.
    pub value: Cow<'a, str>,
    pub label: Cow<'a, str>,
    pub chosen: bool,
}

/// The filters whose options are the same everywhere.
pub fn status_filters(filter: &AgentFilter) -> [Filter<'static>; 2] {
    let option = |word: &'static str, chosen: Option<&'static str>| FilterOption {
        value: word.into(),
        label: label(word).into(),
        chosen: chosen == Some(word),
    };
    let status = filter.status.map(AgentStatus::word);
    let extension = filter.extension.map(ExtensionStatus::word);
    let statuses = TABS.iter().map(|each| option(each.word(), status));
    let extensions = ExtensionStatus::ALL
        .iter()
        .map(|each| option(each.word(), extension));
    [
        Filter {
            name: "status",
            legend: "Agent status",
            options: statuses.collect(),
        },
        Filter {
            name: "extension",
            legend: "Extension",
            options: extensions.collect(),
        },
    ]
}

/// A filter in force, or one that makes no sense.
#[derive(Clone, Debug)]
pub struct Chip<'a> {
    /// `Group`, and what it is: `Bengaluru floor 2`.
    pub label: &'a str,
    pub value: &'a str,
    /// Address of the page without it.
    pub remove: String,
    /// What is wrong with it; empty when it is good.
    pub bad: &'a str,
}
