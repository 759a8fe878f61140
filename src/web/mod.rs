//! What browsers and programs reach over HTTP.

pub mod agents;
pub mod assets;
pub mod dashboard;
pub mod form;
pub mod problem;
pub mod set_up;
pub mod shell;
pub mod sign_in;

#[cfg(test)]
mod preview_tests;
