//! Feeds, each with the rate that it was made with, in place of that of a class.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::{Clock, FeedId};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::InMemoryState;
use governor::state::NotKeyed;
use governor::{Quota, RateLimiter};

use super::WallClock;
use crate::problem::Problem;

/// Counts the requests of feeds. There are as many as administrators made, so none is forgotten.
pub(crate) struct FeedRates {
    limiters: Mutex<BTreeMap<FeedId, (u32, Arc<FeedLimiter>)>>,
    clock: WallClock,
}

type FeedLimiter = RateLimiter<NotKeyed, InMemoryState, WallClock, NoOpMiddleware<Duration>>;

impl FeedRates {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            limiters: Mutex::default(),
            clock: WallClock(clock),
        }
    }

    /// Counts one request of a feed.
    ///
    /// # Errors
    /// `too-many-requests`, with the time after which the next one is taken.
    pub(crate) fn check(&self, feed: FeedId, per_minute: u32) -> Result<(), Problem> {
        let Some(limiter) = self.of(feed, per_minute) else {
            return Ok(());
        };
        limiter.check().map_err(|denied| {
            let wait = denied.wait_time_from(self.clock.now());
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let detail = format!(
                "This feed may send {per_minute} requests a minute. Nothing is lost; ask again in \
                 {seconds} seconds."
            );
            Problem::too_many(detail, seconds)
        })
    }

    fn of(&self, feed: FeedId, per_minute: u32) -> Option<Arc<FeedLimiter>> {
        let burst = per_minute.try_into().ok()?;
        let quota = Quota::with_period(Duration::from_mins(1) / per_minute)?.allow_burst(burst);
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || {
            let limiter = RateLimiter::direct_with_clock(quota, self.clock.clone());
            (per_minute, Arc::new(limiter))
        };
        let known = limiters.entry(feed).or_insert_with(fresh);
        if known.0 != per_minute {
            *known = fresh();
        }
        Some(Arc::clone(&known.1))
    }
}
