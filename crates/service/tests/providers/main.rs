//! Sign-in at identity providers: against a stand-in that does whatever a story needs, and against a
//! certified one where `HEALTHCODE_TEST_OIDC_PROVIDER` says where it is installed.

#![expect(
    clippy::unwrap_used,
    reason = "a story ends where something goes wrong"
)]
#![expect(clippy::print_stdout, reason = "a story that is skipped says so")]

mod attacks;
mod certified;
mod faults;
mod log;
mod stand_in;
mod stories;
mod tokens;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::{Clock, IdSource, ManualClock};
use jiff::SignedDuration;
use service::Keys;
use service::providers::{
    Audience, Callback, ClaimsConfig, ClaimsFrom, Departure, Proven, ProvenIdentity,
    ProviderConfig, ProviderSettings, Providers, PublicAddress, Purpose, SharedSecret, SignInError,
};
use sha2::{Digest, Sha256};

use stand_in::{CLIENT, SECRET, StandIn};

/// A provider, a node of ours that residents sign in at, and a clock for both.
pub struct Town {
    /// The provider.
    pub provider: StandIn,
    /// The node.
    pub node: Providers,
    /// The node's clock.
    pub clock: Arc<ManualClock>,
    /// The provider's clock.
    pub their_clock: Arc<ManualClock>,
}

impl Town {
    /// A town in which all is well.
    pub fn found() -> Self {
        Self::found_with(|_| {})
    }

    /// A town in which the configuration says something else.
    pub fn found_with(change: impl FnOnce(&mut ProviderConfig)) -> Self {
        let at = "2020-02-20T04:00:00Z".parse().unwrap();
        let (clock, their_clock) = (
            Arc::new(ManualClock::new(at)),
            Arc::new(ManualClock::new(at)),
        );
        let provider = StandIn::start(Arc::clone(&their_clock));
        let mut config = config("stand-in", &provider.issuer);
        change(&mut config);
        let settings = settings(config, SECRET).with_patience(Duration::from_millis(500));
        let node = node(vec![settings], Arc::clone(&clock) as Arc<dyn Clock>);
        Self {
            provider,
            node,
            clock,
            their_clock,
        }
    }

    /// Both clocks go on.
    pub fn later(&self, by: SignedDuration) {
        self.clock.advance(by);
        self.their_clock.advance(by);
    }

    /// Somebody presses the button.
    pub async fn begin(&self) -> Departure {
        self.node
            .begin("stand-in", Purpose::SignIn, None)
            .await
            .unwrap()
    }

    /// A browser comes back.
    pub async fn finish(
        &self,
        departure: &Departure,
        callback: Callback,
    ) -> Result<Proven, SignInError> {
        let attempt = Some(&*departure.attempt);
        let arrival = self.node.finish("stand-in", attempt, callback).await?;
        Ok(arrival.proven)
    }

    /// Somebody presses the button, signs in there, and comes back.
    pub async fn sign_in(&self) -> Result<Proven, SignInError> {
        let departure = self.node.begin("stand-in", Purpose::SignIn, None).await?;
        let callback = self.provider.sign_in(&departure.address);
        self.finish(&departure, callback).await
    }
}

/// A provider for residents, as its configuration says it.
pub fn config(key: &str, issuer: &str) -> ProviderConfig {
    let claim = |name: &str| Some(name.to_owned());
    ProviderConfig {
        key: key.to_owned(),
        r#for: Audience::Residents,
        name: BTreeMap::from([("en".to_owned(), "Stand-in".to_owned())]),
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret_file: PathBuf::new(),
        scopes: vec!["profile".to_owned(), "document".to_owned()],
        acr: vec!["high".to_owned()],
        all_are_proven: false,
        claims_from: ClaimsFrom::IdToken,
        claims: ClaimsConfig {
            name: claim("name"),
            document_number: claim("/document/number"),
            document_kind: None,
            phone: claim("phone_number"),
        },
        document_kind: Some("20".to_owned()),
        document_kinds: BTreeMap::new(),
    }
}

/// The configuration, checked.
pub fn settings(config: ProviderConfig, secret: &str) -> ProviderSettings {
    let here = PublicAddress::new("http://127.0.0.1:8080", true).unwrap();
    ProviderSettings::new(config, SharedSecret::new(secret), &here).unwrap()
}

/// A node with these providers. All nodes have the same keys.
pub fn node(providers: Vec<ProviderSettings>, clock: Arc<dyn Clock>) -> Providers {
    let keys = Keys::from_secret(&[3; 32]);
    Providers::new(providers, &keys, clock, Arc::new(Seeded::default())).unwrap()
}

/// The resident that came back.
pub fn resident(proven: Result<Proven, SignInError>) -> ProvenIdentity {
    match proven.unwrap() {
        Proven::Resident(identity) => identity,
        Proven::Staff(_) | Proven::ToBind(_) | Proven::ToJoin(..) => {
            panic!("a staff member came back")
        }
    }
}

#[derive(Default)]
struct Seeded(AtomicU64);

impl IdSource for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        let drawn = self.0.fetch_add(1, Ordering::SeqCst);
        let random = Sha256::digest(drawn.to_be_bytes());
        bytes.copy_from_slice(&random[..bytes.len()]);
    }
}
