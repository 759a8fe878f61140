//! Forms that make something name their operation, so that sending one twice makes one.

use crate::domain::ids::UserId;
use crate::web::sessions::secret::SecretHash;

/// The operation of a form: its own for each person, so that nobody meets another's. None for a form without
/// a name.
pub fn operation(action: &str, user: UserId, once: &str) -> Option<String> {
    let named = format!("{action} {user} {once}");
    (!once.is_empty()).then(|| SecretHash::of(&named).hex()[..32].to_owned())
}
