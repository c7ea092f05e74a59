//! A delay that grows with each wrong attempt, and never locks anybody out.
//!
//! Failures are counted by the pair of who tries and what they try to open. So a stranger who guesses
//! at somebody's account waits longer and longer, and the owner, who asks from elsewhere, does not.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Clock, Timestamp};
use jiff::SignedDuration;

use crate::problem::Problem;

/// So many wrong attempts cost nothing: people mistype.
const FREE: u32 = 3;
/// No delay is longer.
const LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// Failures are forgotten so long after the last one.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(1);
/// So many pairs are remembered.
const MOST: usize = 100_000;

/// Who failed at what, how often, and until when they wait.
pub(crate) struct SoftLocks<K> {
    clock: Arc<dyn Clock>,
    failures: Mutex<HashMap<K, Failures>>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    /// From when on the next attempt is taken.
    fn until(self) -> Timestamp {
        let doublings = self.count.saturating_sub(FREE).min(16);
        if doublings == 0 {
            return self.last;
        }
        let delay = SignedDuration::from_secs(1 << doublings).min(LONGEST);
        self.last.checked_add(delay).unwrap_or(self.last)
    }
}

impl<K: Hash + Eq> SoftLocks<K> {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let failures = Mutex::default();
        Self { clock, failures }
    }

    /// Whether an attempt is looked at now. One that is not is not counted either.
    ///
    /// # Errors
    /// `too-many-requests`, with the time that is left.
    pub(crate) fn check(&self, key: &K) -> Result<(), Problem> {
        let now = self.clock.now();
        let Some(until) = self.lock().get(key).map(|failures| failures.until()) else {
            return Ok(());
        };
        let left = until.duration_since(now);
        if !left.is_positive() {
            return Ok(());
        }
        let seconds = left.as_secs().unsigned_abs() + u64::from(left.subsec_nanos() > 0);
        let detail = format!("Too many wrong attempts. The next is taken in {seconds} seconds.");
        Err(Problem::too_many(detail, seconds))
    }

    /// Counts a wrong attempt; how many there were within the hour.
    pub(crate) fn failed(&self, key: K) -> u32 {
        let now = self.clock.now();
        let mut failures = self.lock();
        let is_recent = |one: &Failures| now.duration_since(one.last) < FORGOTTEN;
        if failures.len() >= MOST {
            failures.retain(|_, one| is_recent(one));
        }
        if failures.len() >= MOST {
            // An attack from everywhere at once: the rate by address is what is left.
            failures.clear();
        }
        let known = failures.get(&key).copied().filter(is_recent);
        let count = known.map_or(0, |known| known.count).saturating_add(1);
        failures.insert(key, Failures { count, last: now });
        count
    }

    /// Forgets the failures of a client that got it right.
    pub(crate) fn succeeded(&self, key: &K) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use domain::ManualClock;

    use super::*;

    #[test]
    fn the_delay_grows_ends_and_is_nobody_elses() {
        let clock = Arc::new(ManualClock::new("2020-02-20T04:00:00Z".parse().unwrap()));
        let locks = SoftLocks::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let (stranger, owner) = (("stranger", "account"), ("owner", "account"));
        for _ in 0..FREE {
            locks.failed(stranger);
            assert!(locks.check(&stranger).is_ok());
        }
        for seconds in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            locks.failed(stranger);
            assert!(locks.check(&stranger).is_err());
            assert!(locks.check(&owner).is_ok());
            clock.advance(SignedDuration::from_secs(seconds - 1));
            assert!(locks.check(&stranger).is_err(), "{seconds}");
            clock.advance(SignedDuration::from_secs(1));
            assert!(locks.check(&stranger).is_ok(), "{seconds}");
        }
        locks.succeeded(&stranger);
        locks.failed(stranger);
        assert!(locks.check(&stranger).is_ok());
    }
}
