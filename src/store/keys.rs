//! Keys that tables give: in advance, for who writes many rows that refer to each other, and the last one that was given.

use super::connection::Conn;
use super::error::StoreError;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// A table whose keys are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyed {
    Users,
    AuditEntries,
    AuditSeals,
}

impl Keyed {
    fn table(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::AuditEntries => "audit_entries",
            Self::AuditSeals => "audit_seals",
        }
    }
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = BigInt)]
    key: i64,
}

/// So many keys that no row has or ever had; the caller inserts the rows in the same transaction.
pub(super) fn reserve(conn: &mut Conn, of: Keyed, many: usize) -> Result<Vec<i64>, StoreError> {
    let table = of.table();
    let many = i64::try_from(many).map_err(StoreError::broken)?;
    match conn {
        // The sequence gives each of them once, whatever other nodes do.
        Conn::Pg(c) => {
            let keys: Vec<Key> = diesel::sql_query(format!(
                "SELECT nextval(pg_get_serial_sequence('{table}', 'id')) AS key \
                 FROM generate_series(1, $1)"
            ))
            .bind::<BigInt, _>(many)
            .load(c)?;
            Ok(keys.into_iter().map(|row| row.key).collect())
        }
        // Nobody else writes, and inserting a key moves the sequence on.
        Conn::Sqlite(c) => {
            let last = last_given(c, of)?;
            Ok((last + 1..=last + many).collect())
        }
    }
}

/// The last key that a table gave, whether its row is still there or not; 0 for none. Only on SQLite: elsewhere a row
/// that was rolled back uses its key up, so the last one says nothing.
pub(super) fn last_given(conn: &mut SqliteConnection, of: Keyed) -> Result<i64, StoreError> {
    let table = of.table();
    let last: Vec<Key> = diesel::sql_query(format!(
        "SELECT seq AS key FROM sqlite_sequence WHERE name = '{table}'"
    ))
    .load(conn)?;
    Ok(last.first().map_or(0, |row| row.key))
}
