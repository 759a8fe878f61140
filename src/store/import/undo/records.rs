//! Groups and departments that an upload made: gone with it, unless somebody uses them.

use super::super::commit::Makeable;
use crate::domain::import::Listed;
use crate::store::error::StoreError;
use crate::store::group;
use crate::store::schema::{
    agent_group_members, agent_groups, audit_entries, caller_ids, claims, department_members,
    departments, token_scope_groups, user_scope_groups,
};
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

/// In claims, in the audit, and as where calls go to.
const DEPARTMENT: &str = "department";

pub(super) fn take_back(tx: &mut Tx<'_>, listed: &Listed) -> Result<(), StoreError> {
    for (new, made) in listed.created.iter().zip(&listed.made) {
        match Makeable::of(new.column) {
            Some(Makeable::Group) if !made.found => group(tx, made.id)?,
            Some(Makeable::Department) if !made.found => department(tx, made.id)?,
            Some(Makeable::Group | Makeable::Department) | None => {}
        }
    }
    Ok(())
}

fn group(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let members: i64 = agent_group_members::table
        .filter(agent_group_members::group_id.eq(id))
        .count()
        .get_result(tx.conn)?;
    let scopes: i64 = user_scope_groups::table
        .filter(user_scope_groups::group_id.eq(id))
        .count()
        .get_result(tx.conn)?;
    let tokens: i64 = token_scope_groups::table
        .filter(token_scope_groups::group_id.eq(id))
        .count()
        .get_result(tx.conn)?;
    if members + scopes + tokens > 0 || is_changed(tx, group::KIND, id)? {
        return Ok(());
    }
    release(tx, group::KIND, id)?;
    diesel::delete(agent_groups::table.find(id)).execute(tx.conn)?;
    tx.touch(RecordKind::Group, id);
    Ok(())
}

fn department(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let members: i64 = department_members::table
        .filter(department_members::department_id.eq(id))
        .count()
        .get_result(tx.conn)?;
    let callers: i64 = caller_ids::table
        .filter(caller_ids::target_kind.eq(DEPARTMENT))
        .filter(caller_ids::target_id.eq(id))
        .count()
        .get_result(tx.conn)?;
    if members + callers > 0 || is_changed(tx, DEPARTMENT, id)? {
        return Ok(());
    }
    release(tx, DEPARTMENT, id)?;
    diesel::delete(departments::table.find(id)).execute(tx.conn)?;
    tx.touch(RecordKind::Department, id);
    Ok(())
}

/// Somebody has done something to it since it was made.
fn is_changed(tx: &mut Tx<'_>, kind: &str, id: i64) -> Result<bool, StoreError> {
    tx.write_audit()?;
    let lines: i64 = audit_entries::table
        .filter(audit_entries::subject_kind.eq(kind))
        .filter(audit_entries::subject_id.eq(id))
        .count()
        .get_result(tx.conn)?;
    Ok(lines > 1)
}

fn release(tx: &mut Tx<'_>, kind: &str, id: i64) -> Result<(), StoreError> {
    let mine = claims::table
        .filter(claims::owner_kind.eq(kind))
        .filter(claims::owner_id.eq(id));
    diesel::delete(mine).execute(tx.conn)?;
    Ok(())
}
