//! Verifying a code on this server, and whom it trusts.

use credential::{
    Accepted, Code, IssuerKey, PublicKey, Refusal, StatusGap, StatusLists, TrustList, TrustedKey,
};
use domain::{Region, Timestamp};
use jiff::SignedDuration;
use std::sync::{PoisonError, RwLock};
use tracing::instrument;

use crate::service::Service;
use crate::{Result, ServiceError};

/// Longer than any assertion lives: this server knows better than a status list does.
const ALWAYS: SignedDuration = SignedDuration::MAX;

/// The issuer's key, and the keys that are believed.
pub(crate) struct Trust {
    issuer_key: IssuerKey,
    /// What the trust list says about the issuer's key.
    own: TrustedKey,
    list: TrustList,
    signed: Vec<u8>,
    /// Status lists of other issuers.
    others: RwLock<StatusLists>,
}

impl Trust {
    /// Opens the trust list and finds the issuer's key in it.
    pub fn new(
        issuer_key: IssuerKey,
        signed: Vec<u8>,
        roots: &[PublicKey],
        issuer: Region,
    ) -> Result<Self> {
        let list = TrustList::open(&signed, roots, None);
        let list = list.map_err(|error| ServiceError::Signing(error.to_string()))?;
        let own = list.key(issuer_key.id()).filter(|own| own.issuer == issuer);
        let Some(own) = own.cloned() else {
            let why = format!(
                "the trust list does not hold the issuer key {} for {issuer}; add it and sign the \
                 list again",
                issuer_key.id()
            );
            return Err(ServiceError::Signing(why));
        };
        Ok(Self {
            issuer_key,
            own,
            list,
            signed,
            others: RwLock::default(),
        })
    }

    pub const fn issuer_key(&self) -> &IssuerKey {
        &self.issuer_key
    }

    /// The address of one of the issuer's status lists, as it is signed into it.
    pub fn list_uri(&self, number: u32) -> String {
        self.own.list_uri(number)
    }
}

impl Service {
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
        self.statistics.checks.note(checked.as_ref(), now);
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
        let revoked = self.revoked();
        let known_at = revoked.known_at.unwrap_or(accepted.issued_at);
        if revoked.contains(accepted.status.list, accepted.status.index) {
            return Err(Refusal::Revoked { known_at });
        }
        let age = now.duration_since(accepted.issued_at);
        let knowledge = now.duration_since(known_at);
        if age > settings.fresh_for && knowledge > settings.list_serves {
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
