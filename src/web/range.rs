//! The choice of days above pages other than the list: presets, two free days, and what they mean.

use crate::domain::day_range::{DayChoice, DaySpan};
use crate::domain::install::Install;
use crate::domain::show;
use crate::domain::time::Timestamp;
pub use crate::web::agents::range::{PRESETS, more_label, two_days};

/// The control, ready to print by `parts/days.html`.
#[derive(Clone, Debug)]
pub struct RangeControl {
    /// Path of the page.
    pub action: String,
    pub legend: &'static str,
    /// What the forms must carry to keep the rest of the query.
    pub keep: Vec<(&'static str, String)>,
    pub choice: DayChoice,
    /// `Mon 16 – Sun 22 Nov 2026, IST`.
    pub said: String,
    /// `14:02:11`, and the same instant as RFC 3339.
    pub as_of: String,
    pub as_of_at: String,
}

/// So many presets stand in the bar, the others under More.
const IN_BAR: usize = 8;

impl RangeControl {
    pub fn new(
        action: impl Into<String>,
        legend: &'static str,
        choice: DayChoice,
        span: DaySpan,
        install: &Install,
        now: Timestamp,
    ) -> Self {
        let zone = install.calendar.zone;
        Self {
            action: action.into(),
            legend,
            keep: Vec::new(),
            choice,
            said: format!("{}, {}", show::range(span), show::zone_name(now, zone)),
            as_of: show::time_of_day(now, zone),
            as_of_at: show::rfc3339(now),
        }
    }

    #[must_use]
    pub fn keeping(mut self, pairs: Vec<(&'static str, String)>) -> Self {
        self.keep = pairs
            .into_iter()
            .filter(|(name, _)| !matches!(*name, "days" | "from" | "to"))
            .collect();
        self
    }

    pub fn bar(&self) -> &'static [(&'static str, &'static str)] {
        &PRESETS[..IN_BAR]
    }

    pub fn more(&self) -> &'static [(&'static str, &'static str)] {
        &PRESETS[IN_BAR..]
    }
}
