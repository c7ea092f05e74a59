//! Sealing anew what people said, after another key was added to the vault.

use store::appeals::{self, AppealRecord};
use tracing::{instrument, warn};

use super::{Appeals, Part};
use crate::Result;

/// Files are large: so few appeals are sealed anew at once.
const AT_ONCE: u32 = 20;

impl Appeals {
    /// Seals the next appeals with the newest key, if an older one sealed them; whether there may be more.
    /// What does not open stays as it is.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "appeals.reseal", level = "debug", skip_all)]
    pub async fn reseal_next(&self) -> Result<bool> {
        let newest = self.keys.vault.newest_seal();
        if newest == 1 {
            return Ok(false);
        }
        let read = self
            .store
            .read("appeals.sealed_before", newest, |tx, newest| {
                Box::pin(appeals::sealed_before(tx, *newest, AT_ONCE))
            });
        let mut resealed = 0;
        let page = read.await?;
        for record in &page {
            match self.reseal(record).await {
                Ok(()) => resealed += 1,
                Err(error) if matches!(error, crate::ServiceError::Vault(_)) => {
                    warn!(appeal = %record.id, %error, "an appeal does not open and stays as it is");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(resealed > 0 && page.len() == AT_ONCE as usize)
    }

    async fn reseal(&self, before: &AppealRecord) -> Result<()> {
        let of = (before.person, before.id);
        let anew = |part, sealed: &[u8]| self.seal(of, part, &self.open(of, part, sealed)?);
        let mut fresh = before.clone();
        fresh.seal = self.keys.vault.newest_seal();
        fresh.said = anew(Part::Said, &before.said)?;
        if let Some(answer) = &mut fresh.answer {
            answer.reasons = anew(Part::Reasons, &answer.reasons)?;
        }
        let read = self.store.read("appeals.file", of, |tx, (person, id)| {
            Box::pin(appeals::file(tx, *person, *id))
        });
        let file = read
            .await?
            .map(|file| anew(Part::File, &file))
            .transpose()?;
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
