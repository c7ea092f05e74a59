//! Checks, counted by outcome and nothing else.
//!
//! A check touches no database. It adds one to a number in memory; a worker writes the numbers down
//! every few seconds. A process that dies takes those of the last seconds with it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use credential::{Accepted, Refusal};
use domain::Timestamp;
use jiff::civil::Date;
use store::statistics;

use super::StatisticsService;
use crate::Result;

/// Local days begin at a whole quarter of an hour everywhere (IANA time zones of today).
const QUARTER: i64 = 15 * 60;

/// Counts by quarter of an hour and outcome, so that a check costs no calendar.
#[derive(Default)]
pub(crate) struct CheckCounts(Mutex<HashMap<(i64, &'static str), u64>>);

impl CheckCounts {
    /// Counts one check.
    pub fn note(&self, outcome: Result<&Accepted, &Refusal>, now: Timestamp) {
        let word = match outcome {
            Ok(accepted) => accepted.colour.as_str(),
            Err(refusal) => refusal.word(),
        };
        self.add((now.as_second().div_euclid(QUARTER), word), 1);
    }

    fn add(&self, key: (i64, &'static str), count: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(key).or_default() += count;
    }

    fn take(&self) -> HashMap<(i64, &'static str), u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StatisticsService {
    /// Writes down the checks counted since the last time. Without a policy there are no local days,
    /// and the counts wait.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`]; the counts are kept for the next time.
    pub async fn write_check_counts(&self) -> Result<()> {
        let Ok(active) = self.policies.active() else {
            return Ok(());
        };
        let taken = self.checks.take();
        if taken.is_empty() {
            return Ok(());
        }
        let zone = active.policy.time_zone();
        let by_day = taken.iter().filter_map(|((quarter, word), count)| {
            let at = Timestamp::from_second(quarter * QUARTER).ok()?;
            let day: Date = at.to_zoned(zone.clone()).date();
            Some((day, (*word).to_owned(), *count))
        });
        let by_day: Vec<_> = by_day.collect();
        let written = self
            .store
            .transaction("statistics.add_checks", by_day, |tx, by_day| {
                Box::pin(statistics::add_checks(tx, by_day))
            });
        let written = written.await;
        if written.is_err() {
            for (key, count) in taken {
                self.checks.add(key, count);
            }
        }
        Ok(written?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::Clock;
    use store::statistics::Measure;

    use super::*;
    use crate::testing::Fixture;

    #[tokio::test]
    async fn checks_wait_for_a_policy_and_are_written_down_once() {
        let fixture = Fixture::new().await;
        let counts = Arc::new(CheckCounts::default());
        let with = |policies| {
            let (store, counts) = (Arc::clone(&fixture.store), Arc::clone(&counts));
            StatisticsService::new(store, fixture.clock(), policies, counts)
        };
        let now = fixture.clock.now();
        for _ in 0..3 {
            counts.note(Err(&Refusal::TrustListRanOut { since: now }), now);
        }
        with(fixture.no_policies())
            .write_check_counts()
            .await
            .unwrap();
        let statistics = with(fixture.policies().await);
        statistics.write_check_counts().await.unwrap();
        statistics.write_check_counts().await.unwrap();
        let day = jiff::civil::date(2020, 2, 17);
        let read = fixture.store.read("statistics.days", day, |tx, day| {
            Box::pin(statistics::counts_of_days(tx, *day, *day))
        });
        assert_eq!(read.await.unwrap(), [(day, Measure::Check, 3)]);
    }
}
