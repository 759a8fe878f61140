//! Reporting days.

/// A reporting day: days since 0001-01-01, which is day 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i32);
