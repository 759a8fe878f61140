//! Where calls go: departments, IVRs and caller ids. One set of rules for their forms, the API and undoing.
//!
//! What came in is a [`RoutingForm`], as typed. [`RoutingForm::check`] makes [`Values`] of it, which hold only
//! the fields that were given, or says what is wrong with each.

mod check;
pub mod filter;
pub mod members;
mod target;
mod value;

pub use check::{MOST_MEMBERS, RING_TIMEOUT, Rules, WRAP_UP};
pub use target::Target;
pub use value::{Merge, NameOf, Value, Values, merge};

use super::agent::words;
use super::agent_form::{FieldError, FieldErrors};
use super::role::Permission;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

words!(/// A kind of record that says where calls go, by the word that claims and the audit know it by.
Noun {
    /// A queue of agents with a ring strategy.
    Department = "department",
    /// A spoken menu in the phone system.
    Ivr = "ivr",
    /// A number that calls come in on and are made from.
    CallerId = "caller_id",
});

words!(/// How the members of a department ring.
RingStrategy {
    Simultaneous = "simultaneous",
    InOrder = "in_order",
    Random = "random",
    RoundRobin = "round_robin",
    LongestIdle = "longest_idle",
});

words!(/// Everything of these records that is edited, by the names that forms, the API and the audit share.
Field {
    Name = "name",
    Number = "number",
    Label = "label",
    Description = "description",
    RingStrategy = "ring_strategy",
    RingTimeout = "ring_timeout_seconds",
    WrapUp = "wrap_up_seconds",
    UseAsQueue = "use_as_queue",
    TransferCode = "transfer_code",
    DialplanTarget = "target",
    GoesTo = "goes_to",
    Members = "members",
});

impl Noun {
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Department => &[
                Field::Name,
                Field::Description,
                Field::RingStrategy,
                Field::RingTimeout,
                Field::WrapUp,
                Field::UseAsQueue,
                Field::TransferCode,
                Field::Members,
            ],
            Self::Ivr => &[Field::Name, Field::TransferCode, Field::DialplanTarget],
            Self::CallerId => &[Field::Number, Field::Label, Field::GoesTo],
        }
    }

    /// What a record can't be without.
    pub fn required(self) -> &'static [Field] {
        match self {
            Self::Department => &[Field::Name],
            Self::Ivr => &[Field::Name, Field::TransferCode, Field::DialplanTarget],
            Self::CallerId => &[Field::Number],
        }
    }

    /// The field that the record is called by.
    pub fn title(self) -> Field {
        match self {
            Self::Department | Self::Ivr => Field::Name,
            Self::CallerId => Field::Number,
        }
    }

    /// The right to change it; it holds only with scope everything.
    pub fn permission(self) -> Permission {
        match self {
            Self::Department => Permission::DepartmentsWrite,
            Self::Ivr => Permission::IvrsWrite,
            Self::CallerId => Permission::CallerIdsWrite,
        }
    }

    /// The path of its pages, and behind `/api/v1` of the API.
    pub fn path(self) -> &'static str {
        match self {
            Self::Department => "/departments",
            Self::Ivr => "/ivrs",
            Self::CallerId => "/caller-ids",
        }
    }

    /// Inside a sentence: "the department".
    pub fn said(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Ivr => "IVR",
            Self::CallerId => "caller ID",
        }
    }

    /// The head of its list.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Department => "Departments",
            Self::Ivr => "IVRs",
            Self::CallerId => "Caller IDs",
        }
    }
}

impl RingStrategy {
    pub fn label(self) -> &'static str {
        match self {
            Self::Simultaneous => "Simultaneous",
            Self::InOrder => "In order",
            Self::Random => "Random",
            Self::RoundRobin => "Round robin",
            Self::LongestIdle => "Longest idle",
        }
    }

    /// What it does, as a hint beside it.
    pub fn explained(self) -> &'static str {
        match self {
            Self::Simultaneous => "all who are free ring at once",
            Self::InOrder => "the first who is free rings, then the next",
            Self::Random => "any who is free rings",
            Self::RoundRobin => "each call begins with the next in the order",
            Self::LongestIdle => "who has waited longest for a call rings first",
        }
    }
}

