//! One line of working hours: weekdays, and from when to when.

use crate::domain::calendar::{parse_minutes, show_minutes};
use chrono::Weekday;
use std::fmt;
use std::str::FromStr;

/// A set of weekdays: Monday is 1, Tuesday 2, Wednesday 4 and so on to Sunday, 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Weekdays(pub u8);

const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Weekdays {
    pub const ALL: Self = Self(127);
    /// Monday to Friday.
    pub const WORKING: Self = Self(31);

    pub fn contains(self, weekday: Weekday) -> bool {
        self.0 & (1 << weekday.num_days_from_monday()) != 0
    }

    #[must_use]
    pub fn with(self, weekday: Weekday) -> Self {
        Self(self.0 | 1 << weekday.num_days_from_monday())
    }
}

impl Weekdays {
    /// All weekdays, Monday first.
    pub const EACH: [Weekday; 7] = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];

    pub fn is_empty(self) -> bool {
        self.0 & Self::ALL.0 == 0
    }

    /// Those in the set, Monday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Self::EACH
            .into_iter()
            .filter(move |day| self.contains(*day))
    }
}

/// Reads what [`Display`](fmt::Display) prints, a plain `-` for the dash too.
impl FromStr for Weekdays {
    type Err = BadRow;

    fn from_str(text: &str) -> Result<Self, BadRow> {
        let place = |name: &str| {
            let found = NAMES.iter().position(|known| *known == name.trim());
            found.ok_or(BadRow::NoWeekday)
        };
        let mut days = Self::default();
        for part in text.split(',') {
            let (first, last) = part.split_once(['–', '-']).unwrap_or((part, part));
            for day in place(first)?..=place(last)? {
                days.0 |= 1 << day;
            }
        }
        match days.is_empty() {
            true => Err(BadRow::NoWeekday),
            false => Ok(days),
        }
    }
}

/// `Mon–Fri, Sun`.
impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |day: usize| day < 7 && self.0 & (1 << day) != 0;
        let (mut day, mut comma) = (0, "");
        while day < 7 {
            let mut last = day;
            while has(day) && has(last + 1) {
                last += 1;
            }
            match last - day {
                _ if !has(day) => {}
                0 => write!(f, "{comma}{}", NAMES[day])?,
                1 => write!(f, "{comma}{}, {}", NAMES[day], NAMES[last])?,
                _ => write!(f, "{comma}{}–{}", NAMES[day], NAMES[last])?,
            }
            if has(day) {
                comma = ", ";
            }
            day = last + 1;
        }
        Ok(())
    }
}

/// Hours of some weekdays, in minutes after midnight. To earlier than from: until the next day;
/// the same: 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub weekdays: Weekdays,
    /// 0 to 1,439.
    pub from_minute: u16,
    /// 0 to 1,440, the end of the day.
    pub to_minute: u16,
}

/// Why hours make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRow {
    #[error("choose at least one weekday")]
    NoWeekday,
    #[error("is no time of day: write it as 09:30")]
    NoTime,
}

impl Row {
    pub fn new(weekdays: Weekdays, from_minute: u16, to_minute: u16) -> Result<Self, BadRow> {
        if weekdays.0 & Weekdays::ALL.0 == 0 || weekdays.0 > Weekdays::ALL.0 {
            Err(BadRow::NoWeekday)
        } else if from_minute >= 1_440 || to_minute > 1_440 {
            Err(BadRow::NoTime)
        } else {
            Ok(Self {
                weekdays,
                from_minute,
                to_minute,
            })
        }
    }

    /// The same hours written in one way: an end at midnight is the end of the day.
    #[must_use]
    pub fn canonical(self) -> Self {
        match self.to_minute {
            0 => Self {
                to_minute: 1_440,
                ..self
            },
            _ => self,
        }
    }

    /// Goes on after midnight.
    pub fn is_overnight(&self) -> bool {
        self.end_minute() > 1_440
    }

    /// Minutes from midnight of the day it begins on, above 1,440 if it ends on the next.
    pub fn end_minute(&self) -> u16 {
        if self.to_minute > self.from_minute {
            self.to_minute
        } else {
            self.to_minute + 1_440
        }
    }
}

