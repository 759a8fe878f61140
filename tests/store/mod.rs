//! What the store promises, on both databases.

mod changes;
mod connection;
mod demo;
mod migrate;
mod write;
