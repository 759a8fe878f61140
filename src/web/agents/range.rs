//! The *calls answered* control: its presets and what it says.

use std::borrow::Cow;

use crate::domain::day_range::DayChoice;

/// The *calls answered* control.
#[derive(Clone, Debug, Default)]
pub struct RangeView<'a> {
    /// `Mon 16 – Sun 22 Nov 2026, IST`.
    pub said: Cow<'a, str>,
    /// `14:02:11`, and the same instant as RFC 3339.
    pub as_of: Cow<'a, str>,
    pub as_of_at: Cow<'a, str>,
}

/// Word and label of each preset; the first eight stand in the bar, the others under More.
pub static PRESETS: &[(&str, &str)] = &[
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("week", "This week"),
    ("month", "This month"),
    ("7", "7 days"),
    ("15", "15 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("last-week", "Last week"),
    ("last-month", "Last month"),
    ("cycle", "Pay cycle"),
    ("last-cycle", "Last pay cycle"),
];
const IN_BAR: usize = 8;

impl RangeView<'_> {
    pub fn bar(&self) -> &'static [(&'static str, &'static str)] {
        &PRESETS[..IN_BAR]
    }

    pub fn more(&self) -> &'static [(&'static str, &'static str)] {
        &PRESETS[IN_BAR..]
    }
}

/// What the More button says: the choice under it, if it is the one in force.
pub fn more_label(days: &str) -> &'static str {
    if days == "custom" {
        return "Custom";
    }
    let chosen = PRESETS[IN_BAR..].iter().find(|(word, _)| *word == days);
    chosen.map_or("More", |(_, label)| label)
}

/// The two days of a custom range as `YYYY-MM-DD`; empty for a preset.
pub fn two_days(days: &DayChoice) -> (String, String) {
    match days {
        DayChoice::Between(from, to) => (from.date().to_string(), to.date().to_string()),
        _ => (String::new(), String::new()),
    }
}
