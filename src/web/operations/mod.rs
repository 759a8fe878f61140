//! Operations: what was done, said in words, and taken back.

pub mod flash;
pub mod said;
pub mod undo;
