//! Whom a row is about: agent id if given, else employee id, else current login id, else login id, else email
//! (product rule §7.5). Keys that name two people are an error, and so is an agent id that nobody has.

use super::super::cell::Cell;
use super::super::claims::{Holder, Unique};
use super::super::column::Column;
use super::super::facts::People;
use super::super::fault::{Fault, mend};
use super::Planner;
use super::row::Row;
use crate::domain::ids::{AgentId, UserId};
use crate::domain::person::Person;
use crate::domain::text::EmployeeId;

pub(super) enum Who<'p> {
    New,
    Known(&'p Person),
    /// No one who is here, as far as can be told; the row's faults say what is wrong with its keys.
    Nobody,
    /// Perhaps someone who is here; the row's faults say why that is not clear.
    Unclear,
}

/// Who has the value of a key.
enum Found<'p> {
    Nobody,
    Person(&'p Person),
    /// Someone whom the uploader may not see, or a record that was deleted.
    Hidden,
    Line(u64),
}

/// The keys after the agent id, strongest first.
const KEYS: [(Column, Unique); 4] = [
    (Column::EmployeeId, Unique::EmployeeId),
    (Column::CurrentLoginId, Unique::LoginId),
    (Column::LoginId, Unique::LoginId),
    (Column::Email, Unique::Email),
];
/// So many zeros may have been lost.
const ZEROS: usize = 7;

