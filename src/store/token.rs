//! API tokens: a role and an expiry. Only the hash of a token is stored.

use super::connection::Conn;
use super::error::StoreError;
use super::operation;
use super::role::read_permissions;
use super::schema::{agent_groups, api_tokens, audit_entries, roles, token_scope_groups};
use super::tx::{RecordKind, Tx};
use crate::domain::audit::{ActorKind, Entry};
use crate::domain::ids::{GroupId, RoleId, UserId};
use crate::domain::role::{Permissions, Rights, Scope};
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Tokens in the audit.
pub const KIND: &str = "token";
const CREATE: &str = "token.create";

/// A token about to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    /// SHA-256 of the token, hexadecimal.
    pub hash: String,
    pub role: RoleId,
    /// The groups on whose agents the role holds; none: as the role says.
    pub groups: Vec<GroupId>,
    pub created_by: Option<UserId>,
    pub expires_at: Option<Timestamp>,
}

/// A token as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: i64,
    pub name: String,
    pub role: RoleId,
    pub role_name: String,
    /// The role holds only on groups.
    pub own_groups: bool,
    /// The groups on whose agents it holds.
    pub groups: Vec<GroupId>,
    /// The person who made it.
    pub created_by: Option<UserId>,
    /// The name that the token which made it had then.
    pub made_by_token: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// What a valid token may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHolder {
    pub id: i64,
    pub name: String,
    pub role: RoleId,
    pub permissions: Permissions,
    pub scope: Scope,
    pub expires_at: Option<Timestamp>,
}

/// How making a token ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    Written(i64),
    /// The same form was sent before: nothing was made this time.
    Again(i64),
    /// It would have rights, or reach agents, that its maker does not.
    GivesMore,
    /// It would be in force longer than the token that makes it, which ends then.
    Outlives(Timestamp),
}

/// Makes a token for someone who has the right to; `once` names the form, so that sending it twice makes one.
///
/// # Errors
/// `NotFound` when the role or a group is not there.
pub fn create(
    tx: &mut Tx<'_>,
    rights: &Rights,
    once: Option<String>,
    new: &NewToken,
) -> Result<Made, StoreError> {
    if let Some(once) = once {
        tx.operation = once;
        if let Some(id) = operation::made(tx, CREATE)? {
            return Ok(Made::Again(id));
        }
    }
    let role = super::role::get(tx.conn, new.role)?;
    let gets = Rights::of(role.permissions, role.own_groups, new.groups.clone());
    if !rights.covers(&gets) {
        return Ok(Made::GivesMore);
    }
    match end_of_maker(tx)? {
        Some(end) if new.expires_at.is_none_or(|at| at > end) => Ok(Made::Outlives(end)),
        Some(_) | None => Ok(Made::Written(insert(tx, new)?)),
    }
}

/// When the token that asks ends; None for a person, or for one without an end.
fn end_of_maker(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    match (tx.by.kind, tx.by.id) {
        (ActorKind::Token, Some(id)) => {
            let end = api_tokens::table.find(id).select(api_tokens::expires_at);
            let end: Option<i64> = end.first(tx.conn)?;
            Ok(end.map(Timestamp))
        }
        (ActorKind::User | ActorKind::Shell | ActorKind::System | ActorKind::Token, _) => Ok(None),
    }
}

/// Makes a token as it is told to: for the shell, which is asked nothing.
///
/// # Errors
/// `NotFound` when the role or a group is not there.
pub fn insert(tx: &mut Tx<'_>, new: &NewToken) -> Result<i64, StoreError> {
    let role = super::role::get(tx.conn, new.role)?;
    let groups = named(tx.conn, &new.groups)?;
    let id: i64 = diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::name.eq(&new.name),
            api_tokens::hash.eq(&new.hash),
            api_tokens::role_id.eq(new.role.0),
            api_tokens::created_by.eq(new.created_by.map(|user| user.0)),
            api_tokens::created_at.eq(tx.now.0),
            api_tokens::expires_at.eq(new.expires_at.map(|at| at.0)),
        ))
        .returning(api_tokens::id)
        .get_result(tx.conn)?;
    for (group, _) in &groups {
        diesel::insert_into(token_scope_groups::table)
            .values((
                token_scope_groups::token_id.eq(id),
                token_scope_groups::group_id.eq(group),
            ))
            .execute(tx.conn)?;
    }
    let mut entry = Entry::new(CREATE, KIND, Some(id), new.name.as_str())
        .after("role", role.name)
        .after("until", new.expires_at.map(stamp));
    if !groups.is_empty() {
        let one = |(id, name): &(i64, String)| json!({ "id": id, "name": name });
        entry = entry.after("agent_groups", groups.iter().map(one).collect::<Value>());
    }
    tx.audit(entry)?;
    tx.touch(RecordKind::Token, id);
    Ok(id)
}

