//! Acts as tests do them, and what is stored afterwards.

use super::world::World;
use diesel::prelude::*;
use rollcall::domain::act::{Act, Until, When};
use rollcall::domain::audit::{Actor, ActorKind};
use rollcall::domain::ids::{AgentId, UserId};
use rollcall::domain::role::{BuiltInRole, Rights, Scope};
use rollcall::domain::text::Reason;
use rollcall::domain::time::Timestamp;
use rollcall::store::agent::{ActOutcome, act};
use rollcall::store::schema::{agents, audit_entries, claims, intervals, users};
use rollcall::store::undo::{UndoOutcome, undo};
use rollcall::store::{Store, StoreError};

/// A supervisor of everyone.
pub fn rights() -> Rights {
    Rights {
        permissions: BuiltInRole::Supervisor.permissions(),
        scope: Scope::All,
    }
}

pub fn reason(text: &str) -> Option<Reason> {
    Some(Reason::parse(text).unwrap())
}

pub fn block(text: &str, until: Until) -> Act {
    Act::Block {
        reason: reason(text),
        until,
    }
}

pub fn disable() -> Act {
    Act::Disable {
        reason: None,
        until: Until::Lifted,
    }
}

pub const ENABLE: Act = Act::Enable { only: None };

pub fn pause(when: When) -> Act {
    Act::Pause {
        reason: reason("lunch"),
        when,
    }
}

/// The person with this key.
pub fn someone(id: i64) -> Actor {
    Actor {
        kind: ActorKind::User,
        id: Some(id),
        name: "Rohit Kulkarni".to_owned(),
        address: None,
        request_id: None,
    }
}

pub fn try_act(
    store: &Store,
    by: Actor,
    rights: Rights,
    on: &[AgentId],
    what: Act,
) -> Result<ActOutcome, StoreError> {
    let on: Vec<UserId> = on.iter().map(|id| id.user()).collect();
    store.write_blocking(by, move |tx| act(tx, &rights, &on, &what))
}

pub fn do_act(world: &World, on: &[AgentId], what: Act) -> ActOutcome {
    try_act(&world.store, Actor::system(), rights(), on, what).unwrap()
}

pub fn try_undo(world: &World, rights: Rights, operation: &str) -> Result<UndoOutcome, StoreError> {
    let operation = operation.to_owned();
    world
        .store
        .write_blocking(Actor::system(), move |tx| undo(tx, &rights, &operation))
}

pub fn do_undo(world: &World, operation: &str) -> UndoOutcome {
    try_undo(world, rights(), operation).unwrap()
}

/// (state, reason, until, version).
pub fn state(world: &World, agent: AgentId) -> (String, Option<String>, Option<Timestamp>, i64) {
    let found: (String, Option<String>, Option<i64>, i64) = world
        .store
        .read(|conn| {
            Ok(agents::table
                .find(agent.user().0)
                .select((
                    agents::admin_state,
                    agents::admin_reason,
                    agents::admin_until,
                    agents::version,
                ))
                .first(conn)?)
        })
        .unwrap();
    (found.0, found.1, found.2.map(Timestamp), found.3)
}

/// The words of an axis, oldest first, and how many of them are open.
pub fn history(world: &World, agent: AgentId, axis: &str) -> (Vec<String>, usize) {
    let rows: Vec<(String, Option<i64>)> = world
        .store
        .read(|conn| {
            Ok(intervals::table
                .filter(intervals::agent_id.eq(agent.user().0))
                .filter(intervals::axis.eq(axis))
                .order((intervals::started_at, intervals::id))
                .select((intervals::value, intervals::ended_at))
                .load(conn)?)
        })
        .unwrap();
    let open = rows.iter().filter(|(_, end)| end.is_none()).count();
    (rows.into_iter().map(|(value, _)| value).collect(), open)
}

/// The actions of the audit with their subjects, oldest first.
pub fn audit(world: &World) -> Vec<(String, String)> {
    world
        .store
        .read(|conn| {
            Ok(audit_entries::table
                .order(audit_entries::id)
                .select((audit_entries::action, audit_entries::subject_name))
                .load(conn)?)
        })
        .unwrap()
}

/// (user deleted, agent removed).
pub fn gone(world: &World, agent: AgentId) -> (bool, bool) {
    let found: (Option<i64>, Option<i64>) = world
        .store
        .read(|conn| {
            Ok(users::table
                .inner_join(agents::table)
                .filter(users::id.eq(agent.user().0))
                .select((users::deleted_at, agents::removed_at))
                .first(conn)?)
        })
        .unwrap();
    (found.0.is_some(), found.1.is_some())
}

/// The owner of a claim, and until when it is held for one who left.
pub fn claim(world: &World, kind: &str, value: &str) -> Option<(i64, Option<Timestamp>)> {
    let found: Option<(i64, Option<i64>)> = world
        .store
        .read(|conn| {
            Ok(claims::table
                .find((kind, value))
                .select((claims::owner_id, claims::held_until))
                .first(conn)
                .optional()?)
        })
        .unwrap();
    found.map(|(owner, until)| (owner, until.map(Timestamp)))
}
