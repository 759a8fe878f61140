//! What the store promises, on both databases.

mod connection;
mod write;
