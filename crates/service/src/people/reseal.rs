//! Sealing the vault anew, after another key was added to it, or before the key of a month is destroyed.

use store::audit::{self, NewEntry};
use store::vault_rewrites::{self, VaultRewrite};
use store::{StoreError, appeals, contradictions, identities};
use tracing::{info, instrument, warn};

use super::{People, VaultError, VaultKeys};
use crate::Result;
use crate::audit::{Actor, AuditEntry, Did};

impl People {
    /// Seals the next page of identities with the newest key, if they are sealed with an older one or
    /// in a month whose key is to be destroyed; how far it is, or `None` if there was never another key.
    /// Begins again where it was interrupted; several nodes may do it at once.
    ///
    /// # Errors
    /// [`crate::ServiceError::Vault`] if an identity cannot be sealed;
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "vault.reseal", level = "debug", skip_all)]
    pub async fn reseal_next(&self) -> Result<Option<VaultRewrite>> {
        let now = self.clock.now();
        let newest = self.keys.vault.newest_seal();
        let oldest = self.settings.retention.oldest_month(now);
        let Some(key) = self.keys.vault.resealed_with(oldest) else {
            return Ok(None);
        };
        let found = self.reseal_progress().await?;
        let mut rewrite = match found {
            Some(rewrite) if rewrite.key == key => rewrite,
            _ => VaultRewrite {
                key,
                after: None,
                resealed: 0,
                unopened: 0,
                is_finished: false,
            },
        };
        if rewrite.is_finished {
            return Ok(Some(rewrite));
        }
        let limit = self.settings.people_per_batch.max(1);
        let page = self.store.read(
            "vault.page",
            (rewrite.after, limit),
            |tx, (after, limit)| Box::pin(identities::after(tx, *after, *limit)),
        );
        let page = page.await?;
        rewrite.is_finished = page.len() < limit as usize;
        rewrite.after = page
            .last()
            .map_or(rewrite.after, |(person, _)| Some(*person));
        let mut fresh = Vec::new();
        for (person, sealed) in page {
            if self.keys.vault.is_fresh(&sealed, oldest) {
                continue;
            }
            match self.keys.vault.open(person, &sealed) {
                Ok(identity) => {
                    let anew = self.keys.vault.seal(person, &identity, now, &*self.ids)?;
                    fresh.push((person, sealed, anew));
                }
                // Forgotten already, as in a database that was put back from an old backup.
                Err(VaultError::MonthDestroyed { .. }) => {}
                Err(error) => {
                    rewrite.unopened += 1;
                    warn!(%person, %error, "an identity does not open and stays as it is");
                }
            }
        }
        rewrite.resealed += fresh.len() as u64;
        let noted = rewrite.clone();
        // A pass that found nothing to do is no news.
        let entry = (rewrite.is_finished && rewrite.resealed > 0).then(|| {
            let count = usize::try_from(rewrite.resealed).unwrap_or(usize::MAX);
            let entry = AuditEntry::new(Actor::Program, Did::VaultRewritten, now).count(count);
            let entry = entry.what(format_args!("identities, key {newest}"));
            entry.seal(&*self.ids)
        });
        let entry: Vec<NewEntry> = entry.into_iter().collect();
        let arguments = (fresh, noted, entry);
        let done =
            self.store
                .transaction("vault.reseal", arguments, |tx, (fresh, noted, entry)| {
                    Box::pin(async move {
                        audit::append(tx, entry).await?;
                        for (person, before, sealed) in fresh.iter() {
                            identities::reseal(tx, *person, before, sealed).await?;
                        }
                        vault_rewrites::note(tx, noted).await?;
                        Ok::<_, StoreError>(())
                    })
                });
        done.await?;
        info!(
            key = newest,
            resealed = rewrite.resealed,
            is_finished = rewrite.is_finished,
            "sealed a page of the vault anew"
        );
        Ok(Some(rewrite))
    }

    /// How far the vault is sealed anew; `None` if it never was.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn reseal_progress(&self) -> Result<Option<VaultRewrite>> {
        let found = self.store.read("vault.progress", (), |tx, ()| {
            Box::pin(vault_rewrites::find(tx))
        });
        Ok(found.await?)
    }

    /// How many identities, appeals and contradictions are sealed with a key. Looks at each.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn sealed_with(&self, number: u8) -> Result<u64> {
        let limit = self.settings.people_per_batch.max(1);
        let (mut after, mut count) = (None, 0);
        loop {
            let page = self
                .store
                .read("vault.page", (after, limit), |tx, (after, limit)| {
                    Box::pin(identities::after(tx, *after, *limit))
                });
            let page = page.await?;
            let is_by = |sealed| VaultKeys::seal_of(sealed) == Some(number);
            count += page.iter().filter(|(_, sealed)| is_by(sealed)).count() as u64;
            after = page.last().map(|(person, _)| *person);
            if page.len() < limit as usize {
                let read = self
                    .store
                    .read("appeals.sealed_with", number, |tx, number| {
                        Box::pin(async move {
                            let appeals = appeals::sealed_with(tx, *number).await?;
                            let others = contradictions::sealed_with(tx, *number).await?;
                            Ok::<_, StoreError>(appeals + others)
                        })
                    });
                return Ok(count + read.await?);
            }
        }
    }
}
