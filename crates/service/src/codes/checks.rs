//! Verifying a code on this server.

use std::sync::{Arc, PoisonError};

use credential::{Accepted, Code, Refusal, StatusGap, TrustList};
use domain::{Clock, Region, Timestamp};
use jiff::SignedDuration;
use tracing::instrument;

use super::Trust;
use super::revocations::{KNOWLEDGE_LASTS, Revocations};
use crate::statistics::CheckCounts;

/// Longer than any assertion lives: this server knows better than a status list does.
const ALWAYS: SignedDuration = SignedDuration::MAX;

/// Verifies codes.
pub struct Checks {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) trust: Arc<Trust>,
    pub(crate) revocations: Arc<Revocations>,
    pub(crate) counts: Arc<CheckCounts>,
}

impl Checks {
    /// Verifies the text of a code, now. Asks no database: what was revoked before a restriction was
    /// acknowledged is in memory (invariant 7).
    ///
    /// [`Accepted::known_at`] says as of when the colour is known.
    ///
    /// Of the check nothing remains but its outcome, which the statistics of the day count.
    ///
    /// # Errors
    /// [`Refusal`] says why the code is not taken.
    #[instrument(name = "checks.verify", level = "debug", skip_all)]
    pub fn verify(&self, text: &str, settings: &credential::Settings) -> Result<Accepted, Refusal> {
        let now = self.clock.now();
        let checked = self.verify_at(text, settings, now);
        self.counts.note(checked.as_ref(), now);
        checked
    }

    fn verify_at(
        &self,
        text: &str,
        settings: &credential::Settings,
        now: Timestamp,
    ) -> Result<Accepted, Refusal> {
        let trust = &self.trust;
        let code = Code::decode(text)?;
        let key = trust.list.key(code.assertion().issuer_key());
        if key.is_none_or(|key| key.issuer != trust.own.issuer) {
            let others = trust.others.read().unwrap_or_else(PoisonError::into_inner);
            return credential::verify(text, &trust.list, Some(&others), now, settings);
        }
        let own = credential::Settings {
            fresh_for: ALWAYS,
            ..*settings
        };
        let mut accepted = credential::verify(text, &trust.list, None, now, &own)?;
        let revoked = self.revocations.known();
        let known_at = revoked.known_at.unwrap_or(accepted.issued_at);
        if revoked.contains(accepted.status.list, accepted.status.index) {
            return Err(Refusal::Revoked { known_at });
        }
        let age = now.duration_since(accepted.issued_at);
        let knowledge = now.duration_since(known_at);
        // Cut off from the database: a restriction may have been acknowledged elsewhere.
        if age > settings.fresh_for && knowledge > KNOWLEDGE_LASTS.min(settings.list_serves) {
            let gap = StatusGap::ListTooOld { age: knowledge };
            return Err(Refusal::StatusUnknown { age, gap });
        }
        accepted.known_at = accepted.issued_at.max(known_at).min(now);
        Ok(accepted)
    }

    /// Takes in a status list of another issuer in the trust list.
    ///
    /// # Errors
    /// [`credential::BadStatusList`]; the one held stays.
    pub fn hold_status_list(
        &self,
        token: &[u8],
    ) -> Result<(Region, u32), credential::BadStatusList> {
        let mut others = self
            .trust
            .others
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        others.add(token, &self.trust.list)
    }

    /// The signed trust list, as checkpoints fetch it.
    pub fn trust_list(&self) -> &[u8] {
        &self.trust.signed
    }

    /// The same, opened.
    pub fn trusted_keys(&self) -> &TrustList {
        &self.trust.list
    }
}
