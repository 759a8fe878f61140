//! What handlers ask of a request: who it is, who to write down, which form the answer takes.

mod by;
mod caller;
mod partial;
mod posted;

pub use by::{By, nobody};
pub use caller::{Caller, CurrentUser, MaybeUser};
pub use partial::Partial;
pub use posted::Posted;
