//! What the tests of a room are built from: an empty record, a clock, secrets. Never a whole service.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use credential::{IssuerKey, ListValidity, ReplayCache, TrustList, TrustedKey};
use domain::{Clock, IdSource, ManualClock, Policy, Region, Timestamp};
use jiff::SignedDuration;
use store::{PolicyText, Publication, Store, publications};
use tempfile::TempDir;

use crate::access::Access;
use crate::accounts::Sessions;
use crate::codes::{Checks, Revocations, SigningKeys, Trust};
use crate::decisions::{VerdictCache, Verdicts};
use crate::people::Keys;
use crate::publishing::PublishedPolicies;
use crate::statistics::CheckCounts;
use crate::wake::Wake;
use crate::{Result, Settings};

pub(crate) const POLICY: &str = include_str!("../../../policies/hangzhou.toml");
const MORNING: &str = "2020-02-17T08:00:00+08:00";

/// What every room needs.
pub(crate) struct Fixture {
    pub store: Arc<Store>,
    pub clock: Arc<ManualClock>,
    pub ids: Arc<Counting>,
    pub keys: Keys,
    pub settings: Arc<Settings>,
    pub wake: Arc<Wake>,
    pub folder: TempDir,
}

/// Bits that never repeat.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl IdSource for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            let word = next.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&word.to_be_bytes()[..chunk.len()]);
        }
    }
}

impl Fixture {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("record.db").display());
        let ids = Arc::new(Counting::default());
        let region: Region = "330100".parse().unwrap();
        let now: Timestamp = MORNING.parse().unwrap();
        Self {
            store: Arc::new(Store::migrate(&url, &*ids).await.unwrap()),
            clock: Arc::new(ManualClock::new(now)),
            ids,
            keys: Keys::from_secret(&[3; 32]),
            settings: Arc::new(Settings::new(region)),
            wake: Arc::default(),
            folder,
        }
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as _
    }

    pub fn ids(&self) -> Arc<dyn IdSource> {
        Arc::clone(&self.ids) as _
    }

    /// Nothing is in force yet.
    pub fn no_policies(&self) -> Arc<PublishedPolicies> {
        let (store, wake) = (Arc::clone(&self.store), Arc::clone(&self.wake));
        Arc::new(PublishedPolicies::new(store, self.clock(), wake))
    }

    /// One policy is in force.
    pub async fn policies(&self) -> Arc<PublishedPolicies> {
        let policy = Policy::parse(POLICY).unwrap();
        let text = PolicyText {
            reference: policy.reference().clone(),
            toml: POLICY.to_owned(),
            effective: policy.effective(),
        };
        let publication = Publication {
            by: "the test".to_owned(),
            at: self.clock.now(),
        };
        let arguments = (text, publication);
        let published =
            self.store
                .transaction("policies.publish", arguments, |tx, (text, publication)| {
                    Box::pin(publications::publish_policy(tx, text, publication))
                });
        published.await.unwrap();
        let policies = self.no_policies();
        policies.reload().await.unwrap();
        policies
    }

    pub fn revocations(&self) -> Arc<Revocations> {
        Arc::new(Revocations::new(Arc::clone(&self.store), self.clock()))
    }

    pub fn verdicts(&self, policies: &Arc<PublishedPolicies>) -> Arc<Verdicts> {
        Arc::new(Verdicts::new(
            Arc::clone(&self.store),
            self.clock(),
            Arc::clone(policies),
            Arc::new(VerdictCache::new(100)),
            self.revocations(),
            Arc::clone(&self.wake),
        ))
    }

    pub fn sessions(&self) -> Arc<Sessions> {
        let (store, keys) = (Arc::clone(&self.store), self.keys.clone());
        Arc::new(Sessions::new(store, self.clock(), self.ids(), keys, 100))
    }

    pub fn access(&self, sessions: &Arc<Sessions>) -> Arc<Access> {
        let (store, keys) = (Arc::clone(&self.store), self.keys.clone());
        let sessions = Arc::clone(sessions);
        Arc::new(Access::new(store, self.clock(), self.ids(), keys, sessions))
    }

    pub fn checks(&self, counts: &Arc<CheckCounts>) -> Checks {
        let now = self.clock.now();
        let until = now + SignedDuration::from_hours(24 * 365);
        let key = |seed: u8| IssuerKey::from_seed(&[seed; 32]).unwrap();
        let trusted = TrustedKey {
            issuer: self.settings.issuer,
            status_uri: "https://health.example/status".to_owned(),
            key: key(2).public_key().clone(),
            from: now,
            until,
        };
        let validity = ListValidity {
            issued_at: now,
            expires_at: until,
            freshness_key: key(4).public_key().clone(),
        };
        let list = TrustList::new(1, validity, vec![trusted]).unwrap();
        let (trust_list, root) = (list.sign(&key(1)).unwrap(), key(1).public_key().clone());
        let source = move |_: Timestamp| -> Result<SigningKeys> {
            Ok(SigningKeys {
                issuer_key: key(2),
                freshness_key: key(4),
                trust_list: trust_list.clone(),
                roots: vec![root.clone()],
            })
        };
        let trust = Trust::new(Arc::new(source), self.settings.issuer, now).unwrap();
        Checks {
            clock: self.clock(),
            trust: Arc::new(trust),
            revocations: self.revocations(),
            counts: Arc::clone(counts),
            seen: Mutex::new(ReplayCache::new()),
        }
    }
}
