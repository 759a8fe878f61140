//! The rows of the file, made a few at a time.

use super::super::present::Reader;
use crate::domain::day_range::{Day, DaySpan};
use crate::domain::ids::{AgentId, UserId};
use crate::domain::person::Person;
use crate::domain::phone::Shown;
use crate::domain::role::{Permissions, Scope};
use crate::domain::show;
use crate::domain::time::Timestamp;
use crate::floor::{Floor, Older, Order, Picture, Row, Tally};
use std::io;

/// What the file is made of.
pub struct Source {
    pub floor: Floor,
    pub scope: Scope,
    pub span: DaySpan,
    pub older: Older,
    /// Each has a column; empty: none.
    pub days: Vec<Day>,
    pub now: Timestamp,
    pub order: Order,
}

pub enum Cell {
    Text(String),
    Number(i64),
}

/// The file as rows of cells.
pub struct Table {
    source: Source,
}

/// People read under one hold of the picture.
const AT_ONCE: usize = 250;

const HEAD: [&str; 20] = [
    "Agent ID",
    "Name",
    "Employee ID",
    "Designation",
    "Call Forwarding Number",
    "Alternative Numbers",
    "Phone",
    "Email",
    "Intercom Number",
    "Time Group",
    "Departments",
    "Agent Groups",
    "Username",
    "Extension",
    "Extension Caller ID",
    "Agent Status",
    "Status Details",
    "Extension Status",
    "Calls Answered",
    "Missed",
];

/// Stands in place of the status of people who left.
pub const LEFT: &str = "Left";

impl Table {
    pub fn new(source: Source) -> Self {
        Self { source }
    }

    /// The names of the columns.
    pub fn head(&self) -> Vec<String> {
        let days = self.source.days.iter().map(|day| show::day(*day));
        HEAD.into_iter().map(str::to_owned).chain(days).collect()
    }

    /// Hands over every row, first those of the list in its order, then those who left.
    pub fn each(&self, mut take: impl FnMut(Vec<Cell>) -> io::Result<()>) -> io::Result<()> {
        let order = &self.source.order;
        for (people, left) in [(&order.agents, false), (&order.left, true)] {
            for people in people.chunks(AT_ONCE) {
                for row in self.rows(people, left) {
                    take(row)?;
                }
            }
        }
        Ok(())
    }

    fn rows(&self, people: &[(UserId, Tally)], left: bool) -> Vec<Vec<Cell>> {
        let source = &self.source;
        let picture = source.floor.picture();
        people
            .iter()
            .filter_map(|&(id, tally)| {
                let row = match left {
                    true => None,
                    false => picture.row(id, &source.scope, source.span, &source.older),
                };
                let mut cells = match &row {
                    Some(row) => self.agent(&picture, row),
                    // Who was deleted while the file was written left too.
                    None => left_cells(picture.person(id)?),
                };
                cells.push(Cell::Number(tally.answered.max(0)));
                cells.push(Cell::Number(tally.missed.max(0)));
                let days = picture.answered_by_day(id, source.days.iter().copied());
                cells.extend(days.into_iter().map(Cell::Number));
                Some(cells)
            })
            .collect()
    }

    fn agent(&self, picture: &Picture, row: &Row<'_>) -> Vec<Cell> {
        let install = picture.install();
        let reader = Reader {
            records: picture.records(),
            region: install.region,
            zone: install.calendar.zone,
            now: self.source.now,
            scope: &self.source.scope,
            permissions: Permissions::NONE,
            calls: None,
        };
        let shown = reader.row(row);
        let numbers = row.numbers;
        let number = |number: Option<&Shown>| number.map_or_else(String::new, written);
        let alternatives: Vec<String> = numbers.alternatives.iter().map(written).collect();
        let caller_id = row.agent.caller_ids.first();
        let groups = row
            .agent
            .groups
            .iter()
            .filter(|&&id| self.source.scope.sees(&[id]));
        let groups: Vec<&str> = groups
            .filter_map(|&id| picture.records().group(id))
            .map(|group| group.name.as_str())
            .collect();
        let details = [shown.also.as_ref(), shown.why.as_ref()];
        let details: Vec<&str> = details
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        [
            shown.agent_id.to_string(),
            shown.name.into_owned(),
            shown.employee_id.into_owned(),
            shown.designation.into_owned(),
            number(numbers.forwarding.as_ref()),
            alternatives.join("|"),
            number(numbers.phone.as_ref()),
            shown.email.into_owned(),
            shown.intercom_number.into_owned(),
            shown.time_group.into_owned(),
            shown.departments.replace(", ", "|"),
            groups.join("|"),
            shown.username.into_owned(),
            row.agent
                .extension
                .as_deref()
                .unwrap_or_default()
                .to_owned(),
            number(caller_id.and_then(|&id| picture.records().caller_id_shown(id))),
            shown.status.label.to_owned(),
            details.join(", "),
            match shown.extension.word {
                "none" => String::new(),
                _ => shown.extension.label.to_owned(),
            },
        ]
        .into_iter()
        .map(Cell::Text)
        .collect()
    }
}

/// With its country code, whoever reads the file, and with spaces, which keep a spreadsheet from
/// reckoning with it.
fn written(number: &Shown) -> String {
    number.international.to_string()
}

/// The cells before the counts of someone who is no agent any more: who it was, and that they left.
fn left_cells(person: &Person) -> Vec<Cell> {
    let mut texts = vec![String::new(); HEAD.len() - 2];
    texts[0] = AgentId::of(person.id).to_string();
    texts[1] = person.name.to_string();
    texts[2] = person.employee_id.as_deref().unwrap_or_default().to_owned();
    texts[12] = person.login_id.to_string();
    texts[15] = LEFT.to_owned();
    texts.into_iter().map(Cell::Text).collect()
}
