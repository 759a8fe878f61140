//! Reporting days, spans of them, and the choices of a span that pages offer (product rules §5, §12).

mod choice;

pub use choice::{DAY_COUNTS, DayChoice, DayChoiceError, LONGEST_SPAN};

use chrono::{Datelike, NaiveDate};
use std::fmt;

/// A reporting day: days since the first of January of the year 1, which is day 1, as every table
/// stores it. When it begins and ends is a matter of the [calendar](super::calendar::Calendar).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i32);

impl Day {
    /// 0001-01-01.
    pub const FIRST: Self = Self(1);
    /// 9999-12-31.
    pub const LAST: Self = Self(3_652_059);

    /// The date; a number outside the years 1 to 9999 reads as the nearest day inside.
    pub fn date(self) -> NaiveDate {
        let days = self.0.clamp(Self::FIRST.0, Self::LAST.0);
        NaiveDate::from_num_days_from_ce_opt(days).unwrap_or_default()
    }

    /// Later by so many days, earlier if negative, held within the years 1 to 9999.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(
            self.0
                .saturating_add(days)
                .clamp(Self::FIRST.0, Self::LAST.0),
        )
    }

    /// Days since the last Monday: 0 to 6.
    pub fn days_from_monday(self) -> i32 {
        // Day 1 was a Monday.
        (self.0 - 1).rem_euclid(7)
    }

    /// Reads `YYYY-MM-DD` and nothing else.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let digits = |range: std::ops::Range<usize>| -> Option<u32> {
            let part = text.get(range)?;
            part.bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| part.parse().ok())?
        };
        let dashes = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        if text.len() != 10 || !dashes {
            return None;
        }
        let year = i32::try_from(digits(0..4)?).ok().filter(|year| *year > 0)?;
        NaiveDate::from_ymd_opt(year, digits(5..7)?, digits(8..10)?).map(Self::from)
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce().clamp(Self::FIRST.0, Self::LAST.0))
    }
}

/// `YYYY-MM-DD`, as addresses and files write it; pages use [`show`](super::show).
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.date();
        write!(
            f,
            "{:04}-{:02}-{:02}",
            date.year(),
            date.month(),
            date.day()
        )
    }
}

/// From a day to a day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DaySpan {
    pub from: Day,
    pub to: Day,
}

impl DaySpan {
    pub fn one(day: Day) -> Self {
        Self { from: day, to: day }
    }

    pub fn contains(&self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }

    /// How many days; at least 1 for every resolved choice.
    pub fn count(&self) -> usize {
        usize::try_from(i64::from(self.to.0) - i64::from(self.from.0) + 1).unwrap_or(0)
    }

    pub fn days(&self) -> impl DoubleEndedIterator<Item = Day> + use<> {
        (self.from.0..=self.to.0).map(Day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_day_is_its_iso_date() {
        assert_eq!(Day::parse_iso("0001-01-01"), Some(Day::FIRST));
        assert_eq!(Day::parse_iso("9999-12-31"), Some(Day::LAST));
        assert_eq!(
            Day::parse_iso("2026-11-22").map(|day| day.days_from_monday()),
            Some(6)
        );
        for wrong in [
            "",
            "2026-11-31",
            "2026-2-01",
            "26-11-22",
            "2026-11-22 ",
            "0000-01-01",
            "2026/11/22",
            "+026-11-22",
            "2026-11-2é",
            "٢٠٢٦-11-22",
        ] {
            assert_eq!(Day::parse_iso(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_span_includes_both_ends() {
        let span = DaySpan {
            from: Day(10),
            to: Day(12),
        };
        assert_eq!(span.count(), 3);
        assert_eq!(span.days().collect::<Vec<_>>(), [Day(10), Day(11), Day(12)]);
        assert!(span.contains(Day(10)) && span.contains(Day(12)) && !span.contains(Day(13)));
    }

    proptest! {
        #[test]
        fn days_print_and_read_back(number in 1..=Day::LAST.0) {
            let day = Day(number);
            prop_assert_eq!(Day::parse_iso(&day.to_string()), Some(day));
            prop_assert_eq!(Day::from(day.date()), day);
            prop_assert_eq!(day.days_from_monday(), day.date().weekday().num_days_from_monday() as i32);
        }

        #[test]
        fn no_text_breaks_the_reading(text in "\\PC{0,12}") {
            let _ = Day::parse_iso(&text);
        }
    }
}
