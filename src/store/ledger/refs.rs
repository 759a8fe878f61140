//! Finds the agents and departments that events name.

use crate::domain::call::{AgentRef, DepartmentRef};
use crate::domain::ids::{AgentId, DepartmentId, UserId};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agents, departments, extensions, users};
use diesel::prelude::*;
use std::collections::HashMap;

/// What was looked up already in this batch.
#[derive(Default)]
pub(super) struct Refs {
    agents: HashMap<AgentRef, Option<AgentId>>,
    departments: HashMap<DepartmentRef, Option<DepartmentId>>,
}

impl Refs {
    /// Looks everyone up at once, for an event that names many.
    pub fn load_all(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        let keys: Vec<i64> = agents::table.select(agents::user_id).load(conn)?;
        for id in keys.into_iter().map(|key| AgentId::of(UserId(key))) {
            self.agents.insert(AgentRef::Id(id), Some(id));
        }
        let pairs: Vec<(String, Option<i64>)> = extensions::table
            .select((extensions::username, extensions::agent_id))
            .load(conn)?;
        for (username, key) in pairs {
            self.agents.insert(
                AgentRef::Extension(username),
                key.map(|key| AgentId::of(UserId(key))),
            );
        }
        Ok(())
    }

    /// The agent, also one who has left: a late event still counts for them.
    pub fn agent(
        &mut self,
        conn: &mut Conn,
        wanted: &AgentRef,
    ) -> Result<Option<AgentId>, StoreError> {
        if let Some(&known) = self.agents.get(wanted) {
            return Ok(known);
        }
        let key: Option<i64> = match wanted {
            AgentRef::Id(id) => agents::table
                .find(id.user().0)
                .select(agents::user_id)
                .first(conn)
                .optional()?,
            AgentRef::Extension(username) => extensions::table
                .filter(extensions::username.eq(username))
                .select(extensions::agent_id)
                .first::<Option<i64>>(conn)
                .optional()?
                .flatten(),
            // The number may have gone to another since.
            AgentRef::Intercom(digits) => agents::table
                .inner_join(users::table)
                .filter(agents::intercom.eq(digits))
                .filter(agents::removed_at.is_null())
                .filter(users::deleted_at.is_null())
                .select(agents::user_id)
                .first(conn)
                .optional()?,
        };
        let found = key.map(|key| AgentId::of(UserId(key)));
        self.agents.insert(wanted.clone(), found);
        Ok(found)
    }

    pub fn department(
        &mut self,
        conn: &mut Conn,
        wanted: &DepartmentRef,
    ) -> Result<Option<DepartmentId>, StoreError> {
        if let Some(&known) = self.departments.get(wanted) {
            return Ok(known);
        }
        let found = match wanted {
            DepartmentRef::Id(id) => departments::table
                .find(id.0)
                .select(departments::id)
                .first(conn)
                .optional()?,
            DepartmentRef::Name(name) => {
                let all: Vec<(i64, String)> = departments::table
                    .filter(departments::deleted_at.is_null())
                    .select((departments::id, departments::name))
                    .load(conn)?;
                let same = |known: &str| {
                    crate::domain::text::fold(known) == crate::domain::text::fold(name)
                };
                all.into_iter()
                    .find(|(_, known)| same(known))
                    .map(|(id, _)| id)
            }
        };
        let found = found.map(DepartmentId);
        self.departments.insert(wanted.clone(), found);
        Ok(found)
    }
}
