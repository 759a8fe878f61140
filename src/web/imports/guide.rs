//! What each column of the template takes in this install, for whoever asks: records that they may name, lengths
//! that are set, words, and no column that they may not write.

use super::names::names;
use crate::domain::import::{Column, Facts, TEMPLATE, join_list};
use crate::domain::role::Permission;

/// A column of the template.
pub struct Guide {
    pub column: Column,
    pub note: String,
    pub example: String,
    /// All that can stand there; empty where anything can.
    pub choices: Vec<String>,
    /// A cell can hold several.
    pub many: bool,
}

/// The columns of the template that whoever asks may write.
pub fn columns(facts: &Facts) -> Vec<Column> {
    let may = |permission| facts.rights.may(&[permission]);
    let agents = may(Permission::AgentsWrite);
    let writes = |column: &Column| match column {
        Column::Role | Column::WebLogin => may(Permission::UsersWrite),
        Column::AdminState => agents && may(Permission::AgentsState),
        Column::CallingAgent => agents,
        column => agents || !column.is_of_agents(),
    };
    TEMPLATE.iter().copied().filter(writes).collect()
}

/// What each of them takes.
pub fn all(facts: &Facts) -> Vec<Guide> {
    columns(facts)
        .into_iter()
        .map(|column| one(column, facts))
        .collect()
}

fn one(column: Column, facts: &Facts) -> Guide {
    let choices = choices(column, facts);
    let many = matches!(
        column,
        Column::AgentGroups | Column::Departments | Column::CallerIds | Column::AlternativeNumbers
    );
    Guide {
        note: note(column, facts, choices.len()),
        example: match (example(column, facts), many) {
            (Some(example), _) => example,
            (None, true) => join_list(choices.iter().take(2)),
            (None, false) => choices.first().cloned().unwrap_or_default(),
        },
        column,
        choices,
        many,
    }
}

fn choices(column: Column, facts: &Facts) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match column {
        Column::CallingAgent | Column::LoginBasedCalling => words(&["yes", "no"]),
        Column::RingsOn => words(&["phone", "extension", "both"]),
        Column::OutgoingCalls => words(&["all", "national", "internal", "none"]),
        Column::AdminState => words(&["enabled", "blocked", "disabled"]),
        Column::WebLogin => words(&["allowed", "blocked", "none"]),
        Column::CallerIds => {
            let numbers = facts.caller_ids.iter();
            numbers.map(|(_, number)| number.to_string()).collect()
        }
        column => names(column, facts)
            .into_iter()
            .map(|(_, name)| name)
            .collect(),
    }
}

fn note(column: Column, facts: &Facts, choices: usize) -> String {
    const SEVERAL: &str = "Several are split on |.";
    let records = |what: &str| match choices {
        0 => format!("There is no {what} yet, so leave it empty."),
        _ => format!("The name of a {what}, as on the sheet Names."),
    };
    let digits = facts.intercom.digits();
    match column {
        Column::EmployeeId => {
            "Your own number for the person, up to 64 characters. It finds who is here already."
                .to_owned()
        }
        Column::LoginId => {
            "Needed for new people: 6 to 64 letters, digits or . _ @ + - without spaces, or (auto)."
                .to_owned()
        }
        Column::Name => "Needed for new people: the name in one line.".to_owned(),
        Column::Designation => "Up to 64 characters in one line.".to_owned(),
        Column::Email => "One address. A new web login gets its invitation there.".to_owned(),
        Column::Phone => format!(
            "With its country code; without one it is read as a number of {}. For calling agents it is where calls go.",
            facts.region
        ),
        Column::AlternativeNumbers => format!("Up to five numbers. {SEVERAL}"),
        Column::Role => records("role"),
        Column::CallingAgent => "yes for who takes calls; no for everyone else.".to_owned(),
        Column::AgentGroups => format!("{} {SEVERAL}", records("group")),
        Column::Departments => format!("{} {SEVERAL}", records("department")),
        Column::TimeGroup => records("time group"),
        Column::Intercom => {
            format!("Exactly {digits} digits, or (auto) for the next that is free.")
        }
        Column::Extension => "3 to 32 digits, or (auto) for the next that is free.".to_owned(),
        Column::CallerIds => match choices {
            0 => "There is no caller ID yet, so leave it empty.".to_owned(),
            _ => format!(
                "Numbers as on the sheet Names, the first one is shown to customers. {SEVERAL}"
            ),
        },
        Column::RingsOn => "phone, extension or both.".to_owned(),
        Column::OutgoingCalls => "all, national, internal or none.".to_owned(),
        Column::LoginBasedCalling => "yes or no.".to_owned(),
        Column::AdminState => "enabled, blocked or disabled.".to_owned(),
        Column::WebLogin => {
            "allowed, blocked or none. Passwords are never in the file: a new login gets a link."
                .to_owned()
        }
        Column::AgentId
        | Column::CurrentLoginId
        | Column::CallForwardingNumber
        | Column::ExtensionCallerId => String::new(),
    }
}

/// Where it is no name of a record.
fn example(column: Column, facts: &Facts) -> Option<String> {
    let text = match column {
        Column::EmployeeId => "E-1042".to_owned(),
        Column::LoginId => "asha.rao".to_owned(),
        Column::Name => "Asha Rao".to_owned(),
        Column::Designation => "Senior associate".to_owned(),
        Column::Email => "asha.rao@example.com".to_owned(),
        Column::Phone => "+91 98765 43210".to_owned(),
        Column::AlternativeNumbers => "+91 98765 43211|+91 80 4000 2291".to_owned(),
        Column::Intercom => format!("1{:0>1$}", 1, facts.intercom.digits().saturating_sub(1)),
        Column::Extension => "(auto)".to_owned(),
        _ => return None,
    };
    Some(text)
}
