//! Every integration test, in one binary.
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should stop there"
)]

#[macro_use]
mod support;

mod cli;
mod domain;
mod floor;
mod house;
mod http;
mod migrations;
mod store;
