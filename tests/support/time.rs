//! A clock that stands still until a test moves it.

use rollcall::domain::time::{Clock, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Stands at an instant like `2026-11-22T09:30:00Z`.
    pub fn at(instant: &str) -> Self {
        let at = chrono::DateTime::parse_from_rfc3339(instant).expect("an RFC 3339 instant");
        Self(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    /// Moves on (or back) by so many microseconds.
    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    /// The clock as the program takes it; it follows this one.
    pub fn clock(&self) -> Clock {
        let micros = Arc::clone(&self.0);
        Clock::from_fn(move || Timestamp(micros.load(Ordering::SeqCst)))
    }
}
