//! What the store promises, on both databases.

mod acts;
mod agent_edit;
mod changes;
mod connection;
mod demo;
mod lease;
mod ledger;
mod ledger_order;
mod migrate;
mod seal;
mod undo;
mod write;
