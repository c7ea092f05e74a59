//! Who presents what: phones with a token of the API, browsers with a cookie; and how they end.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::{Duration, Instant};

use domain::{AccountId, Clock, IdSource, SessionId, Timestamp};
use jiff::SignedDuration;
use store::accounts::HeldPerson;
use store::sessions::{self, Session, SessionHash};
use store::{ChangeCursor, ChangeNumber, Store, StoreError, Transaction, accounts, changes};
use tokio::sync::Mutex;
use tracing::instrument;

use super::people::Relation;
use super::session_cache::{HeldAccount, HeldSession, SessionCache};
use crate::access::{OtherPerson, Resident, Token};
use crate::codes::KNOWLEDGE_LASTS;
use crate::follow::{ReadPositions, monotonic_now};
use crate::people::{CredentialPurpose, Keys};
use crate::{Result, ServiceError};

/// What is in memory counts for so long after this node read which accounts changed.
const FRESH: SignedDuration = SignedDuration::from_secs(5);
/// Days that a session lasts: as long as an epidemic winter.
pub const SESSION_DAYS: u32 = 180;
const LASTS: SignedDuration = SignedDuration::from_hours(SESSION_DAYS as i64 * 24);
/// That a session was used is written this often at most.
const SEEN_EVERY: SignedDuration = SignedDuration::from_hours(1);
const AT_ONCE: u32 = 1000;
/// How long a request waits for the database before what is in memory serves.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// What presents a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// A program, with `Authorization: Bearer …`.
    Api,
    /// A browser, with a cookie.
    Page,
}

impl SessionKind {
    /// The word used in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Page => "page",
        }
    }

    const fn purpose(self) -> CredentialPurpose {
        match self {
            Self::Api => CredentialPurpose::ResidentToken,
            Self::Page => CredentialPurpose::ResidentSession,
        }
    }
}

/// Knows which sessions last.
pub(crate) struct Sessions {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    keys: Keys,
    cache: SessionCache,
    positions: Mutex<ReadPositions>,
    /// When this node knew every change of an account: by the clock, and by one that nobody sets.
    followed_at: StdMutex<Option<(Timestamp, Instant)>>,
}

/// A session that begins, with the hash of what presents it.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Keyed hash of the token or cookie.
    pub hash: SessionHash,
    /// The session.
    pub session: Session,
}

