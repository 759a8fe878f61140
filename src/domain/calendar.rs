//! Where reporting days begin and end: a time zone and an hour (product rule §1).

use super::day_range::{Day, DaySpan};
use super::time::{HOUR, Timestamp};
use chrono::{NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// The install's reporting days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub zone: Tz,
    /// Minutes after midnight at which a day begins, below 1,440.
    pub day_begins_at_minutes: u16,
}

impl Calendar {
    pub fn new(zone: Tz, day_begins_at_minutes: u16) -> Self {
        Self {
            zone,
            day_begins_at_minutes: day_begins_at_minutes.min(1_439),
        }
    }

    /// The reporting day of an instant. Two look-ups of the zone's rules; for many instants use a
    /// [`DayCursor`].
    pub fn day_of(&self, at: Timestamp) -> Day {
        self.day_and_bounds(at).0
    }

    /// The first instant of a day and of the next. A day begins at the first instant at or after
    /// *day begins at* on that date, so every instant is in exactly one day, also where clocks change
    /// (a date that a zone skipped has no instants).
    pub fn bounds(&self, day: Day) -> (Timestamp, Timestamp) {
        (self.start(day), self.start(day.plus(1)))
    }

    /// The first instant of a span and the first after it.
    pub fn span_bounds(&self, span: DaySpan) -> (Timestamp, Timestamp) {
        (self.start(span.from), self.start(span.to.plus(1)))
    }

    /// The instant at which the clock on the wall shows this.
    pub fn at(&self, wall: NaiveDateTime) -> Timestamp {
        within_calendar(first_instant_at(self.zone, wall))
    }

    /// A mapper for many instants.
    pub fn cursor(&self) -> DayCursor {
        DayCursor {
            calendar: *self,
            day: Day(0),
            from: Timestamp(i64::MAX),
            until: Timestamp(i64::MIN),
        }
    }

    fn day_and_bounds(&self, at: Timestamp) -> (Day, Timestamp, Timestamp) {
        let at = within_calendar(at);
        let local = at.utc().with_timezone(&self.zone).naive_local();
        let begin = TimeDelta::minutes(self.day_begins_at_minutes.into());
        let mut day = Day::from((local - begin).date());
        loop {
            let (from, until) = self.bounds(day);
            // Where clocks go back over the begin of a day, the wall clock shows the old day again.
            if at < from && day > Day::FIRST {
                day = day.plus(-1);
            } else if at >= until && day < Day::LAST {
                day = day.plus(1);
            } else {
                return (day, from, until);
            }
        }
    }

    fn start(&self, day: Day) -> Timestamp {
        let minutes = u32::from(self.day_begins_at_minutes);
        let begin = NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).unwrap_or_default();
        first_instant_at(self.zone, day.date().and_time(begin))
    }
}

/// Some days inside the years 1 to 9999, so that no zone leads out of what chrono can say.
const FIRST_INSTANT: i64 = -62_135_500_000_000_000;
const LAST_INSTANT: i64 = 253_402_200_000_000_000;

/// The instant, or the nearest one inside the years 1 to 9999: what lies outside belongs to their
/// first or last day.
pub(crate) fn within_calendar(at: Timestamp) -> Timestamp {
    Timestamp(at.0.clamp(FIRST_INSTANT, LAST_INSTANT))
}

/// The first instant at which the zone's wall clock shows this time or a later one: the earlier of
/// two where clocks go back, the change itself where they skip it.
pub(crate) fn first_instant_at(zone: Tz, wall: NaiveDateTime) -> Timestamp {
    if let Some(at) = zone.from_local_datetime(&wall).earliest() {
        return Timestamp(at.timestamp_micros());
    }
    // The time is skipped. The change lies within a day and a half of the same time in UTC.
    let as_utc = wall.and_utc().timestamp_micros();
    let (mut before, mut after) = (as_utc - 36 * HOUR, as_utc + 36 * HOUR);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if wall_clock(zone, Timestamp(middle)) < wall {
            before = middle;
        } else {
            after = middle;
        }
    }
    Timestamp(after)
}

/// What the zone's clock on the wall shows.
pub(crate) fn wall_clock(zone: Tz, at: Timestamp) -> NaiveDateTime {
    let utc = at.utc().naive_utc();
    utc + TimeDelta::seconds(
        zone.offset_from_utc_datetime(&utc)
            .fix()
            .local_minus_utc()
            .into(),
    )
}

