//! What the store promises, on both databases.

mod changes;
mod connection;
mod migrate;
mod write;
