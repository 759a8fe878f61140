//! Seals the audit log and removes what is out of date.

use crate::domain::audit::Actor;
use crate::domain::sealed::SealingKey;
use crate::domain::time::HOUR;
use crate::floor::Floor;
use crate::store::ledger::recount::{self, Step};
use crate::store::{Keeper, StoreError, changes, ledger, seal, selection};
use std::time::{Duration, Instant};

/// How often the purge runs.
pub const EVERY: Duration = Duration::from_secs(600);

/// Ids of phone events are kept this long to know duplicates.
const EVENT_IDS: i64 = 48 * HOUR;
/// Lines of `changes` are kept this long for nodes that were away.
const CHANGES: i64 = 48 * HOUR;
/// What was selected and never acted on.
const SELECTIONS: i64 = 24 * HOUR;

pub fn seal(floor: &Floor, keeper: Option<&Keeper>) -> Result<(), StoreError> {
    if floor.store().read(seal::is_due)? {
        let key = key(floor, keeper);
        floor.store().write_blocking(Actor::system(), move |tx| {
            seal::seal(tx, key.as_ref()).map(drop)
        })?;
    }
    Ok(())
}

/// Entries are sealed whether the key can be read or not; it only seals the mark of their end.
fn key(floor: &Floor, keeper: Option<&Keeper>) -> Option<SealingKey> {
    let keeper = keeper?;
    floor
        .store()
        .read(|conn| keeper.in_force(conn))
        .unwrap_or_else(|error| {
            tracing::warn!(%error, "the end of the audit log is not sealed with the key");
            None
        })
}

/// Days of the audit log that are taken away in one go; the next go takes the next.
const DAYS_AT_ONCE: usize = 31;

/// Takes the days away that the install does not keep. Today counts for none of those that it keeps.
pub fn retain(floor: &Floor) -> Result<(), StoreError> {
    let (calendar, keeps) = {
        let picture = floor.picture();
        (picture.install().calendar, picture.install().audit_days)
    };
    let Some(days) = keeps else {
        return Ok(());
    };
    let today = calendar.day_of(floor.store().clock().now());
    let first = calendar.bounds(today.plus(-i32::from(days))).0;
    for _ in 0..DAYS_AT_ONCE {
        let removed = floor.store().write_blocking(Actor::system(), move |tx| {
            seal::remove_oldest_day(tx, &calendar, first)
        })?;
        match removed {
            Some(removed) => {
                tracing::info!(day = %removed.day, entries = removed.entries, "a day of the audit log was removed")
            }
            None => break,
        }
    }
    Ok(())
}

/// Calls that are sorted into other days in one transaction: others' writes wait for it.
const CALLS_AT_ONCE: i64 = 400;
/// The sorting lets the other jobs have their turn after this.
const SORTING: Duration = Duration::from_secs(2);

/// Goes on sorting calls into the days that were chosen.
pub fn sort_days(floor: &Floor) -> Result<(), StoreError> {
    if floor.picture().install().next_days.is_none() {
        return Ok(());
    }
    let began = Instant::now();
    while began.elapsed() < SORTING {
        let step = floor
            .store()
            .write_blocking(Actor::system(), |tx| recount::step(tx, CALLS_AT_ONCE))?;
        match step {
            Step::More => {}
            Step::Nothing => break,
            Step::Done => {
                tracing::info!("the calls are sorted into the new reporting days");
                break;
            }
        }
    }
    Ok(())
}

/// Days of counts out of force that are removed in one go; the next go takes the next.
const COUNTS_AT_ONCE: usize = 100;

/// Removes counts that are out of force.
pub fn sweep(floor: &Floor) -> Result<(), StoreError> {
    for _ in 0..COUNTS_AT_ONCE {
        if !floor
            .store()
            .write_blocking(Actor::system(), recount::sweep)?
        {
            break;
        }
    }
    Ok(())
}

pub fn purge(floor: &Floor) -> Result<(), StoreError> {
    floor.store().write_blocking(Actor::system(), |tx| {
        let now = tx.now;
        ledger::forget_events(tx, now.plus(-EVENT_IDS))?;
        selection::forget(tx, now.plus(-SELECTIONS))?;
        changes::forget(tx, now.plus(-CHANGES))
    })
}
