//! Whether the hours are open now and when that changes, in the words of the pages.

use super::TimeGroup;
use crate::domain::calendar::wall_clock;
use crate::domain::show;
use crate::domain::time::Timestamp;
use chrono_tz::Tz;

/// Open or closed, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub open: bool,
    /// None if it does not change within 400 days.
    pub until: Option<Timestamp>,
}

impl TimeGroup {
    pub fn standing(&self, now: Timestamp) -> Standing {
        Standing {
            open: self.open_at(now),
            until: self.next_change_after(now),
        }
    }
}

impl Standing {
    /// `Open now`, `Closed`.
    pub fn word(self) -> &'static str {
        match self.open {
            true => "Open now",
            false => "Closed",
        }
    }

    /// `Closes at 19:00 IST`, `Opens Monday 09:00 IST`, on the clock of the group's zone.
    pub fn next(self, now: Timestamp, zone: Tz) -> String {
        match (self.open, self.until) {
            (true, Some(at)) => format!("Closes {}", moment(at, now, zone)),
            (true, None) => "Does not close".to_owned(),
            (false, Some(at)) => format!("Opens {}", moment(at, now, zone)),
            (false, None) => "Does not open within a year".to_owned(),
        }
    }

    /// How it sorts by what comes first: open before closed, the soonest change first.
    pub fn order(self) -> (bool, Timestamp) {
        (!self.open, self.until.unwrap_or(Timestamp(i64::MAX)))
    }
}

/// `today 09:00 IST`, `Monday 09:00 IST`, `Mon 04 Jan 2027 09:00 IST`.
fn moment(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let (day, today) = (wall_clock(zone, at).date(), wall_clock(zone, now).date());
    let day = match (day - today).num_days() {
        // Where clocks go back over midnight it is yesterday again for a moment.
        ..=0 => "today".to_owned(),
        1..=6 => day.format("%A").to_string(),
        7.. => day.format("%a %d %b %Y").to_string(),
    };
    let (time, name) = (show::hour_and_minute(at, zone), show::zone_name(at, zone));
    format!("{day} {time} {name}")
}

#[cfg(test)]
mod tests {
    use super::super::{Row, Weekdays};
    use super::*;
    use chrono_tz::{America::New_York, Asia::Kolkata, Europe::London};

    fn at(text: &str) -> Timestamp {
        let at = chrono::DateTime::parse_from_rfc3339(text).unwrap();
        Timestamp(at.timestamp_micros())
    }

    fn group(zone: Tz, days: Weekdays, from: u16, to: u16) -> TimeGroup {
        TimeGroup {
            zone,
            always: false,
            rows: vec![Row::new(days, from, to).unwrap()],
            holidays: Default::default(),
        }
    }

    fn said(group: &TimeGroup, now: &str) -> (&'static str, String) {
        let standing = group.standing(at(now));
        (standing.word(), standing.next(at(now), group.zone))
    }

    #[test]
    fn a_group_says_when_it_opens_or_closes() {
        let mut office = group(Kolkata, Weekdays::WORKING, 540, 1_080);
        for (now, word, next) in [
            (
                "2026-11-20T14:00:00+05:30",
                "Open now",
                "Closes today 18:00 IST",
            ),
            (
                "2026-11-20T07:00:00+05:30",
                "Closed",
                "Opens today 09:00 IST",
            ),
            (
                "2026-11-20T18:00:00+05:30",
                "Closed",
                "Opens Monday 09:00 IST",
            ),
            (
                "2026-11-22T23:59:00+05:30",
                "Closed",
                "Opens Monday 09:00 IST",
            ),
        ] {
            assert_eq!(said(&office, now), (word, next.to_owned()), "{now}");
        }
        for day in 23..=30 {
            office
                .holidays
                .insert(chrono::NaiveDate::from_ymd_opt(2026, 11, day).unwrap());
        }
        let (_, next) = said(&office, "2026-11-22T12:00:00+05:30");
        assert_eq!(next, "Opens Tue 01 Dec 2026 09:00 IST");
    }

    #[test]
    fn the_name_of_the_zone_is_that_of_the_instant_meant() {
        let night = group(London, Weekdays::ALL, 1_320, 360);
        let (_, next) = said(&night, "2026-10-24T23:00:00+01:00");
        assert_eq!(
            next, "Closes Sunday 06:00 GMT",
            "summer time ends in between"
        );
        let night = group(New_York, Weekdays::ALL, 1_320, 360);
        let (_, next) = said(&night, "2026-03-07T23:00:00-05:00");
        assert_eq!(next, "Closes Sunday 06:00 EDT");
    }

    #[test]
    fn what_never_changes_says_so() {
        let mut group = group(Kolkata, Weekdays::ALL, 0, 1_440);
        assert_eq!(
            said(&group, "2026-11-20T14:00:00Z"),
            ("Open now", "Does not close".to_owned())
        );
        group.rows.clear();
        assert_eq!(
            said(&group, "2026-11-20T14:00:00Z"),
            ("Closed", "Does not open within a year".to_owned())
        );
        group.always = true;
        assert_eq!(
            said(&group, "2026-11-20T14:00:00Z"),
            ("Open now", "Does not close".to_owned())
        );
    }
}
