//! Opens and closes time groups by the clock.

use super::read::hours;
use crate::domain::ids::TimeGroupId;
use crate::domain::time_group::TimeGroup;
use crate::store::error::StoreError;
use crate::store::schema::time_groups;
use crate::store::tx::{RecordKind, Tx};
use diesel::prelude::*;

/// Opens and closes the time groups whose hour has come; returns how many changed.
pub fn follow_clock(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let due: Vec<i64> = time_groups::table
        .filter(time_groups::deleted_at.is_null())
        .filter(time_groups::next_change_at.le(tx.now.0))
        .order(time_groups::id)
        .select(time_groups::id)
        .load(tx.conn)?;
    for &id in &due {
        let hours = hours(tx.conn, TimeGroupId(id))?;
        set_open(tx, TimeGroupId(id), &hours)?;
    }
    Ok(due.len())
}

/// Writes whether the hours are open at this instant, and when the clock has to look again.
pub(super) fn set_open(
    tx: &mut Tx<'_>,
    id: TimeGroupId,
    hours: &TimeGroup,
) -> Result<(), StoreError> {
    let next = hours.next_change_after(tx.now);
    diesel::update(time_groups::table.find(id.0))
        .set((
            time_groups::open_now.eq(hours.open_at(tx.now)),
            time_groups::next_change_at.eq(next.map(|at| at.0)),
        ))
        .execute(tx.conn)?;
    tx.touch(RecordKind::TimeGroup, id.0);
    Ok(())
}