/// As the audit writes an instant.
fn stamp(at: Timestamp) -> String {
    crate::domain::show::rfc3339(at)
}

/// Living groups with their names, each once.
fn named(conn: &mut Conn, groups: &[GroupId]) -> Result<Vec<(i64, String)>, StoreError> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let mut keys: Vec<i64> = groups.iter().map(|group| group.0).collect();
    keys.sort_unstable();
    keys.dedup();
    let found: Vec<(i64, String)> = agent_groups::table
        .filter(agent_groups::id.eq_any(&keys))
        .filter(agent_groups::deleted_at.is_null())
        .order(agent_groups::id)
        .select((agent_groups::id, agent_groups::name))
        .load(conn)?;
    match found.len() == keys.len() {
        true => Ok(found),
        false => Err(StoreError::NotFound),
    }
}

/// The groups of tokens, by token.
fn scopes(conn: &mut Conn) -> Result<HashMap<i64, Vec<GroupId>>, StoreError> {
    let rows: Vec<(i64, i64)> = token_scope_groups::table
        .order((token_scope_groups::token_id, token_scope_groups::group_id))
        .select((token_scope_groups::token_id, token_scope_groups::group_id))
        .load(conn)?;
    let mut scopes: HashMap<i64, Vec<GroupId>> = HashMap::new();
    for (token, group) in rows {
        scopes.entry(token).or_default().push(GroupId(group));
    }
    Ok(scopes)
}

/// The names of tokens that made others, by what they made, as the audit has them.
fn makers(conn: &mut Conn, made: &[i64]) -> Result<HashMap<i64, String>, StoreError> {
    let rows: Vec<(Option<i64>, String)> = audit_entries::table
        .filter(audit_entries::subject_kind.eq(KIND))
        .filter(audit_entries::subject_id.eq_any(made))
        .filter(audit_entries::action.eq(CREATE))
        .filter(audit_entries::actor_kind.eq(ActorKind::Token.word()))
        .select((audit_entries::subject_id, audit_entries::actor_name))
        .load(conn)?;
    let made = |(id, name): (Option<i64>, String)| Some((id?, name));
    Ok(rows.into_iter().filter_map(made).collect())
}

/// All tokens, the newest first.
pub fn all(conn: &mut Conn) -> Result<Vec<Token>, StoreError> {
    type Row = (
        i64,
        String,
        i64,
        String,
        bool,
        Option<i64>,
        i64,
        Option<i64>,
        Option<i64>,
        Option<i64>,
    );
    let rows: Vec<Row> = api_tokens::table
        .inner_join(roles::table.on(roles::id.eq(api_tokens::role_id)))
        .order(api_tokens::id.desc())
        .select((
            api_tokens::id,
            api_tokens::name,
            roles::id,
            roles::name,
            roles::own_groups,
            api_tokens::created_by,
            api_tokens::created_at,
            api_tokens::expires_at,
            api_tokens::last_used_at,
            api_tokens::revoked_at,
        ))
        .load(conn)?;
    let mut scopes = scopes(conn)?;
    let by_nobody = rows.iter().filter(|row| row.5.is_none());
    let mut makers = makers(conn, &by_nobody.map(|row| row.0).collect::<Vec<_>>())?;
    let token = |row: Row| {
        let (
            id,
            name,
            role,
            role_name,
            own_groups,
            created_by,
            created_at,
            expires_at,
            used,
            revoked,
        ) = row;
        Token {
            id,
            name,
            role: RoleId(role),
            role_name,
            own_groups,
            groups: scopes.remove(&id).unwrap_or_default(),
            created_by: created_by.map(UserId),
            made_by_token: makers.remove(&id),
            created_at: Timestamp(created_at),
            expires_at: expires_at.map(Timestamp),
            last_used_at: used.map(Timestamp),
            revoked_at: revoked.map(Timestamp),
        }
    };
    Ok(rows.into_iter().map(token).collect())
}

