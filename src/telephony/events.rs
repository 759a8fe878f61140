//! The one way in for phone events: into the ledger, and from there to every open page.

use crate::domain::audit::Actor;
use crate::domain::call::PhoneEvent;
use crate::floor::Floor;
use crate::store::StoreError;
use crate::store::ledger::{self, Outcome};

/// Takes a batch in one transaction and says what became of each event, in order.
///
/// # Errors
/// As any write; then none of the events was taken and the batch can be sent again.
pub async fn take(
    floor: &Floor,
    by: Actor,
    events: Vec<PhoneEvent>,
) -> Result<Vec<Outcome>, StoreError> {
    floor.write(by, move |tx| ledger::record(tx, &events)).await
}

/// The same for a source that runs on a thread of its own.
pub fn take_blocking(
    floor: &Floor,
    by: Actor,
    events: Vec<PhoneEvent>,
) -> Result<Vec<Outcome>, StoreError> {
    floor
        .store()
        .write_blocking(by, move |tx| ledger::record(tx, &events))
}
