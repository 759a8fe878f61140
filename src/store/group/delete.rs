//! Deletes a group, softly: its memberships and the scopes that it was part of go with it and are kept in the
//! audit, so that Undo brings back all of it. Agents stay as they are.

use super::{AT_ONCE, CLAIM, GroupAct, KIND, members, row};
use crate::domain::audit::Entry;
use crate::domain::ids::GroupId;
use crate::domain::role::Scope;
use crate::domain::text::GroupName;
use crate::store::claim;
use crate::store::error::StoreError;
use crate::store::schema::{agent_group_members, agent_groups, agents, user_scope_groups, users};
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;
use serde_json::{Value, json};

/// What went with a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    pub operation: String,
    pub members: usize,
    pub scopes: usize,
}

/// Deletes a group if it still has the expected version (any, for `None`).
///
/// # Errors
/// `NotFound` when there is no such group in scope, `Stale` when it has another version.
pub fn delete(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: GroupId,
    expected: Option<i64>,
) -> Result<Deleted, StoreError> {
    let row = row::lock(tx, scope, id)?;
    if expected.is_some_and(|version| version != row.version) {
        return Err(StoreError::Stale);
    }
    let members = leave(tx, id)?;
    let scopes = unbind(tx, id)?;
    claim::release(
        tx,
        CLAIM,
        &GroupName::claim_of(&row.values.name),
        KIND,
        id.0,
    )?;
    diesel::update(agent_groups::table.find(id.0))
        .set(agent_groups::deleted_at.eq(tx.now.0))
        .execute(tx.conn)?;
    let version = row::next_version(tx, &row)?;
    let deleted = Deleted {
        operation: tx.operation.clone(),
        members: members.len(),
        scopes: scopes.len(),
    };
    tx.audit(
        Entry::new(
            GroupAct::Delete.action(),
            KIND,
            Some(id.0),
            row.values.name.as_str(),
        )
        .before("deleted", false)
        .before("members", records(&members))
        .before("scopes", records(&scopes))
        .after("deleted", true)
        .after("left", members.len())
        .version(version),
    )?;
    Ok(deleted)
}

/// Keys and names.
type Named = Vec<(i64, String)>;

fn records(named: &[(i64, String)]) -> Value {
    let one = |(id, name): &(i64, String)| json!({ "id": id, "name": name });
    named.iter().map(one).collect()
}

/// Takes everyone out, deleted agents too; returns who it was.
fn leave(tx: &mut Tx<'_>, id: GroupId) -> Result<Named, StoreError> {
    let left: Named = agent_group_members::table
        .inner_join(users::table.on(users::id.eq(agent_group_members::agent_id)))
        .filter(agent_group_members::group_id.eq(id.0))
        .order(users::id)
        .select((users::id, users::name))
        .load(tx.conn)?;
    let keys: Vec<i64> = left.iter().map(|(id, _)| *id).collect();
    hold(tx, &keys)?;
    let all = agent_group_members::table.filter(agent_group_members::group_id.eq(id.0));
    diesel::delete(all).execute(tx.conn)?;
    members::touch(tx, &keys)?;
    Ok(left)
}

/// Other nodes wait with these agents, in the order in which acts on many take them.
pub(super) fn hold(tx: &mut Tx<'_>, keys: &[i64]) -> Result<(), StoreError> {
    if let crate::store::Conn::Pg(c) = &mut *tx.conn {
        for keys in keys.chunks(AT_ONCE) {
            let held: Vec<i64> = agents::table
                .filter(agents::user_id.eq_any(keys))
                .order(agents::user_id)
                .select(agents::user_id)
                .for_no_key_update()
                .load(c)?;
            debug_assert!(held.len() <= keys.len());
        }
    }
    Ok(())
}

/// Takes the group out of every scope; returns whose. Who is held to no other group stays held to this one, and sees
/// nobody: held to none at all, they would see everyone.
fn unbind(tx: &mut Tx<'_>, id: GroupId) -> Result<Named, StoreError> {
    let bound: Named = user_scope_groups::table
        .inner_join(users::table.on(users::id.eq(user_scope_groups::user_id)))
        .filter(user_scope_groups::group_id.eq(id.0))
        .order(users::id)
        .select((users::id, users::name))
        .load(tx.conn)?;
    let living = agent_groups::table
        .filter(agent_groups::deleted_at.is_null())
        .filter(agent_groups::id.ne(id.0))
        .select(agent_groups::id);
    let held: Vec<i64> = user_scope_groups::table
        .filter(user_scope_groups::user_id.eq_any(bound.iter().map(|(user, _)| *user)))
        .filter(user_scope_groups::group_id.eq_any(living))
        .select(user_scope_groups::user_id)
        .distinct()
        .load(tx.conn)?;
    let others = user_scope_groups::table
        .filter(user_scope_groups::group_id.eq(id.0))
        .filter(user_scope_groups::user_id.eq_any(held));
    diesel::delete(others).execute(tx.conn)?;
    for (user, _) in &bound {
        tx.touch(RecordKind::User, *user);
    }
    Ok(bound)
}
