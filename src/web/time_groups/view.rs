//! What the templates of time groups print: ready strings, no rules.

use super::week::{HEIGHT, WeekView};
use crate::domain::filter::{BadParam, PerPage};
use crate::domain::show;
use crate::domain::time_group::filter::{Column, ListFilter};
use crate::web::agents::edit::view::Bar;
use crate::web::changes::Change;
use crate::web::form;
use crate::web::shell::Shell;
use askama::Template;

/// The list; `as_list()` is the part that follows the query.
#[derive(Template)]
#[template(path = "time_groups/list.html", blocks = ["list"])]
pub struct ListPage<'a> {
    pub shell: &'a Shell,
    pub page: &'a ListView<'a>,
}

pub struct ListView<'a> {
    pub filter: &'a ListFilter,
    /// Parameters that make no sense: marked chips, no rows, answered with 400.
    pub bad: &'a [BadParam],
    /// Those of this page.
    pub rows: Vec<RowView>,
    /// The number of the last page; 0 for none.
    pub last: u32,
    /// How many match, and how many there are, whatever is searched for.
    pub total: usize,
    pub all: usize,
    pub may_change: bool,
}

pub struct RowView {
    pub id: i64,
    pub name: String,
    pub zone: String,
    /// Each row of hours.
    pub hours: Vec<String>,
    pub now: NowView,
    pub agents: String,
    pub agents_href: String,
}

/// Open or closed, and until when.
pub struct NowView {
    pub open: bool,
    /// `Open now`, `Closed`.
    pub word: &'static str,
    /// `Opens Monday 09:00 IST`.
    pub next: String,
}

impl NowView {
    /// The status whose mark and colour it has.
    pub fn mark(&self) -> &'static str {
        match self.open {
            true => "active",
            false => "offline",
        }
    }
}

/// The head of a column.
pub struct Head {
    /// Ends the id of its link.
    pub id: &'static str,
    pub label: &'static str,
    /// Empty for a column that the list can't be sorted by.
    pub href: String,
    /// `ascending`, `descending`, or nothing.
    pub order: &'static str,
    pub icon: &'static str,
    /// Numbers stand at the end of their cells.
    pub end: bool,
}

pub const PATH: &str = "/time-groups";

impl ListView<'_> {
    /// The heads in the order of the cells.
    pub fn heads(&self) -> [Head; 5] {
        let hours = Head {
            id: "hours",
            label: "Hours",
            href: String::new(),
            order: "",
            icon: "",
            end: false,
        };
        [
            self.head(Column::Name),
            self.head(Column::Zone),
            hours,
            self.head(Column::Open),
            self.head(Column::Agents),
        ]
    }

    fn head(&self, column: Column) -> Head {
        let here = self.filter.sort == column;
        let (order, icon) = match (here, self.filter.descending) {
            (false, _) => ("", ""),
            (true, false) => ("ascending", "asc"),
            (true, true) => ("descending", "desc"),
        };
        Head {
            id: column.word(),
            label: column.label(),
            href: self.filter.sorted_by(column).link(PATH),
            order,
            icon,
            end: column == Column::Agents,
        }
    }

    pub fn here(&self) -> String {
        self.filter.link(PATH)
    }

    pub fn clear_href(&self) -> String {
        self.filter.without_search().link(PATH)
    }

    pub fn total_said(&self) -> String {
        show::count(self.total as i64)
    }

    /// `1–50`: the places of the rows among those that match.
    pub fn shown(&self) -> String {
        let first = (self.filter.page as usize - 1) * self.filter.per.rows() + 1;
        let last = first + self.rows.len().saturating_sub(1);
        format!("{}–{}", show::count(first as i64), show::count(last as i64))
    }

    pub fn per_pages(&self) -> impl Iterator<Item = (&'static str, bool, String)> {
        PerPage::ALL.iter().map(|per| {
            let href = self.filter.with_per(*per).link(PATH);
            (per.word(), *per == self.filter.per, href)
        })
    }

    /// The ways out of this page: address (none at the end), name, icon.
    pub fn ends(&self) -> [(Option<String>, &'static str, &'static str); 4] {
        let (page, last) = (self.filter.page, self.last);
        let to = |there: bool, page: u32| there.then(|| self.filter.at(page).link(PATH));
        [
            (to(page > 1, 1), "First", "first"),
            (to(page > 1, page.saturating_sub(1)), "Previous", "left"),
            (to(page < last, page + 1), "Next", "right"),
            (to(page < last, last), "Last", "last"),
        ]
    }
}

/// One time group.
#[derive(Template)]
#[template(path = "time_groups/show.html")]
pub struct ShowPage<'a> {
    pub shell: &'a Shell,
    pub id: i64,
    pub name: &'a str,
    pub zone: &'a str,
    pub now: NowView,
    /// `in 4h 58m`; empty where nothing changes.
    pub within: String,
    pub always: bool,
    pub hours: Vec<String>,
    pub holidays: Vec<HolidayView>,
    pub week: WeekView,
    /// `802 agents`.
    pub agents: String,
    pub agents_href: String,
    pub may_change: bool,
    /// Parameters that make no sense.
    pub bad: &'a [BadParam],
    /// What was done to it, the last first.
    pub changes: Vec<Change>,
    pub older_changes: Option<String>,
}

