//! The agents that an act is meant for, read and locked, without those whom the doer may not touch.

use crate::domain::act::Refusal;
use crate::domain::ids::{GroupId, UserId};
use crate::domain::person::{Admin, WebLogin};
use crate::domain::role::{BuiltInRole, Rights, Scope};
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::person::word;
use crate::store::role::{self, Role};
use crate::store::schema::{agent_group_members, agents, user_scope_groups, users};
use crate::store::tx::Tx;
use crate::store::user::admins;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// Keys in one statement.
pub const AT_ONCE: usize = 5_000;
/// From so many on, the whole table is read rather than its rows by key.
const MOST_BY_KEY: usize = 20_000;

/// An agent as an act finds it.
#[derive(Clone, Debug)]
pub struct Target {
    pub id: UserId,
    pub name: String,
    pub web_login: WebLogin,
    /// The role has rights over others, so the user outlives the agent.
    pub above_agent: bool,
    /// The role gives all that an administrator has.
    pub is_admin: bool,
    pub user_deleted: bool,
    pub admin: Admin,
    pub time_group: Option<i64>,
    pub login_based: bool,
    pub removed: bool,
    pub version: i64,
}

impl Target {
    pub fn gone(&self) -> bool {
        self.removed || self.user_deleted
    }
}

/// Who can be acted on, in order of key, and who can't.
#[derive(Default)]
pub struct Targets {
    pub found: Vec<Target>,
    pub refused: Vec<(UserId, Refusal)>,
}

/// Reads and locks. `gone`: the deleted are meant, not the living.
pub fn load(
    tx: &mut Tx<'_>,
    rights: &Rights,
    wanted: &[UserId],
    gone: bool,
) -> Result<Targets, StoreError> {
    let mut found = read(tx, rights, wanted)?;
    let mut refused = std::mem::take(&mut found.refused);
    let (right, wrong): (Vec<_>, Vec<_>) = found
        .found
        .into_iter()
        .partition(|target| target.gone() == gone);
    let why = |_: &Target| match gone {
        true => Refusal::NotDeleted,
        false => Refusal::NotFound,
    };
    refused.extend(wrong.iter().map(|target| (target.id, why(target))));
    refused.sort_by_key(|(id, _)| *id);
    Ok(Targets {
        found: right,
        refused,
    })
}

/// The same, living and deleted alike.
pub fn read(tx: &mut Tx<'_>, rights: &Rights, wanted: &[UserId]) -> Result<Targets, StoreError> {
    let mut keys: Vec<i64> = wanted.iter().map(|id| id.0).collect();
    keys.sort_unstable();
    keys.dedup();
    lock(tx.conn, &keys)?;
    let seen = seen(tx.conn, &rights.scope)?;
    let roles: HashMap<i64, Role> = role::all(tx.conn)?
        .into_iter()
        .map(|role| (role.id.0, role))
        .collect();
    let bound = bound(tx.conn, &rights.scope)?;
    let own = BuiltInRole::Agent.permissions();
    let mut targets = Targets::default();
    let mut missing: HashSet<i64> = keys.iter().copied().collect();
    for row in rows(tx.conn, &keys)? {
        if seen
            .as_ref()
            .is_some_and(|seen| !seen.contains(&row.user_id))
        {
            continue;
        }
        missing.remove(&row.user_id);
        let role = roles.get(&row.role_id);
        let is_admin =
            role.is_some_and(|role| admins::makes_admins(role.permissions, role.own_groups));
        let permissions = role.map(|role| role.permissions).unwrap_or_default();
        let own_groups = role.is_some_and(|role| role.own_groups);
        let groups = bound.get(&row.user_id).cloned().unwrap_or_default();
        if rights.covers(&Rights::of(permissions, own_groups, groups)) {
            let above_agent = !permissions.is_subset(own);
            targets.found.push(row.into_target(above_agent, is_admin)?);
        } else {
            targets
                .refused
                .push((UserId(row.user_id), Refusal::MoreRights));
        }
    }
    let missing = missing
        .into_iter()
        .map(|key| (UserId(key), Refusal::NotFound));
    targets.refused.extend(missing);
    targets.refused.sort_by_key(|(id, _)| *id);
    Ok(targets)
}

