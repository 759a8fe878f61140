//! The values of a user's fields, as they are compared, stored in forms and written to the audit.

use super::{Field, Own};
use crate::domain::agent_form::{self, Value};
use crate::domain::person::Person;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Values by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    pub shared: agent_form::Values,
    own: BTreeMap<Own, Value>,
}

/// The name of a record that a field refers to.
pub type NameOf<'a> = dyn Fn(Field, i64) -> Option<String> + 'a;

impl Values {
    /// Of a user, without the addresses, which only the database has. The fields of a calling agent only
    /// where there is one.
    pub fn of(person: &Person) -> Self {
        let is_agent = person.living_agent().is_some();
        let mut values = Self {
            shared: agent_form::Values::of(person),
            own: BTreeMap::new(),
        };
        if !is_agent {
            let gone: Vec<agent_form::Field> = values
                .shared
                .fields()
                .filter(|field| Field::Shared(*field).is_of_agent())
                .collect();
            gone.into_iter()
                .for_each(|field| values.shared.remove(field));
        }
        let word = person.web_login.word().to_owned();
        let groups = person.scope_groups.iter().map(|id| id.0).collect();
        values.set_own(Own::CallingAgent, Value::Flag(is_agent));
        values.set_own(Own::WebLogin, Value::Text(Some(word)));
        values.set_own(Own::Role, Value::One(Some(person.role.0)));
        values.set_own(Own::ScopeGroups, Value::Many(groups));
        values
    }

    pub fn get(&self, field: Field) -> Option<&Value> {
        match field {
            Field::Shared(field) => self.shared.get(field),
            Field::Own(own) => self.own.get(&own),
        }
    }

    pub fn own(&self, own: Own) -> Option<&Value> {
        self.own.get(&own)
    }

    pub fn set(&mut self, field: Field, value: Value) {
        match field {
            Field::Shared(field) => self.shared.set(field, value),
            Field::Own(own) => self.set_own(own, value),
        }
    }

    pub fn set_own(&mut self, own: Own, value: Value) {
        let value = match (own, value) {
            // Their order says nothing, so it is always the same.
            (Own::ScopeGroups, Value::Many(mut ids)) => {
                ids.sort_unstable();
                ids.dedup();
                Value::Many(ids)
            }
            (_, value) => value,
        };
        self.own.insert(own, value);
    }

    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        let shared = self.shared.iter().map(|(f, v)| (Field::Shared(f), v));
        shared.chain(self.own.iter().map(|(own, v)| (Field::Own(*own), v)))
    }

    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.iter().map(|(field, _)| field)
    }

    /// Only these fields.
    #[must_use]
    pub fn only(&self, fields: &[Field]) -> Self {
        let mut found = Self::default();
        for (field, value) in self.iter().filter(|(field, _)| fields.contains(field)) {
            found.set(field, value.clone());
        }
        found
    }

    /// As one line of JSON that [`super::UserForm::from_json`] reads back: ids without names.
    pub fn to_json(&self) -> String {
        Json::Object(self.json(&|_, _| None)).to_string()
    }

    /// As the audit and the API write them.
    pub fn json(&self, name_of: &NameOf<'_>) -> Map<String, Json> {
        let mut object = Map::new();
        for (field, value) in self.iter() {
            let name = |_: agent_form::Field, id: i64| name_of(field, id);
            // Whose names they are, the closure knows.
            let shape = match field {
                Field::Shared(shared) => shared,
                Field::Own(_) => agent_form::Field::AgentGroups,
            };
            object.insert(field.word().to_owned(), value.json(shape, &name));
        }
        object
    }
}
