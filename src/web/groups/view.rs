//! What the templates of groups print: ready strings and numbers, no rules.

use crate::domain::filter::PerPage;
use crate::domain::group_filter::{GroupColumn, GroupFilter};
use crate::domain::query::BadParam;
use crate::domain::show;
use crate::domain::status::AgentStatus;
use crate::web::agents::view::label;
use crate::web::changes::Change;
use crate::web::form::Field;
use crate::web::shell::Shell;
use askama::Template;

pub const PATH: &str = "/agent-groups";

/// The whole page; `as_list()` is the part that follows the query.
#[derive(Template)]
#[template(path = "groups/list.html", blocks = ["list"])]
pub struct GroupsPage<'a> {
    pub shell: &'a Shell,
    pub page: &'a GroupsView<'a>,
}

/// Everything below the shell.
pub struct GroupsView<'a> {
    pub filter: GroupFilter,
    /// Parameters that make no sense: marked chips, no rows, answered with 400.
    pub bad: &'a [BadParam],
    pub rows: Vec<GroupRow>,
    /// How many match, how many there are, and how many pages they fill.
    pub shown: usize,
    pub total: usize,
    pub last: usize,
    pub may_write: bool,
}

pub struct GroupRow {
    pub id: i64,
    pub name: String,
    pub description: String,
    /// `1,204`.
    pub members: String,
    pub now: Vec<Now>,
}

/// How many agents of a group are in a status.
pub struct Now {
    pub word: &'static str,
    /// `active`, inside a sentence.
    pub said: String,
    pub count: String,
}

/// The statuses that somebody is in, those who work first.
pub fn now(by_status: &[usize]) -> Vec<Now> {
    let order = [
        AgentStatus::Active,
        AgentStatus::Busy,
        AgentStatus::Offline,
        AgentStatus::Blocked,
        AgentStatus::Disabled,
        AgentStatus::Unknown,
    ];
    let count = |status: AgentStatus| by_status.get(status as usize).copied().unwrap_or(0);
    order
        .into_iter()
        .filter(|status| count(*status) > 0)
        .map(|status| Now {
            word: status.word(),
            said: label(status.word()).to_lowercase(),
            count: show::count(count(status) as i64),
        })
        .collect()
}

/// A head of the table with its link.
pub struct Head {
    pub key: &'static str,
    pub label: &'static str,
    pub href: String,
    /// `ascending`, `descending`, or empty.
    pub order: &'static str,
    pub icon: &'static str,
    pub end: bool,
}

impl GroupsView<'_> {
    pub fn heads(&self) -> Vec<Head> {
        let head = |&column: &GroupColumn| {
            let sorted = self.filter.sort.column == column;
            let (order, icon) = match (sorted, self.filter.sort.descending) {
                (false, _) => ("", "sort"),
                (true, false) => ("ascending", "asc"),
                (true, true) => ("descending", "desc"),
            };
            Head {
                key: column.word(),
                label: match column {
                    GroupColumn::Id => "ID",
                    GroupColumn::Name => "Name",
                    GroupColumn::Description => "Description",
                    GroupColumn::Members => "Members",
                },
                href: self.filter.with_sort(column).link(PATH),
                order,
                icon,
                end: column == GroupColumn::Members,
            }
        };
        GroupColumn::ALL.iter().map(head).collect()
    }

    /// What the search form must carry along.
    pub fn keep(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let sort = (filter.sort != GroupFilter::default().sort).then(|| filter.sort.to_string());
        let per = (filter.per != PerPage::default()).then(|| filter.per.word().to_owned());
        let all = [("sort", sort), ("per", per)];
        let given = |(name, value): (&'static str, Option<String>)| Some((name, value?));
        all.into_iter().filter_map(given).collect()
    }

    pub fn here(&self) -> String {
        self.filter.link(PATH)
    }

    /// Without the search.
    pub fn clear_href(&self) -> String {
        self.filter.with_q("").link(PATH)
    }

    /// `1–50`.
    pub fn range(&self) -> (usize, usize) {
        let per = self.filter.per.rows();
        let from = (self.filter.page as usize - 1) * per;
        (from + 1, (from + per).min(self.shown))
    }

    pub fn per_pages(&self) -> impl Iterator<Item = (&'static str, bool, String)> {
        PerPage::ALL.iter().map(|per| {
            (
                per.word(),
                *per == self.filter.per,
                self.filter.with_per(*per).link(PATH),
            )
        })
    }

    /// The ways out of this page: address, name, icon.
    pub fn ends(&self) -> [(Option<String>, &'static str, &'static str); 2] {
        let page = self.filter.page;
        let to = |page: u32, there: bool| there.then(|| self.filter.with_page(page).link(PATH));
        [
            (to(page.saturating_sub(1), page > 1), "Previous", "left"),
            (to(page + 1, (page as usize) < self.last), "Next", "right"),
        ]
    }
}

/// The form of a group, new or not.
#[derive(Template)]
#[template(path = "groups/edit.html")]
pub struct EditPage<'a> {
    pub shell: &'a Shell,
    pub form: &'a EditForm,
    pub changes: Vec<Change>,
}

pub struct EditForm {
    /// None for a new one.
    pub id: Option<i64>,
    /// The name as it is stored.
    pub who: String,
    pub name: Field,
    pub description: Field,
    pub version: i64,
    /// The values that the form was opened with.
    pub was_name: String,
    pub was_description: String,
    pub once: String,
    pub conflict: Option<Bar>,
}

impl EditForm {
    pub fn action(&self) -> String {
        match self.id {
            Some(id) => format!("{PATH}/{id}"),
            None => PATH.to_owned(),
        }
    }

    pub fn wrong(&self) -> usize {
        let fields = [&self.name, &self.description];
        fields
            .iter()
            .filter(|field| !field.error.is_empty())
            .count()
    }
}

/// Two people changed the same fields.
pub struct Bar {
    pub title: String,
    /// `P. Nair’s`.
    pub whose: String,
    pub rows: Vec<BarRow>,
}

pub struct BarRow {
    pub name: &'static str,
    pub label: &'static str,
    pub was: String,
    pub theirs: String,
    pub mine: String,
}

/// What goes with a group that is deleted.
pub struct DeleteView {
    pub id: i64,
    pub name: String,
    pub version: i64,
    /// How many are in it: `14 agents`.
    pub members: usize,
    pub members_said: String,
    /// The first who are in no other group, and how many there are.
    pub lonely: Vec<String>,
    pub lonely_count: usize,
    /// Supervisors whose rights hold on it, each with whether any other group is left to them.
    pub scoped: Vec<(String, bool)>,
    /// The same for a reader who may not know who they are; empty for others.
    pub scoped_said: String,
    /// Address of the list that it was opened from.
    pub back: String,
    /// Somebody changed the group after it was looked at.
    pub changed: bool,
}

impl DeleteView {
    pub fn more_lonely(&self) -> String {
        show::count((self.lonely_count - self.lonely.len()) as i64)
    }
}

/// As a page.
#[derive(Template)]
#[template(path = "groups/delete.html")]
pub struct DeletePage<'a> {
    pub shell: &'a Shell,
    pub it: &'a DeleteView,
    /// It stands in a dialog.
    pub dialog: bool,
}

/// As a dialog.
#[derive(Template)]
#[template(path = "groups/delete_dialog.html")]
pub struct DeleteDialog<'a> {
    pub it: &'a DeleteView,
    pub dialog: bool,
}
