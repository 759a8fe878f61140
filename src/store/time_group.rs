//! Time groups: their hours, and whether they are open.

use super::connection::Conn;
use super::error::StoreError;
use super::schema::{time_group_holidays, time_group_rows, time_groups};
use super::tx::{RecordKind, Tx};
use crate::domain::day_range::Day;
use crate::domain::ids::TimeGroupId;
use crate::domain::time::Timestamp;
use crate::domain::time_group::{Row, TimeGroup, Weekdays};
use diesel::prelude::*;

/// Opens and closes the time groups whose hour has come; returns how many changed.
pub fn follow_clock(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let due: Vec<(i64, bool)> = time_groups::table
        .filter(time_groups::deleted_at.is_null())
        .filter(time_groups::next_change_at.le(tx.now.0))
        .order(time_groups::id)
        .select((time_groups::id, time_groups::open_now))
        .load(tx.conn)?;
    for &(id, _) in &due {
        let hours = hours(tx.conn, TimeGroupId(id))?;
        let now = tx.now;
        set_open(
            tx,
            TimeGroupId(id),
            hours.open_at(now),
            hours.next_change_after(now),
        )?;
    }
    Ok(due.len())
}

/// The rules of a time group.
pub fn hours(conn: &mut Conn, id: TimeGroupId) -> Result<TimeGroup, StoreError> {
    let (zone, always): (String, bool) = time_groups::table
        .find(id.0)
        .select((time_groups::zone, time_groups::always))
        .first(conn)?;
    let rows: Vec<(i32, i32, i32)> = time_group_rows::table
        .filter(time_group_rows::time_group_id.eq(id.0))
        .order(time_group_rows::id)
        .select((
            time_group_rows::weekdays,
            time_group_rows::from_minute,
            time_group_rows::to_minute,
        ))
        .load(conn)?;
    let holidays: Vec<i32> = time_group_holidays::table
        .filter(time_group_holidays::time_group_id.eq(id.0))
        .select(time_group_holidays::day)
        .load(conn)?;
    Ok(TimeGroup {
        zone: zone.parse().map_err(|_| {
            StoreError::broken(format!("time group {id} has the unknown zone {zone:?}"))
        })?,
        always,
        rows: rows.into_iter().map(row).collect::<Result<_, _>>()?,
        holidays: holidays.into_iter().map(|day| Day(day).date()).collect(),
    })
}

fn row((weekdays, from, to): (i32, i32, i32)) -> Result<Row, StoreError> {
    let weekdays = u8::try_from(weekdays)
        .map(Weekdays)
        .map_err(StoreError::broken)?;
    let from = u16::try_from(from).map_err(StoreError::broken)?;
    let to = u16::try_from(to).map_err(StoreError::broken)?;
    Row::new(weekdays, from, to)
        .map_err(|error| StoreError::broken(format!("a stored row of hours: {error}")))
}

fn set_open(
    tx: &mut Tx<'_>,
    id: TimeGroupId,
    open: bool,
    next: Option<Timestamp>,
) -> Result<(), StoreError> {
    diesel::update(time_groups::table.find(id.0))
        .set((
            time_groups::open_now.eq(open),
            time_groups::next_change_at.eq(next.map(|at| at.0)),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::TimeGroup, id.0);
    Ok(())
}
