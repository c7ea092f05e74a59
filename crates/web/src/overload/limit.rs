//! How much work may be in flight: as much as is answered soon.
//!
//! Work that waits is worth nothing to anybody, so the limit follows latency. At the end of each
//! short stretch of time the mean latency is compared with what is bearable: a fixed time, or three
//! times what it is without load where that is longer (a database far away). If it took longer the
//! limit shrinks in proportion, else it grows by a sixteenth if it was needed at all. That is
//! additive increase and multiplicative decrease, as in TCP, with the proportion in place of a half:
//! after a pause of the disk the limit falls at once, and a small excess costs little.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Where the limit begins, and between what it stays. The most is what the writer of SQLite lets
/// wait.
const FIRST: usize = 128;
const FEWEST: usize = 16;
const MOST: usize = 1024;
/// The mean latency that is bearable, however fast the database is.
pub(super) const BEARABLE: Duration = Duration::from_millis(50);
/// How often the latency without load is bearable.
const TIMES_UNLOADED: f64 = 3.0;
/// The limit is looked at after so long, if there were so many answers.
const STRETCH: Duration = Duration::from_millis(200);
const FEWEST_ANSWERS: u32 = 10;
/// Without so many answers for so long there is no load that the limit could follow: it begins anew.
const FORGOTTEN: Duration = Duration::from_secs(5);
/// It shrinks by no more than this at once.
const STEEPEST: f64 = 0.7;

/// The limit, and what it is found from.
pub(super) struct Limit {
    now: AtomicUsize,
    most_in_flight: AtomicUsize,
    stretch: Mutex<Stretch>,
}

/// What was measured since the limit was last looked at.
struct Stretch {
    began: Instant,
    answers: u32,
    seconds: f64,
    /// The latency without load, as far as it is known.
    unloaded: f64,
}

impl Limit {
    pub(super) fn new() -> Self {
        Self {
            now: AtomicUsize::new(FIRST),
            most_in_flight: AtomicUsize::new(0),
            stretch: Mutex::new(Stretch {
                began: Instant::now(),
                answers: 0,
                seconds: 0.0,
                unloaded: BEARABLE.as_secs_f64() / TIMES_UNLOADED,
            }),
        }
    }

    /// How much may be in flight.
    pub(super) fn now(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    /// How much was answered since the limit was last looked at.
    #[cfg(test)]
    pub(super) fn answers(&self) -> u32 {
        let stretch = self.stretch.lock();
        stretch.unwrap_or_else(PoisonError::into_inner).answers
    }

    /// So much is in flight.
    pub(super) fn note_in_flight(&self, count: usize) {
        self.most_in_flight.fetch_max(count, Ordering::Relaxed);
    }

    /// Something was refused. While something that is measured is in flight there is a load to follow, even
    /// if nothing is answered.
    pub(super) fn note_refusal(&self, now: Instant, is_measuring: bool) {
        let mut stretch = self.stretch.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_measuring && now.duration_since(stretch.began) >= FORGOTTEN {
            (stretch.began, stretch.answers, stretch.seconds) = (now, 0, 0.0);
            self.now.fetch_max(FIRST, Ordering::Relaxed);
        }
    }

    /// Something was answered after this time.
    pub(super) fn note_answer(&self, took: Duration) {
        let mut stretch = self.stretch.lock().unwrap_or_else(PoisonError::into_inner);
        stretch.answers += 1;
        stretch.seconds += took.as_secs_f64();
        if stretch.answers < FEWEST_ANSWERS || stretch.began.elapsed() < STRETCH {
            return;
        }
        let mean = stretch.seconds / f64::from(stretch.answers);
        let most = self.most_in_flight.swap(0, Ordering::Relaxed);
        let bearable = (stretch.unloaded * TIMES_UNLOADED).max(BEARABLE.as_secs_f64());
        if mean < stretch.unloaded {
            stretch.unloaded = mean;
        } else if most <= FEWEST {
            // Slowly, and only while little is in flight: what load makes slow is not the usual.
            stretch.unloaded += (mean - stretch.unloaded) * 0.05;
        }
        (stretch.began, stretch.answers, stretch.seconds) = (Instant::now(), 0, 0.0);
        drop(stretch);
        let next = next_limit(self.now(), most, mean / bearable);
        self.now.store(next, Ordering::Relaxed);
    }
}

/// The limit after a stretch in which `most` were in flight and took `strain` times what is bearable.
fn next_limit(limit: usize, most: usize, strain: f64) -> usize {
    let next = if strain > 1.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a limit is small and positive"
        )]
        let shrunk = (limit as f64 * (1.0 / strain).max(STEEPEST)) as usize;
        shrunk
    } else if most >= limit / 4 * 3 {
        limit + (limit / 16).max(1)
    } else {
        limit
    };
    next.clamp(FEWEST, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_falls_with_latency_and_grows_where_it_is_needed() {
        for (limit, most, strain, next) in [
            // Bearable, and little of it is used.
            (128, 10, 0.1, 128),
            // Bearable, and nearly all of it is used.
            (128, 120, 0.9, 136),
            (16, 16, 0.9, 17),
            // A little too slow, and much too slow.
            (128, 128, 1.25, 102),
            (128, 128, 10.0, 89),
            // It stays within its bounds.
            (18, 18, 10.0, 16),
            (1020, 1020, 0.5, 1024),
        ] {
            let found = next_limit(limit, most, strain);
            assert_eq!(found, next, "{limit} {most} {strain}");
        }
    }

    #[test]
    fn a_limit_that_nothing_is_measured_against_any_more_begins_anew() {
        let limit = Limit::new();
        limit.now.store(FEWEST, Ordering::Relaxed);
        let now = Instant::now();
        limit.note_refusal(now + FORGOTTEN / 2, false);
        assert_eq!(limit.now(), FEWEST, "the load may go on");
        limit.note_refusal(now + FORGOTTEN * 2, true);
        assert_eq!(limit.now(), FEWEST, "the database hangs");
        limit.note_refusal(now + FORGOTTEN * 2, false);
        assert_eq!(limit.now(), FIRST);
    }

    /// A database that does so much a second, however much waits: what is in flight takes that long.
    fn settles(a_second: f64) -> f64 {
        let mut limit = FIRST;
        for _ in 0..500 {
            let latency = limit as f64 / a_second;
            limit = next_limit(limit, limit, latency / BEARABLE.as_secs_f64());
        }
        limit as f64 / a_second
    }

    #[test]
    fn under_a_load_that_does_not_end_latency_settles_at_what_is_bearable() {
        for a_second in [500.0, 2_000.0, 10_000.0] {
            let latency = settles(a_second);
            let bearable = BEARABLE.as_secs_f64();
            assert!(latency < bearable * 1.2, "{a_second}: {latency}");
            assert!(latency > bearable * 0.6, "{a_second}: {latency}");
        }
    }
}
