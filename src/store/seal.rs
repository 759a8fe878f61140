//! Seals the audit log: each seal hashes the entries since the seal before it, and that seal's hash. A seal covers
//! entries of one day, so that retention can take whole days away and leave the last of their seals as an anchor.

/// Two columns compared with a place as a pair, which an index answers in one step.
macro_rules! pair {
    ($columns:literal, $than:literal, $place:expr) => {
        sql::<Bool>(concat!("(", $columns, ") ", $than, " ("))
            .bind::<BigInt, _>($place.tx)
            .sql(", ")
            .bind::<BigInt, _>($place.entry)
            .sql(")")
    };
}

mod mark;
mod retain;
mod verify;

pub use mark::Marked;
pub use retain::{Anchor, RemovedDay, anchor, remove_oldest_day};
pub use verify::{Fault, Verdict, verify};

use super::changes::horizon;
use super::connection::Conn;
use super::error::StoreError;
use super::schema::{audit_entries, audit_seals};
use super::setting;
use super::tx::Tx;
use crate::domain::install::Install;
use crate::domain::sealed::SealingKey;
use crate::domain::time::Timestamp;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use sha2::{Digest, Sha256};

/// Entries in one seal.
const AT_ONCE: i64 = 10_000;

/// A place in the log, in the order in which entries became visible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    tx: i64,
    entry: i64,
}

/// The end of the chain.
struct Head {
    /// Number of the seal; 0 before the first.
    seal: i64,
    place: Place,
    hash: String,
}

/// Seals what is final and not sealed, and marks the end with the install's key if there is one; returns how many
/// entries.
pub fn seal(tx: &mut Tx<'_>, key: Option<&SealingKey>) -> Result<usize, StoreError> {
    let head = last(tx.conn)?;
    let limit = limit(tx.conn)?;
    let mut entries = after(tx.conn, head.place, Some(limit), AT_ONCE)?;
    keep_first_day(tx.conn, &mut entries)?;
    let Some(end) = entries.last() else {
        return Ok(0);
    };
    let place = Place {
        tx: end.tx,
        entry: end.id,
    };
    let hash = hash(&head.hash, &entries);
    let seal = diesel::insert_into(audit_seals::table)
        .values((
            audit_seals::sealed_at.eq(tx.now.0),
            audit_seals::last_tx.eq(place.tx),
            audit_seals::last_entry.eq(place.entry),
            audit_seals::entries.eq(entries.len() as i32),
            audit_seals::hash.eq(&hash),
        ))
        .returning(audit_seals::id)
        .get_result(tx.conn)?;
    mark::move_to(tx, key, &Head { seal, place, hash })?;
    Ok(entries.len())
}

/// Entries of transactions below this one are final. On SQLite all are of transaction 0: one that says otherwise was
/// forged, and must not lead the chain past those to come.
fn limit(conn: &mut Conn) -> Result<i64, StoreError> {
    match conn {
        Conn::Sqlite(_) => Ok(1),
        Conn::Pg(_) => horizon(conn),
    }
}

/// The entries of later days are the next seals'.
fn keep_first_day(conn: &mut Conn, entries: &mut Vec<Entry>) -> Result<(), StoreError> {
    let Some(first) = entries.first() else {
        return Ok(());
    };
    let install = Install::from_words(&setting::all(conn)?).map_err(StoreError::broken)?;
    let calendar = install.calendar;
    let (from, until) = calendar.bounds(calendar.day_of(Timestamp(first.at)));
    let same = entries
        .iter()
        .take_while(|entry| (from.0..until.0).contains(&entry.at))
        .count();
    // An instant outside of every calendar is a day of its own.
    entries.truncate(same.max(1));
    Ok(())
}

/// Something final is not sealed yet.
pub fn is_due(conn: &mut Conn) -> Result<bool, StoreError> {
    let head = last(conn)?;
    let limit = limit(conn)?;
    Ok(!after(conn, head.place, Some(limit), 1)?.is_empty())
}

fn last(conn: &mut Conn) -> Result<Head, StoreError> {
    let row: Option<(i64, i64, i64, String)> = audit_seals::table
        .order(audit_seals::id.desc())
        .select((
            audit_seals::id,
            audit_seals::last_tx,
            audit_seals::last_entry,
            audit_seals::hash,
        ))
        .first(conn)
        .optional()?;
    match row {
        Some((seal, tx, entry, hash)) => Ok(Head {
            seal,
            place: Place { tx, entry },
            hash,
        }),
        None => begin(conn),
    }
}

/// Where the chain begins: at the anchor that retention left.
fn begin(conn: &mut Conn) -> Result<Head, StoreError> {
    Ok(match anchor(conn)? {
        Some(anchor) => anchor.into_head(),
        None => Head {
            seal: 0,
            place: Place::default(),
            hash: String::new(),
        },
    })
}

fn after(
    conn: &mut Conn,
    place: Place,
    limit: Option<i64>,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    Ok(audit_entries::table
        .filter(audit_entries::tx.lt(limit.unwrap_or(i64::MAX)))
        .filter(pair!("audit_entries.tx, audit_entries.id", ">", place))
        .order((audit_entries::tx, audit_entries::id))
        .limit(most)
        .offset(0)
        .select(Entry::as_select())
        .load(conn)?)
}

/// Every field goes in with its length, so that no two different rows read the same.
fn hash(before: &str, entries: &[Entry]) -> String {
    let mut sha = Sha256::new();
    sha.update(before);
    for entry in entries {
        for number in [
            Some(entry.id),
            Some(entry.at),
            entry.actor_id,
            entry.subject_id,
            entry.version_after,
        ] {
            sha.update(number.map_or("-".to_owned(), |number| number.to_string()));
            sha.update(";");
        }
        let required = [
            &entry.operation,
            &entry.actor_kind,
            &entry.actor_name,
            &entry.action,
            &entry.subject_kind,
            &entry.subject_name,
        ];
        let optional = [
            &entry.address,
            &entry.request_id,
            &entry.before,
            &entry.after,
        ];
        for text in required
            .into_iter()
            .map(Some)
            .chain(optional.into_iter().map(Option::as_ref))
        {
            match text {
                None => sha.update("-;"),
                Some(text) => {
                    sha.update(format!("{};", text.len()));
                    sha.update(text);
                }
            }
        }
    }
    sha.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_entries)]
struct Entry {
    id: i64,
    tx: i64,
    at: i64,
    operation: String,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_name: String,
    address: Option<String>,
    request_id: Option<String>,
    action: String,
    subject_kind: String,
    subject_id: Option<i64>,
    subject_name: String,
    before: Option<String>,
    after: Option<String>,
    version_after: Option<i64>,
}
