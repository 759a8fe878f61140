//! Time groups: the list, one of them with its week as a picture, its form, its deletion and the way back.

pub mod conflict;
pub mod delete;
pub mod deleted;
pub mod edit;
mod fill;
pub mod list;
mod posted;
pub mod show;
mod view;
mod week;

use crate::domain::ids::TimeGroupId;
use crate::domain::role::{Permission, Permissions, Scope};
use crate::store::time_group::{self, Stored};
use crate::web::error::AppError;
use crate::web::state::AppState;

/// The time group of an address; text that is none is one that is not there.
fn id_of(path: &str) -> Result<TimeGroupId, AppError> {
    path.parse().map_err(|_| AppError::NotFound)
}

/// One that is not deleted.
///
/// # Errors
/// `NotFound` when there is none.
async fn find(state: &AppState, id: TimeGroupId) -> Result<Stored, AppError> {
    let found = state.read(move |conn| time_group::find(conn, id)).await?;
    found.ok_or(AppError::NotFound)
}

/// Time groups are changed only with scope everything.
fn may_change(permissions: Permissions, scope: &Scope) -> bool {
    permissions.contains(Permission::TimeGroupsWrite) && scope.is_all()
}

/// The agents list narrowed to one time group.
fn agents_href(id: TimeGroupId) -> String {
    format!("/agents?time_group={id}")
}
