//! The working hours of the made-up company: its time groups, and the shifts that follow from them.

use crate::domain::day_range::Day;
use crate::domain::time::{MINUTE, Timestamp};
use crate::domain::time_group::{Row, TimeGroup, Weekdays};
use chrono::{Datelike, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;

/// Working hours as the product keeps them.
#[derive(Clone, Copy, Debug)]
pub struct Hours {
    pub name: &'static str,
    pub zone: Tz,
    /// Open always; its people work in turns.
    pub always: bool,
    /// Bit 0 is Monday.
    pub weekdays: u8,
    /// Minutes of the day; an end at or before the beginning is on the next day.
    pub from: u16,
    pub to: u16,
    /// (month, day, name), every year.
    pub holidays: &'static [(u32, u32, &'static str)],
    /// How many agents of a hundred.
    pub share: f64,
}

const MON_TO_FRI: u8 = 0b001_1111;
const SUN_TO_THU: u8 = 0b100_1111;
const WEEKEND: u8 = 0b110_0000;
const EVERY_DAY: u8 = 0b111_1111;

const INDIAN_HOLIDAYS: &[(u32, u32, &str)] = &[
    (1, 26, "Republic Day"),
    (8, 15, "Independence Day"),
    (10, 2, "Gandhi Jayanti"),
    (12, 25, "Christmas Day"),
];

/// Id of a time group = its place here + 1.
pub const TIME_GROUPS: &[Hours] = &[
    Hours {
        name: "India day",
        zone: Tz::Asia__Kolkata,
        always: false,
        weekdays: EVERY_DAY,
        from: 9 * 60,
        to: 18 * 60,
        holidays: INDIAN_HOLIDAYS,
        share: 30.0,
    },
    Hours {
        name: "India late",
        zone: Tz::Asia__Kolkata,
        always: false,
        weekdays: EVERY_DAY,
        from: 12 * 60,
        to: 21 * 60,
        holidays: INDIAN_HOLIDAYS,
        share: 8.0,
    },
    Hours {
        name: "India night",
        zone: Tz::Asia__Kolkata,
        always: false,
        weekdays: EVERY_DAY,
        from: 21 * 60,
        to: 6 * 60,
        holidays: INDIAN_HOLIDAYS,
        share: 12.0,
    },
    Hours {
        name: "UK day",
        zone: Tz::Europe__London,
        always: false,
        weekdays: MON_TO_FRI,
        from: 9 * 60,
        to: 18 * 60,
        holidays: &[
            (1, 1, "New Year's Day"),
            (12, 25, "Christmas Day"),
            (12, 26, "Boxing Day"),
        ],
        share: 7.0,
    },
    Hours {
        name: "Gulf day",
        zone: Tz::Asia__Dubai,
        always: false,
        weekdays: SUN_TO_THU,
        from: 8 * 60,
        to: 17 * 60,
        holidays: &[(1, 1, "New Year's Day"), (12, 2, "National Day")],
        share: 6.0,
    },
    Hours {
        name: "US east day",
        zone: Tz::America__New_York,
        always: false,
        weekdays: MON_TO_FRI,
        from: 9 * 60,
        to: 18 * 60,
        holidays: &[
            (1, 1, "New Year's Day"),
            (7, 4, "Independence Day"),
            (12, 25, "Christmas Day"),
        ],
        share: 6.0,
    },
    Hours {
        name: "Weekend",
        zone: Tz::Asia__Kolkata,
        always: false,
        weekdays: WEEKEND,
        from: 10 * 60,
        to: 19 * 60,
        holidays: &[],
        share: 3.0,
    },
    Hours {
        name: "Always",
        zone: Tz::Asia__Kolkata,
        always: true,
        weekdays: EVERY_DAY,
        from: 0,
        to: 0,
        holidays: &[],
        share: 28.0,
    },
];

/// The turns in which people of an always open time group work, overlapping by an hour.
pub const TURNS: &[(u16, u16)] = &[
    (5 * 60 + 30, 14 * 60 + 30),
    (13 * 60 + 30, 22 * 60 + 30),
    (21 * 60 + 30, 6 * 60 + 30),
];

impl Hours {
    /// Open all week: its people rest on two days of their own, so that any day is lively.
    pub fn all_week(&self) -> bool {
        self.weekdays == EVERY_DAY
    }

