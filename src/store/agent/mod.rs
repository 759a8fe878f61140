//! Agents: what supervisors do to them, each act for one agent and for a hundred thousand.

pub mod act;
mod duty;
pub mod lift;
mod off_board;
mod remove;
mod state;
mod target;
pub(super) mod undo;

pub use act::{ActOutcome, act};
//! Agents as people change them: each act in a transaction with its claims, its links and its audit.

pub mod create;
mod current;
pub mod history;
mod links;
mod names;
pub mod update;
mod write;
