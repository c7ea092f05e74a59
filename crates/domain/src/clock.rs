//! Time as a parameter.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Where the present comes from.
pub trait Clock: Send + Sync {
    /// The present time, in whole seconds: nothing in the system is finer.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that may read the machine's clock"
    )]
    fn now(&self) -> Timestamp {
        whole_seconds(Timestamp::now())
    }
}

/// A clock that stands still until somebody moves it.
#[derive(Debug)]
pub struct ManualClock {
    seconds: AtomicI64,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            seconds: AtomicI64::new(now.as_second()),
        }
    }

    /// Shows `now` from here on.
    pub fn set(&self, now: Timestamp) {
        self.seconds.store(now.as_second(), Ordering::SeqCst);
    }

    /// Moves on by `by`, whole seconds.
    pub fn advance(&self, by: SignedDuration) {
        self.seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.seconds.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }
}

/// The machine's clock, moved ahead by hand: for a demonstration, in which days pass at a press.
#[derive(Debug, Default)]
pub struct MovedClock {
    ahead: AtomicI64,
}

impl MovedClock {
    /// A clock that is ahead by so much, in whole seconds.
    pub fn ahead_by(ahead: SignedDuration) -> Self {
        Self {
            ahead: AtomicI64::new(ahead.as_secs()),
        }
    }

    /// Moves on by `by`, whole seconds; how far it is ahead now.
    pub fn advance(&self, by: SignedDuration) -> SignedDuration {
        let before = self.ahead.fetch_add(by.as_secs(), Ordering::SeqCst);
        SignedDuration::from_secs(before.saturating_add(by.as_secs()))
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead.load(Ordering::SeqCst));
        let now = SystemClock.now();
        now.checked_add(ahead).unwrap_or(Timestamp::MAX)
    }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
