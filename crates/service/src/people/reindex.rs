//! Rewriting what documents and phones are found by, after another key was added to the vault.
//!
//! A row is enciphered anew, without the document or phone being known. While it goes on both keys
//! find: a look-up asks for two forms. The database says which key writes, and who does not have that
//! key makes nobody, so that no document gets two people.

use store::audit::{self, NewEntry};
use store::blind_indexes::{self, IndexRewrite, IndexTable};
use store::vault_rewrites::{self, VaultRewrite};
use store::{StoreError, Transaction};
use tracing::{info, instrument, warn};

use super::{People, VaultError};
use crate::audit::{Actor, AuditEntry, Did};
use crate::{Result, ServiceError};

/// How far all tables are rewritten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReindexProgress {
    /// The number of the key under which they are rewritten.
    pub key: u8,
    /// How many rows were rewritten.
    pub rewritten: u64,
    /// How many could not be, and stay as they are.
    pub unopened: u64,
    /// Whether the end was reached.
    pub is_finished: bool,
}

/// How far the vault is rewritten under its newest key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VaultProgress {
    /// The number of the key.
    pub key: u8,
    /// How many identities were sealed anew.
    pub resealed: u64,
    /// How many rows by which documents and phones are found were rewritten.
    pub reindexed: u64,
    /// How many of either do not open, and stay as they are.
    pub unopened: u64,
    /// Whether nothing lies under an older key any more.
    pub is_finished: bool,
}

/// Says that the newest of the keys writes; refuses if the database says that a later one does.
///
/// # Errors
/// [`ServiceError::Vault`]; [`ServiceError::Store`].
pub(crate) async fn hold_key(tx: &mut Transaction, newest: u8) -> Result<()> {
    let number = blind_indexes::key(tx).await?;
    if number > newest {
        return Err(VaultError::KeyAbsent { number }.into());
    }
    if number < newest {
        blind_indexes::advance_key(tx, newest).await?;
    }
    Ok(())
}

impl People {
    /// Rewrites the next page of what documents and phones are found by, if it lies under an older key;
    /// how far it is, or `None` if there was never another key. Begins again where it was interrupted;
    /// several nodes may do it at once.
    ///
    /// # Errors
    /// [`ServiceError::Vault`] if the newest key is not there; [`ServiceError::Store`].
    #[instrument(name = "vault.reindex", level = "debug", skip_all)]
    pub async fn reindex_next(&self) -> Result<Option<ReindexProgress>> {
        let newest = self.keys.vault.newest_seal();
        if newest == 1 {
            return Ok(None);
        }
        let limit = self.settings.people_per_batch.max(1);
        for table in IndexTable::ALL {
            let found = self.reindexed(table).await?;
            let rewrite = found.filter(|rewrite| rewrite.key == newest);
            let rewrite = rewrite.unwrap_or_else(|| IndexRewrite::beginning(newest));
            if !rewrite.is_finished {
                self.reindex_page(table, rewrite, limit).await?;
                break;
            }
        }
        self.reindex_progress().await
    }

