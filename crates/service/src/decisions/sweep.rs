//! Deciding again those whose verdict's time has come.

use std::collections::BTreeSet;

use domain::PersonId;
use store::{StoreError, verdicts};
use tracing::{error, instrument};

use super::Verdicts;
use crate::{Result, ServiceError};

impl Verdicts {
    /// Decides again everybody whose verdict's time has come, so many in one transaction; how many
    /// there were. Who cannot be decided because a record of theirs cannot be read keeps nobody else
    /// waiting: they are named in the log, and tried again in the next sweep.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    #[instrument(name = "workers.sweep", level = "debug", skip_all)]
    pub(crate) async fn sweep(&self, people_per_batch: u32) -> Result<u64> {
        let mut swept = 0;
        let mut unreadable = BTreeSet::new();
        loop {
            let skipped = u32::try_from(unreadable.len()).unwrap_or(u32::MAX);
            let limit = people_per_batch.max(1).saturating_add(skipped);
            let due = self.store.read(
                "verdicts.due",
                (self.clock.now(), limit),
                |tx, (now, limit)| Box::pin(verdicts::due(tx, *now, *limit)),
            );
            let mut people = due.await?;
            let is_last = people.len() < limit as usize;
            people.retain(|person| !unreadable.contains(person));
            if !people.is_empty() {
                swept += self.sweep_page(&people, &mut unreadable).await?;
            }
            if is_last {
                return Ok(swept);
            }
        }
    }

    /// Decides these people, and if one of them cannot be read, each alone.
    async fn sweep_page(
        &self,
        people: &[PersonId],
        unreadable: &mut BTreeSet<PersonId>,
    ) -> Result<u64> {
        match self.decide_in_passing(people).await {
            Ok(_) => return Ok(people.len() as u64),
            Err(ServiceError::Store(StoreError::Corrupt { .. })) => {}
            Err(other) => return Err(other),
        }
        let mut swept = 0;
        for person in people {
            match self.decide_in_passing(&[*person]).await {
                Ok(_) => swept += 1,
                Err(ServiceError::Store(why @ StoreError::Corrupt { .. })) => {
                    error!(%why, "somebody's verdict stays as it is: a record cannot be read");
                    unreadable.insert(*person);
                }
                Err(other) => return Err(other),
            }
        }
        Ok(swept)
    }
}
