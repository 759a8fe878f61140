//! Agents: what supervisors do to them, each act for one agent and for a hundred thousand; how they are
//! made and edited, with claims, links and audit in one transaction.

pub mod act;
mod assign;
pub mod create;
mod current;
pub(super) use current::Ahead;
pub mod deleted;
mod duty;
pub mod history;
pub mod lift;
mod links;
mod names;
mod off_board;
mod remove;
mod state;
pub(super) mod target;
pub(super) mod undo;
pub mod update;
mod version;
mod write;

pub use act::{ActOutcome, act};
pub use version::version;
