//! Records that a plan makes before its rows: groups and departments that somebody said are to be created.

use super::counted;
use super::names::singular;
use crate::domain::import::{Column, NewRecord};
use crate::store::import::{Import, State};

/// Names that are said of one kind.
const SAID: usize = 5;

/// `1 agent group will be made: Nights.`, for each kind.
pub fn planned(import: &Import) -> Vec<String> {
    let created: Vec<&NewRecord> = import.listed.created.iter().collect();
    sentences(&created, "will be made")
}

/// The same once it is done; none when nothing was made, or it was taken back.
pub fn said(import: &Import) -> Option<String> {
    let undone = match import.state {
        State::Undoing | State::Undone => true,
        State::Uploading
        | State::Planning
        | State::Unreadable
        | State::Planned
        | State::Committing
        | State::Committed
        | State::Cancelled
        | State::Failed
        | State::Expired => false,
    };
    let both = import.listed.created.iter().zip(&import.listed.made);
    let made: Vec<&NewRecord> = both
        .filter(|(_, made)| !made.found && !undone)
        .map(|(new, _)| new)
        .collect();
    let said = sentences(&made, "made");
    (!said.is_empty()).then(|| said.join(" "))
}

fn sentences(records: &[&NewRecord], what: &str) -> Vec<String> {
    let kinds = [Column::AgentGroups, Column::Departments];
    let sentence = |column: Column| {
        let names = records.iter().filter(|record| record.column == column);
        let names: Vec<&str> = names.map(|record| record.name.as_str()).collect();
        let said = names.iter().take(SAID).copied().collect::<Vec<_>>();
        let more = if names.len() > SAID {
            " and others"
        } else {
            ""
        };
        let count = counted(names.len() as u64, singular(column));
        (!names.is_empty()).then(|| format!("{count} {what}: {}{more}.", said.join(", ")))
    };
    kinds.into_iter().filter_map(sentence).collect()
}