pub struct HolidayView {
    /// `Fri 25 Dec 2026`.
    pub date: String,
    pub name: String,
    pub past: bool,
}

/// Height of a bar in the picture.
pub fn bar_height() -> u32 {
    HEIGHT
}

/// The form on its page; `as_form()` is the form alone, when it grew or shrank.
#[derive(Template)]
#[template(path = "time_groups/edit.html", blocks = ["form"])]
pub struct EditPage<'a> {
    pub shell: &'a Shell,
    pub form: &'a FormView,
}

pub struct FormView {
    /// Empty for a new one.
    pub id: String,
    /// The name as it is stored.
    pub who: String,
    pub version: i64,
    /// The values that the form was opened with.
    pub was: String,
    pub once: String,
    pub name: form::Field,
    pub zone: form::Field,
    pub always: bool,
    /// What is wrong with all rows or all holidays together.
    pub hours_error: String,
    pub holidays_error: String,
    pub rows: Vec<RowControls>,
    pub holidays: Vec<HolidayControls>,
    /// Names of all zones.
    pub zones: Vec<&'static str>,
    pub wrong: Vec<Wrong>,
    pub conflict: Option<Bar>,
    /// `802 agents`; empty for a new one.
    pub agents: String,
    /// Where the focus belongs after a row came or went.
    pub focus: Focus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// Where the browser puts it.
    None,
    Row(usize),
    Holiday(usize),
    AddRow,
    AddHoliday,
}

pub struct RowControls {
    /// From 0, as the names of its controls; people count from 1.
    pub at: usize,
    pub days: Vec<DayBox>,
    pub from: String,
    pub to: String,
    pub days_error: String,
    pub from_error: String,
    pub to_error: String,
    /// `Overnight: until 06:00 the next day`; empty for none.
    pub hint: String,
}

/// The box of a weekday.
pub struct DayBox {
    /// `Mon`.
    pub name: String,
    pub on: bool,
    pub focus: bool,
}

pub struct HolidayControls {
    pub at: usize,
    pub focus: bool,
    pub date: String,
    pub name: String,
    pub date_error: String,
    pub name_error: String,
}

/// A line of the summary of what is wrong.
pub struct Wrong {
    /// Id of the control.
    pub control: String,
    pub label: String,
    pub message: String,
}

impl FormView {
    /// Puts the focus where it belongs.
    #[must_use]
    pub fn focused(mut self, focus: Focus) -> Self {
        for row in &mut self.rows {
            if let Some(first) = row.days.first_mut() {
                first.focus = focus == Focus::Row(row.at);
            }
        }
        for holiday in &mut self.holidays {
            holiday.focus = focus == Focus::Holiday(holiday.at);
        }
        self.focus = focus;
        self
    }

    pub fn is_new(&self) -> bool {
        self.id.is_empty()
    }

    /// Where the form posts to.
    pub fn action(&self) -> String {
        match self.is_new() {
            true => PATH.to_owned(),
            false => format!("{PATH}/{}", self.id),
        }
    }

    /// Where Cancel leads.
    pub fn back(&self) -> String {
        self.action()
    }

    pub fn on_add_row(&self) -> bool {
        self.focus == Focus::AddRow
    }

    pub fn on_add_holiday(&self) -> bool {
        self.focus == Focus::AddHoliday
    }
}

impl RowControls {
    pub fn number(&self) -> usize {
        self.at + 1
    }
}

impl HolidayControls {
    pub fn number(&self) -> usize {
        self.at + 1
    }
}

/// What deleting does, and the button that does it.
pub struct DeleteView {
    pub id: i64,
    pub name: String,
    /// What is deleted: what this person has seen of it.
    pub version: i64,
    /// Somebody changed it after that was seen.
    pub stale: bool,
    pub agents: usize,
    /// `802 agents`.
    pub agents_said: String,
    pub agents_href: String,
}

/// As a page.
#[derive(Template)]
#[template(path = "time_groups/delete.html")]
pub struct DeletePage<'a> {
    pub shell: &'a Shell,
    pub it: &'a DeleteView,
    /// It stands in a dialog.
    pub dialog: bool,
}

/// As a dialog.
#[derive(Template)]
#[template(path = "time_groups/delete_dialog.html")]
pub struct DeleteDialog<'a> {
    pub it: &'a DeleteView,
    pub dialog: bool,
}

/// Those that were deleted and can be brought back.
#[derive(Template)]
#[template(path = "time_groups/deleted.html")]
pub struct DeletedPage<'a> {
    pub shell: &'a Shell,
    pub rows: Vec<GoneRow>,
    /// Why the last one could not be brought back; empty for nothing wrong.
    pub wrong: String,
}

pub struct GoneRow {
    pub id: i64,
    pub name: String,
    /// `22 Nov 2026 14:02:11`.
    pub at: String,
}
