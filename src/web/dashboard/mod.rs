//! The dashboard.

pub mod chart;
pub mod guide;
pub mod hours;
pub mod show;
pub mod view;
