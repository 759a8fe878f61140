//! An agent as it stands, read in the transaction that is about to change it.

use crate::domain::agent_form::{Field, Value, Values};
use crate::domain::ids::{GroupId, UserId};
use crate::domain::role::Scope;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{
    agent_caller_ids, agent_group_members, agents, caller_ids, department_members, departments,
    extensions, users,
};
use crate::store::tx::Tx;
use diesel::prelude::*;
use std::collections::HashMap;

/// The fields that a change is about, with the versions that guard them.
pub(in crate::store) struct Current {
    pub id: UserId,
    pub user_version: i64,
    pub version: i64,
    pub values: Values,
    /// Groups that whoever asks may not see: they stay as they are.
    pub hidden_groups: Vec<i64>,
}

type Row = (
    (
        String,
        Option<String>,
        String,
        Option<String>,
        Option<String>,
        String,
        i64,
    ),
    (
        Option<String>,
        String,
        String,
        Option<String>,
        Option<i64>,
        String,
        bool,
        i64,
    ),
);

impl Current {
    /// Reads a living agent in scope, and keeps other nodes from changing it meanwhile.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is out of scope.
    pub fn read(
        tx: &mut Tx<'_>,
        scope: &Scope,
        id: UserId,
        fields: &[Field],
    ) -> Result<Self, StoreError> {
        let (user, agent) = match tx.ahead.take(id) {
            Some(row) => row,
            None => read(tx.conn, &[id])?.pop().ok_or(StoreError::NotFound)?.1,
        };
        let conn = &mut *tx.conn;
        let mut current = Self {
            id,
            user_version: user.6,
            version: agent.7,
            values: Values::default(),
            hidden_groups: Vec::new(),
        };
        let text = |text: String| Value::Text(Some(text).filter(|text| !text.is_empty()));
        let values = &mut current.values;
        values.set(Field::Name, text(user.0));
        values.set(Field::EmployeeId, Value::Text(user.1));
        values.set(Field::Designation, text(user.2));
        values.set(Field::Phone, Value::Text(user.3));
        values.set(Field::Email, Value::Text(user.4));
        values.set(Field::Username, text(user.5));
        values.set(Field::CallForwardingNumber, Value::Text(agent.0));
        let alternatives = agent.1.split('|').filter(|number| !number.is_empty());
        let alternatives = alternatives.map(ToOwned::to_owned).collect();
        values.set(Field::AlternativeNumbers, Value::Texts(alternatives));
        values.set(Field::RingsOn, text(agent.2));
        values.set(Field::IntercomNumber, Value::Text(agent.3));
        values.set(Field::TimeGroup, Value::One(agent.4));
        values.set(Field::OutgoingCalls, text(agent.5));
        values.set(Field::LoginBasedCalling, Value::Flag(agent.6));
        current.read_groups(conn, scope, fields)?;
        current.read_links(conn, fields)?;
        Ok(current)
    }

    /// The groups decide whether the agent is in scope, and are one of the fields.
    fn read_groups(
        &mut self,
        conn: &mut Conn,
        scope: &Scope,
        fields: &[Field],
    ) -> Result<(), StoreError> {
        if scope.is_all() && !fields.contains(&Field::AgentGroups) {
            return Ok(());
        }
        let groups: Vec<i64> = agent_group_members::table
            .filter(agent_group_members::agent_id.eq(self.id.0))
            .select(agent_group_members::group_id)
            .load(conn)?;
        let (seen, hidden): (Vec<i64>, Vec<i64>) = groups
            .into_iter()
            .partition(|&group| scope.sees(&[GroupId(group)]));
        if !scope.is_all() && seen.is_empty() {
            return Err(StoreError::NotFound);
        }
        self.values.set(Field::AgentGroups, Value::Many(seen));
        self.hidden_groups = hidden;
        Ok(())
    }

    fn read_links(&mut self, conn: &mut Conn, fields: &[Field]) -> Result<(), StoreError> {
        let id = self.id.0;
        if fields.contains(&Field::Departments) {
            let living = departments::table.filter(departments::deleted_at.is_null());
            let departments = department_members::table
                .filter(department_members::agent_id.eq(id))
                .filter(department_members::department_id.eq_any(living.select(departments::id)))
                .select(department_members::department_id)
                .load(conn)?;
            self.values
                .set(Field::Departments, Value::Many(departments));
        }
        if fields.contains(&Field::CallerIds) {
            let living = caller_ids::table.filter(caller_ids::deleted_at.is_null());
            let caller_ids = agent_caller_ids::table
                .filter(agent_caller_ids::agent_id.eq(id))
                .filter(agent_caller_ids::caller_id_id.eq_any(living.select(caller_ids::id)))
                .order(agent_caller_ids::position)
                .select(agent_caller_ids::caller_id_id)
                .load(conn)?;
            self.values.set(Field::CallerIds, Value::Many(caller_ids));
        }
        if fields.contains(&Field::Extension) {
            let extension = extensions::table
                .filter(extensions::agent_id.eq(id))
                .select(extensions::username)
                .first(conn)
                .optional()?;
            self.values.set(Field::Extension, Value::Text(extension));
        }
        Ok(())
    }
}

/// Agents that a batch of writes is about, read at its start: in one statement, and in one order, so that
/// two nodes never wait for each other. Each is used once; whoever changes an agent makes it out of date.
#[derive(Default)]
pub struct Ahead(HashMap<UserId, Row>);

impl Ahead {
    pub(in crate::store) fn read(
        conn: &mut Conn,
        mut agents: Vec<UserId>,
    ) -> Result<Self, StoreError> {
        if agents.len() < 2 {
            return Ok(Self::default());
        }
        agents.sort_unstable();
        Ok(Self(read(conn, &agents)?.into_iter().collect()))
    }

    fn take(&mut self, id: UserId) -> Option<Row> {
        self.0.remove(&id)
    }

    pub(in crate::store) fn forget(&mut self, id: UserId) {
        self.0.remove(&id);
    }
}

/// Living agents by id. Holds the rows until the transaction ends; SQLite has one writer anyway.
fn read(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<(UserId, Row)>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let found = agents::table
        .inner_join(users::table)
        .filter(agents::removed_at.is_null())
        .filter(users::deleted_at.is_null())
        .order(agents::user_id)
        .select((
            agents::user_id,
            (
                (
                    users::name,
                    users::employee_id,
                    users::designation,
                    users::phone,
                    users::email,
                    users::login_id,
                    users::version,
                ),
                (
                    agents::forwarding_number,
                    agents::alternative_numbers,
                    agents::rings_on,
                    agents::intercom,
                    agents::time_group_id,
                    agents::outgoing_calls,
                    agents::login_based,
                    agents::version,
                ),
            ),
        ));
    let rows: Vec<(i64, Row)> = match conn {
        Conn::Sqlite(c) => match ids.as_slice() {
            // A list of ids is a statement of its own each time.
            [id] => found.filter(agents::user_id.eq(id)).load(c)?,
            ids => found.filter(agents::user_id.eq_any(ids)).load(c)?,
        },
        // Not the stronger lock, which would keep the ledger from writing the agents' calls.
        Conn::Pg(c) => found
            .filter(agents::user_id.eq_any(ids))
            .for_no_key_update()
            .load(c)?,
    };
    Ok(rows
        .into_iter()
        .map(|(id, row)| (UserId(id), row))
        .collect())
}
