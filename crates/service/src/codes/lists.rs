//! The status lists that checkpoints fetch: signed, kept, and made again when an index is revoked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use credential::{KeyId, StatusListBuilder};
use domain::Timestamp;
use tracing::{debug, instrument, warn};

use super::Codes;
use super::revocations::IndexInList;
use super::trust::CurrentKeys;
use crate::{Result, ServiceError};

/// A signed status list.
#[derive(Debug, PartialEq, Eq)]
pub struct SignedList {
    /// Which.
    pub number: u32,
    /// The status list token (CWT), `application/statuslist+cwt`.
    pub token: Vec<u8>,
    /// As of when.
    pub issued_at: Timestamp,
    /// From when a fresh one is handed out even if nothing changed.
    pub fresh_until: Timestamp,
}

/// The signed lists, each with the indexes that are revoked in it.
#[derive(Default)]
pub(crate) struct StatusLists {
    held: Mutex<HashMap<u32, Held>>,
}

struct Held {
    list: Arc<SignedList>,
    revoked: Arc<Vec<IndexInList>>,
    signed_by: KeyId,
}

impl Codes {
    /// A status list, with everything in it that was acknowledged.
    ///
    /// # Errors
    /// [`ServiceError::UnknownStatusList`] for a number not in use; [`ServiceError::Signing`].
    #[instrument(name = "status_lists.list", level = "debug", skip(self))]
    pub fn status_list(&self, number: u32) -> Result<Arc<SignedList>> {
        if number >= self.revocations.lists_in_use() {
            return Err(ServiceError::UnknownStatusList);
        }
        let now = self.clock.now();
        let trust = self.trust.current(now);
        let known = self.revocations.known();
        let revoked = known.of_list(number);
        let mut held = self
            .lists
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.get(&number)
            && held.revoked == revoked
            && held.signed_by == trust.issuer_key().id()
            && now < held.list.fresh_until
        {
            return Ok(Arc::clone(&held.list));
        }
        let issued_at = known.known_at.unwrap_or(now);
        let list = Arc::new(self.sign_list(&trust, number, &revoked, issued_at, now)?);
        held.insert(
            number,
            Held {
                list: Arc::clone(&list),
                revoked,
                signed_by: trust.issuer_key().id(),
            },
        );
        Ok(list)
    }

    /// How many status lists there are; they are numbered from 0.
    pub fn status_lists(&self) -> u32 {
        self.revocations.lists_in_use()
    }

    fn sign_list(
        &self,
        trust: &CurrentKeys,
        number: u32,
        revoked: &[IndexInList],
        issued_at: Timestamp,
        now: Timestamp,
    ) -> Result<SignedList> {
        let mut builder = StatusListBuilder::new(self.settings.indexes_per_list);
        for known in revoked {
            if let Err(error) = builder.revoke(known.index) {
                warn!(number, %error, "an index claimed under a larger size of the lists");
            }
        }
        let fresh = self.settings.status_list_fresh;
        let list = builder.build(issued_at, fresh, self.settings.status_list_life);
        let token = list.sign(trust.issuer_key(), &trust.list_uri(number));
        let token = token.map_err(|error| ServiceError::Signing(error.to_string()))?;
        debug!(
            number,
            revoked = revoked.len(),
            bytes = token.len(),
            "signed"
        );
        let fresh_until = now.checked_add(fresh).unwrap_or(Timestamp::MAX);
        Ok(SignedList {
            number,
            token,
            issued_at,
            fresh_until,
        })
    }
}
