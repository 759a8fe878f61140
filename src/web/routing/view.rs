//! What the lists and small pages of departments, IVRs and caller ids print: ready strings, no rules.

use crate::domain::filter::PerPage;
use crate::domain::query::BadParam;
use crate::domain::routing::Noun;
use crate::domain::routing::filter::{Column, ListFilter};
use crate::domain::show;
use crate::web::agents::edit::view::Fault;
use crate::web::changes::Change;
use crate::web::range::RangeControl;
use crate::web::shell::Shell;
use askama::Template;

/// The whole page; `as_list()` is the part that follows the query.
#[derive(Template)]
#[template(path = "routing/list.html", blocks = ["list"])]
pub struct ListPage<'a> {
    pub shell: &'a Shell,
    pub page: &'a ListView,
}

/// Everything below the shell.
pub struct ListView {
    pub noun: Noun,
    pub filter: ListFilter,
    pub bad: Vec<BadParam>,
    /// The reader may add, change and delete.
    pub may_change: bool,
    /// Only departments count calls.
    pub range: Option<RangeControl>,
    pub rows: Vec<ListRow>,
    /// Rows that match, and that there are.
    pub total: usize,
    pub all: usize,
    /// Answered and missed of all that match, ready to print.
    pub sums: Option<(String, String)>,
}

/// One record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRow {
    pub id: i64,
    pub title: String,
    /// The cells behind the first column.
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub label: &'static str,
    pub end: bool,
    /// Empty prints as a dash.
    pub text: String,
    /// Where it leads; empty for nowhere.
    pub href: String,
    /// Something is not as it should be.
    pub warn: bool,
}

/// The head of a column.
pub struct Head {
    pub key: &'static str,
    pub label: &'static str,
    pub end: bool,
    pub href: String,
    /// `ascending`, `descending`, or empty for the others.
    pub order: &'static str,
    pub icon: &'static str,
}

impl ListView {
    pub fn heads(&self) -> Vec<Head> {
        let head = |&column: &Column| {
            let (order, icon) = match (self.filter.sort == column, self.filter.descending) {
                (false, _) => ("", ""),
                (true, false) => ("ascending", "asc"),
                (true, true) => ("descending", "desc"),
            };
            Head {
                key: column.word(),
                label: column.label(),
                end: column.is_number(),
                href: self.filter.sorted_by(column).link(),
                order,
                icon,
            }
        };
        self.noun.columns().iter().map(head).collect()
    }

    /// The three lists.
    pub fn tabs(&self) -> &'static [Noun] {
        Noun::ALL
    }

    /// What a form that sets the search must carry to keep the rest.
    pub fn keep(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.filter.pairs();
        pairs.retain(|(name, _)| *name != "q");
        pairs
    }

    pub fn per_pages(&self) -> impl Iterator<Item = (&'static str, bool, String)> {
        let link = |per: &PerPage| {
            (
                per.word(),
                *per == self.filter.per,
                self.filter.with_per(*per).link(),
            )
        };
        PerPage::ALL.iter().map(link)
    }

    /// `1–50`: the places of the rows among those that match.
    pub fn shown(&self) -> String {
        let first = (self.filter.page as usize - 1) * self.filter.per.rows() + 1;
        let last = first + self.rows.len().saturating_sub(1);
        format!("{}–{}", show::count(first as i64), show::count(last as i64))
    }

    pub fn total_said(&self) -> String {
        show::count(self.total as i64)
    }

    /// The ways out of this page: address (none at the end), name, icon.
    pub fn ends(&self) -> [(Option<String>, &'static str, &'static str); 4] {
        let (page, pages) = (self.filter.page, self.pages());
        let to = |there: bool, page: u32| there.then(|| self.filter.at(page).link());
        [
            (to(page > 1, 1), "First", "first"),
            (to(page > 1, page.saturating_sub(1)), "Previous", "left"),
            (to(page < pages, page + 1), "Next", "right"),
            (to(page < pages, pages), "Last", "last"),
        ]
    }

    fn pages(&self) -> u32 {
        let pages = self.total.div_ceil(self.filter.per.rows()).max(1);
        u32::try_from(pages).unwrap_or(u32::MAX)
    }

    pub fn clear_href(&self) -> String {
        self.filter.without_search().link()
    }
}

/// A line of a page: label, text, address (empty for none).
pub struct Fact {
    pub label: &'static str,
    pub text: String,
    pub href: String,
    pub warn: bool,
}

/// A text, and the address that it leads to; empty for none.
pub struct Link {
    pub text: String,
    pub href: String,
}

/// The page of an IVR or a caller id.
#[derive(Template)]
#[template(path = "routing/show.html")]
pub struct ShowPage<'a> {
    pub shell: &'a Shell,
    pub noun: Noun,
    pub id: i64,
    pub title: String,
    pub may_change: bool,
    pub facts: Vec<Fact>,
    /// Caller ids that lead here.
    pub led_by: Vec<Link>,
    pub changes: Vec<Change>,
}

/// Before something is deleted: what depends on it.
pub struct DeleteView {
    pub noun: Noun,
    pub id: i64,
    pub title: String,
    pub version: i64,
    /// A sentence each.
    pub effects: Vec<Link>,
    pub led_by: Vec<Link>,
    /// It was changed since it was looked at: nothing was deleted.
    pub stale: bool,
}

/// As a page.
#[derive(Template)]
#[template(path = "routing/delete.html")]
pub struct DeletePage<'a> {
    pub shell: &'a Shell,
    pub it: &'a DeleteView,
    /// It stands in a dialog.
    pub dialog: bool,
}

/// As a dialog.
#[derive(Template)]
#[template(path = "routing/delete_dialog.html")]
pub struct DeleteDialog<'a> {
    pub it: &'a DeleteView,
    pub dialog: bool,
}

/// What was deleted and can be brought back.
#[derive(Template)]
#[template(path = "routing/deleted.html")]
pub struct DeletedPage<'a> {
    pub shell: &'a Shell,
    pub noun: Noun,
    pub rows: Vec<GoneRow>,
    /// Why the last one could not be brought back; empty for nothing wrong.
    pub wrong: Fault,
}

pub struct GoneRow {
    pub id: i64,
    pub title: String,
    /// `22 Nov 2026 14:02:11`.
    pub at: String,
}
