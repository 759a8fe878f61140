//! What somebody said the columns of a file mean, remembered for the next file with the same head, and for its
//! failed rows when they come back corrected.

use crate::domain::import::{Head, Mapping};
use crate::domain::secret::SecretHash;
use crate::domain::time::{HOUR, Timestamp};
use crate::store::connection::{Conn, on_each};
use crate::store::error::StoreError;
use crate::store::schema::import_mappings;
use crate::store::tx::Tx;
use diesel::prelude::*;
use diesel::upsert::excluded;

/// What was not used for so long is forgotten.
const KEPT: i64 = 400 * 24 * HOUR;

/// The names of a head in its order, upper and lower case alike.
fn key(head: &Head) -> String {
    let names: Vec<String> = head.own_names().map(str::to_lowercase).collect();
    SecretHash::of(&names.join("\u{1f}")).hex()
}

/// What was chosen for a file with this head the last time.
pub fn find(conn: &mut Conn, head: &Head) -> Result<Option<Mapping>, StoreError> {
    let text: Option<String> = import_mappings::table
        .find(key(head))
        .select(import_mappings::mapping)
        .first(conn)
        .optional()?;
    // What another version wrote is as good as nothing.
    Ok(text.and_then(|text| Mapping::from_json(&text).ok()))
}

/// Remembers what was chosen, if anything was.
pub(super) fn remember(tx: &mut Tx<'_>, head: &Head, mapping: &Mapping) -> Result<(), StoreError> {
    if *mapping == Mapping::default() {
        return Ok(());
    }
    let row = (
        import_mappings::head.eq(key(head)),
        import_mappings::mapping.eq(mapping.to_json()),
        import_mappings::used_at.eq(tx.now.0),
    );
    on_each!(&mut *tx.conn, |c| diesel::insert_into(
        import_mappings::table
    )
    .values(row)
    .on_conflict(import_mappings::head)
    .do_update()
    .set((
        import_mappings::mapping.eq(excluded(import_mappings::mapping)),
        import_mappings::used_at.eq(excluded(import_mappings::used_at)),
    ))
    .execute(c))?;
    Ok(())
}

pub(super) fn forget(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    let old = import_mappings::used_at.lt(now.plus(-KEPT).0);
    diesel::delete(import_mappings::table.filter(old)).execute(tx.conn)?;
    Ok(())
}
