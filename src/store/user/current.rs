//! A user as they stand, read in the transaction that is about to change them.

use crate::domain::agent_form::{self, Value};
use crate::domain::ids::{GroupId, RoleId, UserId};
use crate::domain::person::WebLogin;
use crate::domain::role::{Rights, Scope};
use crate::domain::user_form::{Own, Values};
use crate::store::agent::Current as Agent;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::person::word;
use crate::store::role::{self, Role};
use crate::store::schema::{agent_groups, agents, user_scope_groups, users};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// The fields that a change is about, with what guards them.
pub(in crate::store) struct Current {
    pub id: UserId,
    pub name: String,
    pub user_version: i64,
    /// Of the agent that there is or was; 0 for none.
    pub agent_version: i64,
    pub is_agent: bool,
    /// There was an agent once.
    pub was_agent: bool,
    pub values: Values,
    /// Groups of the agent, and groups that the rights are bound to, that whoever asks may not see: they
    /// stay as they are.
    pub hidden_groups: Vec<i64>,
    pub hidden_scopes: Vec<i64>,
    /// What the user may do now.
    pub rights: Rights,
    pub web_login: WebLogin,
}

type UserRow = (
    String,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    String,
    i64,
    String,
    String,
    i64,
);

impl Current {
    /// Reads a living user in scope, and keeps other nodes from changing them meanwhile.
    ///
    /// # Errors
    /// `NotFound` when there is none, or whoever asks may not see them.
    pub fn read(tx: &mut Tx<'_>, scope: &Scope, id: UserId) -> Result<Self, StoreError> {
        // The agent first, as acts do, so that two writes never wait for each other.
        let facet = facet(tx.conn, id)?;
        let row = user(tx.conn, id)?.ok_or(StoreError::NotFound)?;
        let is_agent = facet.is_some_and(|(_, removed_at)| removed_at.is_none());
        let mut values = Values::default();
        let mut hidden_groups = Vec::new();
        let mut agent_version = facet.map_or(0, |(version, _)| version);
        if is_agent {
            let agent = Agent::read(tx, scope, id, agent_form::Field::ALL)?;
            (values.shared, hidden_groups) = (agent.values, agent.hidden_groups);
            agent_version = agent.version;
        } else if !scope.is_all() {
            return Err(StoreError::NotFound);
        } else {
            values.shared = person(&row);
        }
        let role = role::get(tx.conn, RoleId(row.6))?;
        let scopes = scope_groups(tx.conn, id)?;
        let held: Vec<i64> = scopes.iter().map(|(group, _)| *group).collect();
        let rights = rights(&role, &held);
        let (seen, hidden): (Vec<_>, Vec<_>) = scopes.into_iter().partition(|&(group, living)| {
            living && (scope.is_all() || scope.sees(&[GroupId(group)]))
        });
        let ids = |groups: Vec<(i64, bool)>| groups.into_iter().map(|(group, _)| group).collect();
        let addresses = row.8.split('|').filter(|text| !text.is_empty());
        let addresses = addresses.map(ToOwned::to_owned).collect();
        values.set_own(Own::CallingAgent, Value::Flag(is_agent));
        values.set_own(Own::Role, Value::One(Some(row.6)));
        values.set_own(Own::WebLogin, Value::Text(Some(row.7.clone())));
        values.set_own(Own::ScopeGroups, Value::Many(ids(seen)));
        values.set_own(Own::AllowedIps, Value::Texts(addresses));
        Ok(Self {
            id,
            name: row.0,
            user_version: row.9,
            agent_version,
            is_agent,
            was_agent: facet.is_some() && !is_agent,
            values,
            hidden_groups,
            hidden_scopes: ids(hidden),
            rights,
            web_login: word(&row.7)?,
        })
    }

    /// Might be an administrator who can sign in: worth asking for the others, with [`super::admins`].
    pub fn may_be_admin(&self) -> bool {
        self.web_login == WebLogin::Allowed && self.rights.is_everything()
    }

    /// Grows with every change of the user or the agent.
    pub fn version(&self) -> i64 {
        self.user_version + self.agent_version
    }
}

/// What a role lets its holder do, held to these groups.
pub(super) fn rights(role: &Role, groups: &[i64]) -> Rights {
    let groups = groups.iter().copied().map(GroupId).collect();
    Rights::of(role.permissions, role.own_groups, groups)
}

/// The groups that somebody is held to, each with whether it is there: one that is gone keeps whoever had no other
/// from everyone.
fn scope_groups(conn: &mut Conn, id: UserId) -> Result<Vec<(i64, bool)>, StoreError> {
    Ok(user_scope_groups::table
        .inner_join(agent_groups::table.on(agent_groups::id.eq(user_scope_groups::group_id)))
        .filter(user_scope_groups::user_id.eq(id.0))
        .order(user_scope_groups::group_id)
        .select((
            user_scope_groups::group_id,
            agent_groups::deleted_at.is_null(),
        ))
        .load(conn)?)
}

fn user(conn: &mut Conn, id: UserId) -> Result<Option<UserRow>, StoreError> {
    let found = users::table
        .filter(users::id.eq(id.0))
        .filter(users::deleted_at.is_null())
        .select((
            users::name,
            users::employee_id,
            users::designation,
            users::phone,
            users::email,
            users::login_id,
            users::role_id,
            users::web_login,
            users::allowed_ips,
            users::version,
        ));
    let mut rows: Vec<UserRow> = match conn {
        Conn::Sqlite(c) => found.load(c)?,
        Conn::Pg(c) => found.for_no_key_update().load(c)?,
    };
    Ok(rows.pop())
}

/// Version of the agent that there is or was, and when it was taken away.
type Facet = (i64, Option<i64>);

fn facet(conn: &mut Conn, id: UserId) -> Result<Option<Facet>, StoreError> {
    let found = agents::table
        .filter(agents::user_id.eq(id.0))
        .select((agents::version, agents::removed_at));
    let mut rows: Vec<Facet> = match conn {
        Conn::Sqlite(c) => found.load(c)?,
        Conn::Pg(c) => found.for_no_key_update().load(c)?,
    };
    Ok(rows.pop())
}

/// The fields of someone who is no agent.
fn person(row: &UserRow) -> agent_form::Values {
    use agent_form::Field as F;
    let filled = |text: &str| Value::Text(Some(text.to_owned()).filter(|text| !text.is_empty()));
    let mut values = agent_form::Values::default();
    values.set(F::Name, filled(&row.0));
    values.set(F::EmployeeId, Value::Text(row.1.clone()));
    values.set(F::Designation, filled(&row.2));
    values.set(F::Phone, Value::Text(row.3.clone()));
    values.set(F::Email, Value::Text(row.4.clone()));
    values.set(F::Username, filled(&row.5));
    values
}

/// # Errors
/// `NotFound` when there is no such user in scope, whatever was expected; `Stale` when they have another version.
pub fn require_version(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: UserId,
    expected: i64,
) -> Result<(), StoreError> {
    match Current::read(tx, scope, id)?.version() == expected {
        true => Ok(()),
        false => Err(StoreError::Stale),
    }
}

/// The version that forms about a user are based on, as it is now.
///
/// # Errors
/// `NotFound` when there is no such user.
pub fn version(conn: &mut Conn, id: UserId) -> Result<i64, StoreError> {
    let user: i64 = users::table.find(id.0).select(users::version).first(conn)?;
    let agent: Option<i64> = agents::table
        .find(id.0)
        .select(agents::version)
        .first(conn)
        .optional()?;
    Ok(user + agent.unwrap_or(0))
}
