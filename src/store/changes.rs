//! What other nodes and programs wrote, in the order in which it became visible.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::changes;
use super::tx::Tx;
use crate::domain::day_range::Day;
use crate::domain::time::Timestamp;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// A place in `changes`: everything up to it was read.
///
/// Sequence numbers are given before a commit, so on Postgres a lower one can become visible after a
/// higher one. Ordered by (transaction, sequence) and read only below the oldest transaction still
/// running, nothing can slip in behind the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub tx: i64,
    pub seq: i64,
}

/// One change; `kind` is a [`super::RecordKind`] or live, agent_day, department_day.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Change {
    pub seq: i64,
    pub tx: i64,
    pub node: i64,
    pub kind: String,
    pub id: i64,
    day: Option<i32>,
}

impl Change {
    pub fn day(&self) -> Option<Day> {
        self.day.map(Day)
    }
}

/// The place after everything that is final now.
pub fn end(conn: &mut Conn) -> Result<Cursor, StoreError> {
    let limit = horizon(conn)?;
    let last: Option<(i64, i64)> = changes::table
        .filter(changes::tx.lt(limit))
        .order((changes::tx.desc(), changes::seq.desc()))
        .select((changes::tx, changes::seq))
        .first(conn)
        .optional()?;
    Ok(last.map_or(Cursor::default(), |(tx, seq)| Cursor { tx, seq }))
}

/// Up to `most` changes after the cursor, oldest first.
pub fn after(conn: &mut Conn, cursor: Cursor, most: i64) -> Result<Vec<Change>, StoreError> {
    let limit = horizon(conn)?;
    Ok(changes::table
        .filter(changes::tx.lt(limit))
        .filter(
            changes::tx
                .gt(cursor.tx)
                .or(changes::tx.eq(cursor.tx).and(changes::seq.gt(cursor.seq))),
        )
        .order((changes::tx, changes::seq))
        .limit(most)
        .offset(0)
        .select((
            changes::seq,
            changes::tx,
            changes::node,
            changes::kind,
            changes::id,
            changes::day,
        ))
        .load(conn)?)
}

/// Removes lines older than this instant, but never the newest: it is the cursor of those who start.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    let newest: Option<i64> = changes::table
        .select(diesel::dsl::max(changes::seq))
        .first(tx.conn)?;
    diesel::delete(
        changes::table
            .filter(changes::at.lt(before.0))
            .filter(changes::seq.lt(newest.unwrap_or(0))),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// SQLite: a number that changes when another connection has committed.
pub fn data_version(conn: &mut Conn) -> Result<Option<i64>, StoreError> {
    match conn {
        Conn::Pg(_) => Ok(None),
        Conn::Sqlite(c) => {
            let version =
                diesel::dsl::sql::<BigInt>("(SELECT data_version FROM pragma_data_version)");
            Ok(Some(diesel::select(version).get_result(c)?))
        }
    }
}

/// Transactions below this are over. SQLite has one writer, so there all visible ones are.
pub(super) fn horizon(conn: &mut Conn) -> Result<i64, StoreError> {
    match conn {
        Conn::Sqlite(_) => Ok(i64::MAX),
        Conn::Pg(c) => {
            let oldest =
                diesel::dsl::sql::<BigInt>("pg_snapshot_xmin(pg_current_snapshot())::text::bigint");
            Ok(diesel::select(oldest).get_result(c)?)
        }
    }
}
