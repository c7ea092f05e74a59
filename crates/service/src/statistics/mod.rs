//! Statistics: how many registered, who has which colour where, under which rules, and what checks
//! found; by local day.
//!
//! | file | holds |
//! |---|---|
//! | `tally` | counting people: a worker follows the verdicts and closes each day |
//! | `check_counts` | counting checks, without a trace of anybody |
//! | `report` | a day as it is, and as anybody may see it |

mod check_counts;
mod report;
mod tally;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::civil::Date;

pub(crate) use check_counts::CheckCounts;
pub use report::{OutcomeCount, RuleCount, Statistics};

use crate::Result;
use crate::service::Service;

/// What the statistics hold in memory.
#[derive(Default)]
pub(crate) struct StatisticsMemory {
    /// Checks that are not in the database yet.
    pub checks: CheckCounts,
    /// Public statistics of closed days, which never change.
    public: Mutex<BTreeMap<Date, Arc<Statistics>>>,
}

impl Service {
    /// Writes down what was checked and counts the next few hundred people; whether there is more to
    /// count at once.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`]; nothing is counted twice when called again.
    pub async fn work_on_statistics(&self) -> Result<bool> {
        self.write_check_counts().await?;
        self.count_some_people().await
    }
}
