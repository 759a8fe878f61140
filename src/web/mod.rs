//! What browsers and programs reach over HTTP.

pub mod agents;
pub mod api;
pub mod assets;
pub mod calls;
pub mod changes;
pub mod check;
pub mod dashboard;
pub mod days;
pub mod download;
pub mod error;
pub mod extract;
pub mod form;
pub mod health;
pub mod keys;
pub mod middleware;
pub mod operations;
pub mod page;
pub mod problem;
pub mod range;
pub mod routes;
pub mod sessions;
pub mod setup;
pub mod shell;
pub mod state;

pub use state::AppState;

#[cfg(test)]
mod preview_tests;
