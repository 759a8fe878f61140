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

mod retain;

pub use retain::{Anchor, RemovedDay, anchor, remove_oldest_day};

use super::changes::horizon;
use super::connection::Conn;
use super::error::StoreError;
use super::schema::{audit_entries, audit_seals};
use super::setting;
use super::tx::Tx;
use crate::domain::install::Install;
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
    place: Place,
    hash: String,
}

/// Why the log can't be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenSeal {
    /// Number of the first seal that does not fit.
    pub seal: i64,
    /// The entries that it should cover come after this one.
    pub after_entry: i64,
}

/// Seals what is final and not sealed; returns how many entries.
pub fn seal(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let head = last(tx.conn)?;
    let limit = horizon(tx.conn)?;
    let mut entries = after(tx.conn, head.place, Some(limit), AT_ONCE)?;
    keep_first_day(tx.conn, &mut entries)?;
    let Some(end) = entries.last() else {
        return Ok(0);
    };
    diesel::insert_into(audit_seals::table)
        .values((
            audit_seals::sealed_at.eq(tx.now.0),
            audit_seals::last_tx.eq(end.tx),
            audit_seals::last_entry.eq(end.id),
            audit_seals::entries.eq(entries.len() as i32),
            audit_seals::hash.eq(hash(&head.hash, &entries)),
        ))
        .execute(tx.conn)?;
    Ok(entries.len())
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
    let limit = horizon(conn)?;
    Ok(!after(conn, head.place, Some(limit), 1)?.is_empty())
}

/// Walks the whole chain, from its anchor where retention left one; `None` when every seal fits. Returns how many
/// entries are sealed as well.
pub fn verify(conn: &mut Conn) -> Result<(usize, Option<BrokenSeal>), StoreError> {
    let mut head = Head {
        place: Place::default(),
        hash: String::new(),
    };
    if let Some(anchor) = anchor(conn)? {
        if !retain::fits(conn, &anchor)? {
            return Ok((
                0,
                Some(BrokenSeal {
                    seal: anchor.seal,
                    after_entry: 0,
                }),
            ));
        }
        head = anchor.into_head();
    }
    let seals: Vec<(i64, i64, i64, i32, String)> = audit_seals::table
        .order(audit_seals::id)
        .select((
            audit_seals::id,
            audit_seals::last_tx,
            audit_seals::last_entry,
            audit_seals::entries,
            audit_seals::hash,
        ))
        .load(conn)?;
    let mut sealed = 0;
    for (seal, last_tx, last_entry, count, sealed_hash) in seals {
        let entries = after(conn, head.place, None, i64::from(count))?;
        let ends = entries.last().map(|entry| (entry.tx, entry.id)) == Some((last_tx, last_entry));
        if !ends || entries.len() != count as usize || hash(&head.hash, &entries) != sealed_hash {
            return Ok((
                sealed,
                Some(BrokenSeal {
                    seal,
                    after_entry: head.place.entry,
                }),
            ));
        }
        sealed += entries.len();
        head = Head {
            place: Place {
                tx: last_tx,
                entry: last_entry,
            },
            hash: sealed_hash,
        };
    }
    Ok((sealed, None))
}

fn last(conn: &mut Conn) -> Result<Head, StoreError> {
    let row: Option<(i64, i64, String)> = audit_seals::table
        .order(audit_seals::id.desc())
        .select((
            audit_seals::last_tx,
            audit_seals::last_entry,
            audit_seals::hash,
        ))
        .first(conn)
        .optional()?;
    Ok(match row {
        Some((tx, entry, hash)) => Head {
            place: Place { tx, entry },
            hash,
        },
        None => match anchor(conn)? {
            Some(anchor) => anchor.into_head(),
            None => Head {
                place: Place::default(),
                hash: String::new(),
            },
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
