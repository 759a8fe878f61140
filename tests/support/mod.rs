//! What tests of more than one room need: databases of their own and a clock that moves.

#[macro_use]
pub mod database;
pub mod app;
pub mod people;
pub mod postgres;
pub mod time;

pub use database::TestDb;
pub use time::TestClock;
