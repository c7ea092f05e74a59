//! Whom this server trusts, and what it signs with. Read again while it runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use credential::{FreshTrustList, IssuerKey, PublicKey, StatusLists, TrustList, TrustedKey};
use domain::{Region, Timestamp};
use jiff::SignedDuration;
use tracing::{info, warn};

use crate::{Result, ServiceError};

/// The trust list is confirmed anew after this, so that a verifier that fetched it can be offline
/// for nearly the whole time for which a confirmation is believed.
const CONFIRM_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Where a server finds the keys that it signs with. They change while it runs: a key is rotated, or
/// retired because it is in wrong hands.
pub trait KeySource: Send + Sync {
    /// The keys that hold at `now`.
    ///
    /// # Errors
    /// [`ServiceError::Signing`] says what is wrong with them; those loaded before stay in use.
    fn load(&self, now: Timestamp) -> Result<SigningKeys>;
}

impl<F> KeySource for F
where
    F: Fn(Timestamp) -> Result<SigningKeys> + Send + Sync,
{
    fn load(&self, now: Timestamp) -> Result<SigningKeys> {
        self(now)
    }
}

/// The keys that a server signs with, and whom it trusts.
#[derive(Debug)]
pub struct SigningKeys {
    /// Signs codes and status lists.
    pub issuer_key: IssuerKey,
    /// Says, day by day, that the trust list is the newest.
    pub freshness_key: IssuerKey,
    /// The trust list as the root signed it. Holds the issuer's key, the one before it while its
    /// codes live, and other issuers whose codes are taken here.
    pub trust_list: Vec<u8>,
    /// One of these signed the trust list.
    pub roots: Vec<PublicKey>,
}

/// The keys in use. Takes others while requests are running: each request keeps those with which it
/// began.
pub(crate) struct Trust {
    source: Arc<dyn KeySource>,
    issuer: Region,
    current: RwLock<Arc<CurrentKeys>>,
    /// The newest trust list that any server of the installation is known to have used.
    newest: AtomicU64,
    /// Status lists of other issuers.
    pub(super) others: RwLock<StatusLists>,
}

/// The keys in use at a time.
pub(crate) struct CurrentKeys {
    keys: Arc<OpenedKeys>,
    /// Whom this server believes.
    pub list: FreshTrustList,
    /// The same as checkpoints fetch it.
    pub handed_out: Vec<u8>,
    confirmed_at: Timestamp,
}

/// Keys that belong together.
struct OpenedKeys {
    signing: SigningKeys,
    list: TrustList,
    /// What the list says about the issuer's key.
    own: TrustedKey,
}

impl OpenedKeys {
    /// Opens the trust list and finds the keys in it. Of two lists the one with the higher number
    /// counts: `held` never gives way to an older one.
    fn open(signing: SigningKeys, issuer: Region, held: Option<&TrustList>) -> Result<Self> {
        let list = TrustList::open(&signing.trust_list, &signing.roots, held);
        let list = list.map_err(|error| ServiceError::Signing(error.to_string()))?;
        let key = signing.issuer_key.id();
        let own = list.key(key).filter(|own| own.issuer == issuer);
        let Some(own) = own.cloned() else {
            return Err(ServiceError::Signing(format!(
                "the trust list does not hold the issuer key {key} for {issuer}; add it and sign \
                 the list again"
            )));
        };
        if list.freshness_key() != signing.freshness_key.public_key() {
            return Err(ServiceError::Signing(format!(
                "the trust list {} names another freshness key; put back the one that belongs to it",
                list.sequence()
            )));
        }
        Ok(Self { signing, list, own })
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.list == other.list && self.signing.issuer_key.id() == other.signing.issuer_key.id()
    }
}

impl CurrentKeys {
    fn confirm(keys: Arc<OpenedKeys>, now: Timestamp) -> Result<Self> {
        let signing = |why: String| ServiceError::Signing(why);
        let statement = keys.list.confirm(&keys.signing.freshness_key, now);
        let statement = statement.map_err(|error| signing(error.to_string()))?;
        let list = FreshTrustList::confirmed(keys.list.clone(), &statement, now);
        Ok(Self {
            list: list.map_err(|error| signing(error.to_string()))?,
            handed_out: TrustList::join(&keys.signing.trust_list, &statement),
            confirmed_at: now,
            keys,
        })
    }

