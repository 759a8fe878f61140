//! Deletes time groups, softly: their agents keep the link, so that Undo finds everyone, and are held back
//! by nothing meanwhile.

use super::undo::HoursAct;
use super::write::living;
use super::{KIND, NAME_CLAIM, in_use_by};
use crate::domain::audit::Entry;
use crate::domain::ids::TimeGroupId;
use crate::domain::role::Scope;
use crate::domain::text::Name;
use crate::store::claim;
use crate::store::error::StoreError;
use crate::store::schema::time_groups;
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

/// A time group that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// To undo it by.
    pub operation: String,
    /// Agents who had it.
    pub agents: i64,
}

/// Deletes a time group if it still has the expected version (any, for `None`). Its name is free at once.
///
/// # Errors
/// `NotFound` when there is none or the scope is one of groups, `Stale` when it has another version.
pub fn delete(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: TimeGroupId,
    expected: Option<i64>,
) -> Result<Deleted, StoreError> {
    let stored = living(tx, scope, id)?;
    if expected.is_some_and(|version| version != stored.version) {
        return Err(StoreError::Stale);
    }
    let name = stored.details.name;
    claim::release(tx, NAME_CLAIM, &Name::claim_of(&name), KIND, id.0)?;
    set_deleted(tx, id, stored.version + 1, true)?;
    let agents = in_use_by(tx.conn, id)?;
    let entry = entry(HoursAct::Delete.word(), id, &name, stored.version + 1, true);
    tx.audit(entry.after("agents", agents))?;
    Ok(Deleted {
        operation: tx.operation.clone(),
        agents,
    })
}

pub(super) fn set_deleted(
    tx: &mut Tx<'_>,
    id: TimeGroupId,
    version: i64,
    deleted: bool,
) -> Result<(), StoreError> {
    diesel::update(time_groups::table.find(id.0))
        .set((
            time_groups::deleted_at.eq(deleted.then_some(tx.now.0)),
            time_groups::version.eq(version),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::TimeGroup, id.0);
    Ok(())
}

pub(super) fn entry(
    action: &'static str,
    id: TimeGroupId,
    name: &str,
    version: i64,
    deleted: bool,
) -> Entry {
    Entry::new(action, KIND, Some(id.0), name)
        .before("deleted", !deleted)
        .after("deleted", deleted)
        .version(version)
}
