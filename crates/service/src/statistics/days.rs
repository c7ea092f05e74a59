//! What happened on each of some days, read at once.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use store::statistics::{self, Measure};
use tracing::instrument;

use super::StatisticsService;
use crate::access::{Action, Resource, Staff};
use crate::{Result, ServiceError};

/// So many days are read at once at most.
const MOST_DAYS: u32 = 92;

/// What happened on a local day, everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayFigures {
    /// The day.
    pub day: Date,
    /// People who became known.
    pub registered: u64,
    /// Checks by this system, however they ended.
    pub checks: u64,
}

impl StatisticsService {
    /// The figures of so many days, as they are, the last of them the one that is being counted; none
    /// from before the counting began.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::NoStatistics`]; [`ServiceError::Store`].
    #[instrument(name = "statistics.days", skip_all)]
    pub async fn days(&self, by: &Staff, count: u32) -> Result<Vec<DayFigures>> {
        by.check(Action::ReadStatistics, &Resource::NOBODYS, self.clock.now())?;
        let progress = self.progress().await?;
        let progress = progress.ok_or(ServiceError::NoStatistics { days: None })?;
        let last = progress.open;
        let back = i64::from(count.clamp(1, MOST_DAYS)) - 1;
        let first = last.checked_sub(back.days()).unwrap_or(progress.began);
        let first = first.max(progress.began);
        let read = self
            .store
            .read("statistics.days", (first, last), |tx, (first, last)| {
                Box::pin(statistics::counts_of_days(tx, *first, *last))
            });
        let mut days: BTreeMap<Date, DayFigures> = first
            .series(1.day())
            .take_while(|day| *day <= last)
            .map(|day| (day, DayFigures::nothing(day)))
            .collect();
        for (day, measure, count) in read.await? {
            let Some(figures) = days.get_mut(&day) else {
                continue;
            };
            match measure {
                Measure::Registered => figures.registered += count,
                Measure::Check => figures.checks += count,
                Measure::Status | Measure::Reason | Measure::Restriction => {}
            }
        }
        Ok(days.into_values().collect())
    }
}

impl DayFigures {
    const fn nothing(day: Date) -> Self {
        Self {
            day,
            registered: 0,
            checks: 0,
        }
    }
}
