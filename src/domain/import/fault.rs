//! What is wrong with a cell of a row, and how to mend it.

use super::column::Column;
use super::damage::Damage;
use super::short;

/// One error of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// None: the row as a whole.
    pub column: Option<Column>,
    /// The cell as it stands in the file, cut when it is long.
    pub value: String,
    pub reason: String,
    pub fix: String,
    /// The line of the file that has the same: the two are shown as a pair.
    pub pair: Option<u64>,
}

impl Fault {
    pub fn new(
        column: Column,
        value: &str,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            column: Some(column),
            value: short(value),
            reason: reason.into(),
            fix: fix.into(),
            pair: None,
        }
    }

    /// Of the row as a whole.
    pub fn of_row(reason: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            column: None,
            value: String::new(),
            reason: reason.into(),
            fix: fix.into(),
            pair: None,
        }
    }

    pub fn damaged(column: Column, value: &str, damage: Damage) -> Self {
        Self::new(column, value, damage.reason(), damage.fix())
    }

    /// The same as in a line before.
    pub fn twice(column: Column, value: &str, line: u64) -> Self {
        Self {
            pair: Some(line),
            ..Self::new(
                column,
                value,
                has_same(line, &[column]),
                "Keep one of the two rows, or give this one a value of its own.",
            )
        }
    }
}

/// Faults as they are told: what a pair of rows has in common is one, with all its columns.
pub fn told(faults: &[Fault]) -> Vec<(Vec<Column>, Fault)> {
    let mut told: Vec<(Vec<Column>, Fault)> = Vec::new();
    for fault in faults {
        let same =
            |other: &&mut (Vec<Column>, Fault)| fault.pair.is_some() && other.1.pair == fault.pair;
        match told.iter_mut().find(same) {
            None => told.push((fault.column.into_iter().collect(), fault.clone())),
            Some((columns, first)) => {
                columns.extend(fault.column);
                first.value = String::new();
                if let Some(line) = fault.pair {
                    first.reason = has_same(line, columns);
                }
            }
        }
    }
    told
}

/// `Line 8 has the same login_id and email.`
fn has_same(line: u64, columns: &[Column]) -> String {
    let words: Vec<&str> = columns.iter().map(|column| column.word()).collect();
    let words = match words.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        words => words.concat(),
    };
    format!("Line {line} has the same {words}.")
}

/// The same for a name that nobody has; `may_create`: whoever uploads may have such a record made.
pub(super) fn mend_name(column: Column, may_create: bool) -> &'static str {
    match may_create {
        true => {
            "Write names that exist, with | between several; or map the name, or have it created."
        }
        false => mend(column),
    }
}

/// What the right value looks like, where the rule's own words don't say.
pub(super) fn mend(column: Column) -> &'static str {
    match column {
        Column::Phone | Column::CallForwardingNumber => {
            "Write the number with its country code, as +91 98765 43210."
        }
        Column::AlternativeNumbers => {
            "Write up to five numbers with | between them, as +91 98765 43210|+91 80 4000 2291."
        }
        Column::Email => "Write one address, as name@example.com.",
        Column::LoginId | Column::CurrentLoginId => {
            "Write 6 to 64 letters, digits or . _ @ + - without spaces."
        }
        Column::Name => "Write the name in one line.",
        Column::Intercom => "Write the digits, or (auto) for the next that is free.",
        Column::Extension => "Write 3 to 32 digits, or (auto) for the next that is free.",
        Column::RingsOn => "Write phone, extension or both.",
        Column::OutgoingCalls => "Write all, national, internal or none.",
        Column::LoginBasedCalling | Column::CallingAgent => "Write yes or no.",
        Column::AdminState => "Write enabled, blocked or disabled.",
        Column::WebLogin => "Write allowed, blocked or none.",
        Column::AgentId => {
            "Write it as the agents list shows it, with its zero, or leave it empty."
        }
        Column::EmployeeId | Column::Designation => "Write up to 64 characters in one line.",
        Column::Role => "Write the name of a role, or map it.",
        Column::AgentGroups | Column::Departments => {
            "Write names that exist, with | between several, or map the name."
        }
        Column::TimeGroup => "Write the name of a time group, or map it.",
        Column::CallerIds | Column::ExtensionCallerId => {
            "Write numbers of caller IDs that exist, with | between several."
        }
    }
}
