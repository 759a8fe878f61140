//! The dashboard.

pub mod show;
pub mod view;