/// Minutes of a day, as `06:30`.
pub fn parse_minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !two(hours) || !two(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// `06:30`, from minutes of a day.
pub fn show_minutes(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Remembers the bounds of the last day, so that a run of instants of one day costs two comparisons
/// each.
#[derive(Clone, Debug)]
pub struct DayCursor {
    calendar: Calendar,
    day: Day,
    from: Timestamp,
    until: Timestamp,
}

impl DayCursor {
    pub fn day_of(&mut self, at: Timestamp) -> Day {
        if at < self.from || at >= self.until {
            (self.day, self.from, self.until) = self.calendar.day_and_bounds(at);
        }
        self.day
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::MINUTE;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc().into()
    }

    fn day(text: &str) -> Day {
        Day::parse_iso(text).unwrap()
    }

    fn calendar(zone: &str, begins: &str) -> Calendar {
        Calendar::new(zone.parse().unwrap(), parse_minutes(begins).unwrap())
    }

    fn hours(calendar: Calendar, date: &str) -> i64 {
        let (from, until) = calendar.bounds(day(date));
        until.since(from) / MINUTE
    }

    #[test]
    fn half_hour_zones_begin_at_their_own_midnight() {
        let india = calendar("Asia/Kolkata", "00:00");
        assert_eq!(
            india.bounds(day("2026-11-22")),
            (at("2026-11-21T18:30:00Z"), at("2026-11-22T18:30:00Z"))
        );
        assert_eq!(india.day_of(at("2026-11-21T18:29:59Z")), day("2026-11-21"));
        let late = calendar("Asia/Kolkata", "06:00");
        assert_eq!(late.day_of(at("2026-11-22T00:29:59Z")), day("2026-11-21"));
        assert_eq!(late.day_of(at("2026-11-22T00:30:00Z")), day("2026-11-22"));
    }

    #[test]
    fn days_are_shorter_or_longer_where_clocks_change() {
        let london = calendar("Europe/London", "00:00");
        assert_eq!(hours(london, "2026-03-29"), 23 * 60);
        assert_eq!(hours(london, "2026-10-25"), 25 * 60);
        // 02:30 does not exist on that day: it begins at 03:00, the first instant after.
        let gap = calendar("America/New_York", "02:30");
        assert_eq!(
            gap.bounds(day("2026-03-08")).0,
            at("2026-03-08T03:00:00-04:00")
        );
        assert_eq!(
            gap.day_of(at("2026-03-08T01:59:59-05:00")),
            day("2026-03-07")
        );
        // 01:30 exists twice: the day begins at the first.
        let twice = calendar("America/New_York", "01:30");
        assert_eq!(
            twice.bounds(day("2026-11-01")).0,
            at("2026-11-01T01:30:00-04:00")
        );
        assert_eq!(
            twice.day_of(at("2026-11-01T01:10:00-05:00")),
            day("2026-11-01")
        );
        // Half an hour of change, on Lord Howe Island.
        assert_eq!(
            hours(calendar("Australia/Lord_Howe", "00:00"), "2026-04-05"),
            24 * 60 + 30
        );
    }

    #[test]
    fn midnight_itself_may_be_skipped_or_repeated() {
        // Chile went from 24:00 to 01:00.
        let chile = calendar("America/Santiago", "00:00");
        assert_eq!(
            chile.bounds(day("2022-09-11")).0,
            at("2022-09-11T01:00:00-03:00")
        );
        // Newfoundland went back from 00:01 to 23:01 the day before.
        let st_johns = calendar("America/St_Johns", "00:00");
        assert_eq!(
            st_johns.day_of(at("2010-11-06T23:30:00-03:30")),
            day("2010-11-07")
        );
        // Samoa had no 30 December 2011.
        let samoa = calendar("Pacific/Apia", "00:00");
        let (from, until) = samoa.bounds(day("2011-12-30"));
        assert_eq!(from, until);
        assert_eq!(samoa.day_of(from), day("2011-12-31"));
    }

    #[test]
    fn minutes_print_and_read_back() {
        for minutes in 0..1_440 {
            assert_eq!(parse_minutes(&show_minutes(minutes)), Some(minutes));
        }
        for wrong in [
            "", "6:00", "24:00", "00:60", "+1:00", "0000", "00:00:00", "é:00",
        ] {
            assert_eq!(parse_minutes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn absurd_instants_have_a_day() {
        for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"] {
            let calendar = calendar(zone, "23:59");
            calendar.day_of(Timestamp(i64::MIN));
            calendar.day_of(Timestamp(i64::MAX));
            assert_eq!(
                calendar.cursor().day_of(Timestamp(i64::MAX)),
                calendar.day_of(Timestamp(i64::MAX))
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
        #[test]
        fn every_instant_is_in_exactly_one_day(
            zone in 0..chrono_tz::TZ_VARIANTS.len(),
            begins in 0..1_440u16,
            seconds in 0..4_102_444_800i64,
            steps in prop::collection::vec(-200_000..200_000i64, 0..5),
        ) {
            let calendar = Calendar::new(chrono_tz::TZ_VARIANTS[zone], begins);
            let mut cursor = calendar.cursor();
            let mut seconds = seconds;
            for step in std::iter::once(0).chain(steps) {
                seconds += step;
                let at = Timestamp(seconds * 1_000_000);
                let day = calendar.day_of(at);
                let (from, until) = calendar.bounds(day);
                prop_assert!(from <= at && at < until);
                prop_assert_eq!(calendar.bounds(day.plus(-1)).1, from);
                prop_assert_eq!(cursor.day_of(at), day);
                let wall = day.date().and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(begins.into());
                prop_assert!(wall_clock(calendar.zone, from) >= wall);
                prop_assert!(wall_clock(calendar.zone, from.plus(-1)) < wall);
            }
        }
    }
}
