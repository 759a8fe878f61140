//! The agents list: its view and, beside it, one file per action family.

pub mod columns;
pub mod links;
pub mod view;
