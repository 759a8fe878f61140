//! The rules: what may stand in each field, and what is said when it may not.

use super::{AgentChange, AgentForm, Field, FieldErrors, Value, Values};
use crate::domain::agent::{OutgoingCalls, RingsOn};
use crate::domain::number_plan::{Intercom, IntercomLength, emergency};
use crate::domain::phone::{Phone, PhoneError, Region};
use crate::domain::text::{Designation, Email, EmployeeId, LoginId, Name};
use std::str::FromStr;

/// Whether a record that a field refers to is there and may be chosen by whoever asks.
pub type Known<'a> = dyn Fn(Field, i64) -> bool + 'a;

/// What the rules depend on.
pub struct Rules<'a> {
    /// Country of numbers without a country code.
    pub region: Region,
    /// `None`: of any length that an install may choose.
    pub intercom: Option<IntercomLength>,
    pub known: &'a Known<'a>,
}

/// More alternative numbers are never tried.
const ALTERNATIVES: usize = 5;
/// More records in one field are no choice but an attack.
const MOST_RECORDS: usize = 1_000;
/// Digits of an extension's username.
const EXTENSION: std::ops::RangeInclusive<usize> = 3..=32;

impl Rules<'static> {
    /// For values that were checked when they were written.
    pub fn stored() -> Self {
        Self {
            region: Region::INDIA,
            intercom: None,
            known: &|_, _| true,
        }
    }
}

impl AgentForm {
    /// # Errors
    /// Every field that may not stand as it is, and why.
    pub fn check(&self, rules: &Rules<'_>) -> Result<AgentChange, FieldErrors> {
        let mut values = Values::default();
        let mut errors = FieldErrors::default();
        for (&field, typed) in &self.typed {
            match rules.read(field, typed) {
                Ok(value) => values.set(field, value),
                Err(why) => errors.add(field, why),
            }
        }
        match errors.is_empty() {
            true => Ok(AgentChange { values }),
            false => Err(errors),
        }
    }
}

impl Rules<'_> {
    fn read(&self, field: Field, typed: &[String]) -> Result<Value, String> {
        match field {
            Field::Name => text(field, typed, |t| Name::parse(t).map(Name::into_string)),
            Field::EmployeeId => optional(field, typed, |t| {
                EmployeeId::parse(t).map(EmployeeId::into_string)
            }),
            Field::Designation => optional(field, typed, |t| {
                Designation::parse(t).map(Designation::into_string)
            }),
            Field::Email => optional(field, typed, |t| Email::parse(t).map(|e| e.to_string())),
            Field::Username => text(field, typed, |t| LoginId::parse(t).map(|l| l.to_string())),
            Field::Phone | Field::CallForwardingNumber => self.phone(field, typed),
            Field::AlternativeNumbers => self.alternatives(typed),
            Field::RingsOn => choice::<RingsOn>(typed, "Choose phone, extension or both."),
            Field::OutgoingCalls => {
                choice::<OutgoingCalls>(typed, "Choose all, national, internal or none.")
            }
            Field::IntercomNumber => self.intercom(typed),
            Field::TimeGroup => self.one(field, typed),
            Field::Departments | Field::AgentGroups | Field::CallerIds => self.many(field, typed),
            Field::Extension => extension(typed),
            Field::LoginBasedCalling => flag(typed),
        }
    }

    fn phone(&self, field: Field, typed: &[String]) -> Result<Value, String> {
        optional(field, typed, |text| {
            Phone::parse(text, self.region).map(|number| number.to_string())
        })
        .map_err(|why| match typed.first() {
            Some(text) => format!("{why}{}", how_to_mend(text, self.region)),
            None => why,
        })
    }

    fn alternatives(&self, typed: &[String]) -> Result<Value, String> {
        let lines = typed
            .iter()
            .flat_map(|text| text.split(['\n', '|', ',', ';']))
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let mut numbers: Vec<String> = Vec::new();
        for (at, line) in (1..).zip(lines) {
            if at > ALTERNATIVES {
                return Err(format!(
                    "There are more than {ALTERNATIVES} numbers: leave some out."
                ));
            }
            let short: String = line.chars().take(40).collect();
            let number = Phone::parse(line, self.region).map_err(|why| {
                let mend = how_to_mend(line, self.region);
                format!("Number {at}, “{short}”, {why}.{mend}")
            })?;
            let number = number.to_string();
            if numbers.contains(&number) {
                return Err(format!(
                    "Number {at}, “{short}”, is there twice: leave one out."
                ));
            }
            numbers.push(number);
        }
        Ok(Value::Texts(numbers))
    }

    fn intercom(&self, typed: &[String]) -> Result<Value, String> {
        let field = Field::IntercomNumber;
        let value = optional(field, typed, |text| {
            let length = self
                .intercom
                .or_else(|| IntercomLength::new(text.trim().len()));
            Intercom::parse(text, length.unwrap_or_default()).map(|n| n.to_string())
        })?;
        let Value::Text(Some(digits)) = &value else {
            return Ok(value);
        };
        match emergency(digits, self.region) {
            Some(number) if self.intercom.is_some() => Err(format!(
                "{digits} would be mistaken for the emergency number {number}. Choose another."
            )),
            Some(_) | None => Ok(value),
        }
    }

    fn one(&self, field: Field, typed: &[String]) -> Result<Value, String> {
        match only(typed)?.trim() {
            "" => Ok(Value::One(None)),
            id => Ok(Value::One(Some(self.id(field, id)?))),
        }
    }

    pub(in crate::domain) fn many(&self, field: Field, typed: &[String]) -> Result<Value, String> {
        let mut ids = Vec::new();
        for text in typed
            .iter()
            .map(|text| text.trim())
            .filter(|t| !t.is_empty())
        {
            let id = self.id(field, text)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
            if ids.len() > MOST_RECORDS {
                return Err(format!(
                    "There are more than {MOST_RECORDS}: leave some out."
                ));
            }
        }
        Ok(Value::Many(ids))
    }

    fn id(&self, field: Field, text: &str) -> Result<i64, String> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let id = text.parse().ok().filter(|&id| digits && id > 0);
        id.filter(|&id| (self.known)(field, id)).ok_or_else(|| {
            "What was chosen is not there any more. Choose from the list.".to_owned()
        })
    }
}

