//! Agent groups: made, renamed, filled and deleted, each in one transaction with its claim and its line in
//! the audit. Taking a group away takes its memberships along; the agents themselves stay as they are.

pub mod create;
pub mod delete;
pub mod members;
mod row;
mod touched;
pub(super) mod undo;
pub mod update;

use crate::domain::agent::words;
use crate::domain::ids::GroupId;
use crate::domain::role::Scope;
use crate::store::error::StoreError;
use crate::store::tx::Tx;

/// The kind of the claim on a group's name.
pub const CLAIM: &str = "group_name";
/// Groups in claims and in the audit.
pub const KIND: &str = "group";
/// Keys in one statement.
const AT_ONCE: usize = 5_000;

words!(/// What was done to a group and can be taken back, by the words that the audit ends its actions with.
GroupAct { Update = "update", Members = "members", Delete = "delete" });

impl GroupAct {
    /// The action of the audit's line.
    pub fn action(self) -> &'static str {
        match self {
            Self::Update => "group.update",
            Self::Members => "group.members",
            Self::Delete => "group.delete",
        }
    }

    /// From an action of the audit.
    pub fn of_action(action: &str) -> Option<Self> {
        action.strip_prefix("group.")?.parse().ok()
    }
}

/// # Errors
/// `Stale` when a group in scope has another version, `NotFound` when there is none.
pub fn require_version(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: GroupId,
    expected: i64,
) -> Result<(), StoreError> {
    match row::lock(tx, scope, id)?.version == expected {
        true => Ok(()),
        false => Err(StoreError::Stale),
    }
}
