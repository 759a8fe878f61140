//! Operations: what was done, said in words, and taken back.

mod assigned;
pub mod flash;
mod of_group;
mod of_user;
pub mod once;
pub mod said;
pub mod undo;