    pub fn is_holiday(&self, day: Day) -> bool {
        let date = day.date();
        self.holidays
            .iter()
            .any(|&(month, of_month, _)| (date.month(), date.day()) == (month, of_month))
    }

    /// When the shift that begins on this date begins and ends; `turn` is an index of [`TURNS`].
    pub fn shift(&self, turn: usize, day: Day) -> Option<(Timestamp, Timestamp)> {
        let (from, to) = if self.always {
            TURNS[turn % TURNS.len()]
        } else {
            (self.from, self.to)
        };
        let works = self.weekdays >> day.days_from_monday() & 1 == 1 && !self.is_holiday(day);
        works.then(|| {
            (
                self.instant(day, from),
                self.instant(if to <= from { day.plus(1) } else { day }, to),
            )
        })
    }

    /// The time group as the product computes with it, with the holidays of the year before, of
    /// this one and of the next.
    pub fn time_group(&self, year: i32) -> TimeGroup {
        let row = Row::new(Weekdays(self.weekdays), self.from, self.to);
        TimeGroup {
            zone: self.zone,
            always: self.always,
            rows: row.ok().filter(|_| !self.always).into_iter().collect(),
            holidays: self.holidays_around(year).map(|(date, _)| date).collect(),
        }
    }

    /// Date and name.
    pub fn holidays_around(&self, year: i32) -> impl Iterator<Item = (NaiveDate, &'static str)> {
        (year - 1..=year + 1).flat_map(|year| {
            self.holidays.iter().filter_map(move |&(month, day, name)| {
                Some((NaiveDate::from_ymd_opt(year, month, day)?, name))
            })
        })
    }

    fn instant(&self, day: Day, minute: u16) -> Timestamp {
        let wall = day.date().and_time(NaiveTime::default());
        let midnight = match self.zone.from_local_datetime(&wall).earliest() {
            Some(at) => Timestamp(at.timestamp_micros()),
            None => Timestamp(wall.and_utc().timestamp_micros()),
        };
        // The few zones used here change their clocks at night; the hour after it is right again.
        let at = midnight.plus(i64::from(minute) * MINUTE);
        let drift = at.utc().with_timezone(&self.zone).naive_local() - wall;
        at.plus(i64::from(minute) * MINUTE - drift.num_microseconds().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse_iso(text).unwrap()
    }

    fn utc(at: Timestamp) -> String {
        at.utc().format("%m-%d %H:%M").to_string()
    }

    fn shift(name: &str, turn: usize, on: &str) -> Option<(String, String)> {
        let hours = TIME_GROUPS.iter().find(|hours| hours.name == name).unwrap();
        hours
            .shift(turn, day(on))
            .map(|(from, to)| (utc(from), utc(to)))
    }

    #[test]
    fn shifts_follow_their_zone_through_a_change_of_clocks() {
        let at = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(
            shift("India day", 0, "2026-11-20"),
            at("11-20 03:30", "11-20 12:30")
        );
        assert_eq!(
            shift("India night", 0, "2026-11-20"),
            at("11-20 15:30", "11-21 00:30")
        );
        assert_eq!(
            shift("UK day", 0, "2026-10-23"),
            at("10-23 08:00", "10-23 17:00")
        );
        assert_eq!(
            shift("UK day", 0, "2026-10-26"),
            at("10-26 09:00", "10-26 18:00")
        );
        assert_eq!(
            shift("Always", 2, "2026-11-22"),
            at("11-22 16:00", "11-23 01:00")
        );
    }

    #[test]
    fn rest_days_and_holidays_have_no_shift() {
        assert_eq!(shift("UK day", 0, "2026-11-22"), None, "a Sunday");
        assert_eq!(shift("India day", 0, "2026-10-02"), None, "a holiday");
        assert_eq!(shift("Gulf day", 0, "2026-11-20"), None, "a Friday");
        assert!(shift("Weekend", 0, "2026-11-22").is_some());
    }

    #[test]
    fn shifts_are_when_the_time_group_is_open() {
        for hours in TIME_GROUPS {
            let group = hours.time_group(2026);
            for date in 0..400 {
                if let Some((from, to)) = hours.shift(0, day("2026-01-01").plus(date)) {
                    assert!(
                        group.open_at(from) && group.open_at(to.plus(-1)),
                        "{} {date}",
                        hours.name
                    );
                    assert!(hours.always || !group.open_at(to), "{} {date}", hours.name);
                }
            }
        }
    }
}