const NEXT_DAY: &str = " (next day)";

/// `Mon–Fri 09:00–18:00`, `Sat 22:00–06:00 (next day)`.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = if self.end_minute() > 1_440 {
            NEXT_DAY
        } else {
            ""
        };
        let (from, to) = (show_minutes(self.from_minute), show_minutes(self.to_minute));
        write!(f, "{} {from}–{to}{next}", self.weekdays)
    }
}

/// Reads what [`Display`](fmt::Display) prints.
impl FromStr for Row {
    type Err = BadRow;

    fn from_str(text: &str) -> Result<Self, BadRow> {
        let text = text.strip_suffix(NEXT_DAY).unwrap_or(text);
        let (days, times) = text.rsplit_once(' ').ok_or(BadRow::NoTime)?;
        let (from, to) = times.split_once('–').ok_or(BadRow::NoTime)?;
        let from = parse_minutes(from).ok_or(BadRow::NoTime)?;
        Self::new(days.parse()?, from, end_of_row(to).ok_or(BadRow::NoTime)?)
    }
}

/// `18:00`; `24:00` is the end of the day.
pub fn end_of_row(text: &str) -> Option<u16> {
    match text {
        "24:00" => Some(1_440),
        text => parse_minutes(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_prints_and_reads_back(days in 1..128u8, from in 0..1_440u16, to in 0..=1_440u16) {
            let row = Row::new(Weekdays(days), from, to).unwrap();
            prop_assert_eq!(row.to_string().parse(), Ok(row));
            let same = row.canonical();
            prop_assert_eq!(same.end_minute(), row.end_minute(), "the same hours");
            prop_assert_eq!(same.canonical(), same);
            prop_assert_eq!(row.weekdays.iter().fold(Weekdays::default(), Weekdays::with), row.weekdays);
        }
    }

    #[test]
    fn what_is_no_row_is_refused() {
        for text in [
            "",
            "Mon",
            "09:00–18:00",
            " 09:00–18:00",
            "Fri–Mon 09:00–18:00",
            "Mon 9:00–18:00",
            "Mon 09:00–24:01",
            "Mon 24:00–09:00",
            "Someday 09:00–18:00",
        ] {
            assert!(text.parse::<Row>().is_err(), "{text}");
        }
        assert_eq!(
            "Mon-Wed, Sun 09:00–24:00".parse(),
            Row::new(Weekdays(0b100_0111), 540, 1_440)
        );
    }

    #[test]
    fn weekdays_read_as_people_say_them() {
        for (bits, text) in [
            (0, ""),
            (1, "Mon"),
            (3, "Mon, Tue"),
            (31, "Mon–Fri"),
            (96, "Sat, Sun"),
            (127, "Mon–Sun"),
            (0b100_0111, "Mon–Wed, Sun"),
            (0b101_0101, "Mon, Wed, Fri, Sun"),
        ] {
            assert_eq!(Weekdays(bits).to_string(), text);
        }
        assert_eq!(Weekdays::default().with(Weekday::Sun), Weekdays(64));
        assert!(
            Weekdays::WORKING.contains(Weekday::Fri) && !Weekdays::WORKING.contains(Weekday::Sat)
        );
    }

    #[test]
    fn rows_say_when_they_end() {
        let row = |from, to| Row::new(Weekdays::WORKING, from, to).map(|row| row.to_string());
        assert_eq!(row(540, 1_080).as_deref(), Ok("Mon–Fri 09:00–18:00"));
        assert_eq!(
            row(1_320, 360).as_deref(),
            Ok("Mon–Fri 22:00–06:00 (next day)")
        );
        assert_eq!(row(0, 1_440).as_deref(), Ok("Mon–Fri 00:00–24:00"));
        assert_eq!(row(0, 0).as_deref(), Ok("Mon–Fri 00:00–00:00"));
        assert_eq!(row(1_440, 0), Err(BadRow::NoTime));
        assert_eq!(row(0, 1_441), Err(BadRow::NoTime));
        for bits in [0, 128, 255] {
            assert_eq!(Row::new(Weekdays(bits), 0, 1), Err(BadRow::NoWeekday));
        }
    }
}
