//! Signing in.

pub mod view;