    /// How far what documents and phones are found by is rewritten; `None` if it never was.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn reindex_progress(&self) -> Result<Option<ReindexProgress>> {
        let mut all = Vec::new();
        for table in IndexTable::ALL {
            all.extend(self.reindexed(table).await?);
        }
        let Some(key) = all.iter().map(|rewrite| rewrite.key).max() else {
            return Ok(None);
        };
        let of_key = all.iter().filter(|rewrite| rewrite.key == key);
        let mut progress = ReindexProgress {
            key,
            is_finished: of_key.clone().count() == IndexTable::ALL.len(),
            ..ReindexProgress::default()
        };
        for rewrite in of_key {
            progress.rewritten += rewrite.rewritten;
            progress.unopened += rewrite.unopened;
            progress.is_finished &= rewrite.is_finished;
        }
        Ok(Some(progress))
    }

    /// How far the vault is rewritten, identities and what they are found by; `None` while there is one
    /// key only, and then nothing is read.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn vault_progress(&self) -> Result<Option<VaultProgress>> {
        let key = self.keys.vault.newest_seal();
        if key == 1 {
            return Ok(None);
        }
        let sealed = self.reseal_progress().await?;
        let sealed = sealed.filter(|rewrite| rewrite.key == key.to_string());
        let found = self.reindex_progress().await?;
        let found = found.filter(|progress| progress.key == key);
        let found = found.unwrap_or_default();
        let (resealed, unopened, is_sealed) = sealed.map_or((0, 0, false), |rewrite| {
            (rewrite.resealed, rewrite.unopened, rewrite.is_finished)
        });
        Ok(Some(VaultProgress {
            key,
            resealed,
            reindexed: found.rewritten,
            unopened: unopened + found.unopened,
            is_finished: is_sealed && found.is_finished,
        }))
    }

    /// Lets the vault be rewritten from the beginning once more: for what a server that did not have the
    /// newest key yet wrote behind those that rewrite.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn rewrite_again(&self) -> Result<()> {
        let newest = self.keys.vault.newest_seal();
        let begin = self
            .store
            .transaction("vault.rewrite_again", newest, |tx, newest| {
                Box::pin(async move {
                    let beginning = VaultRewrite {
                        key: newest.to_string(),
                        after: None,
                        resealed: 0,
                        unopened: 0,
                        is_finished: false,
                    };
                    vault_rewrites::note(tx, &beginning).await?;
                    for table in IndexTable::ALL {
                        let beginning = IndexRewrite::beginning(*newest);
                        blind_indexes::note(tx, table, &beginning).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            });
        Ok(begin.await?)
    }

    /// How many rows are found under a key. Looks at each.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn indexed_with(&self, number: u8) -> Result<u64> {
        let limit = self.settings.people_per_batch.max(1);
        let mut count = 0;
        for table in IndexTable::ALL {
            let mut after = None;
            loop {
                let page = self.index_page(table, after, limit).await?;
                let of_key = page.iter().filter(|row| row.index.key() == number);
                count += of_key.count() as u64;
                after = page.last().copied();
                if page.len() < limit as usize {
                    break;
                }
            }
        }
        Ok(count)
    }

    /// Refuses if this program does not have the key under which people are found.
    ///
    /// # Errors
    /// [`ServiceError::Vault`]; [`ServiceError::Store`].
    pub(crate) async fn refuse_older_keys(&self) -> Result<()> {
        let noted = self.store.read("vault.index_key", (), |tx, ()| {
            Box::pin(blind_indexes::key_to_read(tx))
        });
        let number = noted.await?;
        if number > self.keys.vault.newest_seal() {
            return Err(VaultError::KeyAbsent { number }.into());
        }
        Ok(())
    }

    async fn reindex_page(
        &self,
        table: IndexTable,
        mut rewrite: IndexRewrite,
        limit: u32,
    ) -> Result<()> {
        let begins = rewrite.after.is_none() && table == IndexTable::ALL[0];
        let page = self.index_page(table, rewrite.after, limit).await?;
        rewrite.is_finished = page.len() < limit as usize;
        rewrite.after = page.last().copied().or(rewrite.after);
        let mut changes = Vec::new();
        for row in page {
            if row.index.key() == rewrite.key {
                continue;
            }
            match self.keys.vault.reindex(&row.index) {
                Ok(index) => changes.push((row, index)),
                Err(error) => {
                    rewrite.unopened += 1;
                    warn!(?table, %error, "a blind index is not rewritten and stays as it is");
                }
            }
        }
        let (key, count) = (rewrite.key, changes.len());
        let entries = self.said_of(&rewrite, table, begins);
        let done = self.store.transaction(
            "vault.reindex",
            (table, changes, rewrite, entries),
            |tx, (table, changes, rewrite, entries)| {
                Box::pin(async move {
                    hold_key(tx, rewrite.key).await?;
                    audit::append(tx, entries).await?;
                    let left = blind_indexes::rewrite(tx, *table, changes).await?;
                    let mut noted = rewrite.clone();
                    noted.rewritten += changes.len() as u64 - left;
                    noted.unopened += left;
                    blind_indexes::note(tx, *table, &noted).await?;
                    Ok::<_, ServiceError>(noted.is_finished)
                })
            },
        );
        let is_finished = done.await?;
        info!(
            key,
            ?table,
            rows = count,
            is_finished,
            "rewrote a page of blind indexes"
        );
        Ok(())
    }

    /// What the log says of a page: that another key of the vault writes from now on, that nothing lies
    /// under an older one any more.
    fn said_of(&self, rewrite: &IndexRewrite, table: IndexTable, begins: bool) -> Vec<NewEntry> {
        let (key, now) = (rewrite.key, self.clock.now());
        let of = |did| AuditEntry::new(Actor::Program, did, now);
        let begun =
            begins.then(|| of(Did::KeysChanged).what(format_args!("key {key} of the vault")));
        let is_last = IndexTable::ALL.last() == Some(&table);
        let done = (rewrite.is_finished && is_last)
            .then(|| of(Did::VaultRewritten).what(format_args!("blind indexes, key {key}")));
        let said = begun.into_iter().chain(done);
        said.map(|entry| entry.seal(&*self.ids)).collect()
    }

    async fn reindexed(&self, table: IndexTable) -> Result<Option<IndexRewrite>> {
        let found = self.store.read("vault.reindexed", table, |tx, table| {
            Box::pin(blind_indexes::progress(tx, *table))
        });
        Ok(found.await?)
    }

    async fn index_page(
        &self,
        table: IndexTable,
        after: Option<blind_indexes::IndexRow>,
        limit: u32,
    ) -> Result<Vec<blind_indexes::IndexRow>, StoreError> {
        let page = self.store.read(
            "vault.index_page",
            (table, after, limit),
            |tx, (table, after, limit)| Box::pin(blind_indexes::after(tx, *table, *after, *limit)),
        );
        page.await
    }
}
