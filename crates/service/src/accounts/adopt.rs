//! Accounts for people who registered before there were accounts.
//!
//! Each registered person becomes an account that is `claimed`, for nobody saw a proof, and keeps their
//! colour. Their phone goes on working: the SHA-256 of its token is keyed. What authorities say of the
//! document from now on goes to the document's person (`people/documents.rs`).

use domain::{AccountId, Assurance, PersonId, SessionId};
use store::accounts::Account;
use store::identities::StoredIndex;
use store::sessions::Session;
use store::{ChangeNumber, Store, StoreError, Transaction, accounts, identities, people, sessions};
use tracing::{info, instrument};

use super::sessions::{NewSession, SessionKind, Sessions};
use crate::Result;
use crate::people::Keys;
use crate::people::keys::hashed_id;

const AT_ONCE: u32 = 2000;

/// Adopts everybody who registered before; how many there were. Two nodes may do so at once.
///
/// # Errors
/// [`crate::ServiceError::Store`].
#[instrument(name = "accounts.adopt", skip_all)]
pub(crate) async fn adopt_everybody(
    store: &Store,
    sessions: &Sessions,
    keys: &Keys,
) -> Result<u64> {
    let mut adopted = 0;
    loop {
        let page = store.read("accounts.before", (), |tx, ()| {
            Box::pin(people::tokens_before(tx, None, AT_ONCE))
        });
        let page: Vec<([u8; 32], PersonId)> = page.await?;
        if page.is_empty() {
            return Ok(adopted);
        }
        let mut new = Vec::with_capacity(page.len());
        for (sha256, person) in &page {
            let id = account_of(*person);
            new.push((*sha256, *person, id, sessions.begin_adopted(id, sha256)));
        }
        let arguments = (new, keys.clone());
        let adopt = store.transaction("accounts.adopt", arguments, |tx, (new, keys)| {
            Box::pin(adopt(tx, new, keys))
        });
        adopt.await?;
        adopted += page.len() as u64;
        info!(adopted, "people who registered before have accounts");
    }
}

async fn adopt(
    tx: &mut Transaction,
    new: &[([u8; 32], PersonId, AccountId, [NewSession; 2])],
    keys: &Keys,
) -> Result<(), StoreError> {
    let claims: Vec<_> = new
        .iter()
        .flat_map(|(_, _, id, both)| both.iter().map(|one| (one.hash, *id, one.session.id)))
        .collect();
    let claimed = sessions::claim(tx, &claims).await?;
    let mut opened = Vec::new();
    let mut begun: Vec<&Session> = Vec::new();
    for (_, person, id, both) in new {
        if both.iter().all(|one| claimed.contains(&one.hash)) {
            opened.push(Account {
                id: *id,
                person: *person,
                assurance: Assurance::Claimed,
                proof: None,
                document: document_of(tx, *person, keys).await?,
                created_at: both[0].session.created_at,
                proven_at: None,
                change: ChangeNumber::BEFORE_ALL,
            });
            begun.extend(both.iter().map(|one| &one.session));
        }
    }
    accounts::add(tx, &opened.iter().collect::<Vec<_>>()).await?;
    sessions::add(tx, &begun).await?;
    let hashes: Vec<[u8; 32]> = new.iter().map(|(sha256, ..)| *sha256).collect();
    people::drop_tokens_before(tx, &hashes).await
}

/// The document with which a person registered, if the vault opens.
async fn document_of(
    tx: &mut Transaction,
    person: PersonId,
    keys: &Keys,
) -> Result<Option<StoredIndex>, StoreError> {
    let sealed = identities::find(tx, person).await?;
    let identity = sealed.and_then(|sealed| keys.vault.open(person, &sealed).ok());
    Ok(identity.map(|identity| keys.vault.document(&identity.document).newest))
}

/// The account of a person who registered before: the same on every node that adopts them.
fn account_of(person: PersonId) -> AccountId {
    AccountId::from_u128(hashed_id(b"account", &[&person.to_bytes()]).as_u128())
}

impl Sessions {
    /// The sessions of a token that was issued before there were sessions: it was what a program
    /// presented and what a browser kept.
    fn begin_adopted(&self, account: AccountId, sha256: &[u8; 32]) -> [NewSession; 2] {
        [SessionKind::Api, SessionKind::Page].map(|kind| {
            let label = kind.as_str().as_bytes();
            let id = hashed_id(b"session", &[sha256, label]);
            let id = SessionId::from_u128(id.as_u128());
            NewSession {
                hash: self.hash_before(kind, sha256),
                session: self.session(account, id, kind, None),
            }
        })
    }
}
