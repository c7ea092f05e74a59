//! Reminders before an appeal is due, and what is late. What an appeal grants does not depend on either.

use jiff::SignedDuration;
use store::{StoreError, alarms, appeals};
use tracing::{instrument, warn};

use super::Appeals;
use crate::alarms::AlarmKind;
use crate::{Result, ServiceError};

/// So many are noted in one transaction.
const AT_ONCE: u32 = 200;

impl Appeals {
    /// Reminds of the open appeals of which a quarter of the time is left, and raises an alarm for those
    /// that are late; how many there were of both. An alarm is raised in the transaction that notes them.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "appeals.watch", level = "debug", skip_all)]
    pub async fn watch(&self) -> Result<u64> {
        let active = match self.policies.active() {
            Ok(active) => active,
            Err(ServiceError::NoPolicy | ServiceError::Ended) => return Ok(0),
            Err(error) => return Err(error),
        };
        let now = self.clock.now();
        let within = active
            .policy
            .appeal()
            .map(|rule| rule.answer_within.at_most());
        let ahead = within.unwrap_or(SignedDuration::ZERO) / 4;
        let soon = now.checked_add(ahead).unwrap_or(now);
        let work = self
            .store
            .transaction("appeals.watch", (soon, now), |tx, (soon, now)| {
                Box::pin(async move {
                    let due = appeals::remind(tx, *soon, *now, AT_ONCE).await?;
                    let late = appeals::escalate(tx, *now, AT_ONCE).await?;
                    if due > 0 {
                        let waiting = appeals::count_due(tx, *soon).await?;
                        let alarm = AlarmKind::AppealsDue.record("", None, waiting, *now);
                        alarms::raise(tx, &alarm).await?;
                    }
                    if late > 0 {
                        let waiting = appeals::count_due(tx, *now).await?;
                        let alarm = AlarmKind::AppealsLate.record("", None, waiting, *now);
                        alarms::raise(tx, &alarm).await?;
                    }
                    Ok::<_, StoreError>((due, late))
                })
            });
        let (due, late) = work.await?;
        if late > 0 {
            warn!(late, "appeals were not answered in time");
        }
        Ok(due + late)
    }
}
