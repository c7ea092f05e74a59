//! Statistics: how many registered, who has which colour where, under which rules, and what checks
//! found; by local day.
//!
//! | file | holds |
//! |---|---|
//! | `count` | counting people: a worker follows the verdicts and closes each day |
//! | `check_counts` | counting checks, without a trace of anybody |
//! | `days` | what happened on each of some days |
//! | `report` | a day as it is, and as anybody may see it |

mod check_counts;
mod count;
mod days;
mod report;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::Clock;
use jiff::civil::Date;
use store::Store;

pub(crate) use self::check_counts::CheckCounts;
pub use self::days::DayFigures;
pub use self::report::{OutcomeCount, RuleCount, Statistics};
use crate::Result;
use crate::publishing::PublishedPolicies;

/// Counts, and says what was counted.
pub struct StatisticsService {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    policies: Arc<PublishedPolicies>,
    /// Checks that are not in the database yet.
    checks: Arc<CheckCounts>,
    /// Public statistics of closed days, which never change.
    public: Mutex<BTreeMap<Date, Arc<Statistics>>>,
}

impl StatisticsService {
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        policies: Arc<PublishedPolicies>,
        checks: Arc<CheckCounts>,
    ) -> Self {
        Self {
            store,
            clock,
            policies,
            checks,
            public: Mutex::default(),
        }
    }

    /// Writes down what was checked and counts the next few hundred people; whether there is more to
    /// count at once.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`]; nothing is counted twice when called again.
    pub async fn work(&self) -> Result<bool> {
        self.write_check_counts().await?;
        self.count_some_people().await
    }
}
