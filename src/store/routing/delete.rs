//! Deleting these records, softly, and bringing them back with what they held alone.

use super::current::Current;
use super::undo::RoutingAct;
use super::{claims, kind, require_everything, write};
use crate::domain::audit::Entry;
use crate::domain::role::Scope;
use crate::domain::routing::{Field, Noun, Values};
use crate::store::error::StoreError;
use crate::store::prepared::Cell;
use crate::store::tx::Tx;

/// A record that went or came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    pub version: i64,
    /// To undo it by.
    pub operation: String,
}

/// The column that says when a record was deleted, in each of the tables.
const DELETED_AT: &str = "deleted_at";

/// Takes a record out of every list. Members, numbers and whatever leads to it stay stored, for when it comes
/// back; its transfer code stays its own until the quarantine ends.
///
/// # Errors
/// `NotFound` when there is none or the scope is not everything, `Stale` when it has another version than
/// expected (any, for `None`).
pub fn delete(
    tx: &mut Tx<'_>,
    scope: &Scope,
    noun: Noun,
    id: i64,
    expected: Option<i64>,
) -> Result<Deleted, StoreError> {
    require_everything(scope)?;
    let current = Current::read(tx, noun, id)?;
    if expected.is_some_and(|version| version != current.version) {
        return Err(StoreError::Stale);
    }
    claims::hold(tx, noun, id, &current.values)?;
    let entry = set(tx, &current, true)?;
    tx.audit(entry)?;
    Ok(Deleted {
        version: current.version + 1,
        operation: tx.operation.clone(),
    })
}

/// Brings a deleted record back as it was.
///
/// # Errors
/// `NotFound` when there is none that is deleted, `Taken` when its name, number or code went to another.
pub fn restore(tx: &mut Tx<'_>, scope: &Scope, noun: Noun, id: i64) -> Result<Deleted, StoreError> {
    require_everything(scope)?;
    let current = Current::read_any(tx, noun, id)?;
    if !current.deleted {
        return Err(StoreError::NotFound);
    }
    let entry = bring_back(tx, &current)?;
    tx.audit(entry)?;
    Ok(Deleted {
        version: current.version + 1,
        operation: tx.operation.clone(),
    })
}

/// The same; the line of the audit is yet to be written.
pub(super) fn bring_back(tx: &mut Tx<'_>, current: &Current) -> Result<Entry, StoreError> {
    let unique = [current.noun.title(), Field::TransferCode];
    let own = current.values.only(unique);
    // Taking what is one's own already lifts the end of its quarantine.
    claims::change(tx, current.noun, current.id, &Values::default(), &own)?;
    set(tx, current, false)
}

fn set(tx: &mut Tx<'_>, current: &Current, deleted: bool) -> Result<Entry, StoreError> {
    let (noun, id, version) = (current.noun, current.id, current.version + 1);
    let mut row = write::row(tx, noun, id, version);
    row.set(DELETED_AT, Cell::Integer(deleted.then_some(tx.now.0)));
    row.execute(tx.conn)?;
    let people = write::users_of(tx, noun, id)?;
    write::people(tx, &people)?;
    tx.touch(kind(noun), id);
    let action = match deleted {
        true => RoutingAct::delete(noun).action(),
        false => RoutingAct::restore_action(noun),
    };
    Ok(Entry::new(action, noun.word(), Some(id), current.title())
        .before("deleted", !deleted)
        .after("deleted", deleted)
        .version(version))
}
