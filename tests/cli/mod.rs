//! The program as it is run from a shell.

mod backup;
mod demo;
mod import;
mod import_killed;
mod postgres;
mod program;
mod restore;
