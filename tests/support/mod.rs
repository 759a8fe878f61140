//! What tests of more than one room need: databases of their own, a clock that moves, a small install.

#[macro_use]
pub mod database;
pub mod acts;
pub mod app;
pub mod calls;
pub mod people;
pub mod postgres;
pub mod programs;
pub mod smtp;
pub mod time;
pub mod world;

pub use database::TestDb;
pub use time::TestClock;
