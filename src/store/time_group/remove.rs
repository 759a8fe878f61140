//! Deletes time groups, softly: their agents keep the link, so that Undo and restoring find everyone, and are
//! held back by nothing meanwhile.

use super::clock::set_open;
use super::read::Stored;
use super::undo::HoursAct;
use super::write::{living, locked};
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

/// The action of the audit's line about one that was restored.
const RESTORE: &str = "time_group.restore";

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

/// Brings a deleted time group back as it was, for all who still follow it; returns the operation.
///
/// # Errors
/// `NotFound` when there is none that is deleted or the scope is one of groups, `Taken` when its name went to
/// another since.
pub fn restore(tx: &mut Tx<'_>, scope: &Scope, id: TimeGroupId) -> Result<String, StoreError> {
    let (stored, deleted) = locked(tx, scope, id)?;
    if !deleted {
        return Err(StoreError::NotFound);
    }
    let entry = bring_back(tx, RESTORE, stored)?;
    tx.audit(entry)?;
    Ok(tx.operation.clone())
}

/// The same; the line of the audit is yet to be written.
pub(super) fn bring_back(
    tx: &mut Tx<'_>,
    action: &'static str,
    stored: Stored,
) -> Result<Entry, StoreError> {
    let Stored {
        id,
        details,
        version,
    } = stored;
    claim::take(tx, NAME_CLAIM, &Name::claim_of(&details.name), KIND, id.0)?;
    set_deleted(tx, id, version + 1, false)?;
    // Its hours may have come or gone meanwhile.
    set_open(tx, id, &details.hours())?;
    Ok(entry(action, id, &details.name, version + 1, false))
}

fn set_deleted(
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

fn entry(action: &'static str, id: TimeGroupId, name: &str, version: i64, deleted: bool) -> Entry {
    Entry::new(action, KIND, Some(id.0), name)
        .before("deleted", !deleted)
        .after("deleted", deleted)
        .version(version)
}
