//! Values that only one record may have: taken by others, taken by a row before, or the next that is free.

use super::super::cell::Cell;
use super::super::claims::{Holder, Unique};
use super::super::column::Column;
use super::super::facts::People;
use super::super::fault::mend;
use super::Planner;
use super::row::Row;
use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::ids::UserId;
use crate::domain::number_plan::{Reserved, reserved};
use crate::domain::text::LoginId;

const CLAIMED: [(Field, Unique); 4] = [
    (Field::Username, Unique::LoginId),
    (Field::Email, Unique::Email),
    (Field::EmployeeId, Unique::EmployeeId),
    (Field::Extension, Unique::Extension),
];
/// So many names are tried, with a number behind.
const TRIED: u32 = 10_000;

impl Planner<'_> {
    /// Takes the new values for this row, even if the row is wrong: the next that has them is a pair with it.
    pub(super) fn claim(
        &mut self,
        people: &impl People,
        row: &mut Row<'_>,
        me: Option<UserId>,
        after: &Values,
    ) {
        for (field, unique) in CLAIMED {
            let Some(value) = text_of(after, field) else {
                continue;
            };
            match self.claims.holder(unique, value) {
                None => self.claims.put(unique, value, Holder::Line(row.line)),
                Some(Holder::User(id)) if Some(id) == me => {}
                Some(holder) => self.refuse(people, row, Column::of(field), value, None, holder),
            }
        }
        if let Some(number) = text_of(after, Field::IntercomNumber) {
            self.claim_intercom(people, row, me, number);
        }
    }

    fn claim_intercom(
        &mut self,
        people: &impl People,
        row: &mut Row<'_>,
        me: Option<UserId>,
        number: &str,
    ) {
        let column = Column::Intercom;
        let facts = self.facts;
        if let Some((other, what)) = reserved(number, facts.region, &facts.codes) {
            let what = match what {
                Reserved::Emergency => "emergency number",
                Reserved::FeatureCode(_) => "feature code",
            };
            let reason = format!("{number} would be mistaken for the {what} {other}.");
            row.fault(column, reason, "Choose another.");
            return;
        }
        match self.claims.collision(number, me) {
            None => self.claims.put_number(number, Holder::Line(row.line)),
            Some((other, holder)) => {
                let other = Some(other).filter(|other| other != number);
                self.refuse(people, row, column, number, other.as_deref(), holder);
            }
        }
    }

    fn refuse(
        &self,
        people: &impl People,
        row: &mut Row<'_>,
        column: Column,
        value: &str,
        other: Option<&str>,
        holder: Holder,
    ) {
        if row.is_wrong(column) {
            return;
        }
        let name = match holder {
            Holder::Line(line) => return row.twice(column, line),
            Holder::Other => None,
            Holder::User(id) => people.person(id).filter(|person| self.facts.sees(person)),
        };
        let reason = match (name, other) {
            (None, _) => format!("{value} is already in use."),
            (Some(person), None) => format!("{value} is in use by {}.", person.name),
            (Some(person), Some(other)) => {
                format!(
                    "{value} can’t be told apart from {other}, which belongs to {}.",
                    person.name
                )
            }
        };
        row.fault(column, reason, "Choose another.");
    }

    /// `(auto)` in the login id of someone new: from the employee id or the email, with a number if need be.
    pub(super) fn make_login_id(&self, row: &mut Row<'_>, values: &mut Values) {
        let column = Column::LoginId;
        if *row.cell(column) != Cell::Auto || row.is_wrong(column) {
            return;
        }
        let Some(base) = base_of(values) else {
            let reason =
                "The row has no employee ID and no email that a login ID could be made from.";
            return row.fault(column, reason, mend(column));
        };
        let numbered = (2..TRIED).map(|number| format!("{base}{number}"));
        let mut tried = std::iter::once(base.clone()).chain(numbered);
        let free = tried.find(|login| {
            LoginId::parse(login).is_ok()
                && self.claims.holder(Unique::LoginId, login).is_none()
                && !self.survey.is_spoken_for(column, login)
        });
        match free {
            Some(login) => values.set(Field::Username, Value::Text(Some(login))),
            None => row.fault(column, "No login ID like this is free.", mend(column)),
        }
    }

    /// `(auto)` in intercom and extension takes the next that is free; who has one keeps it.
    pub(super) fn take_free(&mut self, row: &mut Row<'_>, now: &Values, values: &mut Values) {
        let wanted = |row: &Row<'_>, column, field| {
            *row.cell(column) == Cell::Auto
                && !row.is_wrong(column)
                && text_of(now, field).is_none()
        };
        if wanted(row, Column::Intercom, Field::IntercomNumber) {
            let (claims, survey, facts) = (&self.claims, self.survey, self.facts);
            let taken = |number: &str| {
                survey.is_spoken_for(Column::Intercom, number)
                    || claims.collision(number, None).is_some()
            };
            match self.free.next(facts.region, &facts.codes, taken) {
                Some(number) => values.set(Field::IntercomNumber, Value::Text(Some(number))),
                None => {
                    let digits = facts.intercom.digits();
                    let reason = format!("No intercom number with {digits} digits is free.");
                    row.fault(
                        Column::Intercom,
                        reason,
                        "Choose longer intercom numbers in the settings.",
                    );
                }
            }
        }
        if wanted(row, Column::Extension, Field::Extension) {
            let mut number = self.claims.next_extension();
            while self
                .survey
                .is_spoken_for(Column::Extension, &number.to_string())
            {
                number += 1;
            }
            values.set(Field::Extension, Value::Text(Some(number.to_string())));
        }
    }
}

/// What a login id is made from: the employee id, the name in the email, or the whole of it.
fn base_of(values: &Values) -> Option<String> {
    let email = text_of(values, Field::Email);
    let name = email.and_then(|email| email.rsplit_once('@'));
    let name = name.map(|(name, _)| name);
    let mut bases = [text_of(values, Field::EmployeeId), name, email]
        .into_iter()
        .flatten();
    bases
        .find(|base| LoginId::parse(base).is_ok())
        .map(str::to_owned)
}

fn text_of(values: &Values, field: Field) -> Option<&str> {
    match values.get(field) {
        Some(Value::Text(text)) => text.as_deref(),
        Some(Value::Texts(_) | Value::Flag(_) | Value::One(_) | Value::Many(_)) | None => None,
    }
}
