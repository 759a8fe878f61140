//! Whether a file is a sound database of Rollcall, found out without writing to it or beside it.

use super::super::connection::{self, Conn};
use super::super::error::StoreError;
use super::super::migrate::{self, Standing};
use super::super::schema::{audit_entries, calls, users};
use super::file::beside;
use super::{BackupError, size};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// What is in a sound database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    pub people: i64,
    pub calls: i64,
    pub audit_entries: i64,
    /// Its last migration.
    pub schema: String,
    /// It has no migration to catch up on.
    pub is_current: bool,
    pub bytes: u64,
    /// The last key that each table gave.
    last_keys: LastKeys,
}

/// By table. Keys are never given twice, so these only grow.
pub(super) type LastKeys = BTreeMap<String, i64>;

/// Why a file is no backup that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    #[error("is empty")]
    Empty,
    #[error("is no SQLite database, so it is no backup of Rollcall")]
    NotSqlite,
    #[error("breaks off: it has {}, and should have {}", size(*.has), size(*.needed))]
    Truncated { has: u64, needed: u64 },
    #[error(
        "is a raw copy of a database in use: what {wal} beside it holds would be missing. Make backups with `rollcall backup`"
    )]
    RawCopy { wal: String },
    #[error("is damaged: {0}")]
    Damaged(String),
    #[error("is a database of another program, or an empty one, and no backup of Rollcall")]
    NotOurs,
    #[error("was made by a newer Rollcall (it has migration {0}): install that one first")]
    Newer(String),
    #[error("does not hold all that was in the database when it was begun ({0}): make it again")]
    Incomplete(String),
    #[error("can be read, but Rollcall can't work with it: {0}")]
    Unusable(String),
}

const MAGIC: &[u8] = b"SQLite format 3\0";
/// Bytes of a database's head.
const HEAD: u64 = 100;

/// Reads all of it.
///
/// # Errors
/// `Unsound`, or when it can't be read.
pub fn examine(path: &Path) -> Result<Sound, BackupError> {
    let bytes = look_at(path)?;
    let unsound = |unsound| BackupError::unsound(path, unsound);
    // Whatever SQLite has against a file that can be read is the file's fault.
    let damaged = |error: StoreError| unsound(Unsound::Damaged(error.to_string()));
    let mut conn = connection::open_unchanged(path).map_err(damaged)?;
    if let Some(damage) = damage(&mut conn).map_err(damaged)? {
        return Err(unsound(Unsound::Damaged(damage)));
    }
    let (schema, missing) = match migrate::standing(&mut conn).map_err(damaged)? {
        Standing::New | Standing::NotOurs => return Err(unsound(Unsound::NotOurs)),
        Standing::Newer(version) => return Err(unsound(Unsound::Newer(version))),
        Standing::Ours { newest, missing } => (newest, missing),
    };
    count(&mut conn, schema, missing.is_empty(), bytes).map_err(damaged)
}

/// What its size, its first bytes and its neighbours say.
fn look_at(path: &Path) -> Result<u64, BackupError> {
    let unsound = |unsound| Err(BackupError::unsound(path, unsound));
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => BackupError::NoFile(path.to_owned()),
        _ => BackupError::file(path, 0, error),
    };
    let meta = fs::metadata(path).map_err(failed)?;
    if meta.is_dir() {
        return Err(BackupError::Folder(path.to_owned()));
    }
    let Some(begin) = begin(path).map_err(failed)? else {
        return unsound(Unsound::Empty);
    };
    let has = meta.len();
    if !is_sqlite(&begin) {
        return unsound(Unsound::NotSqlite);
    }
    match promised(&begin) {
        Some(needed) if has >= needed => {}
        Some(needed) => return unsound(Unsound::Truncated { has, needed }),
        None => return unsound(Unsound::Truncated { has, needed: 512 }),
    }
    let wal = beside(path, "-wal");
    if fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0) {
        let wal = wal.display().to_string();
        return unsound(Unsound::RawCopy { wal });
    }
    Ok(has)
}

/// The head of a file, as far as it goes; none of an empty one.
pub(super) fn begin(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut begin = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut begin)?;
    Ok(Some(begin).filter(|begin| !begin.is_empty()))
}

