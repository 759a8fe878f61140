//! Agents: what supervisors do to them, each act for one agent and for a hundred thousand; how they are
//! made and edited, with claims, links and audit in one transaction.

pub mod act;
mod assign;
pub mod create;
mod current;
pub(super) use current::{Ahead, Current};
pub mod deleted;
mod duty;
pub mod history;
pub mod lift;
pub(super) mod links;
pub(super) mod names;
pub(super) mod off_board;
pub(super) mod remove;
pub(super) mod state;
pub(super) mod target;
pub(super) mod undo;
pub mod update;
mod version;
pub(super) mod write;

pub use act::{ActOutcome, act};
pub use version::require_version;