impl Planner<'_> {
    pub(super) fn who<'p>(&mut self, people: &'p impl People, row: &mut Row<'_>) -> Who<'p> {
        let before = row.faults.len();
        let mut named: Vec<(Column, &'p Person)> = Vec::new();
        if let Some(person) = self.by_agent_id(people, row) {
            named.push((Column::AgentId, person));
        }
        let mut current_is_nobody = false;
        for (column, unique) in KEYS {
            // What is damaged names nobody, or somebody else.
            let value = match row.text(column) {
                Some(value) if !row.is_wrong(column) => value,
                Some(_) | None => continue,
            };
            match self.found(people, unique, value) {
                Found::Person(person) => named.push((column, person)),
                Found::Line(line) => row.twice(column, line),
                Found::Nobody if column == Column::CurrentLoginId => current_is_nobody = true,
                Found::Nobody => {}
                Found::Hidden if column == Column::CurrentLoginId => current_is_nobody = true,
                Found::Hidden => {
                    let reason = format!("{value} is already in use.");
                    row.fault(column, reason, "Choose another.");
                }
            }
        }
        self.keys_without_value(row);
        let Some(&(first, person)) = named.first() else {
            if current_is_nobody {
                let reason = "Nobody has this login ID now.";
                row.fault(
                    Column::CurrentLoginId,
                    reason,
                    "Correct it, or leave it empty for a new user.",
                );
            }
            let guessed = self.lost_zeros(people, row);
            let has_key = KEYS.iter().any(|(column, _)| row.is_filled(*column));
            let clear = row.faults[before..]
                .iter()
                .all(|fault| !is_about_keys(fault));
            // Only those who are here have these.
            let old = [Column::AgentId, Column::CurrentLoginId];
            let old = old.iter().any(|column| !row.is_blank(*column));
            return match (has_key && clear, guessed || old) {
                (true, _) => Who::New,
                (false, false) => Who::Nobody,
                (false, true) => Who::Unclear,
            };
        };
        if let Some((column, other)) = named.iter().find(|(_, other)| other.id != person.id) {
            let reason = format!(
                "{} names {}, and {} names {}.",
                first.word(),
                person.name,
                column.word(),
                other.name
            );
            row.fault(
                *column,
                reason,
                "Give values of one person only, or leave one of them empty.",
            );
            return Who::Unclear;
        }
        if let Some(theirs) = self.another_employee_id(person, first, row) {
            let reason = format!(
                "The row’s {} belongs to {}, whose employee ID is {theirs}.",
                first.word(),
                person.name
            );
            let fix = "If it is the same person, give the agent_id or current_login_id too; if not, choose another login ID.";
            row.fault(Column::EmployeeId, reason, fix);
            return Who::Unclear;
        }
        match self.claims.line_of_person(person.id) {
            Some(line) => {
                row.twice(first, line);
                Who::Unclear
            }
            None => {
                self.claims.put_person(person.id, row.line);
                Who::Known(person)
            }
        }
    }

    fn by_agent_id<'p>(&self, people: &'p impl People, row: &mut Row<'_>) -> Option<&'p Person> {
        let column = Column::AgentId;
        let text = row.text(column).filter(|_| !row.is_wrong(column))?;
        let find = |text: &str| {
            let id: AgentId = text.parse().ok()?;
            self.living(people, id.user())
        };
        if let Some(person) = find(text) {
            return Some(person);
        }
        let reason = match find(&format!("0{text}")) {
            Some(person) => format!(
                "There is no agent {text}; 0{text} is {}: a spreadsheet has lost the zero.",
                person.name
            ),
            None => format!("There is no agent {}.", super::super::short(text)),
        };
        row.fault(column, reason, mend(column));
        None
    }

    /// A person whom the uploader may see.
    fn living<'p>(&self, people: &'p impl People, id: UserId) -> Option<&'p Person> {
        people.person(id).filter(|person| self.facts.sees(person))
    }

    fn found<'p>(&self, people: &'p impl People, unique: Unique, value: &str) -> Found<'p> {
        match self.claims.holder(unique, value) {
            None => Found::Nobody,
            Some(Holder::Line(line)) => Found::Line(line),
            Some(Holder::Other) => Found::Hidden,
            Some(Holder::User(id)) => match self.living(people, id) {
                Some(person) => Found::Person(person),
                None => Found::Hidden,
            },
        }
    }

    /// `(auto)` makes login ids; other keys are values of people, so that neither it nor `(clear)` finds anyone.
    fn keys_without_value(&self, row: &mut Row<'_>) {
        for column in [Column::AgentId, Column::CurrentLoginId] {
            if matches!(row.cell(column), Cell::Auto | Cell::Clear) {
                row.fault(
                    column,
                    "This is no value to find someone by.",
                    "Leave the cell empty.",
                );
            }
        }
    }

    /// The id of the person found by a weaker key, when the row gives another one.
    fn another_employee_id(&self, person: &Person, by: Column, row: &Row<'_>) -> Option<String> {
        let weak = matches!(by, Column::LoginId | Column::Email);
        let given = row.text(Column::EmployeeId).filter(|_| weak)?;
        let theirs = person.employee_id.as_deref()?;
        let other = EmployeeId::claim_of(given) != EmployeeId::claim_of(theirs);
        other.then(|| theirs.to_owned())
    }

    /// An employee id that nobody has, but somebody has with zeros in front: `true` when that was found.
    fn lost_zeros(&self, people: &impl People, row: &mut Row<'_>) -> bool {
        let column = Column::EmployeeId;
        let Some(given) = row.text(column).filter(|_| !row.is_wrong(column)) else {
            return false;
        };
        if given.starts_with('0') || !given.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        let longer = (1..=ZEROS).map(|zeros| format!("{}{given}", "0".repeat(zeros)));
        let mut known = longer.filter_map(|id| match self.found(people, Unique::EmployeeId, &id) {
            Found::Person(person) => Some((id, person.name.clone())),
            Found::Nobody | Found::Hidden | Found::Line(_) => None,
        });
        let Some((id, name)) = known.next() else {
            return false;
        };
        let reason = format!(
            "Nobody has {given}, but {name} has {id}: a spreadsheet may have lost the zeros."
        );
        row.fault(
            column,
            reason,
            format!("Write {id}. If it is someone new, add them in the form."),
        );
        true
    }
}

fn is_about_keys(fault: &Fault) -> bool {
    fault.column.is_some_and(Column::is_key)
}
