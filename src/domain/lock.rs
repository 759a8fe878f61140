//! How long an account is closed after failed sign-ins. Every lock ends by itself.

use super::time::{HOUR, MINUTE, SECOND, Timestamp};

/// Failures that cost nothing but the ordinary throttle.
const FREE_FAILURES: i32 = 4;
const FIRST_LOCK: i64 = 10 * SECOND;
const LONGEST_LOCK: i64 = 15 * MINUTE;
/// So long after its last lock ended an account's failures are forgotten: what a stranger guessed yesterday
/// does not make the owner wait for a slip of today.
const MEMORY: i64 = 12 * HOUR;

/// How long an account is closed after so many failures in a row: it doubles, and always ends.
pub fn lock_after(failures: i32) -> Option<i64> {
    let doublings = failures
        .checked_sub(FREE_FAILURES + 1)
        .filter(|n| *n >= 0)?;
    Some((FIRST_LOCK << doublings.min(16)).min(LONGEST_LOCK))
}

/// Whether counting begins anew, because the last lock ended long ago.
pub fn is_forgotten(locked_until: Option<Timestamp>, now: Timestamp) -> bool {
    locked_until.is_some_and(|until| now.since(until) >= MEMORY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_grows_and_always_ends() {
        assert_eq!((lock_after(0), lock_after(4)), (None, None));
        assert_eq!(lock_after(5), Some(10 * SECOND));
        assert_eq!(lock_after(6), Some(20 * SECOND));
        assert_eq!(lock_after(i32::MAX), Some(15 * MINUTE));
    }

    #[test]
    fn failures_are_forgotten_half_a_day_after_the_last_lock() {
        let until = Timestamp(HOUR);
        assert!(!is_forgotten(None, until));
        assert!(!is_forgotten(Some(until), until.plus(11 * HOUR)));
        assert!(is_forgotten(Some(until), until.plus(12 * HOUR)));
    }
}
