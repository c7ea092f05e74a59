//! Deciding again those whose verdict's time has come.

use store::verdicts;
use tracing::instrument;

use super::Verdicts;
use crate::Result;

impl Verdicts {
    /// Decides again everybody whose verdict's time has come, so many in one transaction; how many
    /// there were.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    #[instrument(name = "workers.sweep", level = "debug", skip_all)]
    pub(crate) async fn sweep(&self, people_per_batch: u32) -> Result<u64> {
        let limit = people_per_batch.max(1);
        let mut swept = 0;
        loop {
            let due = self.store.read(
                "verdicts.due",
                (self.clock.now(), limit),
                |tx, (now, limit)| Box::pin(verdicts::due(tx, *now, *limit)),
            );
            let people = due.await?;
            if !people.is_empty() {
                self.decide_in_passing(&people).await?;
                swept += people.len() as u64;
            }
            if people.len() < limit as usize {
                return Ok(swept);
            }
        }
    }
}
