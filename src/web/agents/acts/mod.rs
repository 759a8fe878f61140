//! What supervisors do to agents, one or many: the forms, the addresses, and what is said afterwards.

mod assign;
pub mod bulk;
pub mod deleted;
mod facts;
pub(in crate::web) mod form;
mod perform;
pub mod resource;
mod rows;
pub mod show;
pub mod view;
pub mod words;

pub use perform::into_dialog;
pub use rows::{list_again, rows};
