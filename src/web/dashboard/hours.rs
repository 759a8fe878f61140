//! Calls by the minute of a day, kept for a moment: the picture of a busy day costs a tenth of a second.

use crate::domain::call::filter::CallFilter;
use crate::domain::day_range::{Day, DaySpan};
use crate::domain::role::Scope;
use crate::domain::time::{HOUR, MINUTE, Timestamp};
use crate::floor::Tally;
use crate::store::call::{self, Asked, MinuteCount};
use crate::web::error::AppError;
use crate::web::state::AppState;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Today changes with each call; a day that is over, only by late events.
const TODAY: Duration = Duration::from_secs(15);
const PAST: Duration = Duration::from_secs(600);
/// So many days and scopes are kept.
const KEPT: usize = 64;

/// What was read lately.
#[derive(Default)]
pub struct HoursCache(Mutex<Vec<Kept>>);

struct Kept {
    scope: Scope,
    day: Day,
    until: Instant,
    minutes: Arc<[MinuteCount]>,
}

impl HoursCache {
    fn find(&self, scope: &Scope, day: Day) -> Option<Arc<[MinuteCount]>> {
        let mut kept = self.0.lock();
        let now = Instant::now();
        kept.retain(|entry| entry.until > now);
        let entry = kept
            .iter()
            .find(|entry| entry.day == day && entry.scope == *scope)?;
        Some(Arc::clone(&entry.minutes))
    }

    fn keep(&self, entry: Kept) {
        let mut kept = self.0.lock();
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(entry);
    }
}

/// The calls of a day in a scope.
pub struct DayOfCalls {
    pub begin: Timestamp,
    pub minutes: Arc<[MinuteCount]>,
}

impl DayOfCalls {
    pub async fn read(
        state: &AppState,
        scope: &Scope,
        day: Day,
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let (begin, region, today) = {
            let picture = state.floor.picture();
            let install = picture.install();
            let calendar = install.calendar;
            (calendar.bounds(day).0, install.region, calendar.day_of(now))
        };
        if let Some(minutes) = state.hours.find(scope, day) {
            return Ok(Self { begin, minutes });
        }
        let asked = Asked {
            filter: CallFilter::default(),
            scope: scope.clone(),
            span: DaySpan::one(day),
            region,
            now,
        };
        let minutes = state
            .read(move |conn| call::by_minute(conn, &asked))
            .await?;
        let minutes: Arc<[MinuteCount]> = minutes.into();
        state.hours.keep(Kept {
            scope: scope.clone(),
            day,
            until: Instant::now() + if day == today { TODAY } else { PAST },
            minutes: Arc::clone(&minutes),
        });
        Ok(Self { begin, minutes })
    }

    /// Calls in whole minutes up to so long after the day's begin.
    pub fn until(&self, after_begin: i64) -> Tally {
        let before = self.begin.plus(after_begin);
        self.sum(|minute| minute.minute * MINUTE + MINUTE <= before.0)
    }

    /// Calls of each hour after the day's begin; a day may have 25.
    pub fn by_hour(&self) -> [Tally; 25] {
        let mut hours = [Tally::default(); 25];
        for minute in self.minutes.iter() {
            let hour = (minute.minute * MINUTE - self.begin.0).div_euclid(HOUR);
            let hour = usize::try_from(hour).unwrap_or(0).min(24);
            hours[hour] += tally(minute);
        }
        hours
    }

    /// Calls of a department.
    pub fn sum(&self, of: impl Fn(&MinuteCount) -> bool) -> Tally {
        let mut sum = Tally::default();
        let those = self.minutes.iter().filter(|minute| of(minute));
        those.for_each(|minute| sum += tally(minute));
        sum
    }
}

fn tally(minute: &MinuteCount) -> Tally {
    Tally {
        answered: minute.answered,
        missed: minute.missed,
    }
}
