//! How to sign in to a demo: a new password at each start, since only its hash is kept.

use super::staff::STAFF;
use crate::domain::audit::Actor;
use crate::domain::ids::UserId;
use crate::domain::password;
use crate::store::{Store, StoreError, factor, random_hex, sign_in};

/// What is printed for the person who started the demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The admin's; the other members of [`STAFF`] have the same password.
    pub login_id: &'static str,
    pub password: String,
}

/// Gives those who sign in to the console a new password, the same for all of them.
///
/// # Errors
/// `Unavailable` or `Broken` when the database can't be written.
pub fn sign_in(store: &Store) -> Result<SignIn, StoreError> {
    let password = readable(&random_hex());
    let hash = password::hash(&password).map_err(|error| StoreError::broken(error.to_string()))?;
    store.write_blocking(Actor::shell(), move |tx| {
        for id in (1..).take(STAFF.len()) {
            sign_in::set_password(tx, UserId(id), &hash, None)?;
            // What is printed has to be enough.
            factor::remove(tx, UserId(id), None)?;
        }
        Ok(())
    })?;
    Ok(SignIn {
        login_id: STAFF[0].login_id,
        password,
    })
}

/// Groups of digits that can be typed from a screen: 80 random bits.
fn readable(hex: &str) -> String {
    let groups: Vec<&str> = (0..5).filter_map(|i| hex.get(4 * i..4 * i + 4)).collect();
    groups.join("-")
}
