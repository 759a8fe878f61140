//! Links to choose a password, ready to be given to someone in a write.

use super::secret::{self, SecretHash};
use crate::domain::mail::LinkReason;
use crate::store::link::Handout;
use crate::web::error::AppError;
use crate::web::state::AppState;

/// A new link; [`hand_out`](crate::store::link::hand_out) gives it to a person. Its address is the
/// configured one, never what a request says.
///
/// # Errors
/// When the system gives no random bytes.
pub fn handout(state: &AppState, reason: LinkReason) -> Result<Handout, AppError> {
    let token = secret::fresh("")?;
    let picture = state.floor.picture();
    let install = picture.install();
    Ok(Handout {
        reason,
        link: format!("{}/password?token={token}", state.url),
        hash: SecretHash::of(&token).hex(),
        install: install.name.clone(),
        by_mail: install.mail.is_some(),
    })
}
