//! Believable data for trying the product out, and a simulated phone system.

mod book;
pub mod brief_block;
mod calls;
mod company;
mod departments;
mod fill;
mod history;
mod hours;
mod joiners;
mod names;
mod numbers;
mod parameters;
mod people;
mod prepare;
mod random;
mod records;
mod rota;
mod sign_in;
pub mod simulator;
pub mod staff;
mod turnover;
mod world;

pub use fill::{Filled, fill};
pub use joiners::joiners;
pub use parameters::Parameters;
pub use prepare::{PrepareError, Prepared, prepare};
pub use sign_in::{SignIn, sign_in};

use crate::domain::calendar::Calendar;
use chrono_tz::Tz;

/// The name of the simulated phone system among the sources of events.
pub const SOURCE: &str = "simulator";

/// A demo's reporting days: Indian calendar days.
pub(crate) fn calendar() -> Calendar {
    Calendar::new(Tz::Asia__Kolkata, 0)
}
