//! Rollcall: a console for call-centre supervisors.
#![forbid(unsafe_code)]

pub mod config;
pub mod domain;
pub mod floor;
pub mod store;
pub mod web;
