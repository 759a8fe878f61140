//! The sources of phone events, and when each was last heard.

use super::connection::{Conn, on_each};
use super::error::StoreError;
use super::schema::sources;
use super::tx::{RecordKind, Tx};
use crate::domain::time::{SECOND, Timestamp};
use diesel::prelude::*;
use diesel::upsert::excluded;

/// A source that was silent for so long is taken for dead: three heartbeats of 30 seconds.
pub const SILENT_AFTER: i64 = 90 * SECOND;

/// When any source was heard last; `None` when there never was one.
pub fn last_heard(conn: &mut Conn) -> Result<Option<Timestamp>, StoreError> {
    let last: Option<i64> = sources::table
        .select(diesel::dsl::max(sources::last_seen_at))
        .first(conn)?;
    Ok(last.map(Timestamp))
}

/// Notes that a source was heard now.
pub fn heard(tx: &mut Tx<'_>, name: &str, kind: &str) -> Result<(), StoreError> {
    let now = tx.now.0;
    on_each!(tx.conn, |c| diesel::insert_into(sources::table)
        .values((
            sources::name.eq(name),
            sources::kind.eq(kind),
            sources::last_seen_at.eq(now)
        ))
        .on_conflict(sources::name)
        .do_update()
        .set(sources::last_seen_at.eq(excluded(sources::last_seen_at)))
        .execute(c))?;
    tx.touch(RecordKind::Source, 0);
    Ok(())
}
