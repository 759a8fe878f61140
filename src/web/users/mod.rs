//! Users: their list, their pages, adding one in steps, editing, blocking each part by itself, deleting.

pub mod acts;
pub mod create;
pub mod deleted;
pub mod edit;
mod fill;
pub mod link;
pub mod list;
mod list_view;
pub(in crate::web) mod posted;
pub(in crate::web) mod rules;
pub mod show;
mod view;

use crate::domain::ids::UserId;
use crate::web::error::AppError;
use crate::web::sessions::local_path::local;

/// The user of an address; text that is none is a user who is not there.
fn id(path: &str) -> Result<UserId, AppError> {
    path.parse().map_err(|_| AppError::NotFound)
}

/// Where a form comes back to: a page of users, or the agents where it was opened from there; else the list of users.
fn back(asked: &str) -> String {
    match local(asked) {
        path if path == "/agents" || path == "/users" => path.to_owned(),
        path if path.starts_with("/users?") || path.starts_with("/users/") => path.to_owned(),
        _ => "/users".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn a_form_comes_back_to_users_or_agents_only() {
        for path in ["/agents", "/users", "/users?q=a&sort=-email", "/users/12"] {
            assert_eq!(back(path), path);
        }
        for elsewhere in ["", "/", "/usersx", "/agentsx", "//users", "https://x/users"] {
            assert_eq!(back(elsewhere), "/users", "{elsewhere}");
        }
    }
}
