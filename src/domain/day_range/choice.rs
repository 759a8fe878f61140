//! The day ranges that a reader can choose, in the address and in words.

use super::{Day, DaySpan};
use crate::domain::query::QueryWriter;
use crate::domain::show;
use chrono::Datelike;
use std::borrow::Cow;

/// The presets of "N days": N reporting days that end today.
pub const DAY_COUNTS: [u16; 4] = [7, 15, 30, 90];

/// The most days that one range may hold: ten years.
pub const LONGEST_SPAN: usize = 3_660;

/// Which days to count. A range may reach into the future: nothing is counted there yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DayChoice {
    #[default]
    Today,
    Yesterday,
    /// Monday to Sunday.
    Week,
    LastWeek,
    /// First to last of the month.
    Month,
    LastMonth,
    /// From the install's pay cycle day to the day before the next.
    Cycle,
    LastCycle,
    /// One of [`DAY_COUNTS`].
    Days(u16),
    /// Both included, the first not after the second.
    Between(Day, Day),
}

/// Why the days of an address make no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DayChoiceError {
    #[error(
        "{0:?} is none of today, yesterday, week, last-week, month, last-month, cycle, last-cycle, 7, 15, 30, 90"
    )]
    UnknownChoice(String),
    #[error("{value:?} is no date: write it as 2026-11-01")]
    NoDate { param: &'static str, value: String },
    #[error("the year must be from 1970 to 2199")]
    FarAway { param: &'static str },
    #[error("the first day is after the last")]
    Backwards,
    #[error("the range has {0} days; the most is {LONGEST_SPAN}")]
    TooLong(usize),
    #[error("a range needs a first and a last day; this one is missing")]
    Missing { param: &'static str },
    #[error("choose either a preset or two days, not both")]
    Both,
}

impl DayChoiceError {
    /// The parameter at fault.
    pub fn param(&self) -> &'static str {
        match self {
            Self::UnknownChoice(_) | Self::Both => "days",
            Self::Backwards => "from",
            Self::TooLong(_) => "to",
            Self::NoDate { param, .. } | Self::FarAway { param } | Self::Missing { param } => param,
        }
    }
}

impl DayChoice {
    /// All but the free range, in the order of menus.
    pub const PRESETS: &'static [Self] = &[
        Self::Today,
        Self::Yesterday,
        Self::Week,
        Self::LastWeek,
        Self::Month,
        Self::LastMonth,
        Self::Cycle,
        Self::LastCycle,
        Self::Days(7),
        Self::Days(15),
        Self::Days(30),
        Self::Days(90),
    ];

    /// Reads the three parameters of an address. Empty ones count as absent, as plain forms send
    /// them; `days=custom` beside two days says what they say already, for forms with a menu.
    pub fn parse(
        days: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<Self, DayChoiceError> {
        let given = |value: Option<&str>| {
            value
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        match (given(days).as_deref(), given(from), given(to)) {
            (Some("custom") | None, Some(from), Some(to)) => Self::between(&from, &to),
            (Some("custom"), None, _) | (None, None, Some(_)) => {
                Err(DayChoiceError::Missing { param: "from" })
            }
            (Some("custom") | None, Some(_), None) => Err(DayChoiceError::Missing { param: "to" }),
            (None, None, None) => Ok(Self::default()),
            (Some(preset), None, None) => Self::preset(preset),
            (Some(_), _, _) => Err(DayChoiceError::Both),
        }
    }

    fn preset(text: &str) -> Result<Self, DayChoiceError> {
        Self::PRESETS
            .iter()
            .copied()
            .find(|preset| preset.word() == text)
            .ok_or_else(|| DayChoiceError::UnknownChoice(text.to_owned()))
    }

    fn between(from: &str, to: &str) -> Result<Self, DayChoiceError> {
        let (from, to) = (read("from", from)?, read("to", to)?);
        let span = DaySpan { from, to };
        if from > to {
            Err(DayChoiceError::Backwards)
        } else if span.count() > LONGEST_SPAN {
            Err(DayChoiceError::TooLong(span.count()))
        } else {
            Ok(Self::Between(from, to))
        }
    }

    /// The value of `days=`; `custom` for a free range.
    pub fn word(self) -> Cow<'static, str> {
        match self {
            Self::Today => "today".into(),
            Self::Yesterday => "yesterday".into(),
            Self::Week => "week".into(),
            Self::LastWeek => "last-week".into(),
            Self::Month => "month".into(),
            Self::LastMonth => "last-month".into(),
            Self::Cycle => "cycle".into(),
            Self::LastCycle => "last-cycle".into(),
            Self::Days(count) => count.to_string().into(),
            Self::Between(..) => "custom".into(),
        }
    }

    /// The part of an address, without `?` or `&`; it reads back as the same choice.
    pub fn to_query(self) -> String {
        self.write(QueryWriter::default()).finish()
    }

    /// Adds the parameters of the choice to an address.
    pub fn write(self, query: QueryWriter) -> QueryWriter {
        match self {
            Self::Between(from, to) => query.with("from", from).with("to", to),
            preset => query.with("days", preset.word()),
        }
    }

    /// As menus and chips name it.
    pub fn label(self) -> String {
        match self {
            Self::Today => "Today".to_owned(),
            Self::Yesterday => "Yesterday".to_owned(),
            Self::Week => "This week".to_owned(),
            Self::LastWeek => "Last week".to_owned(),
            Self::Month => "This month".to_owned(),
            Self::LastMonth => "Last month".to_owned(),
            Self::Cycle => "Pay cycle".to_owned(),
            Self::LastCycle => "Last pay cycle".to_owned(),
            Self::Days(count) => format!("{count} days"),
            Self::Between(from, to) => show::range(DaySpan { from, to }),
        }
    }

    /// The days meant on the reporting day `today`. `pay_cycle_day` is the first day of a pay cycle,
    /// 1 to 28; others are held within.
    pub fn resolve(self, today: Day, pay_cycle_day: u8) -> DaySpan {
        let span = |from: Day, next: Day| DaySpan {
            from,
            to: next.plus(-1),
        };
        let monday = today.plus(-today.days_from_monday());
        let cycle = pay_cycle_day.clamp(1, 28);
        match self {
            Self::Today => DaySpan::one(today),
            Self::Yesterday => DaySpan::one(today.plus(-1)),
            Self::Week => span(monday, monday.plus(7)),
            Self::LastWeek => span(monday.plus(-7), monday),
            Self::Month => span(period(today, 1, 0), period(today, 1, 1)),
            Self::LastMonth => span(period(today, 1, -1), period(today, 1, 0)),
            Self::Cycle => span(period(today, cycle, 0), period(today, cycle, 1)),
            Self::LastCycle => span(period(today, cycle, -1), period(today, cycle, 0)),
            Self::Days(count) => DaySpan {
                from: today.plus(1 - i32::from(count)),
                to: today,
            },
            Self::Between(from, to) => DaySpan { from, to },
        }
    }
}

/// The first day of the monthly period that holds `today` and begins on `first`, or of one that is
/// so many periods away.
fn period(today: Day, first: u8, away: i32) -> Day {
    let date = today.date();
    let begun = date.day() >= u32::from(first);
    let month = date.year() * 12 + date.month0() as i32 + away - i32::from(!begun);
    let start = chrono::NaiveDate::from_ymd_opt(
        month.div_euclid(12),
        month.rem_euclid(12).unsigned_abs() + 1,
        u32::from(first),
    );
    start.map_or(today, Day::from)
}

fn read(param: &'static str, text: &str) -> Result<Day, DayChoiceError> {
    let day = Day::parse_iso(text).ok_or_else(|| DayChoiceError::NoDate {
        param,
        value: text.to_owned(),
    })?;
    if (1970..2200).contains(&day.date().year()) {
        Ok(day)
    } else {
        Err(DayChoiceError::FarAway { param })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::parse_iso(text).unwrap()
    }

    fn span(choice: DayChoice, today: &str, cycle: u8) -> String {
        let span = choice.resolve(day(today), cycle);
        format!("{} {}", span.from, span.to)
    }

    #[test]
    fn presets_resolve_by_calendar() {
        use DayChoice as C;
        let sunday = "2026-11-22";
        for (choice, expected) in [
            (C::Today, "2026-11-22 2026-11-22"),
            (C::Yesterday, "2026-11-21 2026-11-21"),
            (C::Week, "2026-11-16 2026-11-22"),
            (C::LastWeek, "2026-11-09 2026-11-15"),
            (C::Month, "2026-11-01 2026-11-30"),
            (C::LastMonth, "2026-10-01 2026-10-31"),
            (C::Cycle, "2026-10-25 2026-11-24"),
            (C::LastCycle, "2026-09-25 2026-10-24"),
            (C::Days(7), "2026-11-16 2026-11-22"),
            (C::Days(90), "2026-08-25 2026-11-22"),
        ] {
            assert_eq!(span(choice, sunday, 25), expected, "{choice:?}");
        }
        assert_eq!(span(C::Week, "2026-11-23", 1), "2026-11-23 2026-11-29");
    }

    #[test]
    fn periods_cross_years_and_short_months() {
        use DayChoice as C;
        assert_eq!(span(C::LastMonth, "2027-01-05", 1), "2026-12-01 2026-12-31");
        assert_eq!(span(C::Month, "2028-02-10", 1), "2028-02-01 2028-02-29");
        assert_eq!(span(C::Cycle, "2027-01-05", 28), "2026-12-28 2027-01-27");
        assert_eq!(span(C::Cycle, "2027-02-28", 28), "2027-02-28 2027-03-27");
        assert_eq!(
            span(C::LastCycle, "2027-01-05", 28),
            "2026-11-28 2026-12-27"
        );
        assert_eq!(span(C::Cycle, "2026-11-22", 200), "2026-10-28 2026-11-27");
    }

    #[test]
    fn senseless_days_say_what_is_wrong() {
        let error = |days, from, to| {
            let error = DayChoice::parse(days, from, to).unwrap_err();
            (error.param(), error.to_string())
        };
        assert_eq!(error(Some("8"), None, None).0, "days");
        assert_eq!(error(Some("Today"), None, None).0, "days");
        assert_eq!(
            error(None, Some("2026-11-02"), Some("2026-11-01")),
            ("from", "the first day is after the last".into())
        );
        assert_eq!(
            error(None, Some("2026-11-31"), Some("2026-11-01")),
            (
                "from",
                "\"2026-11-31\" is no date: write it as 2026-11-01".into()
            )
        );
        assert_eq!(error(None, Some("2026-11-30"), Some("soon")).0, "to");
        assert_eq!(
            error(None, Some("2010-01-01"), Some("2026-01-01")),
            ("to", "the range has 5845 days; the most is 3660".into())
        );
        assert_eq!(
            error(None, Some("0999-01-01"), Some("2026-01-01")),
            ("from", "the year must be from 1970 to 2199".into())
        );
        assert_eq!(error(None, Some("2026-01-01"), None).0, "to");
        assert_eq!(error(None, None, Some("2026-01-01")).0, "from");
        assert_eq!(error(Some("custom"), None, None).0, "from");
        assert_eq!(
            error(Some("today"), Some("2026-01-01"), Some("2026-01-02")).0,
            "days"
        );
    }

    #[test]
    fn what_a_plain_form_sends_is_understood() {
        assert_eq!(DayChoice::parse(None, None, None), Ok(DayChoice::Today));
        assert_eq!(
            DayChoice::parse(Some(""), Some(""), Some("")),
            Ok(DayChoice::Today)
        );
        assert_eq!(
            DayChoice::parse(Some("week"), Some(""), Some("")),
            Ok(DayChoice::Week)
        );
        let between = DayChoice::Between(day("2026-11-01"), day("2026-11-30"));
        assert_eq!(
            DayChoice::parse(Some("custom"), Some("2026-11-01"), Some("2026-11-30")),
            Ok(between)
        );
        assert_eq!(between.label(), "Sun 01 – Mon 30 Nov 2026");
    }

    proptest! {
        #[test]
        fn every_choice_prints_and_reads_back(preset in 0..DayChoice::PRESETS.len(), from in 730_000..760_000i32, length in 0..3_660i32, free: bool) {
            let choice = match free {
                true => DayChoice::Between(Day(from), Day(from + length)),
                false => DayChoice::PRESETS[preset],
            };
            let query = choice.to_query();
            let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            prop_assert_eq!(DayChoice::parse(value("days"), value("from"), value("to")), Ok(choice));
        }

        #[test]
        fn periods_hold_today_and_follow_each_other(today in 730_000..760_000i32, cycle in 1..=28u8) {
            use DayChoice as C;
            let today = Day(today);
            for (now, last) in [(C::Week, C::LastWeek), (C::Month, C::LastMonth), (C::Cycle, C::LastCycle)] {
                let (now, last) = (now.resolve(today, cycle), last.resolve(today, cycle));
                prop_assert!(now.contains(today));
                prop_assert_eq!(last.to.plus(1), now.from);
                prop_assert!(last.count() <= 31 && now.count() >= 7);
            }
        }
    }
}
