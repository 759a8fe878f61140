//! The rules: what may stand in each field, and what is said when it may not.

use super::{Field, Noun, RingStrategy, RoutingForm, Target, Value, Values, members, wrong};
use crate::domain::agent_form::FieldErrors;
use crate::domain::ids::UserId;
use crate::domain::number_plan::{TransferCode, emergency};
use crate::domain::phone::{Phone, Region};
use crate::domain::text::{Description, Label, Name, sign};
use std::fmt;
use std::ops::RangeInclusive;

/// How long a member rings before the next one does.
pub const RING_TIMEOUT: RangeInclusive<i32> = 5..=300;
/// How long a member is left alone after a call.
pub const WRAP_UP: RangeInclusive<i32> = 0..=3_600;
/// More members are no department but an attack.
pub const MOST_MEMBERS: usize = 20_000;
/// Characters of a dialplan target.
const LONGEST_TARGET: usize = 80;

/// What the rules depend on.
pub struct Rules<'a> {
    /// Country of numbers without a country code; `None`: the value was checked when it was stored.
    pub region: Option<Region>,
    /// Whether a record is there: agents too, as a target.
    pub known: &'a dyn Fn(Target) -> bool,
    /// The agent whom a person means by an Agent ID, an intercom number or a username.
    pub find_agent: &'a dyn Fn(&str) -> Option<UserId>,
}

impl Rules<'static> {
    /// For values that were checked when they were written.
    pub fn stored() -> Self {
        Self {
            region: None,
            known: &|_| true,
            find_agent: &|text| match format!("agent:{text}").parse() {
                Ok(Target::Agent(id)) => Some(id),
                Ok(Target::Nowhere | Target::Department(_) | Target::Ivr(_)) | Err(_) => None,
            },
        }
    }
}

impl RoutingForm {
    /// # Errors
    /// Every field that may not stand as it is, and why.
    pub fn check(&self, noun: Noun, rules: &Rules<'_>) -> Result<Values, FieldErrors> {
        let mut values = Values::default();
        let mut errors = FieldErrors::default();
        for (&field, typed) in &self.typed {
            match rules.read(field, typed) {
                // A department may do without a transfer code, an IVR may not.
                Ok(Value::Text(None)) if noun.required().contains(&field) => {
                    wrong(&mut errors, field, format!("{} is missing.", field.label()));
                }
                Ok(value) => values.set(field, value),
                Err(why) => wrong(&mut errors, field, why),
            }
        }
        match errors.is_empty() {
            true => Ok(values),
            false => Err(errors),
        }
    }
}

