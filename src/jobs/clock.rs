//! Changes that come with the clock: time groups open and close, wrap-ups end.

use crate::domain::audit::Actor;
use crate::floor::Floor;
use crate::store::{StoreError, ledger, time_group};

/// Makes the changes whose time has come. Looks before it writes: most of the time nothing is due.
pub fn follow(floor: &Floor) -> Result<(), StoreError> {
    let now = floor.store().clock().now();
    let due = {
        let picture = floor.picture();
        picture
            .records()
            .time_groups()
            .iter()
            .any(|group| group.next_change_at.is_some_and(|at| at <= now))
    };
    if due {
        floor
            .store()
            .write_blocking(Actor::system(), |tx| time_group::follow_clock(tx).map(drop))?;
    }
    if floor
        .store()
        .read(|conn| ledger::wrap_up_is_over(conn, now))?
    {
        floor
            .store()
            .write_blocking(Actor::system(), |tx| ledger::end_wrap_up(tx).map(drop))?;
    }
    Ok(())
}
