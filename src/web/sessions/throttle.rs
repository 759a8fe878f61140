//! Slows guessing: per account and per source in memory, besides the counter that the database keeps.

use crate::domain::lock::{is_forgotten, lock_after};
use crate::domain::time::Timestamp;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, MonotonicClock, NoOpMiddleware<Instant>>;

/// Tries at once and then per minute, right or wrong: an office behind one address signs in at nine
/// o'clock, a person mistypes a few times. Guesses at one account are slowed much sooner, by the lock
/// that wrong tries alone bring about.
const PER_SOURCE: (u32, u32) = (120, 60);
const PER_ACCOUNT: (u32, u32) = (30, 12);
/// Names of nobody that are remembered.
const STRANGERS: usize = 10_000;

/// Counts tries to sign in. Lost at a restart, except what the database holds.
pub struct Throttle {
    sources: Limiter<IpAddr>,
    accounts: Limiter<String>,
    /// Failures of names that nobody has: they are closed like accounts, so that being closed does
    /// not tell who exists.
    strangers: Mutex<HashMap<String, Stranger>>,
}

#[derive(Default)]
struct Stranger {
    failed: i32,
    locked_until: Option<Timestamp>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            sources: limiter(PER_SOURCE),
            accounts: limiter(PER_ACCOUNT),
            strangers: Mutex::default(),
        }
    }
}

fn limiter<K: Hash + Eq + Clone>((burst, per_minute): (u32, u32)) -> Limiter<K> {
    let quota = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    RateLimiter::dashmap_with_clock(
        Quota::per_minute(quota(per_minute)).allow_burst(quota(burst)),
        MonotonicClock,
    )
}

impl Throttle {
    /// Takes a try from both allowances; `Err` says how long to wait.
    pub fn take(&self, source: IpAddr, account: &str) -> Result<(), Duration> {
        self.take_source(source)?;
        check(&self.accounts, &account.to_owned())
    }

    /// Takes a try that names no account, for example one of a link.
    pub fn take_source(&self, source: IpAddr) -> Result<(), Duration> {
        check(&self.sources, &network(source))
    }

    /// When a name that nobody has is open again.
    pub fn stranger_locked_until(&self, account: &str) -> Option<Timestamp> {
        let strangers = self.strangers.lock();
        strangers
            .get(account)
            .and_then(|stranger| stranger.locked_until)
    }

    /// Counts a failure of a name that nobody has.
    pub fn stranger_failed(&self, account: &str, now: Timestamp) {
        let mut strangers = self.strangers.lock();
        if strangers.len() >= STRANGERS {
            strangers.clear();
        }
        let stranger = strangers.entry(account.to_owned()).or_default();
        if is_forgotten(stranger.locked_until, now) {
            *stranger = Stranger::default();
        }
        stranger.failed = stranger.failed.saturating_add(1);
        stranger.locked_until = lock_after(stranger.failed).map(|lock| now.plus(lock));
    }

    /// Forgets those who have their whole allowance again. Called now and then.
    pub fn sweep(&self) {
        self.sources.retain_recent();
        self.accounts.retain_recent();
    }
}

fn check<K: Hash + Eq + Clone>(limiter: &Limiter<K>, key: &K) -> Result<(), Duration> {
    limiter
        .check_key(key)
        .map_err(|not_until| not_until.wait_time_from(MonotonicClock.now()))
}

/// An IPv6 customer has a whole /64 to try from.
fn network(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(v6) => (v6.to_bits() & !u128::from(u64::MAX)).to_be_bytes().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_is_slowed_whatever_the_source_and_others_are_not() {
        let throttle = Throttle::default();
        let refused = (0..31)
            .filter(|n| throttle.take([10, 0, 0, *n].into(), "priya.nair").is_err())
            .count();
        assert_eq!(refused, 1);
        assert!(throttle.take([10, 0, 0, 1].into(), "someone.else").is_ok());
    }

    #[test]
    fn one_source_is_slowed_whatever_the_account() {
        let throttle = Throttle::default();
        let source = |n: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, n, 0, 0, 1]);
        let tries = (0..121).map(|n| throttle.take(source(n), &format!("account-{n}")));
        let wait = tries.last().unwrap().unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
    }

    #[test]
    fn a_name_of_nobody_closes_like_an_account() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            throttle.stranger_failed("nobody", Timestamp(1_000));
        }
        let until = throttle.stranger_locked_until("nobody").unwrap();
        assert_eq!(until, Timestamp(1_000).plus(lock_after(5).unwrap()));
    }
}