impl Rules<'_> {
    fn read(&self, field: Field, typed: &[String]) -> Result<Value, String> {
        if field == Field::UseAsQueue {
            return flag(typed);
        }
        let text = match typed {
            [] => "",
            [one] => one.trim(),
            [_, _, ..] => return Err("There are several values where only one can be.".to_owned()),
        };
        let required = |text: String| Value::Text(Some(text));
        match field {
            Field::Name => said(field, Name::parse(text).map(Name::into_string)).map(required),
            Field::Description => {
                let text = said(
                    field,
                    Description::parse(text).map(Description::into_string),
                )?;
                Ok(Value::Text(Some(text).filter(|text| !text.is_empty())))
            }
            Field::Label => {
                let text = said(field, Label::parse(text).map(Label::into_string))?;
                Ok(Value::Text(Some(text).filter(|text| !text.is_empty())))
            }
            Field::RingStrategy => strategy(text),
            Field::RingTimeout => seconds(field, text, &RING_TIMEOUT),
            Field::WrapUp => seconds(field, text, &WRAP_UP),
            Field::UseAsQueue => flag(typed),
            Field::TransferCode => self.code(text),
            Field::DialplanTarget => dialplan(text).map(required),
            Field::Number => self.number(text).map(required),
            Field::GoesTo => self.target(text).map(Value::Target),
            Field::Members => self.members(text).map(Value::Agents),
        }
    }

    fn number(&self, text: &str) -> Result<String, String> {
        let number = match self.region {
            Some(region) => said(Field::Number, Phone::parse(text, region))?,
            None => Phone::from_e164(text).ok_or_else(|| "The number can’t be read.".to_owned())?,
        };
        Ok(number.to_string())
    }

    fn code(&self, text: &str) -> Result<Value, String> {
        if text.is_empty() {
            return Ok(Value::Text(None));
        }
        let code = said(Field::TransferCode, TransferCode::parse(text))?;
        let region = self.region;
        match region.and_then(|region| emergency(code.as_str(), region)) {
            Some(number) => Err(format!(
                "{code} would be mistaken for the emergency number {number}. Choose another."
            )),
            None => Ok(Value::Text(Some(code.to_string()))),
        }
    }

    fn target(&self, text: &str) -> Result<Target, String> {
        let target = match text.split_once(':') {
            Some(("agent", who)) if who.trim().is_empty() => {
                return Err("Say which agent: by Agent ID, intercom number or username.".to_owned());
            }
            Some(("agent", who)) => (self.find_agent)(who.trim())
                .map(Target::Agent)
                .ok_or_else(|| {
                    format!(
                        "There is no agent “{}”.",
                        who.trim().chars().take(64).collect::<String>()
                    )
                })?,
            _ if text.is_empty() => Target::Nowhere,
            _ => text.parse().map_err(|_| CHOOSE.to_owned())?,
        };
        match (self.known)(target) {
            true => Ok(target),
            false => Err(GONE.to_owned()),
        }
    }

    fn members(&self, text: &str) -> Result<Vec<UserId>, String> {
        let ids = members::parse(text).map_err(|why| format!("Among the members, {why}."))?;
        if ids.len() > MOST_MEMBERS {
            return Err(format!("There are more than {MOST_MEMBERS} members."));
        }
        match ids.iter().find(|id| !(self.known)(Target::Agent(**id))) {
            Some(gone) => Err(format!(
                "{} is not an agent any more: take them out.",
                Target::Agent(*gone).id()
            )),
            None => Ok(ids),
        }
    }
}

const GONE: &str = "What was chosen is not there any more. Choose from the list.";
const CHOOSE: &str = "Choose a department, an IVR, an agent or nowhere.";

fn strategy(text: &str) -> Result<Value, String> {
    match text.parse::<RingStrategy>() {
        Ok(strategy) => Ok(Value::Text(Some(strategy.word().to_owned()))),
        Err(_) => {
            Err("Choose simultaneous, in order, random, round robin or longest idle.".to_owned())
        }
    }
}

fn seconds(field: Field, text: &str, allowed: &RangeInclusive<i32>) -> Result<Value, String> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|n| digits && allowed.contains(n));
    number.map(Value::Seconds).ok_or_else(|| {
        format!(
            "{} is a whole number of seconds from {} to {}.",
            field.label(),
            allowed.start(),
            allowed.end()
        )
    })
}

/// A box and its hidden twin: the twin alone means no.
fn flag(typed: &[String]) -> Result<Value, String> {
    let mut said = typed.iter().map(|text| text.trim());
    match said.clone().all(|text| matches!(text, "" | "no" | "yes")) {
        true => Ok(Value::Flag(said.any(|text| text == "yes"))),
        false => Err("Choose yes or no.".to_owned()),
    }
}

fn dialplan(text: &str) -> Result<String, String> {
    let fine =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ',' | '@' | '*' | '#');
    if text.is_empty() {
        return Err("The dialplan target is missing.".to_owned());
    }
    if let Some(bad) = text.chars().find(|c| !fine(*c)) {
        return Err(format!(
            "The dialplan target may not have {}: letters, digits and . _ - , @ * # are allowed.",
            sign(bad)
        ));
    }
    match text.len() {
        ..=LONGEST_TARGET => Ok(text.to_owned()),
        length => Err(format!(
            "The dialplan target has {length} characters; the most is {LONGEST_TARGET}."
        )),
    }
}

/// "The transfer code has 3 digits; exactly 5 are needed."
fn said<T, E: fmt::Display>(field: Field, read: Result<T, E>) -> Result<T, String> {
    read.map_err(|why| {
        let said = field.said();
        let (first, rest) = said.split_at(1);
        format!("{}{rest} {why}.", first.to_uppercase())
    })
}
