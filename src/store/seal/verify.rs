//! Whether the log is what was sealed: every entry up to the end of the chain lies under a seal that fits, and the
//! chain reaches as far as it ever did.

use super::mark::{self, Marked};
use super::{Head, Place, after, anchor, begin, hash, retain};
use crate::domain::sealed::SealingKey;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::keys::{self, Keyed};
use crate::store::schema::{audit_entries, audit_seals};
use diesel::connection::SimpleConnection;
use diesel::dsl::{count_star, max, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

/// What verifying the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Entries under seals that fit.
    pub sealed: usize,
    /// Entries after the last seal: those of the last second, or of transactions under way.
    pub unsealed: i64,
    /// Number and hash of the last seal that fits, to be kept elsewhere; `None` before the first.
    pub end: Option<(i64, String)>,
    pub marked: Marked,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// Why the log can't be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error(
        "seal {seal} does not fit: an entry after number {after_entry} was changed, added or removed"
    )]
    Seal {
        /// Number of the first seal that does not fit.
        seal: i64,
        /// The entries that it should cover come after this one.
        after_entry: i64,
    },
    #[error("the log does not say that retention left it to begin after seal {seal}")]
    Anchor { seal: i64 },
    #[error("entry {entry} stands before the first seal, and no seal covers it: it was added")]
    Before { entry: i64 },
    #[error(
        "entry {entry} says that it is of transaction {tx}, which this database never gives: it was added or changed"
    )]
    Transaction { entry: i64, tx: i64 },
    #[error("the end was cut off: seal {given} was made, the last one here is {last}")]
    SealsCut { last: i64, given: i64 },
    #[error("the end was cut off: entry {given} was written, the last one here is {last}")]
    EntriesCut { last: i64, given: i64 },
    #[error("the end was cut off or written anew: seal {seal} is not here as it was made")]
    MarkMissed { seal: i64 },
    #[error("the mark of its end was changed without the install's key")]
    MarkForged,
}

/// Verifies the whole log, in one picture of the database.
pub fn verify(conn: &mut Conn, key: Option<&SealingKey>) -> Result<Verdict, StoreError> {
    conn.transaction(|conn| {
        if matches!(conn, Conn::Pg(_)) {
            conn.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        }
        let mut end = begin(conn)?;
        let mut sealed = 0;
        let before = beginning(conn, &end)?;
        let within = walk(conn, &mut end, &mut sealed)?;
        let marked = mark::standing(conn, key)?;
        let fault = match before.or(within) {
            None => ending(conn, end.seal, marked)?,
            fault => fault,
        };
        Ok(Verdict {
            sealed,
            unsealed: audit_entries::table
                .filter(pair!("audit_entries.tx, audit_entries.id", ">", end.place))
                .select(count_star())
                .first(conn)?,
            end: (end.seal != 0).then_some((end.seal, end.hash)),
            marked,
            fault,
        })
    })
}

/// Nothing stands before the place from which the chain goes on, and the log knows that place.
fn beginning(conn: &mut Conn, begin: &Head) -> Result<Option<Fault>, StoreError> {
    if let Some(anchor) = anchor(conn)?
        && !retain::is_told(conn, &anchor)?
    {
        return Ok(Some(Fault::Anchor { seal: anchor.seal }));
    }
    if matches!(conn, Conn::Sqlite(_)) {
        let other: Option<(i64, i64)> = audit_entries::table
            .filter(audit_entries::tx.ne(0))
            .select((audit_entries::id, audit_entries::tx))
            .order(audit_entries::tx)
            .first(conn)
            .optional()?;
        if let Some((entry, tx)) = other {
            return Ok(Some(Fault::Transaction { entry, tx }));
        }
    }
    let before: Option<i64> = audit_entries::table
        .filter(pair!(
            "audit_entries.tx, audit_entries.id",
            "<=",
            begin.place
        ))
        .order((audit_entries::tx, audit_entries::id))
        .select(audit_entries::id)
        .first(conn)
        .optional()?;
    Ok(before.map(|entry| Fault::Before { entry }))
}

/// From seal to seal: each covers all that stands between the one before and its own end.
fn walk(conn: &mut Conn, end: &mut Head, sealed: &mut usize) -> Result<Option<Fault>, StoreError> {
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
    // On SQLite a write that is rolled back gives its numbers back, so that there are no gaps.
    let gapless = matches!(conn, Conn::Sqlite(_));
    for (seal, tx, entry, count, sealed_hash) in seals {
        let entries = after(conn, end.place, None, i64::from(count))?;
        let place = entries.last().map(|entry| Place {
            tx: entry.tx,
            entry: entry.id,
        });
        let fits = place == Some(Place { tx, entry })
            && entries.len() == count as usize
            && hash(&end.hash, &entries) == sealed_hash
            && (!gapless || seal == end.seal + 1);
        if !fits {
            return Ok(Some(Fault::Seal {
                seal,
                after_entry: end.place.entry,
            }));
        }
        *sealed += entries.len();
        *end = Head {
            seal,
            place: Place { tx, entry },
            hash: sealed_hash,
        };
    }
    Ok(None)
}

/// The chain reaches its mark, and on SQLite the last number that was ever given. On Postgres a number tells nothing:
/// a write that was rolled back, or a crash, uses some up.
fn ending(conn: &mut Conn, last: i64, marked: Marked) -> Result<Option<Fault>, StoreError> {
    match marked {
        Marked::Missed { seal } => return Ok(Some(Fault::MarkMissed { seal })),
        Marked::Forged => return Ok(Some(Fault::MarkForged)),
        Marked::Not | Marked::Reached { .. } | Marked::Closed | Marked::Behind => {}
    }
    let last_entry: Option<i64> = audit_entries::table
        .select(max(audit_entries::id))
        .first(conn)?;
    let Conn::Sqlite(conn) = conn else {
        return Ok(None);
    };
    let given = keys::last_given(conn, Keyed::AuditSeals)?;
    if given != last {
        return Ok(Some(Fault::SealsCut { last, given }));
    }
    let given = keys::last_given(conn, Keyed::AuditEntries)?;
    let last = last_entry.unwrap_or(0);
    Ok((given != last).then_some(Fault::EntriesCut { last, given }))
}
