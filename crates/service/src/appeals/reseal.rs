//! Sealing anew what people said, after another key was added to the vault, or before the key of a month is
//! destroyed.

use domain::{AppealId, PersonId};
use store::appeals::{self, AppealRecord};
use tracing::{instrument, warn};

use super::{Appeals, Part};
use crate::{Result, ServiceError, VaultError};

/// Files are large: so few appeals are sealed anew at once.
const AT_ONCE: u32 = 20;

impl Appeals {
    /// Seals the next appeals with the newest key, if an older one sealed them or they are sealed in a month
    /// whose key is to be destroyed; whether there may be more. What does not open stays as it is.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "appeals.reseal", level = "debug", skip_all)]
    pub async fn reseal_next(&self) -> Result<bool> {
        let mut after = None;
        loop {
            let page = self.sealed_before(after).await?;
            let mut resealed = 0;
            for record in &page {
                match self.reseal(record).await {
                    Ok(()) => resealed += 1,
                    Err(ServiceError::Vault(error)) => {
                        warn!(appeal = %record.id, %error, "an appeal does not open and stays as it is");
                    }
                    Err(error) => return Err(error),
                }
            }
            let is_last = page.len() < AT_ONCE as usize;
            if is_last || resealed > 0 {
                return Ok(!is_last);
            }
            // Nothing of this page opens: what comes after it may.
            after = page.last().map(|last| (last.person, last.id));
        }
    }

    async fn sealed_before(
        &self,
        after: Option<(PersonId, AppealId)>,
    ) -> Result<Vec<AppealRecord>> {
        let oldest = self.settings.retention.oldest_month(self.clock.now());
        let seal = self.keys.vault.oldest_to_keep(oldest);
        let read = self.store.read(
            "appeals.sealed_before",
            (seal, after),
            |tx, (seal, after)| Box::pin(appeals::sealed_before(tx, *seal, *after, AT_ONCE)),
        );
        Ok(read.await?)
    }

    async fn reseal(&self, before: &AppealRecord) -> Result<()> {
        let of = (before.person, before.id);
        let read = self.store.read("appeals.file", of, |tx, (person, id)| {
            Box::pin(appeals::file(tx, *person, *id))
        });
        let file = read.await?;
        let mut fresh = before.clone();
        fresh.seal = self.keys.vault.sealing_with(self.clock.now());
        let anew = |part, sealed: &[u8]| match self.open(of, part, sealed) {
            Ok(opened) => self.seal(of, part, &opened),
            // Forgotten already, as in a database that was put back from an old backup: no key is waited for.
            Err(ServiceError::Vault(VaultError::MonthDestroyed { .. })) => Ok(sealed.to_vec()),
            Err(error) => Err(error),
        };
        fresh.said = anew(Part::Said, &before.said)?;
        if let Some(answer) = &mut fresh.answer {
            answer.reasons = anew(Part::Reasons, &answer.reasons)?;
        }
        let file = file.map(|file| anew(Part::File, &file)).transpose()?;
        let done = self.store.transaction(
            "appeals.reseal",
            (before.clone(), fresh, file),
            |tx, (before, fresh, file)| {
                Box::pin(appeals::reseal(tx, before, fresh, file.as_deref()))
            },
        );
        Ok(done.await?)
    }
}
