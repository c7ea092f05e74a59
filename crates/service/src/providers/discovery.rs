//! What a provider says of itself, and its keys: read from its address, kept for an hour.

use std::sync::{Arc, Mutex, PoisonError};

use domain::Timestamp;
use jiff::SignedDuration;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, IssuerUrl, JsonWebKeySet, ProviderMetadata,
};
use serde::{Deserialize, Serialize};

use super::error::{Misfit, SignInError, Unreachable};
use super::exchange::{Exchange, NoAnswer};
use super::settings::{ProviderSettings, may_be_asked};

/// After so long it is read again.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// For so long it serves while the provider does not answer.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// The least time between two looks for new keys because a signature did not fit.
const LEAST_BETWEEN: SignedDuration = SignedDuration::from_secs(10);

/// The discovery document with the fields that are used here.
pub(super) type Metadata = ProviderMetadata<
    Extensions,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Fields of later standards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Extensions {
    /// Whether each answer names its issuer (RFC 9207).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extensions {}

/// What a provider said of itself at some time.
pub(super) struct Known {
    pub(super) metadata: Metadata,
    read_at: Timestamp,
}

/// What is known of one provider. Asking blocks.
#[derive(Default)]
pub(super) struct Discovery(Mutex<Option<Arc<Known>>>);

impl Discovery {
    /// What is known, read again if it is old.
    pub(super) fn current(
        &self,
        provider: &ProviderSettings,
        exchange: &Exchange,
        now: Timestamp,
    ) -> Result<Arc<Known>, SignInError> {
        let kept = self.kept();
        if let Some(known) = kept.as_ref().filter(|known| known.is_younger(FRESH, now)) {
            return Ok(Arc::clone(known));
        }
        match (read(provider, exchange, now), kept) {
            (Ok(known), _) => Ok(self.keep(known)),
            (Err(SignInError::Unreachable(_)), Some(known)) if known.is_younger(LONGEST, now) => {
                Ok(known)
            }
            (Err(error), _) => Err(error),
        }
    }

    /// What is known once the provider may have changed its keys: a signature did not fit `known`.
    pub(super) fn with_new_keys(
        &self,
        known: &Arc<Known>,
        exchange: &Exchange,
        now: Timestamp,
    ) -> Result<Arc<Known>, SignInError> {
        let kept = self.kept().unwrap_or_else(|| Arc::clone(known));
        let is_newer = !Arc::ptr_eq(&kept, known);
        if is_newer || kept.is_younger(LEAST_BETWEEN, now) {
            return Ok(kept);
        }
        let ask = |request| exchange.ask(request);
        let keys = JsonWebKeySet::fetch(kept.metadata.jwks_uri(), &ask).map_err(refused)?;
        Ok(self.keep(Known {
            metadata: kept.metadata.clone().set_jwks(keys),
            read_at: now,
        }))
    }

    fn kept(&self) -> Option<Arc<Known>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    fn keep(&self, known: Known) -> Arc<Known> {
        let known = Arc::new(known);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Arc::clone(&known));
        known
    }
}

impl Known {
    /// A clock that was set back does not make it younger than it is.
    fn is_younger(&self, than: SignedDuration, now: Timestamp) -> bool {
        let age = now.duration_since(self.read_at);
        !age.is_negative() && age < than
    }
}

fn read(
    provider: &ProviderSettings,
    exchange: &Exchange,
    now: Timestamp,
) -> Result<Known, SignInError> {
    let misfit = |misfit| SignInError::Misconfigured(misfit);
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|_| misfit(Misfit::Address))?;
    let ask = |request| exchange.ask(request);
    let metadata = Metadata::discover(&issuer, &ask).map_err(refused)?;
    let authorization = metadata.authorization_endpoint().url();
    if !may_be_asked(authorization, provider.is_development) {
        return Err(misfit(Misfit::Address));
    }
    if metadata.token_endpoint().is_none() {
        return Err(misfit(Misfit::Endpoint));
    }
    Ok(Known {
        metadata,
        read_at: now,
    })
}

fn refused(error: DiscoveryError<NoAnswer>) -> SignInError {
    match error {
        DiscoveryError::Request(no_answer) => no_answer.into(),
        DiscoveryError::Validation(_) => SignInError::Misconfigured(Misfit::Issuer),
        _ => SignInError::Unreachable(Unreachable::Garbled),
    }
}
