//! Accounts: opened by anybody, proven by whoever can; and what is signed in.
//!
//! What others say of a document lies with the document's person. An account has a person of its own
//! until it is proven to be the document's (`seen`); then what its own person said, visited and met is
//! repeated for the document's, in the same transaction. So an account that only claims a document
//! learns nothing that others said of it, and takes nothing from whoever can prove it (invariant 9).
//!
//! | file | holds |
//! |---|---|
//! | `sessions`, `session_cache` | who presents what, in memory; how it ends |
//! | `security` | one's phones and sessions, and ending them |
//! | `phone`, `code_counts`, `sender` | one-time codes, how many, and who sends them |
//! | `sign_in` | another phone, by the number and the document |
//! | `bind` | becoming `seen`, and its undoing |
//! | `office`, `look_ups` | what a community worker does with the document in hand, and how often |
//! | `people` | several people on one account |
//! | `provider` | residents whom an identity provider proved |
//! | `carry` | repeating one person's evidence for another |
//! | `adopt` | accounts for people who registered before there were accounts |

mod adopt;
mod bind;
mod carry;
mod code_counts;
mod look_ups;
mod office;
mod people;
mod phone;
mod provider;
mod security;
mod sender;
mod session_cache;
mod sessions;
mod sign_in;

use std::sync::Arc;

use domain::{AccountId, AuthorityId, Clock, EvidenceId, IdSource};
use store::accounts::AccountEvent;
use store::identities::BlindIndex;
use store::{Store, StoreError, Transaction};
use tokio::sync::Semaphore;

pub(crate) use self::adopt::adopt_everybody;
pub use self::bind::SeenBy;
pub(crate) use self::carry::{repeated, repeated_id};
pub use self::code_counts::AskedFrom;
pub use self::office::Claim;
pub use self::people::{Holding, PersonOnAccount, Relation};
pub use self::provider::ProvenResidents;
pub use self::security::{Happened, Security, SignedIn};
pub(crate) use self::sender::HandOver;
pub use self::sender::{CodeMessage, CodeSender, SendError};
pub(crate) use self::sessions::Sessions;
pub use self::sessions::{NewSession, SessionKind};
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

/// What was done to an account, as its holder reads it.
async fn note(
    tx: &mut Transaction,
    account: AccountId,
    id: EvidenceId,
    kind: Happened,
    by: Option<AuthorityId>,
    at: domain::Timestamp,
) -> Result<(), StoreError> {
    let event = AccountEvent {
        at,
        kind: kind.as_str().to_owned(),
        by,
    };
    store::accounts::note(tx, account, id, &event).await
}

/// Notes what was done with a document on every account that claims it, but for one that has a line of
/// its own: whoever holds the document reads it, also before their account was seen.
async fn note_claimants(
    tx: &mut Transaction,
    document: BlindIndex,
    but: Option<AccountId>,
    ids: &dyn IdSource,
    (kind, by, at): (Happened, Option<AuthorityId>, domain::Timestamp),
) -> Result<(), StoreError> {
    for account in store::accounts::claiming(tx, document).await? {
        if Some(account.id) != but {
            note(tx, account.id, EvidenceId::generate(ids), kind, by, at).await?;
        }
    }
    Ok(())
}
