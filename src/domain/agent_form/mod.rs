//! Changing an agent: one set of rules for the row, the form, the API and undoing.
//!
//! What came in is an [`AgentForm`], as typed. [`AgentForm::check`] makes an [`AgentChange`] of it, which
//! holds only the fields that were given, or says what is wrong with each.

mod check;
mod merge;
mod value;

pub use check::{Known, Rules};
pub(in crate::domain) use check::{choice, flag, only};
pub use merge::{ChangedBy, Merge, changed_by, merge};
pub(in crate::domain) use value::texts;
pub use value::{Kind, NameOf, Value, Values};

use super::agent::words;
use serde_json::Map;
use std::borrow::Cow;
use std::collections::BTreeMap;

words!(/// Everything of an agent that a supervisor edits, by the names that forms, the API and the audit share.
Field {
    Name = "name",
    EmployeeId = "employee_id",
    Designation = "designation",
    Phone = "phone",
    Email = "email",
    Username = "username",
    CallForwardingNumber = "call_forwarding_number",
    AlternativeNumbers = "alternative_numbers",
    RingsOn = "rings_on",
    IntercomNumber = "intercom_number",
    TimeGroup = "time_group",
    Departments = "departments",
    AgentGroups = "agent_groups",
    CallerIds = "caller_ids",
    Extension = "extension",
    OutgoingCalls = "outgoing_calls",
    LoginBasedCalling = "login_based_calling",
});

impl Field {
    /// As the head of a column or the label of a control.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::EmployeeId => "Employee ID",
            Self::Designation => "Designation",
            Self::Phone => "Phone",
            Self::Email => "Email",
            Self::Username => "Username",
            Self::CallForwardingNumber => "Call forwarding number",
            Self::AlternativeNumbers => "Alternative numbers",
            Self::RingsOn => "Rings on",
            Self::IntercomNumber => "Intercom number",
            Self::TimeGroup => "Time group",
            Self::Departments => "Departments",
            Self::AgentGroups => "Agent groups",
            Self::CallerIds => "Caller IDs",
            Self::Extension => "Extension",
            Self::OutgoingCalls => "Outgoing calls",
            Self::LoginBasedCalling => "Login-based calling",
        }
    }

    /// Inside a sentence: "the intercom number".
    pub fn said(self) -> &'static str {
        match self {
            Self::Name => "the name",
            Self::EmployeeId => "the employee ID",
            Self::Designation => "the designation",
            Self::Phone => "the phone number",
            Self::Email => "the email",
            Self::Username => "the username",
            Self::CallForwardingNumber => "the call forwarding number",
            Self::AlternativeNumbers => "the alternative numbers",
            Self::RingsOn => "what it rings on",
            Self::IntercomNumber => "the intercom number",
            Self::TimeGroup => "the time group",
            Self::Departments => "the departments",
            Self::AgentGroups => "the agent groups",
            Self::CallerIds => "the caller IDs",
            Self::Extension => "the extension",
            Self::OutgoingCalls => "the outgoing calls",
            Self::LoginBasedCalling => "login-based calling",
        }
    }
}

/// What was typed or sent: texts by field. Absent means unchanged; present and blank means cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentForm {
    typed: BTreeMap<Field, Vec<String>>,
}

/// A checked change: the fields it holds are to have these values, all others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentChange {
    values: Values,
}

/// What is wrong with a field, in words that can stand beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// A [`Field`]'s word, or a name that is none.
    pub name: Cow<'static, str>,
    pub message: String,
}

/// Everything that is wrong, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    pub fn add(&mut self, field: Field, message: impl Into<String>) {
        self.0.push(FieldError {
            name: field.word().into(),
            message: message.into(),
        });
    }

    pub fn of(&self, field: Field) -> Option<&str> {
        self.0
            .iter()
            .find(|error| error.name == field.word())
            .map(|error| error.message.as_str())
    }

    /// What is wrong with the field of this name, whosever form it is.
    pub fn named(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|error| error.name == name);
        found.map(|error| error.message.as_str())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl AgentForm {
    /// Adds a text that was given for a field; `None` for a name that is no field's.
    pub fn put(&mut self, name: &str, text: &str) -> Option<Field> {
        let field: Field = name.parse().ok()?;
        self.typed.entry(field).or_default().push(text.to_owned());
        Some(field)
    }

    pub fn set(&mut self, field: Field, texts: Vec<String>) {
        self.typed.insert(field, texts);
    }

    pub fn leave_out(&mut self, field: Field) {
        self.typed.remove(&field);
    }

    /// The texts given for a field, as typed.
    pub fn typed(&self, field: Field) -> Option<&[String]> {
        self.typed.get(&field).map(Vec::as_slice)
    }

    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.typed.keys().copied()
    }

    /// From a JSON object of the same names: text, `true`/`false`, a number where an id is meant, null for
    /// cleared, arrays of these, and objects as the audit writes them (`{"id": 3, "name": "Sales"}`).
    ///
    /// # Errors
    /// Names that are no field's, and values of another shape.
    pub fn from_json(object: &Map<String, serde_json::Value>) -> Result<Self, FieldErrors> {
        let mut form = Self::default();
        let mut errors = FieldErrors::default();
        for (name, value) in object {
            let Ok(field) = name.parse::<Field>() else {
                errors.0.push(FieldError {
                    name: name.chars().take(64).collect::<String>().into(),
                    message: "is not a field that can be changed here".to_owned(),
                });
                continue;
            };
            match value::texts(field.kind(), value) {
                Some(texts) => form.set(field, texts),
                None => errors.add(
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

impl AgentChange {
    /// From values as the audit wrote them, `before` of an entry: what is not a field of an agent's form is
    /// passed over.
    ///
    /// # Errors
    /// Values that could not be saved today, whatever the install's settings.
    pub fn from_audit(object: &Map<String, serde_json::Value>) -> Result<Self, FieldErrors> {
        let known = object
            .iter()
            .filter(|(name, _)| name.parse::<Field>().is_ok());
        let known = known
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        AgentForm::from_json(&known)?.check(&Rules::stored())
    }

    pub fn values(&self) -> &Values {
        &self.values
    }

    pub fn get(&self, field: Field) -> Option<&Value> {
        self.values.get(field)
    }

    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.values.fields()
    }

    pub fn is_empty(&self) -> bool {
        self.values.fields().next().is_none()
    }

    /// The same without a field.
    pub fn leave_out(&mut self, field: Field) {
        self.values.remove(field);
    }
}

#[cfg(test)]
mod tests;
