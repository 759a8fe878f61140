//! The values of an agent's fields, as they are compared, stored in forms and written to the audit.

use super::Field;
use crate::domain::person::Person;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// A checked value. Numbers are E.164, choices are their words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text; `None` for none.
    Text(Option<String>),
    /// Texts in order.
    Texts(Vec<String>),
    Flag(bool),
    /// A record, or none.
    One(Option<i64>),
    /// Records: in order where the order says something, else ascending.
    Many(Vec<i64>),
}

impl Value {
    /// Nothing was ever set.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.is_none(),
            Self::Texts(texts) => texts.is_empty(),
            Self::Flag(flag) => !flag,
            Self::One(id) => id.is_none(),
            Self::Many(ids) => ids.is_empty(),
        }
    }
}

/// Which of the values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Texts,
    Flag,
    One,
    Many,
}

impl Field {
    pub fn kind(self) -> Kind {
        match self {
            Self::Name
            | Self::EmployeeId
            | Self::Designation
            | Self::Phone
            | Self::Email
            | Self::Username
            | Self::CallForwardingNumber
            | Self::RingsOn
            | Self::IntercomNumber
            | Self::Extension
            | Self::OutgoingCalls => Kind::Text,
            Self::AlternativeNumbers => Kind::Texts,
            Self::LoginBasedCalling => Kind::Flag,
            Self::TimeGroup => Kind::One,
            Self::Departments | Self::AgentGroups | Self::CallerIds => Kind::Many,
        }
    }
}

/// Values by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<Field, Value>);

/// The name of a record that a field refers to.
pub type NameOf<'a> = dyn Fn(Field, i64) -> Option<String> + 'a;

impl Values {
    /// Of a person who is an agent; without the facet only the user's own fields.
    pub fn of(person: &Person) -> Self {
        let text = |text: Option<&str>| Value::Text(text.map(ToOwned::to_owned));
        let filled = |filled: &str| text(Some(filled).filter(|text| !text.is_empty()));
        let mut values = Self::default();
        values.set(Field::Name, filled(&person.name));
        values.set(Field::EmployeeId, text(person.employee_id.as_deref()));
        values.set(Field::Designation, filled(&person.designation));
        values.set(
            Field::Phone,
            Value::Text(person.phone.map(|n| n.to_string())),
        );
        values.set(Field::Email, text(person.email.as_deref()));
        values.set(Field::Username, filled(&person.login_id));
        let Some(agent) = person.agent.as_deref() else {
            return values;
        };
        let forwarding = agent.forwarding_number.map(|number| number.to_string());
        values.set(Field::CallForwardingNumber, Value::Text(forwarding));
        let alternatives = agent.alternative_numbers.iter().map(ToString::to_string);
        values.set(
            Field::AlternativeNumbers,
            Value::Texts(alternatives.collect()),
        );
        values.set(Field::RingsOn, filled(agent.rings_on.word()));
        values.set(Field::IntercomNumber, text(agent.intercom.as_deref()));
        values.set(
            Field::TimeGroup,
            Value::One(agent.time_group.map(|id| id.0)),
        );
        let departments = agent.departments.iter().map(|id| id.0).collect();
        values.set(Field::Departments, Value::Many(departments));
        let groups = agent.groups.iter().map(|id| id.0).collect();
        values.set(Field::AgentGroups, Value::Many(groups));
        let caller_ids = agent.caller_ids.iter().map(|id| id.0).collect();
        values.set(Field::CallerIds, Value::Many(caller_ids));
        values.set(Field::Extension, text(agent.extension.as_deref()));
        values.set(Field::OutgoingCalls, filled(agent.outgoing_calls.word()));
        values.set(Field::LoginBasedCalling, Value::Flag(agent.login_based));
        values
    }

    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.get(&field)
    }

    pub fn set(&mut self, field: Field, value: Value) {
        let value = match (field, value) {
            // Their order says nothing, so it is always the same.
            (Field::Departments | Field::AgentGroups, Value::Many(mut ids)) => {
                ids.sort_unstable();
                ids.dedup();
                Value::Many(ids)
            }
            (_, value) => value,
        };
        self.0.insert(field, value);
    }

    pub fn remove(&mut self, field: Field) {
        self.0.remove(&field);
    }

    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.0.keys().copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.0.iter().map(|(field, value)| (*field, value))
    }

    /// Only these fields.
    #[must_use]
    pub fn only(&self, fields: impl IntoIterator<Item = Field>) -> Self {
        let found = |field| Some((field, self.0.get(&field)?.clone()));
        Self(fields.into_iter().filter_map(found).collect())
    }

    /// As one line of JSON that [`super::AgentForm::from_json`] reads back: ids without names.
    pub fn to_json(&self) -> String {
        let nameless = |_: Field, _: i64| None;
        let object = self
            .iter()
            .map(|(field, value)| (field.word().to_owned(), value.json(field, &nameless)));
        Json::Object(object.collect()).to_string()
    }

    /// Values that were checked when they were written by [`Value::json`] without names: only their shape is looked
    /// at, so that a hundred thousand of them are read quickly. `None` for another shape.
    pub fn from_stored(object: &serde_json::Map<String, Json>) -> Option<Self> {
        let mut values = Self::default();
        for (name, json) in object {
            let field: Field = name.parse().ok()?;
            values.set(field, Value::stored(field.kind(), json)?);
        }
        Some(values)
    }
}