impl Token {
    /// It can be used at an instant.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|until| until > now)
    }
}

/// Who holds the token with this hash, unless it is revoked. The caller looks at the expiry.
pub fn find_holder(conn: &mut Conn, hash: &str) -> Result<Option<TokenHolder>, StoreError> {
    type Row = (i64, String, i64, String, bool, Option<i64>);
    let row: Option<Row> = api_tokens::table
        .inner_join(roles::table.on(roles::id.eq(api_tokens::role_id)))
        .filter(api_tokens::hash.eq(hash))
        .filter(api_tokens::revoked_at.is_null())
        .select((
            api_tokens::id,
            api_tokens::name,
            roles::id,
            roles::permissions,
            roles::own_groups,
            api_tokens::expires_at,
        ))
        .first(conn)
        .optional()?;
    let Some((id, name, role, permissions, own_groups, expires_at)) = row else {
        return Ok(None);
    };
    let groups: Vec<i64> = token_scope_groups::table
        .filter(token_scope_groups::token_id.eq(id))
        .order(token_scope_groups::group_id)
        .select(token_scope_groups::group_id)
        .load(conn)?;
    let groups = groups.into_iter().map(GroupId).collect();
    // A role that holds on one's own groups reaches nobody with a token that was given none.
    let rights = Rights::of(read_permissions(&permissions)?, own_groups, groups);
    Ok(Some(TokenHolder {
        id,
        name,
        role: RoleId(role),
        permissions: rights.permissions,
        scope: rights.scope,
        expires_at: expires_at.map(Timestamp),
    }))
}

/// What a token may do now; none for one that was ended or whose time is over.
pub(super) fn rights(
    conn: &mut Conn,
    id: i64,
    now: Timestamp,
) -> Result<Option<Rights>, StoreError> {
    let row: Option<(String, Option<i64>)> = api_tokens::table
        .find(id)
        .filter(api_tokens::revoked_at.is_null())
        .select((api_tokens::hash, api_tokens::expires_at))
        .first(conn)
        .optional()?;
    let Some((hash, expires_at)) = row else {
        return Ok(None);
    };
    let in_force = expires_at.is_none_or(|at| at > now.0);
    let holder = find_holder(conn, &hash)?.filter(|_| in_force);
    Ok(holder.map(|holder| Rights {
        permissions: holder.permissions,
        scope: holder.scope,
    }))
}

/// Notes that a token was used.
pub fn used(tx: &mut Tx<'_>, id: i64, at: Timestamp) -> Result<(), StoreError> {
    diesel::update(api_tokens::table.find(id))
        .set(api_tokens::last_used_at.eq(at.0))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends a token for someone who has the right to; `false`: it has rights, or reaches agents, that they do not.
///
/// # Errors
/// `NotFound` if there is none or it was ended already.
pub fn end(tx: &mut Tx<'_>, rights: &Rights, id: i64) -> Result<bool, StoreError> {
    let (permissions, own_groups): (String, bool) = api_tokens::table
        .inner_join(roles::table.on(roles::id.eq(api_tokens::role_id)))
        .filter(api_tokens::id.eq(id))
        .select((roles::permissions, roles::own_groups))
        .first(tx.conn)?;
    let groups = scopes(tx.conn)?.remove(&id).unwrap_or_default();
    let has = Rights::of(read_permissions(&permissions)?, own_groups, groups);
    match rights.covers(&has) {
        true => revoke(tx, id).map(|()| true),
        false => Ok(false),
    }
}

/// Ends a token, whatever it may do: for the shell. `NotFound` if there is none or it was ended already.
pub fn revoke(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let name: String = diesel::update(
        api_tokens::table
            .find(id)
            .filter(api_tokens::revoked_at.is_null()),
    )
    .set(api_tokens::revoked_at.eq(tx.now.0))
    .returning(api_tokens::name)
    .get_result(tx.conn)?;
    tx.audit(Entry::new("token.revoke", KIND, Some(id), name))?;
    tx.touch(RecordKind::Token, id);
    Ok(())
}
