//! Accounts: opened by anybody, proven by those who can; and the sessions that are signed in.
//!
//! What others say of a document lies with the document's person. An account has a person of its
//! own until it is proven to be the document's (`seen`); then what its own person said, visited and
//! met is repeated for the document's, in the same transaction. So an account that only claims a
//! document learns nothing that others said of it, and takes nothing from the person who can prove
//! it (invariant 9).
//!
//! | file | holds |
//! |---|---|
//! | `sessions`, `session_cache` | who presents what, in memory; how it ends |
//! | `security` | one's phones and sessions, and ending them |
//! | `phone`, `code_counts`, `sender` | one-time codes, how many, and who sends them |
//! | `sign_in` | another phone, by the number and the document |
//! | `bind` | becoming `seen`, and its undoing |
//! | `office`, `look_ups` | what a community worker does with the document in hand, and how often |
//! | `second_worker` | what takes two workers |
//! | `people` | several people on one account |
//! | `provider` | residents whom an identity provider proved |
//! | `carry` | repeating one person's evidence for another |
//! | `deleting` | deleting one's account |
//! | `adopt` | accounts for people who registered before there were accounts |

mod adopt;
mod bind;
mod carry;
mod code_counts;
mod deleting;
mod look_ups;
mod office;
mod people;
mod phone;
mod provider;
mod second_worker;
mod security;
mod sender;
mod session_cache;
mod sessions;
mod sign_in;

use std::sync::Arc;

use domain::{AccountId, Assurance, AuthorityId, Clock, EvidenceId, IdSource, StaffId, Timestamp};
use store::accounts::AccountEvent;
use store::identities::{self, BlindIndex};
use store::{Store, StoreError, Transaction};
use tokio::sync::Semaphore;

pub(crate) use self::adopt::adopt_everybody;
pub use self::bind::SeenBy;
pub(crate) use self::carry::{repeated, repeated_id};
pub use self::code_counts::AskedFrom;
pub use self::deleting::Staying;
pub use self::office::{AppealingHolder, Claim};
pub(crate) use self::office::{CounterDeed, NO_ACCOUNT};
pub use self::people::{Holding, PersonOnAccount, Relation};
pub use self::provider::ProvenResidents;
pub(crate) use self::second_worker::ASKED_FOR;
pub use self::second_worker::AtCounter;
pub use self::security::{Event, Happened, Security, SessionView};
pub(crate) use self::sender::HandOver;
pub use self::sender::{CodeMessage, CodeSender, Notice, NoticeKind, SendError};
pub(crate) use self::sessions::Sessions;
pub use self::sessions::{NewSession, SESSION_DAYS, SessionKind};
use crate::access::CommunityOfficial;
use crate::codes::Revocations;
use crate::decisions::Verdicts;
use crate::people::Keys;
use crate::publishing::PublishedPolicies;
use crate::settings::Settings;

/// What residents and community workers do with accounts.
pub struct Accounts {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) revocations: Arc<Revocations>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) sender: Arc<dyn CodeSender>,
    /// Sign-ins that are looked up after they were answered.
    pub(crate) looking_up: Arc<Semaphore>,
    /// Held while it is counted how many codes a phone was sent, and one more is kept: of many requests
    /// at once only as many are taken as may be.
    pub(crate) counting_codes: tokio::sync::Mutex<()>,
    /// How the last code was handed over.
    pub(crate) last_hand_over: std::sync::Mutex<HandOver>,
}

/// Who acts for an office. Readers see the office alone.
#[derive(Clone, Copy)]
struct Actor {
    authority: AuthorityId,
    staff: StaffId,
}

impl From<&CommunityOfficial> for Actor {
    fn from(by: &CommunityOfficial) -> Self {
        Self {
            authority: by.authority(),
            staff: by.staff(),
        }
    }
}

impl From<Actor> for crate::audit::Actor {
    fn from(by: Actor) -> Self {
        Self::Staff {
            id: by.staff,
            authority: by.authority,
        }
    }
}

/// Something that is done with a document.
#[derive(Clone)]
struct Act {
    id: EvidenceId,
    /// `None` for a provider.
    by: Option<Actor>,
    /// What a worker wrote about it.
    reason: Option<String>,
    at: Timestamp,
}

impl Act {
    fn event(&self, kind: Happened) -> AccountEvent {
        AccountEvent {
            id: self.id,
            at: self.at,
            kind: kind.as_str().to_owned(),
            by: self.by.map(|by| by.authority),
            staff: self.by.map(|by| by.staff),
            reason: self.reason.clone(),
        }
    }

    /// That it happened, and nothing of what: for an account that gave the number and is not seen.
    fn hint(&self) -> AccountEvent {
        let kind = match self.by {
            Some(_) => Happened::OfficeActed,
            None => Happened::ProviderActed,
        };
        AccountEvent {
            id: self.id,
            at: self.at,
            kind: kind.as_str().to_owned(),
            by: None,
            staff: None,
            reason: None,
        }
    }
}

/// What the holder of an account did, as they read it.
async fn note(
    tx: &mut Transaction,
    account: AccountId,
    id: EvidenceId,
    kind: Happened,
    at: Timestamp,
) -> Result<(), StoreError> {
    let act = Act {
        id,
        by: None,
        reason: None,
        at,
    };
    store::accounts::note(tx, account, &act.event(kind)).await
}

/// Notes what was done with a document, for the person who is seen with it, now or later. An
/// account that it was done to reads it as `own`, whether it claims the document or not. One that
/// claims the document with a proven phone reads that something was done and not what: it may be
/// the holder's, and it may be a stranger's (ADR 43). One that only claims it reads nothing.
async fn note_act(
    tx: &mut Transaction,
    document: BlindIndex,
    act: &Act,
    kind: Happened,
    own: Option<(AccountId, Happened)>,
) -> Result<(), StoreError> {
    if let Some((account, kind)) = own {
        store::accounts::note(tx, account, &act.event(kind)).await?;
    }
    for account in store::accounts::claiming(tx, document).await? {
        let is_own = own.is_some_and(|(own, _)| own == account.id);
        if !is_own && account.assurance == Assurance::Phone {
            store::accounts::note(tx, account.id, &act.hint()).await?;
        }
    }
    if let Some(person) = identities::person_by_document(tx, document).await? {
        store::accounts::note_document(tx, person, &act.event(kind)).await?;
    }
    Ok(())
}
