//! Sign-in by OpenID Connect. A provider says who somebody is; what it signed is believed, and
//! nothing of its tokens is kept or logged.
//!
//! Residents become `seen` by it, staff members sign in to the account that names them. Both rooms
//! stand behind [`ProvenSignIns`]; nothing here knows of accounts or sessions.
//!
//! | file | holds |
//! |---|---|
//! | `settings` | what an installation says of each provider, checked once |
//! | `attempt` | what binds the browser that began to the one that comes back |
//! | `exchange` | how a provider is asked: limits of time and size, no redirects |
//! | `discovery` | what a provider says of itself, and its keys |
//! | `tokens` | code → token, checked |
//! | `claims` | claims → name, document, phone |
//! | `proven` | what was proven, and who takes it from there |
//! | `rooms` | the rooms of this service behind it |
//! | `error` | every refusal, with its remedy |

mod attempt;
mod claims;
mod discovery;
mod error;
mod exchange;
mod proven;
mod rooms;
mod settings;
mod tokens;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, IdSource};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::{instrument, warn};

pub use self::attempt::Purpose;
pub use self::error::{ClaimFault, Misfit, SignInError, TokenFault, Unreachable};
pub use self::proven::{Entrance, Proven, ProvenIdentity, ProvenSignIns, ProvenSubject};
pub use self::settings::{
    Audience, BadProvider, ClaimsConfig, ClaimsFrom, ProviderConfig, ProviderSettings,
    PublicAddress, SharedSecret,
};

pub(crate) use self::rooms::Rooms;

use self::attempt::{Attempt, Luggage, Seal, UsedAttempts};
use self::discovery::Discovery;
use self::exchange::Exchange;
use crate::access::Token;
use crate::people::Keys;
use crate::staff::Invitation;

/// How long somebody waits for a provider at most: less than for a whole answer of ours.
const PATIENCE: Duration = Duration::from_secs(9);

/// Most people for whom one provider is asked at once. A provider that hangs holds so many threads
/// and no more.
const AT_ONCE: usize = 16;

/// The providers of an installation.
pub struct Providers {
    by_key: BTreeMap<String, Provider>,
    seal: Seal,
    used: UsedAttempts,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

#[derive(Clone)]
struct Provider {
    settings: Arc<ProviderSettings>,
    exchange: Exchange,
    discovery: Arc<Discovery>,
    in_flight: Arc<Semaphore>,
}

/// A sign-in that begins.
#[derive(Clone)]
pub struct Departure {
    /// Where the browser goes.
    pub address: String,
    /// What the browser must bring back, in a cookie that scripts cannot read.
    pub attempt: String,
}

/// Somebody who came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Who, and what for.
    pub proven: Proven,
    /// The session that their browser held when they went; checked by nobody yet.
    pub here: Option<Token>,
}

/// What the browser brings back in the address (RFC 6749, section 4.1.2; RFC 9207).
#[derive(Clone, Default, Deserialize)]
pub struct Callback {
    /// Which attempt it answers.
    pub state: Option<String>,
    /// What the provider gives a token for.
    pub code: Option<String>,
    /// Why the provider gives none.
    pub error: Option<String>,
    /// Who answers.
    pub iss: Option<String>,
}

