//! Takes a span of days in steps, from one end, until all are read or the time is over.

use super::Asked;
use super::agents::Agents;
use crate::domain::call::filter::Start;
use crate::domain::day_range::{Day, DaySpan};
use std::time::{Duration, Instant};

/// How long a read may go on. At least one step is always taken.
#[derive(Clone, Copy, Debug)]
pub struct Budget(Option<Duration>);

impl Budget {
    pub const UNLIMITED: Self = Self(None);

    pub const fn millis(millis: u64) -> Self {
        Self(Some(Duration::from_millis(millis)))
    }
}

/// Steps may grow while they are quick, up to so many days.
const LONGEST_STEP: i32 = 64;
const QUICK: Duration = Duration::from_millis(15);

/// The days that are still to be read.
pub(super) struct Walk {
    /// Empty when all are read.
    left: DaySpan,
    newest_first: bool,
    step: i32,
    grows: bool,
    began: Instant,
    last: Instant,
    budget: Budget,
    taken: bool,
    stopped: bool,
}

impl Walk {
    pub fn new(asked: &Asked, agents: &Agents, newest_first: bool, budget: Budget) -> Self {
        let mut left = asked.span;
        match asked.filter.start {
            Start::After(place) if newest_first => left.to = left.to.min(place.day),
            Start::Before(place) if !newest_first => left.from = left.from.max(place.day),
            Start::Newest | Start::After(_) | Start::Before(_) => {}
        }
        if agents.is_nobody() {
            left.to = left.from.plus(-1);
        }
        let now = Instant::now();
        let fixed = agents.days_at_once();
        Self {
            left,
            newest_first,
            step: fixed.unwrap_or(1),
            grows: fixed.is_none(),
            began: now,
            last: now,
            budget,
            taken: false,
            stopped: false,
        }
    }

    /// The oldest day read, if the time was over before the end.
    pub fn stopped_at(&self) -> Option<Day> {
        self.stopped.then(|| self.left.to.plus(1))
    }

    /// The days of the next step.
    pub fn next(&mut self) -> Option<DaySpan> {
        if self.left.from > self.left.to {
            return None;
        }
        let over = |limit: Duration| self.began.elapsed() >= limit;
        if self.taken && self.budget.0.is_some_and(over) {
            self.stopped = true;
            return None;
        }
        if self.taken && self.grows && self.last.elapsed() < QUICK {
            self.step = (self.step * 2).min(LONGEST_STEP);
        }
        self.last = Instant::now();
        self.taken = true;
        let whole = self.left;
        Some(if self.newest_first {
            let from = whole.to.plus(1 - self.step).max(whole.from);
            self.left.to = from.plus(-1);
            DaySpan { from, to: whole.to }
        } else {
            let to = whole.from.plus(self.step - 1).min(whole.to);
            self.left.from = to.plus(1);
            DaySpan {
                from: whole.from,
                to,
            }
        })
    }
}