/// The one text that was given.
pub(in crate::domain) fn only(typed: &[String]) -> Result<&str, String> {
    match typed {
        [] => Ok(""),
        [one] => Ok(one),
        [_, _, ..] => Err("There are several values where only one can be.".to_owned()),
    }
}

fn text<E: std::fmt::Display>(
    field: Field,
    typed: &[String],
    parse: impl Fn(&str) -> Result<String, E>,
) -> Result<Value, String> {
    match parse(only(typed)?) {
        Ok(text) => Ok(Value::Text(Some(text))),
        Err(why) => Err(sentence(field, &why)),
    }
}

fn optional<E: std::fmt::Display>(
    field: Field,
    typed: &[String],
    parse: impl Fn(&str) -> Result<String, E>,
) -> Result<Value, String> {
    match only(typed)?.trim() {
        "" => Ok(Value::Text(None)),
        _ => text(field, typed, parse),
    }
}

/// "The intercom number has 3 digits; exactly 4 are needed."
fn sentence(field: Field, why: &impl std::fmt::Display) -> String {
    let said = field.said();
    let (first, rest) = said.split_at(1);
    format!("{}{rest} {why}.", first.to_uppercase())
}

/// What a number should look like, where the fault alone does not say it.
fn how_to_mend(text: &str, region: Region) -> &'static str {
    match Phone::parse(text, region) {
        Err(PhoneError::TooShort | PhoneError::TooLong | PhoneError::NotInUse) => {
            " Numbers from abroad begin with their country code, as +44."
        }
        _ => "",
    }
}

pub(in crate::domain) fn choice<W: FromStr>(
    typed: &[String],
    which: &str,
) -> Result<Value, String> {
    let word = only(typed)?.trim();
    match word.parse::<W>() {
        Ok(_) => Ok(Value::Text(Some(word.to_owned()))),
        Err(_) => Err(which.to_owned()),
    }
}

fn extension(typed: &[String]) -> Result<Value, String> {
    let digits = only(typed)?.trim();
    if digits.is_empty() {
        Ok(Value::Text(None))
    } else if !digits.bytes().all(|b| b.is_ascii_digit()) {
        Err("The extension has to be digits only.".to_owned())
    } else if !EXTENSION.contains(&digits.len()) {
        Err(format!(
            "The extension has {} digits; {} to {} are possible.",
            digits.len(),
            EXTENSION.start(),
            EXTENSION.end()
        ))
    } else {
        Ok(Value::Text(Some(digits.to_owned())))
    }
}

/// A box and its hidden twin: the twin alone means no.
pub(in crate::domain) fn flag(typed: &[String]) -> Result<Value, String> {
    let mut said = typed.iter().map(|text| text.trim());
    let fine = said.clone().all(|text| matches!(text, "" | "no" | "yes"));
    match fine {
        true => Ok(Value::Flag(said.any(|text| text == "yes"))),
        false => Err("Choose yes or no.".to_owned()),
    }
}
