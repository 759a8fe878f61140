//! The calls behind every number.

pub mod list;
pub mod present;
pub mod view;