/// The groups that people's rights are bound to, where that matters: whoever acts on everyone covers all.
fn bound(conn: &mut Conn, scope: &Scope) -> Result<HashMap<i64, Vec<GroupId>>, StoreError> {
    let mut bound: HashMap<i64, Vec<GroupId>> = HashMap::new();
    if scope.is_all() {
        return Ok(bound);
    }
    let rows: Vec<(i64, i64)> = user_scope_groups::table
        .select((user_scope_groups::user_id, user_scope_groups::group_id))
        .load(conn)?;
    for (user, group) in rows {
        bound.entry(user).or_default().push(GroupId(group));
    }
    Ok(bound)
}

/// On Postgres other nodes write too: they wait until this write is done. By key, so that two bulk
/// acts never wait for each other.
fn lock(conn: &mut Conn, keys: &[i64]) -> Result<(), StoreError> {
    if let Conn::Pg(c) = conn {
        let locked: Vec<i64> = agents::table
            .filter(agents::user_id.eq_any(keys))
            .order(agents::user_id)
            .select(agents::user_id)
            .for_no_key_update()
            .load(c)?;
        debug_assert!(locked.len() <= keys.len());
    }
    Ok(())
}

/// The keys of the agents in a scope; None: everyone.
fn seen(conn: &mut Conn, scope: &Scope) -> Result<Option<HashSet<i64>>, StoreError> {
    let Scope::Groups(groups) = scope else {
        return Ok(None);
    };
    let groups: Vec<i64> = groups.iter().map(|group| group.0).collect();
    let members: Vec<i64> = agent_group_members::table
        .filter(agent_group_members::group_id.eq_any(groups))
        .select(agent_group_members::agent_id)
        .load(conn)?;
    Ok(Some(members.into_iter().collect()))
}

type Columns = (
    users::id,
    users::name,
    users::role_id,
    users::web_login,
    users::deleted_at,
    agents::admin_state,
    agents::admin_reason,
    agents::admin_until,
    agents::admin_at,
    agents::admin_by,
    agents::time_group_id,
    agents::login_based,
    agents::removed_at,
    agents::version,
);

const COLUMNS: Columns = (
    users::id,
    users::name,
    users::role_id,
    users::web_login,
    users::deleted_at,
    agents::admin_state,
    agents::admin_reason,
    agents::admin_until,
    agents::admin_at,
    agents::admin_by,
    agents::time_group_id,
    agents::login_based,
    agents::removed_at,
    agents::version,
);

#[derive(Queryable)]
struct Row {
    user_id: i64,
    name: String,
    role_id: i64,
    web_login: String,
    deleted_at: Option<i64>,
    admin_state: String,
    admin_reason: Option<String>,
    admin_until: Option<i64>,
    admin_at: i64,
    admin_by: Option<i64>,
    time_group: Option<i64>,
    login_based: bool,
    removed_at: Option<i64>,
    version: i64,
}

fn rows(conn: &mut Conn, keys: &[i64]) -> Result<Vec<Row>, StoreError> {
    let all = agents::table
        .inner_join(users::table)
        .order(users::id)
        .select(COLUMNS);
    if keys.len() > MOST_BY_KEY {
        let mut rows: Vec<Row> = all.load(conn)?;
        rows.retain(|row| keys.binary_search(&row.user_id).is_ok());
        return Ok(rows);
    }
    let mut rows = Vec::with_capacity(keys.len());
    for keys in keys.chunks(AT_ONCE) {
        rows.append(&mut all.filter(users::id.eq_any(keys)).load(conn)?);
    }
    Ok(rows)
}

impl Row {
    fn into_target(self, above_agent: bool, is_admin: bool) -> Result<Target, StoreError> {
        Ok(Target {
            id: UserId(self.user_id),
            name: self.name,
            web_login: word(&self.web_login)?,
            above_agent,
            is_admin,
            user_deleted: self.deleted_at.is_some(),
            admin: Admin {
                state: word(&self.admin_state)?,
                reason: self.admin_reason.map(Into::into),
                until: self.admin_until.map(Timestamp),
                at: Timestamp(self.admin_at),
                by: self.admin_by.map(UserId),
            },
            time_group: self.time_group,
            login_based: self.login_based,
            removed: self.removed_at.is_some(),
            version: self.version,
        })
    }
}