    /// One of them signed the trust list.
    pub fn roots(&self) -> &[PublicKey] {
        &self.keys.signing.roots
    }

    /// Signs codes and status lists.
    pub fn issuer_key(&self) -> &IssuerKey {
        &self.keys.signing.issuer_key
    }

    /// What the trust list says about the issuer's key.
    pub fn own(&self) -> &TrustedKey {
        &self.keys.own
    }

    /// The address of one of the issuer's status lists, as it is signed into it.
    pub fn list_uri(&self, number: u32) -> String {
        self.keys.own.list_uri(number)
    }

    fn is_due(&self, now: Timestamp) -> bool {
        // A clock that was set back confirms anew as well: a statement from the future counts nowhere.
        now < self.confirmed_at || now.duration_since(self.confirmed_at) >= CONFIRM_AFTER
    }
}

impl Trust {
    /// Loads the keys that hold at `now`.
    pub fn new(source: Arc<dyn KeySource>, issuer: Region, now: Timestamp) -> Result<Self> {
        let opened = OpenedKeys::open(source.load(now)?, issuer, None)?;
        let current = CurrentKeys::confirm(Arc::new(opened), now)?;
        Ok(Self {
            source,
            issuer,
            current: RwLock::new(Arc::new(current)),
            newest: AtomicU64::new(0),
            others: RwLock::default(),
        })
    }

    /// The keys in use, confirmed lately. A list that has expired is not confirmed any more, and
    /// nothing is accepted with it.
    pub fn current(&self, now: Timestamp) -> Arc<CurrentKeys> {
        let held = self.held();
        if !held.is_due(now) {
            return held;
        }
        match CurrentKeys::confirm(Arc::clone(&held.keys), now) {
            Ok(confirmed) => self.replace(&held, confirmed),
            Err(error) => {
                warn!(%error, "the trust list cannot be confirmed; bring the root and renew it");
                held
            }
        }
    }

    /// Loads the keys again; whether they are others than before.
    ///
    /// # Errors
    /// [`ServiceError::Signing`] says what is wrong with them; those in use stay.
    pub fn reload(&self, now: Timestamp) -> Result<bool> {
        let held = self.held();
        let loaded = self.source.load(now)?;
        let opened = OpenedKeys::open(loaded, self.issuer, Some(&held.keys.list))?;
        if opened.is_same_as(&held.keys) {
            return Ok(false);
        }
        let (sequence, key) = (opened.list.sequence(), opened.signing.issuer_key.id());
        let confirmed = CurrentKeys::confirm(Arc::new(opened), now)?;
        self.replace(&held, confirmed);
        info!(%key, trust_list = sequence, "other keys are in use");
        Ok(true)
    }

    /// Takes in which trust list is the newest that any server used.
    ///
    /// # Errors
    /// [`ServiceError::Signing`] if this server's is older: until it has that one it signs nothing
    /// and takes no code.
    pub fn note_newest(&self, newest: u64) -> Result<()> {
        self.newest.fetch_max(newest, Ordering::Relaxed);
        self.check_newest()
    }

    /// Whether this server has the newest trust list, as far as it knows.
    ///
    /// # Errors
    /// As [`Self::note_newest`].
    pub fn check_newest(&self) -> Result<()> {
        let newest = self.newest.load(Ordering::Relaxed);
        let held = self.held().list.sequence();
        if held >= newest {
            return Ok(());
        }
        Err(ServiceError::Signing(format!(
            "trust list {held} is older than {newest}, which was used with this database; copy the \
             newest folder of keys to this server"
        )))
    }

    /// The number of the trust list in use.
    pub fn sequence(&self) -> u64 {
        self.held().list.sequence()
    }

    fn held(&self) -> Arc<CurrentKeys> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Puts `fresh` in the place of `before`, unless something else came there meanwhile.
    fn replace(&self, before: &Arc<CurrentKeys>, fresh: CurrentKeys) -> Arc<CurrentKeys> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&current, before) {
            *current = Arc::new(fresh);
        }
        Arc::clone(&current)
    }
}
