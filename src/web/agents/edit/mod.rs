//! Editing an agent in its row or on a page of its own, and adding one.

mod answer;
mod back;
pub mod conflict;
pub mod create;
pub(in crate::web) mod fill;
pub(in crate::web) mod posted;
pub(in crate::web) mod rules;
pub mod show;
pub(in crate::web) mod taken;
pub mod update;
pub mod view;
