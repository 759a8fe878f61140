//! Cells of a row as values: the agent's form reads what it knows, so that a cell is refused exactly as a field
//! is; the rest are words.

use super::super::cell::{Cell, split_list};
use super::super::column::Column;
use super::super::fault::{mend, mend_name};
use super::super::names::may_create;
use super::super::options::Lists;
use super::Planner;
use super::row::Row;
use crate::domain::agent_form::{AgentForm, Field, Rules, Value, Values};
use crate::domain::phone::Phone;
use std::str::FromStr;

impl Planner<'_> {
    /// The values that the row gives; what is wrong is left out and told.
    pub(super) fn read(&mut self, row: &mut Row<'_>, now: &Values, is_new: bool) -> Values {
        let mut form = AgentForm::default();
        for &column in Column::ALL {
            let Some(field) = column
                .field()
                .filter(|_| column != Column::ExtensionCallerId)
            else {
                continue;
            };
            if row.is_wrong(column) {
                continue;
            }
            match row.cell(column) {
                // Without these nobody can be made: the form says so.
                Cell::Blank if is_new && matches!(field, Field::Name | Field::Username) => {
                    form.set(field, vec![String::new()]);
                }
                Cell::Blank => {}
                Cell::Clear => form.set(field, vec![String::new()]),
                Cell::Auto => self.auto_is_fine(column, row),
                Cell::Text(text) => {
                    let text = text.clone().into_owned();
                    if let Some(texts) = self.texts(column, field, &text, now, row) {
                        form.set(field, texts);
                    }
                }
            }
        }
        let mut values = self.check(form, row, now);
        self.first_caller_id(row, now, &mut values);
        values
    }

    fn auto_is_fine(&self, column: Column, row: &mut Row<'_>) {
        match column {
            Column::LoginId | Column::Intercom | Column::Extension => {}
            _ => row.fault(column, "(auto) can’t be used here.", mend(column)),
        }
    }

    /// As the form would post it.
    fn texts(
        &mut self,
        column: Column,
        field: Field,
        text: &str,
        now: &Values,
        row: &mut Row<'_>,
    ) -> Option<Vec<String>> {
        match field {
            Field::AgentGroups | Field::Departments | Field::CallerIds | Field::TimeGroup => {
                let ids = self.ids(column, text, row).filter(|ids| !ids.is_empty())?;
                Some(self.with_those_there(field, ids, now))
            }
            Field::AlternativeNumbers => {
                // Bars alone say nothing; `(clear)` is what empties a list.
                let numbers = self.numbers(text, now);
                (!numbers.is_empty()).then_some(numbers)
            }
            Field::RingsOn | Field::OutgoingCalls => Some(vec![text.to_lowercase()]),
            Field::LoginBasedCalling => Some(vec![match yes(text) {
                Some(true) => "yes".to_owned(),
                Some(false) => "no".to_owned(),
                None => text.to_owned(),
            }]),
            Field::Name
            | Field::EmployeeId
            | Field::Designation
            | Field::Phone
            | Field::Email
            | Field::Username
            | Field::CallForwardingNumber
            | Field::IntercomNumber
            | Field::Extension => Some(vec![text.to_owned()]),
        }
    }

    fn ids(&mut self, column: Column, text: &str, row: &mut Row<'_>) -> Option<Vec<i64>> {
        match self
            .names
            .ids(column, text, self.facts, &self.options.decisions)
        {
            Ok(ids) => Some(ids),
            Err(bad) => {
                let reason = match bad.name == text {
                    true => bad.reason,
                    false => format!("“{}”: {}", super::super::short(&bad.name), bad.reason),
                };
                let may = bad.unknown && may_create(self.facts, column);
                row.fault(column, reason, mend_name(column, may));
                None
            }
        }
    }

    fn with_those_there(&self, field: Field, ids: Vec<i64>, now: &Values) -> Vec<String> {
        let there = match (self.options.lists, now.get(field)) {
            (Lists::Add, Some(Value::Many(there))) => there.as_slice(),
            (Lists::Add | Lists::Replace, _) => &[],
        };
        let all = there.iter().chain(&ids);
        all.map(ToString::to_string).collect()
    }

    fn numbers(&self, text: &str, now: &Values) -> Vec<String> {
        let typed = split_list(text);
        let (Lists::Add, Some(Value::Texts(there))) =
            (self.options.lists, now.get(Field::AlternativeNumbers))
        else {
            return typed;
        };
        let region = self.facts.region;
        let number = |text: &String| Phone::parse(text, region).ok().map(|n| n.to_string());
        let new = |text: &String| number(text).is_none_or(|number| !there.contains(&number));
        let new = typed.into_iter().filter(new);
        there.iter().cloned().chain(new).collect()
    }

    fn check(&self, mut form: AgentForm, row: &mut Row<'_>, now: &Values) -> Values {
        // Names were looked up already, and new records have no id yet that anyone knows.
        let rules = Rules {
            region: self.facts.region,
            intercom: Some(self.facts.intercom),
            known: &|_, _| true,
        };
        let errors = match form.check(&rules) {
            Ok(change) => return change.values().clone(),
            Err(errors) => errors,
        };
        for error in errors.0 {
            let Ok(field) = error.name.parse::<Field>() else {
                continue;
            };
            // What stands there already is not refused, whatever is asked of new values.
            if !is_as_it_stands(now.get(field), form.typed(field).unwrap_or_default()) {
                let column = Column::of(field);
                let fix = match zeros_lost(field, row.text(column), self.facts.intercom.digits()) {
                    Some(digits) => format!("If a spreadsheet has lost the zeros, write {digits}."),
                    None => mend(column).to_owned(),
                };
                row.fault(column, error.message, fix);
            }
            form.leave_out(field);
        }
        match form.check(&rules) {
            Ok(change) => change.values().clone(),
            // Each field is checked by itself, so the rest can't be wrong; if it is, none of it counts.
            Err(_) => Values::default(),
        }
    }

    /// The agents list shows only the first caller id: it goes to the front, the others stay.
    fn first_caller_id(&mut self, row: &mut Row<'_>, now: &Values, values: &mut Values) {
        let column = Column::ExtensionCallerId;
        let Some(text) = row.text(column).filter(|_| !row.is_wrong(column)) else {
            return;
        };
        let text = text.to_owned();
        let Some(ids) = self.ids(column, &text, row) else {
            return;
        };
        let [first] = ids.as_slice() else {
            row.fault(
                column,
                "There are several numbers where only one can be.",
                mend(column),
            );
            return;
        };
        let there = match values.get(Field::CallerIds).or(now.get(Field::CallerIds)) {
            Some(Value::Many(ids)) => ids.clone(),
            Some(Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::One(_)) | None => {
                Vec::new()
            }
        };
        let others = there.into_iter().filter(|id| id != first);
        let all = std::iter::once(*first).chain(others).collect();
        values.set(Field::CallerIds, Value::Many(all));
    }

    /// A word of a choice that is no field of the form.
    pub(super) fn word<W: FromStr>(
        &self,
        row: &mut Row<'_>,
        column: Column,
        other: impl Fn(&str) -> Option<W>,
    ) -> Option<W> {
        if row.is_wrong(column) {
            return None;
        }
        let word = match row.cell(column) {
            Cell::Blank => return None,
            Cell::Text(text) => text.to_lowercase(),
            Cell::Clear | Cell::Auto => String::new(),
        };
        let read = word.parse().ok().or_else(|| other(&word));
        if read.is_none() {
            row.fault(
                column,
                "This is none of the words that can stand here.",
                mend(column),
            );
        }
        read
    }

    /// Yes or no.
    pub(super) fn flag(&self, row: &mut Row<'_>, column: Column) -> Option<bool> {
        self.word(row, column, yes)
    }
}

/// As people and programs write it.
pub(super) fn yes(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Some(true),
        "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

fn is_as_it_stands(now: Option<&Value>, typed: &[String]) -> bool {
    let Some(now) = now else {
        return false;
    };
    let there = now.texts();
    // Numbers are written with spaces and kept without.
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let same =
        there.len() == typed.len() && there.iter().zip(typed).all(|(a, b)| bare(a) == bare(b));
    same && typed.iter().any(|text| !text.trim().is_empty())
}

/// What the digits were before a spreadsheet took them for a number.
fn zeros_lost(field: Field, typed: Option<&str>, intercom: usize) -> Option<String> {
    let needed = match field {
        Field::IntercomNumber => intercom,
        Field::Extension => 4,
        _ => return None,
    };
    let digits = typed
        .map(str::trim)
        .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    let lost = !digits.is_empty() && digits.len() < needed;
    lost.then(|| format!("{digits:0>needed$}"))
}
