//! What browsers and programs reach over HTTP.

pub mod account;
pub mod agents;
pub mod api;
pub mod assets;
pub mod audit;
pub mod calls;
pub mod changes;
pub mod check;
pub mod dashboard;
pub mod days;
pub mod download;
pub mod error;
pub mod extract;
pub mod feature_codes;
pub mod form;
pub mod groups;
pub mod health;
pub mod keys;
pub mod mail_server;
pub mod middleware;
pub mod operations;
pub mod own;
pub mod page;
pub mod problem;
pub mod range;
pub mod roles;
pub mod routes;
pub mod routing;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod shell;
pub mod sign_in_rules;
pub mod state;
pub mod time_groups;
pub mod users;

pub use state::AppState;

#[cfg(test)]
mod preview_tests;