impl Value {
    fn stored(kind: Kind, json: &Json) -> Option<Self> {
        let text = |json: &Json| json.as_str().map(ToOwned::to_owned);
        Some(match (kind, json) {
            (Kind::Text, Json::Null) => Self::Text(None),
            (Kind::Text, json) => Self::Text(Some(text(json)?)),
            (Kind::Texts, json) => {
                Self::Texts(json.as_array()?.iter().map(text).collect::<Option<_>>()?)
            }
            (Kind::Flag, json) => Self::Flag(json.as_bool()?),
            (Kind::One, Json::Null) => Self::One(None),
            (Kind::One, json) => Self::One(Some(json.as_i64()?)),
            (Kind::Many, json) => Self::Many(
                json.as_array()?
                    .iter()
                    .map(Json::as_i64)
                    .collect::<Option<_>>()?,
            ),
        })
    }

    /// As the audit and the API write it. A record without a name is its id alone.
    pub fn json(&self, field: Field, name_of: &NameOf<'_>) -> Json {
        let record = |id: i64| match name_of(field, id) {
            Some(name) => json!({ "id": id, "name": name }),
            None => json!(id),
        };
        match self {
            Self::Text(text) => json!(text),
            Self::Texts(texts) => json!(texts),
            Self::Flag(flag) => json!(flag),
            Self::One(id) => id.map_or(Json::Null, record),
            Self::Many(ids) => ids.iter().map(|&id| record(id)).collect(),
        }
    }

    /// The texts that a form would hold for it.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text.clone().unwrap_or_default()],
            Self::Texts(texts) => texts.clone(),
            Self::Flag(flag) => vec![if *flag { "yes" } else { "no" }.to_owned()],
            Self::One(id) => vec![id.map(|id| id.to_string()).unwrap_or_default()],
            Self::Many(ids) => ids.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The texts that a JSON value stands for; `None` when it has another shape than the field.
pub(in crate::domain) fn texts(kind: Kind, value: &Json) -> Option<Vec<String>> {
    match (kind, value) {
        (_, Json::Null) => Some(vec![String::new()]),
        (Kind::Text, Json::String(text)) => Some(vec![text.clone()]),
        (Kind::Flag, Json::Bool(flag)) => Some(vec![if *flag { "yes" } else { "no" }.to_owned()]),
        (Kind::One, one) => Some(vec![id(one)?]),
        (Kind::Texts, Json::Array(all)) => {
            let texts = all.iter().map(|one| one.as_str().map(ToOwned::to_owned));
            std::iter::once(Some(String::new())).chain(texts).collect()
        }
        (Kind::Many, Json::Array(all)) => {
            let ids = all.iter().map(id);
            std::iter::once(Some(String::new())).chain(ids).collect()
        }
        (Kind::Text | Kind::Flag | Kind::Texts | Kind::Many, _) => None,
    }
}

/// An id given as a number, as its digits, or with its name.
fn id(value: &Json) -> Option<String> {
    match value {
        Json::Number(number) => Some(number.to_string()),
        Json::String(digits) => Some(digits.clone()),
        Json::Object(record) => match record.get("id")? {
            Json::Number(number) => Some(number.to_string()),
            Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => None,
        },
        Json::Null | Json::Bool(_) | Json::Array(_) => None,
    }
}
