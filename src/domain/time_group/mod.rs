//! Working hours: when the agents of a time group can be reached.

mod details;
pub mod filter;
pub mod form;
mod row;
mod shift;
mod standing;
mod week;

pub use details::{Change, Details, Field, Merge, merge};
pub use row::{BadRow, Row, Weekdays};
pub use standing::Standing;
pub use week::{Spans, spans_said};

use super::calendar::{first_instant_at, wall_clock, within_calendar};
use super::day_range::Day;
use super::time::Timestamp;
use chrono::{Datelike, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// How many days ahead a change is looked for.
const HORIZON: i32 = 400;

/// Working hours on the clock of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeGroup {
    pub zone: Tz,
    /// Open all the time, whatever the rows and holidays say.
    pub always: bool,
    pub rows: Vec<Row>,
    /// No row begins on these dates; one that began the evening before goes on to its end.
    pub holidays: BTreeSet<NaiveDate>,
}

impl TimeGroup {
    /// Whether the hours are open at that instant. Where clocks change, a row begins and ends at the
    /// first instant whose wall clock shows its time or a later one.
    pub fn open_at(&self, at: Timestamp) -> bool {
        let at = within_calendar(at);
        self.always
            || self
                .opened_around(at)
                .any(|(from, until)| from <= at && at < until)
    }

    /// The next instant at which the answer of [`open_at`](Self::open_at) changes; None if it does
    /// not within 400 days.
    pub fn next_change_after(&self, at: Timestamp) -> Option<Timestamp> {
        let at = within_calendar(at);
        if self.always || self.rows.is_empty() {
            return None;
        }
        let open = self.open_at(at);
        let today = self.date_of(at);
        let mut covered = at;
        for day in (-2..HORIZON).map(|days| today.plus(days)) {
            for (from, until) in self.opened_on(day) {
                if open && from > covered {
                    return Some(covered);
                } else if open {
                    covered = covered.max(until);
                } else if from > at {
                    return Some(from);
                }
            }
        }
        let horizon = first_instant_at(
            self.zone,
            today.plus(HORIZON - 1).date().and_time(NaiveTime::MIN),
        );
        (open && covered < horizon).then_some(covered)
    }

    /// When the hours are open in a window: sorted, joined where they meet, cut to the window.
    pub fn open_between(&self, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        if self.always {
            return vec![(from, until)];
        }
        let (first, last) = (self.date_of(from).plus(-2), self.date_of(until).plus(1));
        let mut open: Vec<(Timestamp, Timestamp)> = (first.0..=last.0)
            .flat_map(|day| self.opened_on(Day(day)))
            .map(|(begin, end)| (begin.max(from), end.min(until)))
            .filter(|(begin, end)| begin < end)
            .collect();
        open.sort();
        let mut joined: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (begin, end) in open {
            match joined.last_mut() {
                Some(last) if begin <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((begin, end)),
            }
        }
        joined
    }

    fn date_of(&self, at: Timestamp) -> Day {
        Day::from(wall_clock(self.zone, at).date())
    }

    /// Hours that can hold an instant: those that began on its date, the two before (overnight and
    /// clock changes) or the one after (a clock that goes back over midnight).
    fn opened_around(&self, at: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let today = self.date_of(at);
        (-2..=1).flat_map(move |days| self.opened_on(today.plus(days)))
    }

    /// The hours that begin on a date, by their begin; none is empty.
    fn opened_on(&self, day: Day) -> Vec<(Timestamp, Timestamp)> {
        let date = day.date();
        if self.holidays.contains(&date) {
            return Vec::new();
        }
        let instant = |minutes: u16| {
            let (days, minutes) = (i32::from(minutes / 1_440), u32::from(minutes % 1_440));
            let time = NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).unwrap_or_default();
            first_instant_at(self.zone, day.plus(days).date().and_time(time))
        };
        let rows = self
            .rows
            .iter()
            .filter(|row| row.weekdays.contains(date.weekday()));
        let mut hours: Vec<_> = rows
            .map(|row| (instant(row.from_minute), instant(row.end_minute())))
            .filter(|(from, until)| from < until)
            .collect();
        hours.sort();
        hours
    }
}

#[cfg(test)]
mod tests;
