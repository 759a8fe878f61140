//! A block that a newcomer can watch lift itself: set at each start of a demo, over in under two minutes.

use super::staff::STAFF;
use crate::domain::act::{Act, Until};
use crate::domain::audit::{Actor, ActorKind};
use crate::domain::ids::UserId;
use crate::domain::role::{BuiltInRole, Rights};
use crate::domain::status::AdminState;
use crate::domain::text::Reason;
use crate::domain::time::SECOND;
use crate::floor::Floor;
use crate::store::StoreError;
use crate::store::agent::act;

/// How long it lasts.
pub const LASTS: i64 = 100 * SECOND;

/// Blocks the first agent whom nobody has blocked or disabled, as a supervisor of the demo would.
/// Returns whom; nobody where there is none.
pub fn begin(floor: &Floor) -> Result<Option<UserId>, StoreError> {
    let free = {
        let picture = floor.picture();
        let mut agents = picture.people().iter().filter(|person| {
            let agent = person.living_agent();
            agent.is_some_and(|agent| agent.admin.state == AdminState::Enabled)
        });
        agents.next().map(|person| person.id)
    };
    let Some(agent) = free else {
        return Ok(None);
    };
    let what = Act::Block {
        reason: Reason::parse("short break").ok(),
        until: Until::At(floor.store().clock().now().plus(LASTS)),
    };
    let write = move |tx: &mut crate::store::Tx<'_>| {
        act(tx, &Rights::everything(), &[agent], &what).map(drop)
    };
    floor.store().write_blocking(supervisor(), write)?;
    Ok(Some(agent))
}

fn supervisor() -> Actor {
    let place = STAFF
        .iter()
        .position(|member| member.role == BuiltInRole::Supervisor)
        .unwrap_or_default();
    Actor {
        kind: ActorKind::User,
        id: i64::try_from(place + 1).ok(),
        name: STAFF[place].name.to_owned(),
        address: None,
        request_id: None,
    }
}
