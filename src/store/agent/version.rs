//! The version that a change of an agent is based on.

use super::current::Current;
use crate::domain::ids::UserId;
use crate::domain::role::Scope;
use crate::store::error::StoreError;
use crate::store::tx::Tx;

/// # Errors
/// `NotFound` when there is no such living agent in scope, whatever was expected; `Stale` when it has another version.
pub fn require_version(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: UserId,
    expected: i64,
) -> Result<(), StoreError> {
    match Current::read(tx, scope, id, &[])?.version == expected {
        true => Ok(()),
        false => Err(StoreError::Stale),
    }
}
