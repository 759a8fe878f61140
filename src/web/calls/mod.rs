//! The calls behind every number.

pub mod export;
pub mod list;
pub mod present;
pub mod view;