pub(super) fn is_sqlite(begin: &[u8]) -> bool {
    begin.starts_with(MAGIC)
}

/// The size that the head of a database says it has; none where the head breaks off.
fn promised(begin: &[u8]) -> Option<u64> {
    let number = |at: usize| -> Option<u64> {
        let bytes: [u8; 4] = begin.get(at..at + 4)?.try_into().ok()?;
        Some(u64::from(u32::from_be_bytes(bytes)))
    };
    let page: [u8; 2] = begin.get(16..18)?.try_into().ok()?;
    let page = match u16::from_be_bytes(page) {
        1 => 65_536,
        page => u64::from(page),
    };
    // The number of pages counts only where the version that wrote it is the last that wrote at all.
    let pages = match number(24)? == number(92)? {
        true => number(28)?,
        false => 1,
    };
    Some(page * pages)
}

fn damage(conn: &mut Conn) -> Result<Option<String>, StoreError> {
    let said: Vec<Finding> = diesel::sql_query("PRAGMA integrity_check(1)").load(conn)?;
    match said.into_iter().map(|row| row.integrity_check).next() {
        Some(fine) if fine == "ok" => {}
        // What comes before is the name of the database inside SQLite.
        Some(damage) => return Ok(damage.lines().next_back().map(str::to_owned)),
        None => return Ok(Some("it can’t be checked".to_owned())),
    }
    let broken: i64 = diesel::select(diesel::dsl::sql::<BigInt>(
        "(SELECT count(*) FROM pragma_foreign_key_check)",
    ))
    .get_result(conn)?;
    Ok((broken > 0).then(|| format!("{broken} rows refer to nothing")))
}

fn count(
    conn: &mut Conn,
    schema: String,
    is_current: bool,
    bytes: u64,
) -> Result<Sound, StoreError> {
    // Columns that every schema has had: a backup may be older than this program.
    Ok(Sound {
        people: users::table
            .filter(users::deleted_at.is_null())
            .count()
            .get_result(conn)?,
        calls: calls::table.count().get_result(conn)?,
        audit_entries: audit_entries::table.count().get_result(conn)?,
        schema,
        is_current,
        bytes,
        last_keys: last_keys(conn)?,
    })
}

/// The last key that each table of a SQLite database gave.
pub(super) fn last_keys(conn: &mut Conn) -> Result<LastKeys, StoreError> {
    let rows: Vec<LastKey> =
        diesel::sql_query("SELECT name, seq FROM sqlite_sequence").load(conn)?;
    Ok(rows.into_iter().map(|row| (row.name, row.seq)).collect())
}

impl Sound {
    /// Whether a copy was made between these two moments of its original.
    pub(super) fn lies_between(&self, before: &LastKeys, after: &LastKeys) -> Result<(), Unsound> {
        for (table, &first) in before {
            let copied = self.last_keys.get(table).copied().unwrap_or_default();
            let last = after.get(table).copied().unwrap_or(first);
            if !(first..=last).contains(&copied) {
                return Err(Unsound::Incomplete(format!(
                    "{table} up to {copied}, not {first}"
                )));
            }
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct LastKey {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_how_long_the_file_is() {
        let mut begin = [0; 100];
        begin[16] = 0x10;
        begin[31] = 3;
        assert_eq!(promised(&begin), Some(3 * 4_096));
        begin[27] = 1;
        assert_eq!(promised(&begin), Some(4_096), "an older version wrote last");
        begin[16..18].copy_from_slice(&[0, 1]);
        assert_eq!(promised(&begin), Some(65_536));
        assert_eq!(promised(&begin[..90]), None);
    }

    #[test]
    fn a_copy_lies_between_two_moments_of_its_original() {
        let keys = |users: i64| LastKeys::from([("users".to_owned(), users)]);
        let copy = Sound {
            people: 0,
            calls: 0,
            audit_entries: 0,
            schema: String::new(),
            is_current: true,
            bytes: 0,
            last_keys: keys(5),
        };
        assert!(copy.lies_between(&keys(5), &keys(5)).is_ok());
        assert!(copy.lies_between(&keys(4), &keys(7)).is_ok());
        assert!(copy.lies_between(&keys(6), &keys(7)).is_err());
        assert!(copy.lies_between(&keys(1), &keys(4)).is_err());
    }
}
