//! The program as it is run from a shell.

mod backup;
mod postgres;
mod program;
mod restore;