impl Field {
    /// The label of a control or the head of a column.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Number => "Number",
            Self::Label => "Label",
            Self::Description => "Description",
            Self::RingStrategy => "Ring strategy",
            Self::RingTimeout => "Ring timeout",
            Self::WrapUp => "Wrap-up",
            Self::UseAsQueue => "Use it as queue",
            Self::TransferCode => "Transfer code",
            Self::DialplanTarget => "Dialplan target",
            Self::GoesTo => "Incoming calls go to",
            Self::Members => "Members",
        }
    }

    /// Inside a sentence: "the transfer code".
    pub fn said(self) -> &'static str {
        match self {
            Self::Name => "the name",
            Self::Number => "the number",
            Self::Label => "the label",
            Self::Description => "the description",
            Self::RingStrategy => "the ring strategy",
            Self::RingTimeout => "the ring timeout",
            Self::WrapUp => "the wrap-up time",
            Self::UseAsQueue => "“use it as queue”",
            Self::TransferCode => "the transfer code",
            Self::DialplanTarget => "the dialplan target",
            Self::GoesTo => "where incoming calls go",
            Self::Members => "the members",
        }
    }
}

/// What was typed or sent: texts by field. Absent means unchanged; present and blank means cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoutingForm {
    typed: BTreeMap<Field, Vec<String>>,
}

impl RoutingForm {
    /// Adds a text that was given for a field of this noun; `None` for a name that is none of its fields.
    pub fn put(&mut self, noun: Noun, name: &str, text: &str) -> Option<Field> {
        let field = field_of(noun, name)?;
        self.typed.entry(field).or_default().push(text.to_owned());
        Some(field)
    }

    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        self.typed.insert(field, vec![text.into()]);
    }

    pub fn leave_out(&mut self, field: Field) {
        self.typed.remove(&field);
    }

    /// The texts given for a field, as typed.
    pub fn typed(&self, field: Field) -> Option<&[String]> {
        self.typed.get(&field).map(Vec::as_slice)
    }

    /// The last text given for a field: a box stands behind its hidden twin. Empty for none.
    pub fn text(&self, field: Field) -> &str {
        let last = self.typed.get(&field).and_then(|texts| texts.last());
        last.map_or("", String::as_str)
    }

    /// Whatever a new record must have and was not given is there, blank, so that it is asked for.
    pub fn require_all(&mut self, noun: Noun) {
        for field in noun.required() {
            self.typed.entry(*field).or_default();
        }
    }

    /// From a JSON object of the same names: text, `true`/`false`, numbers, null for cleared, arrays of agents
    /// and objects as the audit writes them.
    ///
    /// # Errors
    /// Names that are none of the noun's fields, and values of another shape.
    pub fn from_json(noun: Noun, object: &Map<String, Json>) -> Result<Self, FieldErrors> {
        let mut form = Self::default();
        let mut errors = FieldErrors::default();
        for (name, value) in object {
            let Some(field) = field_of(noun, name) else {
                errors.0.push(FieldError {
                    name: name.chars().take(64).collect::<String>().into(),
                    message: "is not a field that can be changed here".to_owned(),
                });
                continue;
            };
            match value::text(field, value) {
                Some(text) => form.set(field, text),
                None => wrong(
                    &mut errors,
                    field,
                    format!("{} has a value of another kind.", field.label()),
                ),
            }
        }
        match errors.is_empty() {
            true => Ok(form),
            false => Err(errors),
        }
    }
}

impl Values {
    /// From values as they were stored: those that an open form carries along, or `before` of an entry of the
    /// audit. What is no field of the noun is passed over.
    ///
    /// # Errors
    /// Values that could not be saved whatever the install's settings.
    pub fn from_stored(noun: Noun, object: &Map<String, Json>) -> Result<Self, FieldErrors> {
        let known = object
            .iter()
            .filter(|(name, _)| field_of(noun, name).is_some());
        let known = known.map(|(name, value)| (name.clone(), value.clone()));
        RoutingForm::from_json(noun, &known.collect())?.check(noun, &Rules::stored())
    }
}

/// Says what is wrong with a field.
pub fn wrong(errors: &mut FieldErrors, field: Field, message: impl Into<String>) {
    errors.0.push(FieldError {
        name: field.word().into(),
        message: message.into(),
    });
}

fn field_of(noun: Noun, name: &str) -> Option<Field> {
    let field: Field = name.parse().ok()?;
    noun.fields().contains(&field).then_some(field)
}

#[cfg(test)]
mod tests;
