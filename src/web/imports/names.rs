//! Names in cells: what can be chosen for a column, and what becomes of names that no record has.

use super::choices::{Fields, Wrong};
use crate::domain::import::{Column, Decision, Facts, Listed, Options, may_create};
use crate::domain::text::Name;

/// Unknown names that the page offers to decide on; the rest shows once some of these are settled.
pub const NAMES_SHOWN: usize = 200;
/// Whether a cell of the column holds many values.
pub fn is_list(column: Column) -> bool {
    matches!(column, Column::AgentGroups | Column::Departments)
}

/// What can be chosen as a default: the value as in a cell, and how it is shown.
pub fn offered(column: Column, facts: &Facts) -> Vec<(String, String)> {
    let same = |name: &str| (name.to_owned(), name.to_owned());
    let fixed = |all: &[(&str, &str)]| {
        all.iter()
            .map(|(value, said)| ((*value).to_owned(), (*said).to_owned()))
            .collect()
    };
    match column {
        Column::CallingAgent => fixed(&[("yes", "Yes"), ("no", "No")]),
        Column::Extension => fixed(&[("(auto)", "The next that is free")]),
        Column::WebLogin => fixed(&[
            ("allowed", "Allowed, with an invitation"),
            ("blocked", "Blocked"),
            ("none", "None"),
        ]),
        column => names(column, facts)
            .iter()
            .map(|(_, name)| same(name))
            .collect(),
    }
}

/// The records that a cell of the column can name, as far as whoever uploads may know of them.
pub fn names(column: Column, facts: &Facts) -> Vec<(i64, String)> {
    let scope = &facts.rights.scope;
    match column {
        Column::Role => {
            let roles = facts.roles.iter();
            let roles = roles.filter(|role| facts.rights.outrank(role.permissions));
            roles.map(|role| (role.id.0, role.name.clone())).collect()
        }
        Column::AgentGroups => {
            let groups = facts
                .groups
                .iter()
                .filter(|group| scope.is_all() || scope.sees(&[group.id]));
            groups
                .map(|group| (group.id.0, group.name.clone()))
                .collect()
        }
        Column::Departments => facts
            .departments
            .iter()
            .map(|one| (one.id.0, one.name.clone()))
            .collect(),
        Column::TimeGroup => facts
            .time_groups
            .iter()
            .map(|one| (one.id.0, one.name.clone()))
            .collect(),
        _ => Vec::new(),
    }
}

/// A name that no record has, as the form lists it.
pub struct Unknown {
    pub column: Column,
    pub name: String,
    /// In how many rows, and the line of the first; none for a name that is settled.
    pub rows: Option<(u64, u64)>,
    pub may_create: bool,
    pub decision: Decision,
}

/// The names that nobody has: those that are not settled, then those that are.
pub fn unknown(listed: &Listed, facts: &Facts, options: &Options) -> Vec<Unknown> {
    let open = listed.unknown.iter().map(|one| Unknown {
        column: one.column,
        name: one.name.clone(),
        rows: Some((one.rows, one.line)),
        may_create: one.may_create,
        decision: Decision::Refuse,
    });
    let mut all: Vec<Unknown> = open.take(NAMES_SHOWN).collect();
    let settled = options
        .decisions
        .iter()
        .filter(|(_, _, decision)| *decision != Decision::Refuse);
    for (column, claim, decision) in settled.take(NAMES_SHOWN) {
        let same = |other: &str| Name::claim_of(other) == claim;
        if all
            .iter()
            .any(|one| one.column == column && same(&one.name))
        {
            continue;
        }
        // What is to be made keeps its capitals; of what is mapped only the folded name is known.
        let made = listed
            .created
            .iter()
            .find(|new| new.column == column && same(&new.name));
        all.push(Unknown {
            column,
            name: made.map_or_else(|| claim.to_owned(), |new| new.name.clone()),
            rows: None,
            may_create: may_create(facts, column),
            decision,
        });
    }
    all
}

/// What becomes of the names that nobody has; the rows of the form are those of [`unknown`].
pub fn decisions(
    fields: &Fields<'_>,
    listed: &Listed,
    facts: &Facts,
    options: &mut Options,
    wrong: &mut Vec<Wrong>,
) {
    for (at, unknown) in unknown(listed, facts, options).into_iter().enumerate() {
        let Some(word) = fields.last(&format!("name.{at}")) else {
            continue;
        };
        let decision = match word {
            "refuse" => Ok(Decision::Refuse),
            "create" if unknown.may_create => Ok(Decision::Create),
            "map" => instead(fields, at, unknown.column, facts),
            _ => Err("can’t be treated like that".to_owned()),
        };
        match decision {
            Ok(decision) => options
                .decisions
                .decide(unknown.column, &unknown.name, decision),
            Err(message) => wrong.push(Wrong::new(
                format!("instead.{at}"),
                unknown.name.as_str(),
                message,
            )),
        }
    }
}

fn instead(
    fields: &Fields<'_>,
    at: usize,
    column: Column,
    facts: &Facts,
) -> Result<Decision, String> {
    let text = fields.last(&format!("instead.{at}")).unwrap_or_default();
    if text.is_empty() {
        return Err(format!("say which {} is meant", singular(column)));
    }
    let wanted = Name::claim_of(text);
    let found = names(column, facts)
        .into_iter()
        .find(|(_, name)| Name::claim_of(name) == wanted);
    match found {
        Some((id, _)) => Ok(Decision::Map(id)),
        None => Err(format!("there is no {} “{text}” either", singular(column))),
    }
}

/// A record of a column, as one.
pub fn singular(column: Column) -> &'static str {
    match column {
        Column::AgentGroups => "agent group",
        Column::Departments => "department",
        Column::TimeGroup => "time group",
        Column::Role => "role",
        _ => "record",
    }
}

/// A column as a page names it: `Call forwarding number`.
pub fn label(column: Column) -> String {
    match column {
        Column::AgentId => "Agent ID".to_owned(),
        Column::EmployeeId => "Employee ID".to_owned(),
        Column::LoginId => "Login ID".to_owned(),
        Column::CurrentLoginId => "Current login ID".to_owned(),
        Column::CallerIds => "Caller IDs".to_owned(),
        Column::ExtensionCallerId => "Extension caller ID".to_owned(),
        Column::LoginBasedCalling => "Login-based calling".to_owned(),
        column => {
            let spaced = column.word().replace('_', " ");
            let mut letters = spaced.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        }
    }
}
