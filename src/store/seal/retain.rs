//! Takes the oldest days of the audit log away, whole, and leaves an anchor: the last of their seals, from which the
//! chain goes on. An entry of the log says what was taken away and names the anchor, so that nobody can move it.

use super::{Head, Place, after};
use crate::domain::audit::Entry;
use crate::domain::calendar::Calendar;
use crate::domain::day_range::Day;
use crate::domain::time::Timestamp;
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{audit_anchors, audit_entries, audit_seals};
use crate::store::tx::Tx;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

/// The action of the line about a day that was taken away.
pub const REMOVE: &str = "audit.remove";

/// Where the chain begins.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Anchor {
    /// The last seal that was taken away, and the last entry that it covered.
    pub seal: i64,
    last_tx: i64,
    last_entry: i64,
    /// Entries taken away, in all.
    pub removed: i64,
    hash: String,
}

impl Anchor {
    pub(super) fn into_head(self) -> Head {
        Head {
            seal: self.seal,
            place: self.place(),
            hash: self.hash,
        }
    }

    fn place(&self) -> Place {
        Place {
            tx: self.last_tx,
            entry: self.last_entry,
        }
    }
}

/// A day that was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedDay {
    pub day: Day,
    pub entries: i64,
}

/// None while retention took nothing away.
pub fn anchor(conn: &mut Conn) -> Result<Option<Anchor>, StoreError> {
    Ok(audit_anchors::table
        .order(audit_anchors::seal.desc())
        .select((
            audit_anchors::seal,
            audit_anchors::last_tx,
            audit_anchors::last_entry,
            audit_anchors::removed,
            audit_anchors::hash,
        ))
        .first(conn)
        .optional()?)
}

/// The log says that this anchor was left.
pub(super) fn is_told(conn: &mut Conn, anchor: &Anchor) -> Result<bool, StoreError> {
    let told: i64 = audit_entries::table
        .filter(audit_entries::action.eq(REMOVE))
        .filter(audit_entries::after.like(format!("%{}%", anchor.hash)))
        .select(count_star())
        .first(conn)?;
    Ok(told > 0)
}

/// Takes the oldest day away if all of it is sealed and was over before an instant; `None` when there is none.
pub fn remove_oldest_day(
    tx: &mut Tx<'_>,
    calendar: &Calendar,
    before: Timestamp,
) -> Result<Option<RemovedDay>, StoreError> {
    let old = anchor(tx.conn)?;
    let (begin, gone) = old.map_or((Place::default(), 0), |old| (old.place(), old.removed));
    let Some(first) = after(tx.conn, begin, None, 1)?.into_iter().next() else {
        return Ok(None);
    };
    let day = calendar.day_of(Timestamp(first.at));
    let until = calendar.bounds(day).1;
    if until > before {
        return Ok(None);
    }
    let Some(seal) = last_seal_before(tx.conn, until)? else {
        return Ok(None);
    };
    let place = Place {
        tx: seal.last_tx,
        entry: seal.last_entry,
    };
    let entries = diesel::delete(audit_entries::table.filter(pair!(
        "audit_entries.tx, audit_entries.id",
        "<=",
        place
    )))
    .execute(tx.conn)? as i64;
    diesel::delete(audit_seals::table.filter(audit_seals::id.le(seal.id))).execute(tx.conn)?;
    diesel::delete(audit_anchors::table).execute(tx.conn)?;
    diesel::insert_into(audit_anchors::table)
        .values((
            audit_anchors::seal.eq(seal.id),
            audit_anchors::last_tx.eq(seal.last_tx),
            audit_anchors::last_entry.eq(seal.last_entry),
            audit_anchors::removed.eq(gone + entries),
            audit_anchors::removed_at.eq(tx.now.0),
            audit_anchors::hash.eq(&seal.hash),
        ))
        .execute(tx.conn)?;
    tx.audit(
        Entry::new(REMOVE, "audit", None, "The audit log")
            .after("day", day.to_string())
            .after("entries", entries)
            .after("anchor", seal.hash),
    )?;
    Ok(Some(RemovedDay { day, entries }))
}

#[derive(Queryable)]
struct Seal {
    id: i64,
    last_tx: i64,
    last_entry: i64,
    hash: String,
}

/// The last seal that covers nothing from an instant on; entries become visible nearly in the order of their time.
fn last_seal_before(conn: &mut Conn, until: Timestamp) -> Result<Option<Seal>, StoreError> {
    let kept: Option<(i64, i64)> = audit_entries::table
        .filter(audit_entries::at.ge(until.0))
        .order((audit_entries::tx, audit_entries::id))
        .select((audit_entries::tx, audit_entries::id))
        .first(conn)
        .optional()?;
    let (tx, entry) = kept.unwrap_or((i64::MAX, i64::MAX));
    let kept = Place { tx, entry };
    Ok(audit_seals::table
        .filter(pair!(
            "audit_seals.last_tx, audit_seals.last_entry",
            "<",
            kept
        ))
        .order(audit_seals::id.desc())
        .select((
            audit_seals::id,
            audit_seals::last_tx,
            audit_seals::last_entry,
            audit_seals::hash,
        ))
        .first(conn)
        .optional()?)
}
