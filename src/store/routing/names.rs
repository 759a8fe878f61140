//! Names of the records and agents that a change refers to, for the audit; and whether they are still there.

use crate::domain::ids::{AgentId, UserId};
use crate::domain::routing::{Field, Target, Value, Values};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agents, departments, ivrs, users};
use diesel::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::{HashMap, HashSet};

/// Bind values that both databases take in one statement.
const AT_ONCE: usize = 1_000;
/// So many at the head of a list of members are named.
const HEAD: usize = 3;

/// Names by what they name.
pub(super) struct Names(HashMap<Target, String>);

/// Agents who come to a department, and who leave it.
#[derive(Default)]
pub(super) struct Moved {
    pub joined: Vec<UserId>,
    pub left: Vec<UserId>,
}

impl Moved {
    pub fn of(before: &Values, after: &Values) -> Self {
        let (Some(after), before) = (after.members(), before.members().unwrap_or_default()) else {
            return Self::default();
        };
        let (old, new): (HashSet<_>, HashSet<_>) =
            (before.iter().collect(), after.iter().collect());
        let only = |all: &[UserId], others: &HashSet<&UserId>| -> Vec<UserId> {
            all.iter()
                .filter(|id| !others.contains(id))
                .copied()
                .collect()
        };
        Self {
            joined: only(after, &old),
            left: only(before, &new),
        }
    }

    /// Everyone whose departments are others now.
    pub fn everyone(&self) -> impl Iterator<Item = UserId> {
        self.joined.iter().chain(&self.left).copied()
    }
}

impl Names {
    /// Reads the names that `before` and `after` need.
    ///
    /// # Errors
    /// `Stale` when a record or an agent that only `after` has is gone meanwhile.
    pub fn read(
        conn: &mut Conn,
        before: &Values,
        after: &Values,
        moved: &Moved,
    ) -> Result<Self, StoreError> {
        let mut names = Self(HashMap::new());
        let was = target(before);
        for (target, must_live) in [(was, false), (target(after), target(after) != was)] {
            let Some(target) = target else { continue };
            if let Some((name, living)) = find(conn, target)? {
                if must_live && !living {
                    return Err(StoreError::Stale);
                }
                names.0.insert(target, name);
            } else if must_live && target != Target::Nowhere {
                return Err(StoreError::Stale);
            }
        }
        let head = [before, after].into_iter().filter_map(Values::members);
        let head = head.flat_map(|members| members.iter().take(HEAD)).copied();
        let wanted: Vec<i64> = moved.everyone().chain(head).map(|id| id.0).collect();
        let living = names.read_agents(conn, &wanted)?;
        match moved.joined.iter().all(|id| living.contains(&id.0)) {
            true => Ok(names),
            false => Err(StoreError::Stale),
        }
    }

    fn read_agents(&mut self, conn: &mut Conn, ids: &[i64]) -> Result<HashSet<i64>, StoreError> {
        let mut living = HashSet::new();
        for ids in ids.chunks(AT_ONCE) {
            type Row = (i64, String, Option<i64>, Option<i64>);
            let rows: Vec<Row> = agents::table
                .inner_join(users::table)
                .filter(users::id.eq_any(ids))
                .select((
                    users::id,
                    users::name,
                    users::deleted_at,
                    agents::removed_at,
                ))
                .load(conn)?;
            for (id, name, deleted, removed) in rows {
                if deleted.is_none() && removed.is_none() {
                    living.insert(id);
                }
                self.0.insert(Target::Agent(UserId(id)), name);
            }
        }
        Ok(living)
    }

    /// The values as the audit writes them.
    pub fn fields(&self, values: &Values) -> Map<String, Json> {
        let name_of = |target: Target| self.0.get(&target).cloned();
        let field =
            |(field, value): (Field, &Value)| (field.word().to_owned(), value.json(&name_of));
        values.iter().map(field).collect()
    }

    /// `[{"id": "010042", "name": "Asha Rao"}]`.
    pub fn people(&self, ids: &[UserId]) -> Json {
        let one = |id: &UserId| {
            let name = self.0.get(&Target::Agent(*id));
            json!({ "id": AgentId::of(*id).to_string(), "name": name })
        };
        ids.iter().map(one).collect()
    }
}

fn target(values: &Values) -> Option<Target> {
    match values.get(Field::GoesTo) {
        Some(Value::Target(target)) => Some(*target),
        Some(Value::Text(_) | Value::Seconds(_) | Value::Flag(_) | Value::Agents(_)) | None => None,
    }
}

/// A record's name, and whether it lives.
fn find(conn: &mut Conn, target: Target) -> Result<Option<(String, bool)>, StoreError> {
    let row: Option<(String, Option<i64>)> = match target {
        Target::Nowhere => Some(("nowhere".to_owned(), None)),
        Target::Department(id) => departments::table
            .find(id.0)
            .select((departments::name, departments::deleted_at))
            .first(conn)
            .optional()?,
        Target::Ivr(id) => ivrs::table
            .find(id.0)
            .select((ivrs::name, ivrs::deleted_at))
            .first(conn)
            .optional()?,
        Target::Agent(id) => {
            let row: Option<(String, Option<i64>, Option<i64>)> = agents::table
                .inner_join(users::table)
                .filter(agents::user_id.eq(id.0))
                .select((users::name, users::deleted_at, agents::removed_at))
                .first(conn)
                .optional()?;
            row.map(|(name, deleted, removed)| (name, deleted.or(removed)))
        }
    };
    Ok(row.map(|(name, gone)| (name, gone.is_none())))
}
