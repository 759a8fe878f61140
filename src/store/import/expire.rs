//! What nobody needs any more: files that were never carried out, plans that can't be undone any more. The history
//! stays.

use super::commit::end;
use super::read::lock;
use super::{Import, State, UNDO_FOR, mapping, rows};
use crate::domain::ids::ImportId;
use crate::domain::time::{HOUR, Timestamp};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{import_rows, imports};
use crate::store::tx::Tx;
use diesel::prelude::*;

/// A file that stopped coming in is given up after so long.
const SILENT: i64 = HOUR;

/// Uploads that nobody carried out within `keep` microseconds, or whose file stopped coming in.
pub fn due(conn: &mut Conn, now: Timestamp, keep: i64) -> Result<Vec<ImportId>, StoreError> {
    let waits: Vec<&str> = [State::Planned, State::Unreadable, State::Failed]
        .map(State::word)
        .to_vec();
    let late = imports::state
        .eq_any(waits)
        .and(imports::changed_at.le(now.plus(-keep).0))
        .and(imports::operation.is_null());
    let silent = imports::state
        .eq(State::Uploading.word())
        .and(imports::changed_at.le(now.plus(-SILENT).0));
    let ids: Vec<i64> = imports::table
        .filter(late.or(silent))
        .order(imports::id)
        .select(imports::id)
        .load(conn)?;
    Ok(ids.into_iter().map(ImportId).collect())
}

/// Gives one up, if it still waits.
pub fn expire(tx: &mut Tx<'_>, id: ImportId, keep: i64) -> Result<(), StoreError> {
    let import = lock(tx, id)?;
    if !due(tx.conn, tx.now, keep)?.contains(&id) {
        return Ok(());
    }
    end(tx, &import, State::Expired, None)
}

/// Uploads whose rows are of no use any more and are still there.
pub fn spent(conn: &mut Conn, now: Timestamp) -> Result<Vec<ImportId>, StoreError> {
    let over: Vec<&str> = [
        State::Committed,
        State::Cancelled,
        State::Failed,
        State::Undone,
        State::Expired,
    ]
    .map(State::word)
    .to_vec();
    // Nothing was carried out, so that there is nothing to look at or to undo.
    let nothing = imports::operation
        .is_null()
        .and(imports::finished_at.is_not_null());
    let old = imports::finished_at.le(now.plus(-UNDO_FOR).0);
    let ids: Vec<i64> = imports::table
        .filter(imports::state.eq_any(over))
        .filter(nothing.or(old))
        .filter(diesel::dsl::exists(
            import_rows::table.filter(import_rows::import_id.eq(imports::id)),
        ))
        .order(imports::id)
        .select(imports::id)
        .load(conn)?;
    Ok(ids.into_iter().map(ImportId).collect())
}

/// Removes up to so many rows of a spent upload; `true` while there are more.
pub fn clear(tx: &mut Tx<'_>, id: ImportId, most: i64) -> Result<bool, StoreError> {
    Ok(rows::clear(tx, id, most)? > 0)
}

/// Removes choices for heads that were not seen for long.
pub fn forget_mappings(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now;
    mapping::forget(tx, now)
}

/// Until when an upload waits for somebody to carry it out.
pub fn until(import: &Import, keep: i64) -> Timestamp {
    import.changed_at.plus(keep)
}
