//! A row while it is planned: its cells by what they mean, and what is wrong with them.

use super::super::cell::{Cell, split_list};
use super::super::column::Column;
use super::super::damage::Damage;
use super::super::fault::Fault;
use super::super::head::Head;
use super::super::rows::Record;

pub(super) struct Row<'r> {
    pub line: u64,
    raw: [&'r str; Column::COUNT],
    cells: [Cell<'r>; Column::COUNT],
    pub faults: Vec<Fault>,
    damaged: [bool; Column::COUNT],
}

impl<'r> Row<'r> {
    pub fn new(record: &'r Record, head: &Head) -> Self {
        let raw = std::array::from_fn(|at| head.cell(record, Column::ALL[at]));
        Self {
            line: record.line(),
            cells: std::array::from_fn(|at| read(Column::ALL[at], raw[at])),
            raw,
            faults: Vec::new(),
            damaged: [false; Column::COUNT],
        }
    }

    /// The cell as it stands in the file.
    pub fn raw(&self, column: Column) -> &'r str {
        self.raw[column as usize]
    }

    pub fn cell(&self, column: Column) -> &Cell<'r> {
        &self.cells[column as usize]
    }

    /// The value, where there is one.
    pub fn text(&self, column: Column) -> Option<&str> {
        match self.cell(column) {
            Cell::Text(text) => Some(text),
            Cell::Blank | Cell::Clear | Cell::Auto => None,
        }
    }

    pub fn is_blank(&self, column: Column) -> bool {
        *self.cell(column) == Cell::Blank
    }

    /// Something is to stand there.
    pub fn is_filled(&self, column: Column) -> bool {
        matches!(self.cell(column), Cell::Text(_) | Cell::Auto)
    }

    /// Puts a default where nothing is.
    pub fn fill(&mut self, column: Column, default: &'r str) {
        if self.is_blank(column) && !default.is_empty() {
            self.raw[column as usize] = default;
            self.cells[column as usize] = Cell::read(default);
        }
    }

    pub fn fault(&mut self, column: Column, reason: impl Into<String>, fix: impl Into<String>) {
        let fault = Fault::new(column, self.raw(column), reason, fix);
        self.faults.push(fault);
    }

    pub fn twice(&mut self, column: Column, line: u64) {
        if !self.is_wrong(column) {
            self.faults
                .push(Fault::twice(column, self.raw(column), line));
        }
    }

    /// A cell has one fault; what follows from it is not said too.
    pub fn is_wrong(&self, column: Column) -> bool {
        self.faults.iter().any(|fault| fault.column == Some(column))
    }

    /// What looks damaged and is what stands there already was meant so: `stands` gives the cells of an export.
    pub fn forgive(&mut self, stands: impl Fn(Column) -> Option<String>) {
        for column in Column::ALL.iter().copied() {
            if !self.damaged[column as usize] {
                continue;
            }
            let same = stands(column).is_some_and(|cell| Cell::read(&cell) == *self.cell(column));
            if same {
                self.damaged[column as usize] = false;
                self.faults.retain(|fault| fault.column != Some(column));
            }
        }
    }

    pub fn find_damage(&mut self) {
        for column in Column::ALL {
            let damage = match self.text(*column) {
                Some(text) => damage(*column, text),
                None => None,
            };
            if let Some(damage) = damage {
                self.damaged[*column as usize] = true;
                self.faults
                    .push(Fault::damaged(*column, self.raw(*column), damage));
            }
        }
    }
}

/// A cell as it is meant. Some spreadsheets write an apostrophe before a number that is to stay a text; no number
/// begins with one, spaces in it or not.
fn read(column: Column, raw: &str) -> Cell<'_> {
    let cell = Cell::read(raw);
    let of_numbers = matches!(
        column,
        Column::Phone
            | Column::CallForwardingNumber
            | Column::AlternativeNumbers
            | Column::CallerIds
            | Column::ExtensionCallerId
    );
    match &cell {
        Cell::Text(text) if of_numbers => {
            let bare = text.strip_prefix('\'').map(str::trim_start);
            let bare =
                bare.filter(|bare| bare.starts_with(|c: char| c == '+' || c.is_ascii_digit()));
            bare.map(|bare| Cell::Text(bare.to_owned().into()))
                .unwrap_or(cell)
        }
        Cell::Text(_) | Cell::Blank | Cell::Clear | Cell::Auto => cell,
    }
}

fn damage(column: Column, text: &str) -> Option<Damage> {
    match column {
        // A record may be called like a date; a name that nobody has is an error anyway.
        Column::AgentGroups | Column::Departments | Column::TimeGroup | Column::Role => {
            Damage::of(text).filter(|damage| *damage == Damage::Unreadable)
        }
        Column::AlternativeNumbers | Column::CallerIds => split_list(text)
            .iter()
            .find_map(|number| Damage::of(number)),
        _ => Damage::of(text),
    }
}
