//! Feature codes: the table in force, the dial helper, and the sheet to print.

pub mod book;
mod sheet;
mod show;
mod view;

pub use sheet::show as sheet;
pub use show::show;
