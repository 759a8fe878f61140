//! Editing an agent in its row or on a page of its own, and adding one.

mod answer;
mod back;
mod conflict;
pub mod create;
mod fill;
mod posted;
pub(super) mod rules;
pub mod show;
mod taken;
pub mod update;
pub mod view;
