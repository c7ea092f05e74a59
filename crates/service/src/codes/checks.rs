//! Verifying a code on this server.

use std::sync::{Arc, Mutex, PoisonError};

use credential::{Accepted, Code, FreshTrustList, PublicKey, Refusal, ReplayCache, StatusGap};
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
    /// Live codes that were taken in the last minute.
    pub(crate) seen: Mutex<ReplayCache>,
}

impl Checks {
    /// Verifies the text of a code, now. Asks no database: what was revoked before a restriction was
    /// acknowledged is in memory (invariant 7).
    ///
    /// [`Accepted::known_at`] says as of when the colour is known.
    ///
    /// The text of a live code is taken once. That holds of this server: another one of the same
    /// installation does not know what this one took, so a code passes at most once at each, within
    /// the minute for which it can be shown.
    ///
    /// Of the check nothing remains for longer but its outcome, which the statistics of the day
    /// count.
    ///
    /// # Errors
    /// [`Refusal`] says why the code is not taken.
    #[instrument(name = "checks.verify", level = "debug", skip_all)]
    pub fn verify(&self, text: &str, settings: &credential::Settings) -> Result<Accepted, Refusal> {
        let now = self.clock.now();
        let checked = self
            .verify_at(text, settings, now)
            .and_then(|accepted| self.admit_once(accepted, now));
        self.counts.note(checked.as_ref(), now);
        checked
    }

    fn admit_once(&self, accepted: Accepted, now: Timestamp) -> Result<Accepted, Refusal> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.admit(&accepted, now)?;
        Ok(accepted)
    }

    pub(super) fn verify_at(
        &self,
        text: &str,
        settings: &credential::Settings,
        now: Timestamp,
    ) -> Result<Accepted, Refusal> {
        let trust = self.trust.current(now);
        let code = Code::decode(text)?;
        // Another server has a newer list: a key that this one believes may be in wrong hands.
        if self.trust.check_newest().is_err() {
            return Err(Refusal::TrustListRanOut { since: now });
        }
        let key = trust.list.key(code.assertion().issuer_key());
        if key.is_none_or(|key| key.issuer != trust.own().issuer) {
            let others = &self.trust.others;
            let others = others.read().unwrap_or_else(PoisonError::into_inner);
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
        others.add(token, &self.trust.current(self.clock.now()).list)
    }

    /// The trust list as checkpoints fetch it: signed by the root, and confirmed lately.
    pub fn trust_list(&self) -> Vec<u8> {
        self.trust.current(self.clock.now()).handed_out.clone()
    }

    /// The same, opened.
    pub fn trusted_keys(&self) -> FreshTrustList {
        self.trust.current(self.clock.now()).list.clone()
    }

    /// The roots, one of which signed the trust list: what a checkpoint pins.
    pub fn roots(&self) -> Vec<PublicKey> {
        self.trust.current(self.clock.now()).roots().to_vec()
    }

    /// Whose codes this installation signs.
    pub(super) fn issuer(&self, now: Timestamp) -> Region {
        self.trust.current(now).own().issuer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[tokio::test]
    async fn a_trust_list_is_handed_out_unchanged_until_it_is_confirmed_anew() {
        let fixture = Fixture::new().await;
        let checks = fixture.checks(&Arc::default());
        let first = checks.trust_list();
        fixture.clock.advance(SignedDuration::from_mins(9));
        assert_eq!(checks.trust_list(), first);
        fixture.clock.advance(SignedDuration::from_mins(2));
        assert_ne!(checks.trust_list(), first, "ten minutes are over");
        let refused = checks.verify("no code", &credential::Settings::default());
        assert!(refused.is_err());
    }
}
