//! Keys of rows that are yet to be inserted: for who writes many rows that refer to each other.

use super::connection::Conn;
use super::error::StoreError;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// A table whose keys can be had in advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyed {
    Users,
}

impl Keyed {
    fn table(self) -> &'static str {
        match self {
            Self::Users => "users",
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
            let last: Vec<Key> = diesel::sql_query(format!(
                "SELECT seq AS key FROM sqlite_sequence WHERE name = '{table}'"
            ))
            .load(c)?;
            let last = last.first().map_or(0, |row| row.key);
            Ok((last + 1..=last + many).collect())
        }
    }
}
