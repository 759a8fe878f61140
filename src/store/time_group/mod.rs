//! Time groups: their hours, whether they are open, and how people change them.

mod clock;
mod read;
mod remove;
mod undo;
mod write;

pub use clock::follow_clock;
pub use read::{Gone, Stored, all, deleted, find, hours, in_use_by};
pub use remove::{Deleted, delete, restore};
pub use undo::HoursAct;
pub(super) use undo::take_back;
pub use write::{Basis, CREATE, Conflict, Created, Saved, Updated, create, save, update};

/// The kind of a time group in claims and in the audit.
pub const KIND: &str = "time_group";

/// The kind of the claim on its name.
pub const NAME_CLAIM: &str = "time_group_name";
