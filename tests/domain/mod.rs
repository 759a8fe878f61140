//! Rules that need more than a function to be tried on.

mod import;
