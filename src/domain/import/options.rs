//! What a person chooses for a whole upload.

use super::column::Column;
use super::names::Decisions;
use crate::domain::agent::words;
use std::collections::BTreeMap;

words!(/// What a cell with many values does to those that are there.
Lists { Replace = "replace", Add = "add" });

words!(/// Which rows count; the others are skipped.
Which { All = "all", New = "new", Known = "known" });

/// The switches of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub lists: Lists,
    pub which: Which,
    /// Fill empty cells of new rows, written as in a cell; for columns that
    /// [may have one](Column::may_have_default).
    pub defaults: BTreeMap<Column, String>,
    pub decisions: Decisions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lists: Lists::Replace,
            which: Which::All,
            defaults: BTreeMap::new(),
            decisions: Decisions::default(),
        }
    }
}

impl Options {
    /// Columns with a default.
    pub(super) fn defaulted(&self) -> impl Iterator<Item = Column> {
        let columns = self.defaults.keys().copied();
        columns.filter(|column| !self.default_of(*column).is_empty())
    }

    pub(super) fn default_of(&self, column: Column) -> &str {
        match self.defaults.get(&column) {
            Some(text) if column.may_have_default() => text,
            Some(_) | None => "",
        }
    }
}
