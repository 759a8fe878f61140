//! The values of these records' fields, as they are compared, carried in forms and written to the audit.

use super::{Field, Target, members};
use crate::domain::agent_form::{ChangedBy, changed_by};
use crate::domain::ids::UserId;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// A checked value. Numbers to call are E.164, choices are their words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text; `None` for none.
    Text(Option<String>),
    Seconds(i32),
    Flag(bool),
    Target(Target),
    /// In order.
    Agents(Vec<UserId>),
}

/// Values by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<Field, Value>);

/// The name of the record that a target stands for, and of an agent.
pub type NameOf<'a> = dyn Fn(Target) -> Option<String> + 'a;

/// So many members are named where all of them would be too long to read.
const NAMED: usize = 3;

impl Values {
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.get(&field)
    }

    pub fn set(&mut self, field: Field, value: Value) {
        self.0.insert(field, value);
    }

    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.0.keys().copied()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.0.iter().map(|(field, value)| (*field, value))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of a field that is one; blank for none.
    pub fn text(&self, field: Field) -> Option<&str> {
        match self.get(field) {
            Some(Value::Text(text)) => text.as_deref(),
            Some(Value::Seconds(_) | Value::Flag(_) | Value::Target(_) | Value::Agents(_))
            | None => None,
        }
    }

    /// The members, where they are among the fields.
    pub fn members(&self) -> Option<&[UserId]> {
        match self.get(Field::Members) {
            Some(Value::Agents(agents)) => Some(agents),
            Some(Value::Text(_) | Value::Seconds(_) | Value::Flag(_) | Value::Target(_)) | None => {
                None
            }
        }
    }

    /// Only these fields.
    #[must_use]
    pub fn only(&self, fields: impl IntoIterator<Item = Field>) -> Self {
        let found = |field| Some((field, self.0.get(&field)?.clone()));
        Self(fields.into_iter().filter_map(found).collect())
    }

    /// The fields in which this differs from what is.
    pub fn differing(&self, now: &Self) -> Vec<Field> {
        let differs = |(field, value): &(Field, &Value)| now.get(*field) != Some(*value);
        self.iter()
            .filter(differs)
            .map(|(field, _)| field)
            .collect()
    }

    /// As one line of JSON that an open form carries and [`Values::from_stored`] reads back.
    pub fn to_json(&self) -> String {
        let object = self
            .iter()
            .map(|(field, value)| (field.word().to_owned(), Json::String(value.typed())));
        Json::Object(object.collect()).to_string()
    }
}

impl Value {
    /// The text that a form would hold for it.
    pub fn typed(&self) -> String {
        match self {
            Self::Text(text) => text.clone().unwrap_or_default(),
            Self::Seconds(seconds) => seconds.to_string(),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Self::Target(target) => target.to_string(),
            Self::Agents(agents) => members::text(agents),
        }
    }

    /// As the audit writes it: with names, and with what undoing needs.
    pub fn json(&self, name_of: &NameOf<'_>) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::Seconds(seconds) => json!(seconds),
            Self::Flag(flag) => json!(flag),
            Self::Target(target) => {
                let name = name_of(*target).unwrap_or_else(|| target.to_string());
                json!({ "kind": target.kind(), "id": target.id(), "name": name })
            }
            Self::Agents(agents) => {
                let name = |id: &UserId| name_of(Target::Agent(*id));
                json!({ "name": crowd(agents, name), "agents": members::text(agents) })
            }
        }
    }
}

/// `Asha Rao, Bela Das, Chitra Iyer and 609 more`.
fn crowd(agents: &[UserId], name: impl Fn(&UserId) -> Option<String>) -> String {
    let names: Vec<String> = agents.iter().take(NAMED).filter_map(name).collect();
    let named = names.join(", ");
    match agents.len() {
        ..=NAMED => named,
        all => format!("{named} and {} more", all - NAMED),
    }
}

/// What a change comes down to when the record has moved on since it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// The fields that this person changed and nobody else did.
    pub mine: Values,
    /// Fields that both changed, to different values.
    pub both: Vec<Field>,
}

/// Compares three readings of the fields that a change holds: `was` when the form was opened, `now`, and
/// the change itself.
pub fn merge(was: &Values, now: &Values, change: &Values) -> Merge {
    let mut merged = Merge::default();
    for (field, mine) in change.iter() {
        match changed_by(was.get(field), now.get(field), mine) {
            ChangedBy::Nobody | ChangedBy::Others => {}
            ChangedBy::Me => merged.mine.set(field, mine.clone()),
            ChangedBy::Both => merged.both.push(field),
        }
    }
    merged
}

/// The text that a JSON value stands for; `None` when it has another shape than the field.
pub(super) fn text(field: Field, value: &Json) -> Option<String> {
    match (field, value) {
        (_, Json::Null) => Some(String::new()),
        (_, Json::String(text)) => Some(text.clone()),
        (Field::UseAsQueue, Json::Bool(flag)) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        (Field::RingTimeout | Field::WrapUp, Json::Number(number)) => Some(number.to_string()),
        (Field::GoesTo, Json::Object(target)) => {
            let kind = target.get("kind")?.as_str()?;
            match target.get("id").map(plain) {
                Some(Some(id)) if !id.is_empty() => Some(format!("{kind}:{id}")),
                Some(None) => None,
                Some(Some(_)) | None => Some(kind.to_owned()),
            }
        }
        (Field::Members, Json::Object(crowd)) => crowd.get("agents")?.as_str().map(str::to_owned),
        (Field::Members, Json::Array(agents)) => {
            let id = |agent: &Json| match agent {
                Json::Object(agent) => agent.get("agent_id").and_then(plain),
                other => plain(other),
            };
            let ids: Option<Vec<String>> = agents.iter().map(id).collect();
            ids.map(|ids| ids.join(" "))
        }
        (_, Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => None,
    }
}

/// A text, or a number where an id is meant; null is none.
fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Null => Some(String::new()),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}
