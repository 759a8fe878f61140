//! What a planned row changes, as people read it: cell by cell, as an export would write it.

use super::super::column::Column;
use super::super::export::value_cell;
use super::super::facts::Facts;
use super::super::names::NewRecord;
use super::{Draft, Edit};
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::ids::RoleId;
use crate::domain::person::WebLogin;
use crate::domain::status::AdminState;

/// A cell that would be another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub column: Column,
    /// Blank for nothing.
    pub old: String,
    pub new: String,
}

impl Edit {
    /// Every cell that changes, in the order of the columns.
    pub fn changes(&self, facts: &Facts, created: &[NewRecord]) -> Vec<Changed> {
        let role = self
            .role
            .map(|(old, new)| (role_name(facts, old), role_name(facts, new)));
        let login = self
            .web_login
            .map(|(old, new)| (word(old.word()), word(new.word())));
        let state = self
            .admin_state
            .map(|(old, new)| (word(old.word()), word(new.word())));
        let agent = self.becomes_agent.then(|| (word("no"), word("yes")));
        let mut changes = values(&self.before, &self.after, facts, created);
        for (column, change) in [
            (Column::Role, role),
            (Column::WebLogin, login),
            (Column::AdminState, state),
            (Column::CallingAgent, agent),
        ] {
            changes.extend(change.map(|(old, new)| Changed { column, old, new }));
        }
        changes.sort_by_key(|change| change.column);
        changes
    }
}

impl Draft {
    /// Every cell that is not blank, in the order of the columns.
    pub fn cells(&self, facts: &Facts, created: &[NewRecord]) -> Vec<Changed> {
        let mut cells = values(&Values::default(), &self.values, facts, created);
        let mut add = |column, new| {
            let old = String::new();
            cells.push(Changed { column, old, new });
        };
        add(Column::Role, role_name(facts, self.role));
        add(
            Column::CallingAgent,
            word(if self.calling_agent { "yes" } else { "no" }),
        );
        if self.web_login != WebLogin::None {
            add(Column::WebLogin, word(self.web_login.word()));
        }
        if self.admin_state != AdminState::Enabled {
            add(Column::AdminState, word(self.admin_state.word()));
        }
        cells.sort_by_key(|cell| cell.column);
        cells
    }
}

fn word(word: &str) -> String {
    word.to_owned()
}

fn role_name(facts: &Facts, role: RoleId) -> String {
    facts
        .role(role)
        .map(|role| role.name.clone())
        .unwrap_or_default()
}

fn values(before: &Values, after: &Values, facts: &Facts, created: &[NewRecord]) -> Vec<Changed> {
    let cell = |field: Field, value: Option<&Value>| {
        value.map_or_else(String::new, |value| {
            value_cell(field, value, facts, created)
        })
    };
    let changed = after.iter().map(|(field, value)| Changed {
        column: Column::of(field),
        old: cell(field, before.get(field)),
        new: cell(field, Some(value)),
    });
    changed.collect()
}
