//! What the store promises, on both databases.

mod acts;
mod agent_edit;
mod assign;
mod changes;
mod connection;
mod demo;
mod groups;
mod last_admin;
mod lease;
mod ledger;
mod ledger_order;
mod migrate;
mod number_plan;
mod routing;
mod seal;
mod sign_in;
mod time_groups;
mod undo;
mod write;
