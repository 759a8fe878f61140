//! What the floor promises: its picture is the database's, and its lists are right.

mod acts;
mod counts;
mod expected;
mod fresh;
mod hours;
mod list;
mod nodes;
mod office;
mod recount;
mod reference;
mod write;
