//! Reads time groups with their rows and holidays.

use crate::domain::day_range::Day;
use crate::domain::ids::TimeGroupId;
use crate::domain::time::Timestamp;
use crate::domain::time_group::{Details, Row, TimeGroup, Weekdays};
use crate::store::connection::Conn;
use crate::store::error::StoreError;
use crate::store::schema::{agents, time_group_holidays, time_group_rows, time_groups, users};
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// A time group as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: TimeGroupId,
    pub details: Details,
    pub version: i64,
}

/// Key, name, zone, always, version.
type Head = (i64, String, String, bool, i64);
/// Weekdays, from, to.
type Hours = (i32, i32, i32);

const HEAD: (
    time_groups::id,
    time_groups::name,
    time_groups::zone,
    time_groups::always,
    time_groups::version,
) = (
    time_groups::id,
    time_groups::name,
    time_groups::zone,
    time_groups::always,
    time_groups::version,
);

/// All that are not deleted, by id.
pub fn all(conn: &mut Conn) -> Result<Vec<Stored>, StoreError> {
    let heads: Vec<Head> = time_groups::table
        .filter(time_groups::deleted_at.is_null())
        .order(time_groups::id)
        .select(HEAD)
        .load(conn)?;
    let rows: Vec<(i64, i32, i32, i32)> = time_group_rows::table
        .order(time_group_rows::id)
        .select((
            time_group_rows::time_group_id,
            time_group_rows::weekdays,
            time_group_rows::from_minute,
            time_group_rows::to_minute,
        ))
        .load(conn)?;
    let holidays: Vec<(i64, i32, String)> = time_group_holidays::table
        .select((
            time_group_holidays::time_group_id,
            time_group_holidays::day,
            time_group_holidays::name,
        ))
        .load(conn)?;
    let mut rows_of: HashMap<i64, Vec<Hours>> = HashMap::new();
    for (id, weekdays, from, to) in rows {
        rows_of.entry(id).or_default().push((weekdays, from, to));
    }
    let mut holidays_of: HashMap<i64, Vec<(i32, String)>> = HashMap::new();
    for (id, day, name) in holidays {
        holidays_of.entry(id).or_default().push((day, name));
    }
    heads
        .into_iter()
        .map(|head| {
            let rows = rows_of.remove(&head.0).unwrap_or_default();
            let holidays = holidays_of.remove(&head.0).unwrap_or_default();
            stored(head, rows, holidays)
        })
        .collect()
}

/// One that was deleted and can be brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub id: TimeGroupId,
    pub name: String,
    pub at: Timestamp,
}

/// More were never deleted by hand.
const MOST_GONE: i64 = 500;

/// The deleted ones, the last to go first.
pub fn deleted(conn: &mut Conn) -> Result<Vec<Gone>, StoreError> {
    let rows: Vec<(i64, String, Option<i64>)> = time_groups::table
        .filter(time_groups::deleted_at.is_not_null())
        .order((time_groups::deleted_at.desc(), time_groups::id.desc()))
        .limit(MOST_GONE)
        .offset(0)
        .select((time_groups::id, time_groups::name, time_groups::deleted_at))
        .load(conn)?;
    let gone = |(id, name, at): (i64, String, Option<i64>)| Gone {
        id: TimeGroupId(id),
        name,
        at: Timestamp(at.unwrap_or(0)),
    };
    Ok(rows.into_iter().map(gone).collect())
}

/// One that is not deleted.
pub fn find(conn: &mut Conn, id: TimeGroupId) -> Result<Option<Stored>, StoreError> {
    let found = whichever(conn, id)?;
    Ok(found.and_then(|(stored, deleted)| (!deleted).then_some(stored)))
}

/// One, and whether it is deleted.
pub(super) fn whichever(
    conn: &mut Conn,
    id: TimeGroupId,
) -> Result<Option<(Stored, bool)>, StoreError> {
    let head: Option<(Head, Option<i64>)> = time_groups::table
        .find(id.0)
        .select((HEAD, time_groups::deleted_at))
        .first(conn)
        .optional()?;
    let Some((head, deleted)) = head else {
        return Ok(None);
    };
    let rows: Vec<Hours> = time_group_rows::table
        .filter(time_group_rows::time_group_id.eq(id.0))
        .order(time_group_rows::id)
        .select((
            time_group_rows::weekdays,
            time_group_rows::from_minute,
            time_group_rows::to_minute,
        ))
        .load(conn)?;
    let holidays: Vec<(i32, String)> = time_group_holidays::table
        .filter(time_group_holidays::time_group_id.eq(id.0))
        .select((time_group_holidays::day, time_group_holidays::name))
        .load(conn)?;
    Ok(Some((stored(head, rows, holidays)?, deleted.is_some())))
}

/// The rules of a time group. A deleted one keeps nobody from working.
pub fn hours(conn: &mut Conn, id: TimeGroupId) -> Result<TimeGroup, StoreError> {
    let (stored, deleted) = whichever(conn, id)?.ok_or(StoreError::NotFound)?;
    let mut hours = stored.details.hours();
    hours.always |= deleted;
    Ok(hours)
}

/// How many living agents have it.
pub fn in_use_by(conn: &mut Conn, id: TimeGroupId) -> Result<i64, StoreError> {
    Ok(agents::table
        .inner_join(users::table)
        .filter(agents::time_group_id.eq(id.0))
        .filter(agents::removed_at.is_null())
        .filter(users::deleted_at.is_null())
        .count()
        .get_result(conn)?)
}

fn stored(
    (id, name, zone, always, version): Head,
    rows: Vec<Hours>,
    holidays: Vec<(i32, String)>,
) -> Result<Stored, StoreError> {
    let zone = zone.parse().map_err(|_| {
        StoreError::broken(format!("time group {id} has the unknown zone {zone:?}"))
    })?;
    let holidays: BTreeMap<NaiveDate, String> = holidays
        .into_iter()
        .map(|(day, name)| (Day(day).date(), name))
        .collect();
    Ok(Stored {
        id: TimeGroupId(id),
        details: Details {
            name,
            zone,
            always,
            rows: rows.into_iter().map(row).collect::<Result<_, _>>()?,
            holidays,
        },
        version,
    })
}

fn row((weekdays, from, to): Hours) -> Result<Row, StoreError> {
    let weekdays = u8::try_from(weekdays)
        .map(Weekdays)
        .map_err(StoreError::broken)?;
    let from = u16::try_from(from).map_err(StoreError::broken)?;
    let to = u16::try_from(to).map_err(StoreError::broken)?;
    Row::new(weekdays, from, to)
        .map(Row::canonical)
        .map_err(|error| StoreError::broken(format!("a stored row of hours: {error}")))
}
