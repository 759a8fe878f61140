//! Agent groups: their list, their form, who is in them, and what goes with one that is deleted.

pub mod delete;
pub mod edit;
pub(in crate::web) mod form;
pub mod list;
pub mod members;
pub mod show;
mod view;

use crate::domain::ids::GroupId;
use crate::domain::record::Group;
use crate::domain::role::Scope;
use crate::floor::Picture;
use crate::web::error::AppError;

/// The group of an address; text that is none is a group that is not there.
fn id(path: &str) -> Result<GroupId, AppError> {
    path.parse().map_err(|_| AppError::NotFound)
}

/// A living group whose agents this person may see.
///
/// # Errors
/// `NotFound` when there is none.
pub fn find<'p>(picture: &'p Picture, scope: &Scope, id: GroupId) -> Result<&'p Group, AppError> {
    let group = picture.records().group(id).filter(|_| scope.sees(&[id]));
    group.ok_or(AppError::NotFound)
}
