//! Rollcall: a console for call-centre supervisors.
#![forbid(unsafe_code)]

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod floor;
pub mod jobs;
pub mod mail;
pub mod store;
pub mod telephony;
pub mod web;
