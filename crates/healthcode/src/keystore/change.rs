//! Changing keys: each change is one new trust list, signed by the root.

use std::fs;

use anyhow::{Result, bail};
use credential::{KeyId, TrustList, TrustedKey};
use domain::{IdSource, Timestamp};

use super::{KeyFolder, PUBLISHED_FIRST};

impl KeyFolder {
    /// Makes another issuer key and puts it into the trust list; it signs [`PUBLISHED_FIRST`] later.
    /// Returns its name and when that is.
    ///
    /// # Errors
    /// If two keys are live already; if the root is not in the folder.
    pub fn rotate(&self, ids: &dyn IdSource, now: Timestamp) -> Result<(KeyId, Timestamp)> {
        let list = self.trust_list()?;
        let own = self.own_keys(&list);
        let newest = self.newest(&own)?;
        if own.len() > 1 {
            let oldest = own.iter().min_by_key(|key| key.from).unwrap_or(&newest);
            bail!(
                "two issuer keys are live already; retire the older one first with \
                 `healthcode keys retire {}`",
                oldest.key.id()
            );
        }
        let root = self.root()?;
        let from = now + PUBLISHED_FIRST;
        let (id, trusted) = self.new_issuer_key(newest.issuer, &newest.status_uri, ids, from)?;
        let keys = list.keys().iter().cloned().chain([trusted]).collect();
        let freshness = list.freshness_key().clone();
        self.publish(list.sequence() + 1, now, freshness, keys, &root)?;
        Ok((id, from))
    }

    /// Makes another issuer key, which signs at once, and another freshness key. With
    /// `are_compromised` every other issuer key of this installation is taken out of the trust list
    /// in the same act: what they signed counts no more.
    ///
    /// # Errors
    /// If the root is not in the folder.
    pub fn rotate_now(
        &self,
        are_compromised: bool,
        ids: &dyn IdSource,
        now: Timestamp,
    ) -> Result<KeyId> {
        let list = self.trust_list()?;
        let own = self.own_keys(&list);
        let newest = self.newest(&own)?;
        let root = self.root()?;
        let (id, trusted) = self.new_issuer_key(newest.issuer, &newest.status_uri, ids, now)?;
        let goes = |key: &TrustedKey| are_compromised && own.contains(key);
        let stays = list.keys().iter().filter(|key| !goes(key)).cloned();
        let keys = stays.chain([trusted]).collect();
        let before = list.freshness_key().id();
        let freshness = self.new_freshness_key(ids)?;
        self.publish(list.sequence() + 1, now, freshness, keys, &root)?;
        // Only now: a server that reads in between finds what belongs to the list it reads.
        put_away(&self.freshness_file(before))?;
        if are_compromised {
            for key in &own {
                put_away(&self.issuer_file(key.key.id()))?;
            }
        }
        Ok(id)
    }

    /// Signs the trust list again as it is, so that it may be used for longer; until when. A list of
    /// version 0.1, which had no end, gets one, and a freshness key.
    ///
    /// # Errors
    /// If the root is not in the folder.
    pub fn renew(&self, ids: &dyn IdSource, now: Timestamp) -> Result<Timestamp> {
        let root = self.root()?;
        let signed = self.signed_trust_list()?;
        if let Ok((sequence, keys)) = TrustList::open_endless(&signed, &self.roots()?) {
            let freshness = self.new_freshness_key(ids)?;
            self.publish(sequence + 1, now, freshness, keys, &root)?;
        } else {
            let list = self.trust_list()?;
            let (keys, freshness) = (list.keys().to_vec(), list.freshness_key().clone());
            self.publish(list.sequence() + 1, now, freshness, keys, &root)?;
        }
        Ok(self.trust_list()?.expires_at())
    }

    /// Takes an issuer key out of the trust list; its file is kept under another name.
    ///
    /// # Errors
    /// If the root is not in the folder, the key is not in the list, or it is the only one.
    pub fn retire(&self, id: KeyId, now: Timestamp) -> Result<()> {
        let list = self.trust_list()?;
        let root = self.root()?;
        let others = list.keys().iter().filter(|key| key.key.id() != id);
        let (keys, freshness) = (others.cloned().collect(), list.freshness_key().clone());
        self.publish(list.sequence() + 1, now, freshness, keys, &root)?;
        put_away(&self.issuer_file(id))
    }

    fn own_keys(&self, list: &TrustList) -> Vec<TrustedKey> {
        let keys = list.keys().iter();
        keys.filter(|key| self.issuer_file(key.key.id()).exists())
            .cloned()
            .collect()
    }

    fn newest(&self, own: &[TrustedKey]) -> Result<TrustedKey> {
        let Some(newest) = own.iter().max_by_key(|key| key.from) else {
            bail!(
                "{}: holds no issuer key of its own to follow",
                self.path().display()
            );
        };
        Ok(newest.clone())
    }
}

/// Keeps a key under another name, under which no server finds it.
fn put_away(file: &std::path::Path) -> Result<()> {
    if file.exists() {
        fs::rename(file, file.with_extension("pem.retired"))?;
    }
    Ok(())
}