impl Providers {
    /// None, until the configuration names some.
    ///
    /// # Errors
    /// [`BadProvider::KeyTaken`].
    pub fn new(
        providers: Vec<ProviderSettings>,
        keys: &Keys,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, BadProvider> {
        let mut by_key = BTreeMap::new();
        for settings in providers {
            let provider = Provider {
                exchange: Exchange::new(settings.is_development, settings.patience),
                discovery: Arc::default(),
                in_flight: Arc::new(Semaphore::new(AT_ONCE)),
                settings: Arc::new(settings),
            };
            let key = provider.settings.key.clone();
            if by_key.insert(key, provider).is_some() {
                return Err(BadProvider::KeyTaken);
            }
        }
        Ok(Self {
            by_key,
            seal: Seal::new(&keys.sign_in_seal()),
            used: UsedAttempts::default(),
            clock,
            ids,
        })
    }

    /// Those with which `audience` signs in, by key.
    pub fn of(&self, audience: Audience) -> impl Iterator<Item = &ProviderSettings> {
        let all = self.by_key.values().map(|provider| &*provider.settings);
        all.filter(move |provider| provider.audience == audience)
    }

    /// The provider called `key`.
    ///
    /// # Errors
    /// [`SignInError::UnknownProvider`].
    pub fn settings(&self, key: &str) -> Result<&ProviderSettings, SignInError> {
        Ok(&self.provider(key)?.settings)
    }

    /// Looks whether the provider called `key` answers and is what the configuration says.
    ///
    /// # Errors
    /// [`SignInError`] with what is wrong.
    #[instrument(name = "providers.look", skip(self))]
    pub async fn look(&self, key: &str) -> Result<(), SignInError> {
        let now = self.clock.now();
        let looked = self.provider(key)?.ask(move |provider| {
            let known = provider
                .discovery
                .current(&provider.settings, &provider.exchange, now)?;
            tokens::check(&provider.settings, &known)
        });
        looked.await
    }

    /// Sends somebody to the provider called `key`, whose browser holds the session `here`. Nothing is
    /// stored.
    ///
    /// # Errors
    /// [`SignInError`] if the provider is unknown or cannot be asked.
    #[instrument(name = "providers.begin", skip(self, here))]
    pub async fn begin(
        &self,
        key: &str,
        purpose: Purpose,
        here: Option<Token>,
    ) -> Result<Departure, SignInError> {
        let luggage = Luggage {
            session: here,
            invitation: None,
        };
        self.set_out(key, (purpose, luggage)).await
    }

    /// Sends somebody to the provider called `key` who is to take up an invitation. Nothing is stored.
    ///
    /// # Errors
    /// As [`Self::begin`].
    #[instrument(name = "providers.begin_joining", skip(self, invitation))]
    pub async fn begin_joining(
        &self,
        key: &str,
        invitation: Invitation,
    ) -> Result<Departure, SignInError> {
        let luggage = Luggage {
            session: None,
            invitation: Some(invitation),
        };
        self.set_out(key, (Purpose::Join, luggage)).await
    }

    async fn set_out(
        &self,
        key: &str,
        purpose_and_luggage: (Purpose, Luggage),
    ) -> Result<Departure, SignInError> {
        let now = self.clock.now();
        let attempt = Attempt::begin(purpose_and_luggage, &*self.ids, now);
        let sealed = self.seal.close(&attempt, key, &*self.ids);
        let address = self.provider(key)?.ask(move |provider| {
            let Provider {
                settings,
                exchange,
                discovery,
                ..
            } = provider;
            let known = discovery.current(settings, exchange, now)?;
            tokens::address(settings, &known, &attempt)
        });
        Ok(Departure {
            address: logged(key, address.await)?,
            attempt: sealed,
        })
    }

    /// Ends what [`Self::begin`] began: `attempt` is what the browser kept, `callback` what it brings
    /// from the provider.
    ///
    /// # Errors
    /// [`SignInError`]; then nobody is signed in, and the attempt cannot be used again unless it was
    /// not this browser's.
    #[instrument(name = "providers.finish", skip(self, attempt, callback))]
    pub async fn finish(
        &self,
        key: &str,
        attempt: Option<&str>,
        callback: Callback,
    ) -> Result<Arrival, SignInError> {
        let (provider, now) = (self.provider(key)?, self.clock.now());
        let attempt = attempt.ok_or(SignInError::NotBegunHere)?;
        let attempt = self.seal.open(attempt, key, now)?;
        let state = callback.state.as_deref().unwrap_or_default();
        if !attempt.is_of(state) {
            return Err(SignInError::NotBegunHere);
        }
        self.used.note(&attempt, now)?;
        let here = attempt.luggage.session.clone();
        let proven = provider.ask(move |provider| provider.finish(&attempt, callback, now));
        let proven = logged(key, proven.await)?;
        Ok(Arrival { proven, here })
    }

    fn provider(&self, key: &str) -> Result<&Provider, SignInError> {
        self.by_key.get(key).ok_or(SignInError::UnknownProvider)
    }
}

impl Provider {
    /// Who came back. Blocks.
    fn finish(
        &self,
        attempt: &Attempt,
        callback: Callback,
        now: domain::Timestamp,
    ) -> Result<Proven, SignInError> {
        let settings = &*self.settings;
        match callback.iss {
            Some(issuer) if issuer != settings.issuer => return Err(SignInError::MixedUp),
            Some(_) => {}
            None => {
                let known = self.discovery.current(settings, &self.exchange, now)?;
                let said = known.metadata.additional_metadata();
                if said.authorization_response_iss_parameter_supported {
                    return Err(SignInError::MixedUp);
                }
            }
        }
        let code = match (callback.error, callback.code) {
            (None, Some(code)) => code,
            _ => return Err(SignInError::Declined),
        };
        let ask = (&self.exchange, &*self.discovery);
        let (subject, claims) = tokens::redeem(settings, ask, code, attempt, now)?;
        Ok(match (&settings.claims, attempt.purpose) {
            (Some(named), _) => Proven::Resident(claims::identity(subject, &claims, named)?),
            (None, Purpose::SignIn) => Proven::Staff(subject),
            (None, Purpose::Bind) => Proven::ToBind(subject),
            (None, Purpose::Join) => {
                let invitation = attempt.luggage.invitation.clone();
                Proven::ToJoin(subject, invitation.ok_or(SignInError::NotBegunHere)?)
            }
        })
    }

    /// Does `work` on a thread that may wait, unless too many do, and not for longer than
    /// [`PATIENCE`]. Work that is given up holds its place until it ends.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, SignInError> + Send + 'static,
    ) -> Result<T, SignInError> {
        let place = Arc::clone(&self.in_flight).try_acquire_owned();
        let place = place.map_err(|_| SignInError::Unreachable(Unreachable::Busy))?;
        let provider = self.clone();
        let work = spawn_blocking(move || {
            let done = work(&provider);
            drop(place);
            done
        });
        match timeout(PATIENCE, work).await {
            Ok(Ok(done)) => done,
            // The library panics on an access token that no header can hold.
            Ok(Err(_panicked)) => Err(SignInError::Unreachable(Unreachable::Garbled)),
            Err(_) => Err(SignInError::Unreachable(Unreachable::Slow)),
        }
    }
}

/// Writes what an operator must see to the log. Holds nothing of the person or the tokens.
fn logged<T>(key: &str, done: Result<T, SignInError>) -> Result<T, SignInError> {
    if let Err(error) = &done
        && error.is_for_the_operator()
    {
        warn!(provider = key, %error, "a sign-in failed");
    }
    done
}
