//! Changes that come with the clock: time groups open and close, wrap-ups end, blocks lift themselves.

use crate::domain::audit::Actor;
use crate::domain::time::SECOND;
use crate::floor::Floor;
use crate::store::{StoreError, agent, ledger, time_group};

/// How long a node without the lease leaves a block to the one that has it: that one may have died.
const LEFT_TO_HOLDER: i64 = SECOND / 2;

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

/// Lifts the blocks and disables whose time has come. The picture knows the next one, so nothing is
/// asked of the database until then. The holder of the lease does it at once; if it is gone, any other
/// node does soon after. The rows are locked, so each is lifted once.
pub fn lift(floor: &Floor, holds_lease: bool) -> Result<(), StoreError> {
    let now = floor.store().clock().now();
    let next = floor.picture().next_lift();
    let wait = if holds_lease { 0 } else { LEFT_TO_HOLDER };
    if next.is_some_and(|at| at.plus(wait) <= now) {
        floor
            .store()
            .write_blocking(Actor::system(), |tx| agent::lift::lift_due(tx).map(drop))?;
    }
    Ok(())
}
