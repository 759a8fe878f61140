//! Shifts: the stretch of open hours that someone works now, or the next one.

use super::TimeGroup;
use crate::domain::time::Timestamp;

impl TimeGroup {
    /// When the open hours end; outside them, when the next ones do. None if they never do.
    pub fn end_of_shift(&self, at: Timestamp) -> Option<Timestamp> {
        let change = self.next_change_after(at)?;
        if self.open_at(at) {
            Some(change)
        } else {
            self.next_change_after(change)
        }
    }

    /// When the next hours begin that are not open yet. None if there are none.
    pub fn next_shift(&self, at: Timestamp) -> Option<Timestamp> {
        let change = self.next_change_after(at)?;
        if self.open_at(at) {
            self.next_change_after(change)
        } else {
            Some(change)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Row, Weekdays};
    use super::*;
    use chrono_tz::Asia::Kolkata;

    fn at(text: &str) -> Timestamp {
        Timestamp(
            chrono::DateTime::parse_from_rfc3339(text)
                .unwrap()
                .timestamp_micros(),
        )
    }

    fn office(always: bool) -> TimeGroup {
        TimeGroup {
            zone: Kolkata,
            always,
            rows: vec![Row::new(Weekdays::WORKING, 540, 1_080).unwrap()],
            holidays: Default::default(),
        }
    }

    #[test]
    fn a_shift_ends_and_the_next_begins() {
        // A Friday, 14:00, and the same day at 20:00.
        let (day, evening) = (
            at("2026-11-20T14:00:00+05:30"),
            at("2026-11-20T20:00:00+05:30"),
        );
        let office = office(false);
        assert_eq!(
            office.end_of_shift(day),
            Some(at("2026-11-20T18:00:00+05:30"))
        );
        assert_eq!(
            office.next_shift(day),
            Some(at("2026-11-23T09:00:00+05:30"))
        );
        assert_eq!(
            office.end_of_shift(evening),
            Some(at("2026-11-23T18:00:00+05:30"))
        );
        assert_eq!(
            office.next_shift(evening),
            Some(at("2026-11-23T09:00:00+05:30"))
        );
    }

    #[test]
    fn who_always_works_has_no_shift() {
        let now = at("2026-11-20T14:00:00+05:30");
        assert_eq!(
            (office(true).end_of_shift(now), office(true).next_shift(now)),
            (None, None)
        );
    }
}
