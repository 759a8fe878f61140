//! Takes phone events into the ledger of calls and legs, the counts by day, and the live states.

mod apply;
mod call;
mod counts;
pub(super) mod interval;
mod live;
mod open;
pub mod recount;
mod refs;

pub use apply::forget_events;
pub(super) use live::interval as begin_interval;
pub use live::{
    DutyChange, DutyState, NewDuty, change_duties, end_wrap_up, forget_device, restore_duties,
    set_duty, wrap_up_is_over,
};
pub use open::{OpenCall, open_calls_of};

use super::error::StoreError;
use super::tx::Tx;
use crate::domain::call::PhoneEvent;

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// The same id was taken before.
    Duplicate,
    /// Something newer is known already.
    Stale,
    /// Why it can't be taken.
    Rejected(String),
}

/// Takes a batch of events in one transaction: all that are accepted are stored together.
///
/// # Errors
/// As any write; then none of the events was taken.
pub fn record(tx: &mut Tx<'_>, events: &[PhoneEvent]) -> Result<Vec<Outcome>, StoreError> {
    apply::Batch::begin(tx)?.run(tx, events)
}
