//! What the pages of feature codes print.

use crate::domain::feature_code::{Codes, Feature};
use crate::domain::query::BadParam;
use crate::web::shell::Shell;
use askama::Template;

/// A row of the table in force.
pub struct CodeRow {
    pub label: &'static str,
    pub code: String,
    pub then: String,
    pub when: &'static str,
}

/// The table, and what tells its codes apart.
pub struct CodeTable {
    pub rows: Vec<CodeRow>,
    /// Digits of an intercom.
    pub intercom: usize,
    pub transfer_code: usize,
    /// The code that an agent and a department share; empty when none do.
    pub shared: String,
}

impl CodeTable {
    pub fn of(codes: &Codes, intercom: usize, transfer_code: usize) -> Self {
        let row = |&feature: &Feature| CodeRow {
            label: feature.label(),
            code: codes.code(feature).to_owned(),
            then: feature.argument().label(),
            when: feature.when(),
        };
        let blind = codes.code(Feature::Blind);
        let lines = [Feature::QueueOff, Feature::QueueOn];
        let shared = lines.iter().any(|&line| codes.code(line) == blind);
        Self {
            rows: Feature::ALL.iter().map(row).collect(),
            intercom,
            transfer_code,
            shared: match shared {
                true => blind.to_owned(),
                false => String::new(),
            },
        }
    }
}

/// A line of a select.
pub struct Pick {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// Keys to press, or why there are none; or what keys mean.
pub struct Answer {
    /// Empty when it can't be done.
    pub keys: Vec<char>,
    pub said: String,
    /// What may keep it from ringing; empty for nothing.
    pub warning: &'static str,
    pub fine: bool,
}

/// The dial helper as it was asked.
pub struct Help {
    pub departments: Vec<Pick>,
    pub transfers: Vec<Pick>,
    pub to: String,
    /// Names and numbers to choose from: all where they are few.
    pub suggested: Vec<(String, String)>,
    pub attended: bool,
    pub answer: Option<Answer>,
    pub keys: String,
    pub meaning: Option<Answer>,
    /// Parameters that make no sense.
    pub bad: Vec<BadParam>,
}

#[derive(Template)]
#[template(path = "feature_codes/show.html", blocks = ["help"])]
pub struct CodesPage<'a> {
    pub shell: &'a Shell,
    pub table: &'a CodeTable,
    pub help: &'a Help,
    pub may_set: bool,
}

/// The same table over the page on which the button was pressed.
#[derive(Template)]
#[template(path = "feature_codes/dialog.html")]
pub struct CodesDialog<'a> {
    pub table: &'a CodeTable,
}

/// One number of the sheet.
#[derive(Clone, Default)]
pub struct Entry {
    pub number: String,
    pub name: String,
}

/// What is printed: everything on paper.
#[derive(Template)]
#[template(path = "feature_codes/sheet.html")]
pub struct SheetPage<'a> {
    pub shell: &'a Shell,
    pub install: String,
    pub day: String,
    pub table: &'a CodeTable,
    /// So many side by side.
    pub agents: Vec<[Entry; ACROSS]>,
    pub lines: Vec<[Entry; ACROSS]>,
    pub agent_count: usize,
}

/// Entries in one line of the sheet.
pub const ACROSS: usize = 3;

/// Entries in lines, the last filled up with blanks.
pub fn across(entries: Vec<Entry>) -> Vec<[Entry; ACROSS]> {
    let line = |chunk: &[Entry]| {
        let mut line: [Entry; ACROSS] = Default::default();
        line.iter_mut()
            .zip(chunk)
            .for_each(|(place, entry)| place.clone_from(entry));
        line
    };
    entries.chunks(ACROSS).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feature_code::Code;

    #[test]
    fn entries_stand_side_by_side_and_none_is_lost() {
        let entries: Vec<Entry> = (0..7)
            .map(|number| Entry {
                number: number.to_string(),
                name: String::new(),
            })
            .collect();
        let lines = across(entries);
        let numbers: Vec<&str> = lines.iter().flatten().map(|e| e.number.as_str()).collect();
        assert_eq!(numbers, ["0", "1", "2", "3", "4", "5", "6", "", ""]);
        assert!(across(Vec::new()).is_empty());
    }

    #[test]
    fn the_table_says_which_code_two_transfers_share() {
        let mut codes = Codes::default();
        assert_eq!(CodeTable::of(&codes, 4, 5).shared, "#1");
        codes.set(Feature::Blind, Code::parse("*7").unwrap());
        assert_eq!(CodeTable::of(&codes, 4, 5).shared, "");
    }
}
