//! A failed row with what was decided for its whole upload, so that the file of errors is complete in itself: it
//! means the same wherever, whenever and by whomever it is uploaded, and whoever corrects it sees what will be.
//!
//! The defaults of the file stand in the empty cells of rows about people who are not here, as a person would have
//! typed them, `(auto)` included; where the file has no such column, one is added. A name that was said to mean
//! another record is replaced by that record's. Whatever else was typed stays as it was. Rows about someone who is
//! here, or may be, get no defaults: in a cell they would overwrite. Neither does a row whose cells don't fit the
//! head: nobody can tell whom it is about. A name that is to be created stays; once the upload is carried out,
//! there is such a record.

use super::cell::{Cell, written};
use super::column::{Column, folded};
use super::facts::Facts;
use super::head::Head;
use super::names::Names;
use super::options::Options;
use super::plan::Newcomer;
use std::borrow::Cow;

/// What is written into the rows of one upload.
pub struct Completion<'a> {
    options: &'a Options,
    facts: &'a Facts,
    names: Names,
    added: Vec<(Column, &'static str)>,
}

impl<'a> Completion<'a> {
    pub fn new(head: &Head, options: &'a Options, facts: &'a Facts) -> Self {
        Self {
            options,
            facts,
            names: Names::new(facts),
            added: added(head, options),
        }
    }

    /// The names of the columns that the file of errors has behind those of the file.
    pub(super) fn heads(&self) -> impl Iterator<Item = &str> {
        self.added.iter().map(|(_, name)| *name)
    }

    /// The cells of these columns.
    pub(super) fn cells(&self, newcomer: Option<Newcomer>) -> impl Iterator<Item = Cow<'_, str>> {
        let columns = self.added.iter();
        columns.map(move |(column, _)| self.cell(*column, "", newcomer))
    }

    /// A cell of the file as it is meant.
    pub(super) fn cell<'c>(
        &'c self,
        column: Column,
        raw: &'c str,
        newcomer: Option<Newcomer>,
    ) -> Cow<'c, str> {
        match Cell::read(raw) {
            Cell::Blank if concerns(column, newcomer) => match self.options.default_of(column) {
                "" => raw.into(),
                default => default.into(),
            },
            Cell::Text(text) => {
                let (facts, decisions) = (self.facts, &self.options.decisions);
                let meant = self.names.meant(column, &text, facts, decisions);
                meant.map_or(raw.into(), |meant| written(&meant).into_owned().into())
            }
            Cell::Blank | Cell::Clear | Cell::Auto => raw.into(),
        }
    }
}

/// The columns that a file of errors adds for the defaults, under names that no column of the file has: one that
/// was left out by choice may be called so.
fn added(head: &Head, options: &Options) -> Vec<(Column, &'static str)> {
    let names: Vec<String> = head.names().iter().map(|name| folded(name)).collect();
    let free = |name: &&str| !names.contains(&folded(name));
    let missing = options.defaulted().filter(|column| !head.has(*column));
    let named = missing.filter_map(|column| Some((column, column.names().find(free)?)));
    named.collect()
}

/// The names of a file of errors that are its own: under these its columns' meanings are remembered.
pub fn error_head<'h>(head: &'h Head, options: &Options) -> Vec<&'h str> {
    let added = added(head, options).into_iter();
    head.own_names()
        .chain(added.map(|(_, name)| name))
        .collect()
}

fn concerns(column: Column, newcomer: Option<Newcomer>) -> bool {
    match newcomer {
        None => false,
        Some(Newcomer::User) => !column.is_of_agents(),
        Some(Newcomer::Agent) => true,
    }
}
