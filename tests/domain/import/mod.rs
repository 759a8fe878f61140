//! Bulk upload as it is decided: files in, plans out.

mod books;
mod corpus;
mod invariants;
mod joiners;
mod large;
mod office;
mod options;
mod properties;
mod round_trip;
