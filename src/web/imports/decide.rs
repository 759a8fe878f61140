//! Names that nobody has, each with what can become of it, as the form of a plan lists them.

use super::controls::{Pick, Reading, wrong_at};
use super::counted;
use super::names::{self, singular};
use crate::domain::import::{Column, Decision};

/// A name that nobody has, and what becomes of it.
pub struct NameView {
    pub at: usize,
    pub name: String,
    /// `agent group`.
    pub kind: &'static str,
    /// Id of the list of names that exist.
    pub list: &'static str,
    pub picks: Vec<Pick>,
    /// The record that is meant; empty for none.
    pub instead: String,
    /// `12 rows, the first in line 3`.
    pub rows: String,
    /// Nothing is decided for it yet.
    pub open: bool,
    /// Why that can't be; empty for nothing.
    pub wrong: String,
}

impl Reading<'_> {
    pub(super) fn names(&self) -> Vec<NameView> {
        let names = names::unknown(self.listed, self.facts, self.decided)
            .into_iter()
            .enumerate();
        names.map(|(at, unknown)| self.name(at, unknown)).collect()
    }

    fn name(&self, at: usize, unknown: names::Unknown) -> NameView {
        let decided = decision_word(unknown.decision);
        let posted = self.posted.last(&format!("name.{at}"));
        let is = |word| word == posted.unwrap_or(decided);
        let anchor = format!("instead.{at}");
        let kind = singular(unknown.column);
        let mut picks = vec![
            Pick::new("refuse", "Leave as an error", is("refuse")),
            Pick::new("map", format!("Use another {kind}:"), is("map")),
        ];
        if unknown.may_create {
            picks.push(Pick::new(
                "create",
                format!("Create this {kind}"),
                is("create"),
            ));
        }
        NameView {
            at,
            kind,
            list: list_of(unknown.column),
            picks,
            instead: match (self.posted.last(&anchor), unknown.decision) {
                (Some(typed), _) => typed.to_owned(),
                (None, Decision::Map(id)) => self.name_of(unknown.column, id),
                (None, Decision::Create | Decision::Refuse) => String::new(),
            },
            open: unknown.rows.is_some(),
            wrong: wrong_at(&self.wrong, &anchor).to_owned(),
            rows: match unknown.rows {
                None => "settled".to_owned(),
                Some((1, line)) => format!("line {line}"),
                Some((rows, line)) => format!("{}, the first in line {line}", counted(rows, "row")),
            },
            name: unknown.name,
        }
    }

    fn name_of(&self, column: Column, id: i64) -> String {
        let names = names::names(column, self.facts);
        let found = names.into_iter().find(|(key, _)| *key == id);
        found.map(|(_, name)| name).unwrap_or_default()
    }

    /// Records that exist, for each kind of which a name is unknown.
    pub(super) fn known(&self) -> Vec<(&'static str, Vec<String>)> {
        let columns = [
            Column::AgentGroups,
            Column::Departments,
            Column::TimeGroup,
            Column::Role,
        ];
        let unknown = names::unknown(self.listed, self.facts, self.decided);
        let wanted = columns
            .into_iter()
            .filter(|column| unknown.iter().any(|name| name.column == *column));
        let names = |column| {
            names::names(column, self.facts)
                .into_iter()
                .map(|(_, name)| name)
                .collect()
        };
        wanted
            .map(|column| (list_of(column), names(column)))
            .collect()
    }
}

fn decision_word(decision: Decision) -> &'static str {
    match decision {
        Decision::Map(_) => "map",
        Decision::Create => "create",
        Decision::Refuse => "refuse",
    }
}

fn list_of(column: Column) -> &'static str {
    match column {
        Column::AgentGroups => "known-groups",
        Column::Departments => "known-departments",
        Column::TimeGroup => "known-time-groups",
        _ => "known-roles",
    }
}
