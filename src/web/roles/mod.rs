//! Roles: the built-in ones in words, and those of the install as checkboxes.

pub mod delete;
pub mod edit;
mod form;
pub mod list;
pub mod show;
mod view;

use crate::domain::ids::RoleId;
use crate::domain::role::Permission;
use crate::store::role::{self, Role};
use crate::web::error::AppError;
use crate::web::extract::CurrentUser;
use crate::web::state::AppState;

const PATH: &str = "/roles";

/// The role of an address; text that is none is a role that is not there.
fn id_of(path: &str) -> Result<RoleId, AppError> {
    path.parse().map_err(|_| AppError::NotFound)
}

/// # Errors
/// `NotFound` for one that is not there or was deleted.
async fn find(state: &AppState, id: RoleId) -> Result<Role, AppError> {
    state.read(move |conn| role::get(conn, id)).await
}

/// Whether this person is offered to change it; the store decides.
fn may_change(user: &CurrentUser, role: &Role) -> bool {
    may_write(user) && !role.built_in && user.rights().outrank(role.permissions)
}

fn may_write(user: &CurrentUser) -> bool {
    user.may(Permission::RolesWrite) && user.scope.is_all()
}
