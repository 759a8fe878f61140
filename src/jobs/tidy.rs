//! Seals the audit log and removes what is out of date.

use crate::domain::audit::Actor;
use crate::domain::time::HOUR;
use crate::floor::Floor;
use crate::store::{StoreError, changes, ledger, seal, selection};
use std::time::Duration;

/// How often the purge runs.
pub const EVERY: Duration = Duration::from_secs(600);

/// Ids of phone events are kept this long to know duplicates.
const EVENT_IDS: i64 = 48 * HOUR;
/// Lines of `changes` are kept this long for nodes that were away.
const CHANGES: i64 = 48 * HOUR;
/// What was selected and never acted on.
const SELECTIONS: i64 = 24 * HOUR;

pub fn seal(floor: &Floor) -> Result<(), StoreError> {
    if floor.store().read(seal::is_due)? {
        floor
            .store()
            .write_blocking(Actor::system(), |tx| seal::seal(tx).map(drop))?;
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
