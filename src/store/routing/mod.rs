//! Departments, IVRs and caller ids: how they are made, edited, deleted and brought back, with claims, members
//! and audit in one transaction. Only someone with scope everything changes them.

mod claims;
mod create;
mod current;
mod delete;
pub(in crate::store) mod membership;
mod names;
mod read;
pub(super) mod undo;
mod update;
mod write;

pub use create::{Created, create};
pub use delete::{Deleted, delete, restore};
pub use read::{Gone, deleted, members};
pub use undo::RoutingAct;
pub use update::{Basis, Conflict, Saved, Updated, save, update};

use super::error::StoreError;
use super::tx::RecordKind;
use crate::domain::role::Scope;
use crate::domain::routing::Noun;

/// What others keep a picture of.
fn kind(noun: Noun) -> RecordKind {
    match noun {
        Noun::Department => RecordKind::Department,
        Noun::Ivr => RecordKind::Ivr,
        Noun::CallerId => RecordKind::CallerId,
    }
}

/// # Errors
/// `NotFound` for who has a scope of groups: these records belong to everyone.
fn require_everything(scope: &Scope) -> Result<(), StoreError> {
    match scope.is_all() {
        true => Ok(()),
        false => Err(StoreError::NotFound),
    }
}
