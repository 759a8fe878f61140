//! Names of the records that a change refers to, for the audit; and whether they are still there.

use crate::domain::agent_form::{Field, Value, Values};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agent_groups, caller_ids, departments, time_groups};
use diesel::prelude::*;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// Names by field and id.
pub(in crate::store) struct Names(HashMap<(Field, i64), String>);

impl Names {
    /// Reads the names of all records in `before` and `after`.
    ///
    /// # Errors
    /// `Stale` when a record that only `after` has was deleted meanwhile.
    pub fn read(
        conn: &mut Conn,
        before: &Values,
        after: &Values,
        hidden_groups: &[i64],
    ) -> Result<Self, StoreError> {
        let mut names = HashMap::new();
        let mut wanted: Vec<(Field, i64, bool)> = references(after)
            .map(|(field, id)| (field, id, !references(before).any(|old| old == (field, id))))
            .collect();
        wanted.extend(references(before).map(|(field, id)| (field, id, false)));
        if before.get(Field::AgentGroups).is_some() {
            let hidden = hidden_groups
                .iter()
                .map(|&id| (Field::AgentGroups, id, false));
            wanted.extend(hidden);
        }
        for (field, id, must_live) in wanted {
            if names.contains_key(&(field, id)) {
                continue;
            }
            let (name, deleted) = find(conn, field, id)?.ok_or(StoreError::Stale)?;
            if must_live && deleted.is_some() {
                return Err(StoreError::Stale);
            }
            names.insert((field, id), name);
        }
        Ok(Self(names))
    }

    /// The values as the audit writes them, with the groups that the actor could not see.
    pub fn fields(&self, values: &Values, hidden_groups: &[i64]) -> Map<String, Json> {
        let name_of = |field, id| self.0.get(&(field, id)).cloned();
        let field = |(field, value): (Field, &Value)| {
            let json = match (field, value) {
                (Field::AgentGroups, Value::Many(seen)) if !hidden_groups.is_empty() => {
                    let mut all = [seen.as_slice(), hidden_groups].concat();
                    all.sort_unstable();
                    Value::Many(all).json(field, &name_of)
                }
                (_, value) => value.json(field, &name_of),
            };
            (field.word().to_owned(), json)
        };
        values.iter().map(field).collect()
    }
}

/// Every record that the values refer to.
fn references(values: &Values) -> impl Iterator<Item = (Field, i64)> {
    values.iter().flat_map(|(field, value)| {
        let ids: Vec<i64> = match value {
            Value::Many(ids) => ids.clone(),
            Value::One(id) => id.iter().copied().collect(),
            Value::Text(_) | Value::Texts(_) | Value::Flag(_) => Vec::new(),
        };
        ids.into_iter().map(move |id| (field, id))
    })
}

/// A record's name, and when it was deleted.
fn find(
    conn: &mut Conn,
    field: Field,
    id: i64,
) -> Result<Option<(String, Option<i64>)>, StoreError> {
    let found = match field {
        Field::TimeGroup => time_groups::table
            .find(id)
            .select((time_groups::name, time_groups::deleted_at))
            .first(conn)
            .optional()?,
        Field::Departments => departments::table
            .find(id)
            .select((departments::name, departments::deleted_at))
            .first(conn)
            .optional()?,
        Field::AgentGroups => agent_groups::table
            .find(id)
            .select((agent_groups::name, agent_groups::deleted_at))
            .first(conn)
            .optional()?,
        Field::CallerIds => caller_ids::table
            .find(id)
            .select((caller_ids::number, caller_ids::deleted_at))
            .first(conn)
            .optional()?,
        _ => None,
    };
    Ok(found)
}