impl Sessions {
    pub fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        keys: Keys,
        most_in_memory: usize,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            keys,
            cache: SessionCache::new(most_in_memory),
            positions: Mutex::default(),
            followed_at: StdMutex::default(),
        }
    }

    /// The resident who presents `token` in this way.
    pub async fn resident(&self, kind: SessionKind, token: &Token) -> Result<Resident> {
        let hash = self.hash(kind, token);
        let now = self.clock.now();
        let held = self.cache.find(&hash);
        if let Some((session, account)) = &held
            && self.is_fresh(now, FRESH)
        {
            return resident(session, account, now);
        }
        let read = self
            .store
            .read("sessions.find", hash, |tx, hash| Box::pin(read(tx, *hash)));
        // A database that hangs is one that does not answer: sessions that are known go on.
        let read = tokio::time::timeout(ANSWERS_WITHIN, read).await;
        let silent = || StoreError::Unreachable("it does not answer".to_owned());
        let found = match read.unwrap_or_else(|_| Err(silent())) {
            Ok(found) => found,
            Err(error) => {
                // A node that is cut off cannot know better, and phones go on working.
                return match held {
                    Some((session, account))
                        if error.is_temporary() && self.is_fresh(now, KNOWLEDGE_LASTS) =>
                    {
                        resident(&session, &account, now)
                    }
                    _ => Err(error.into()),
                };
            }
        };
        let (account, session) = found.ok_or(ServiceError::NotAuthenticated)?;
        if session.kind != kind.as_str() || session.ended_at.is_some() {
            return Err(ServiceError::NotAuthenticated);
        }
        let held = HeldSession {
            account: session.account,
            id: session.id,
            ends_at: session.ends_at,
        };
        let resident = resident(&held, &account, now)?;
        self.cache.hold(hash, held, account);
        if now.duration_since(session.seen_at) >= SEEN_EVERY {
            let seen = (session.account, session.id, now);
            let see = self
                .store
                .transaction("sessions.see", seen, |tx, (account, id, at)| {
                    Box::pin(sessions::see(tx, *account, *id, *at))
                });
            // Whether that is written is of no importance to the request.
            if let Err(error) = see.await {
                tracing::debug!(%error, "that a session was used is not noted");
            }
        }
        Ok(resident)
    }

    /// A session that is to begin: what presents it is `token`.
    pub fn begin(
        &self,
        account: AccountId,
        kind: SessionKind,
        token: &Token,
        label: Option<String>,
    ) -> NewSession {
        let id = SessionId::generate(&*self.ids);
        NewSession {
            hash: self.hash(kind, token),
            session: self.session(account, id, kind, label),
        }
    }

    /// A session that begins now.
    pub(super) fn session(
        &self,
        account: AccountId,
        id: SessionId,
        kind: SessionKind,
        label: Option<String>,
    ) -> Session {
        let now = self.clock.now();
        Session {
            account,
            id,
            kind: kind.as_str().to_owned(),
            label,
            created_at: now,
            seen_at: now,
            ends_at: now.checked_add(LASTS).unwrap_or(Timestamp::MAX),
            ended_at: None,
        }
    }

    /// What is kept of a token.
    pub fn hash(&self, kind: SessionKind, token: &Token) -> SessionHash {
        self.keys.at_rest(kind.purpose(), &token.hash())
    }

    /// What is kept of a token of which only SHA-256 was kept before.
    pub fn hash_before(&self, kind: SessionKind, sha256: &[u8; 32]) -> SessionHash {
        self.keys.at_rest(kind.purpose(), sha256)
    }

    /// Takes in that an account changed: what was read before counts no more on this node.
    pub fn account_changed(&self, account: AccountId, change: ChangeNumber) {
        self.cache.invalidate(account, change);
    }

    /// Takes in which accounts changed on other nodes.
    #[instrument(name = "sessions.follow", level = "debug", skip_all)]
    pub async fn follow_other_nodes(&self) -> Result<()> {
        let mut positions = self.positions.lock().await;
        let (began, at) = (monotonic_now(), self.clock.now());
        // Before the rows: what is drawn later is read the next time.
        let stands_at = self
            .store
            .read("changes.last", (), |tx, ()| Box::pin(changes::last(tx)));
        let stands_at = stands_at.await?;
        if let Some(from) = positions.settled(began) {
            let mut cursor = ChangeCursor::at(from);
            loop {
                let page = self.store.read("accounts.changed", cursor, |tx, cursor| {
                    Box::pin(accounts::changed_since(tx, *cursor, AT_ONCE))
                });
                let page = page.await?;
                for (account, change) in &page {
                    self.cache.invalidate(*account, *change);
                }
                let Some((account, number)) = page.last().copied() else {
                    break;
                };
                cursor = ChangeCursor {
                    number,
                    after: Some(account),
                };
                if page.len() < AT_ONCE as usize {
                    break;
                }
            }
        }
        positions.note(began, stands_at);
        let mut followed_at = self
            .followed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *followed_at = Some((at, began));
        Ok(())
    }

    fn is_fresh(&self, now: Timestamp, within: SignedDuration) -> bool {
        let followed = *self
            .followed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some((at, began)) = followed else {
            return false;
        };
        let passed = monotonic_now().saturating_duration_since(began);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        now.duration_since(at).abs().max(passed) < within
    }
}

fn resident(session: &HeldSession, account: &HeldAccount, now: Timestamp) -> Result<Resident> {
    if session.ends_at <= now {
        return Err(ServiceError::NotAuthenticated);
    }
    Ok(Resident {
        account: session.account,
        person: account.person,
        own: account.person,
        assurance: account.assurance,
        session: session.id,
        others: account.others.clone(),
    })
}

fn on_account(held: &HeldPerson) -> Option<OtherPerson> {
    let relation = Relation::from_word(&held.relation)?;
    Some(OtherPerson {
        person: held.person,
        assurance: relation.assurance(),
        is_ward: relation == Relation::Guardian,
    })
}

/// The account of what is presented and its session. The account is read before the session: whatever
/// ends the session afterwards gives the account a greater number than was read.
async fn read(
    tx: &mut Transaction,
    hash: SessionHash,
) -> Result<Option<(HeldAccount, Session)>, StoreError> {
    let Some((id, session)) = sessions::owner(tx, hash).await? else {
        return Ok(None);
    };
    let Some(account) = accounts::find(tx, id).await? else {
        return Ok(None);
    };
    let others = accounts::held_by(tx, id).await?;
    let session = sessions::find(tx, id, session).await?;
    let held = HeldAccount {
        person: account.person,
        assurance: account.assurance,
        others: others.iter().filter_map(on_account).collect(),
        change: account.change,
    };
    Ok(session.map(|session| (held, session)))
}
