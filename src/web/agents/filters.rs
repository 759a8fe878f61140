//! The filter menu and the chips.

use std::borrow::Cow;

use super::links::Query;
use super::row::label;
use super::view::{AgentsView, FILTER_NAMES};
use crate::domain::filter::AgentFilter;
use crate::domain::ids::GroupId;
use crate::domain::role::Scope;
use crate::domain::status::{AgentStatus, ExtensionStatus};
use crate::floor::Records;
use crate::web::error::AppError;
use crate::web::extract::{CurrentUser, Partial};
use crate::web::page::{self, render};
use crate::web::shell::{self, Shell};
use crate::web::state::AppState;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// Every filter with every option: a page, and the dialog that the list opens in its place.
#[derive(Template)]
#[template(path = "agents/filters.html")]
struct FiltersPage<'a> {
    shell: &'a Shell,
    filters: Vec<Filter<'a>>,
    query: Query<'a>,
}

#[derive(Template)]
#[template(path = "agents/filters_dialog.html")]
struct FiltersDialog<'a> {
    filters: Vec<Filter<'a>>,
    query: Query<'a>,
}

impl FiltersDialog<'_> {
    fn kept(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        kept(&self.query)
    }

    fn clear_href(&self) -> String {
        self.query.without(&FILTER_NAMES)
    }
}

impl FiltersPage<'_> {
    fn kept(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        kept(&self.query)
    }

    fn clear_href(&self) -> String {
        self.query.without(&FILTER_NAMES)
    }
}

/// What the form carries along.
fn kept<'a>(query: &Query<'a>) -> Vec<(&'static str, Cow<'a, str>)> {
    let names = ["status", "extension", "group", "department", "time_group"];
    query.clone().keep(&names)
}

/// `GET /agents/filters?…`: with the query of the list that it goes back to.
pub async fn show(
    req: HttpRequest,
    state: web::Data<AppState>,
    user: CurrentUser,
    Partial(partial): Partial,
) -> Result<HttpResponse, AppError> {
    let (filter, _) = AgentFilter::readable(req.query_string());
    let shell = user
        .shell(&req, &state)
        .page(shell::Page::Agents, "Filter agents");
    let picture = state.floor.picture();
    let (filters, query) = (
        filters(&filter, picture.records(), &user.scope),
        Query::from(&filter),
    );
    let body = if partial {
        render(&FiltersDialog { filters, query })?
    } else {
        render(&FiltersPage {
            shell: &shell,
            filters,
            query,
        })?
    };
    Ok(page::html(StatusCode::OK, body))
}

/// The statuses in the order of the tabs and the menu.
pub const TABS: [AgentStatus; 6] = [
    AgentStatus::Active,
    AgentStatus::Busy,
    AgentStatus::Offline,
    AgentStatus::Blocked,
    AgentStatus::Disabled,
    AgentStatus::Unknown,
];

const STATUS: &str = "Agent status";
const EXTENSION: &str = "Extension";
const GROUP: &str = "Agent group";
const DEPARTMENT: &str = "Department";
const TIME_GROUP: &str = "Time group";

/// One choice in the filter menu.
#[derive(Clone, Debug)]
pub struct Filter<'a> {
    /// Name in the query: `status`, `extension`, `group`, `department`, `time_group`.
    pub name: &'static str,
    pub legend: &'static str,
    pub options: Vec<FilterOption<'a>>,
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
            legend: STATUS,
            options: statuses.collect(),
        },
        Filter {
            name: "extension",
            legend: EXTENSION,
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

/// A filter that is set: its name in the query, its legend, and what is chosen.
#[derive(Clone, Copy, Debug)]
pub struct InForce<'a> {
    pub name: &'static str,
    pub legend: &'static str,
    pub value: &'a str,
}

impl<'a> AgentsView<'a> {
    /// The group that the list is scoped to: its key and its name.
    pub fn group(&self) -> Option<(GroupId, &'a str)> {
        let named = self.filters.iter().find(|filter| filter.name == "group")?;
        Some((self.filter.group?, named.value))
    }
}

/// The filters that are set, in the order of the menu. A record that is not there or out of scope has no name
/// to show.
pub fn in_force<'a>(filter: &AgentFilter, records: &'a Records, scope: &Scope) -> Vec<InForce<'a>> {
    let group = filter.group.filter(|&id| scope.sees(&[id]));
    let all = [
        ("status", STATUS, filter.status.map(|s| label(s.word()))),
        (
            "extension",
            EXTENSION,
            filter.extension.map(|e| label(e.word())),
        ),
        (
            "group",
            GROUP,
            group.and_then(|id| records.group(id)).map(|g| &*g.name),
        ),
        (
            "department",
            DEPARTMENT,
            filter
                .department
                .and_then(|id| records.department(id))
                .map(|d| &*d.name),
        ),
        (
            "time_group",
            TIME_GROUP,
            filter
                .time_group
                .and_then(|id| records.time_group(id))
                .map(|g| &*g.name),
        ),
    ];
    all.into_iter()
        .filter_map(|(name, legend, value)| {
            Some(InForce {
                name,
                legend,
                value: value?,
            })
        })
        .collect()
}

/// The filter menu: statuses, then the records by name; of the groups only those in scope.
pub fn filters<'a>(filter: &AgentFilter, records: &'a Records, scope: &Scope) -> Vec<Filter<'a>> {
    fn option<'a>(id: i64, name: &'a str, chosen: Option<i64>) -> FilterOption<'a> {
        FilterOption {
            value: id.to_string().into(),
            label: name.into(),
            chosen: chosen == Some(id),
        }
    }
    let [status, extension] = status_filters(filter);
    let (group, department) = (
        filter.group.map(|id| id.0),
        filter.department.map(|id| id.0),
    );
    let time_group = filter.time_group.map(|id| id.0);
    let groups = records.groups().iter().filter(|g| scope.sees(&[g.id]));
    let groups = groups.map(|g| option(g.id.0, &g.name, group)).collect();
    let departments = records
        .departments()
        .iter()
        .map(|d| option(d.id.0, &d.name, department))
        .collect();
    let hours = records
        .time_groups()
        .iter()
        .map(|g| option(g.id.0, &g.name, time_group))
        .collect();
    vec![
        status,
        extension,
        Filter {
            name: "group",
            legend: GROUP,
            options: groups,
        },
        Filter {
            name: "department",
            legend: DEPARTMENT,
            options: departments,
        },
        Filter {
            name: "time_group",
            legend: TIME_GROUP,
            options: hours,
        },
    ]
}
