//! What a community worker does with the document in hand and its holder in front of them: find the
//! accounts that claim it, bind one, release one, print a card. All of it is read by the holder.

use std::sync::Arc;

use domain::{AccountId, Assurance, Document, EvidenceId, Pii, SessionId, Timestamp};
use store::accounts::{self, Account};
use store::identities::{self, BlindIndex};
use store::{StoreError, Transaction};
use tracing::{info, instrument};

use super::security::Happened;
use super::{Accounts, SeenBy, note, note_claimants};
use crate::access::{CommunityOfficial, Resident};
use crate::decisions::record;
use crate::people::documents;
use crate::{Result, ServiceError};

/// An account that claims a document, as a community worker sees it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Which.
    pub account: AccountId,
    /// How far it is proven.
    pub assurance: Assurance,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The last two digits of its phone, by which its holder knows it.
    pub phone_ends: Option<Pii<String>>,
}

impl Accounts {
    /// The accounts that claim a document that is in hand, the first opened first.
    ///
    /// # Errors
    /// [`crate::ServiceError::BadField`] if the office has used up its day;
    /// [`crate::ServiceError::Vault`]; [`crate::ServiceError::Store`].
    #[instrument(name = "office.find", skip_all)]
    pub async fn claims_of(
        &self,
        by: &CommunityOfficial,
        document: &Document,
    ) -> Result<Vec<Claim>> {
        self.count_look_up(by).await?;
        let index = self.keys.vault.document(document);
        let by = by.authority();
        let now = self.clock.now();
        let events: Vec<EvidenceId> = std::iter::repeat_with(|| EvidenceId::generate(&*self.ids))
            .take(MOST_CLAIMS)
            .collect();
        let work = self.store.transaction(
            "office.find",
            (index, by, now, events),
            |tx, (index, by, now, events)| {
                Box::pin(async move {
                    let mut claims = accounts::claiming(tx, *index).await?;
                    claims.sort_by_key(|account| (account.created_at, account.id));
                    claims.truncate(MOST_CLAIMS);
                    let mut found = Vec::new();
                    for (account, event) in claims.into_iter().zip(events) {
                        let kind = Happened::LookedUp;
                        note(tx, account.id, *event, kind, Some(*by), *now).await?;
                        let sealed = identities::find(tx, account.person).await?;
                        found.push((account, sealed));
                    }
                    Ok::<_, StoreError>(found)
                })
            },
        );
        let claims = work.await?;
        info!(
            accounts = claims.len(),
            "a document was looked up in an office"
        );
        let mut found = Vec::new();
        for (account, sealed) in claims {
            let Account { id, person, .. } = account;
            let identity = sealed
                .map(|sealed| self.keys.vault.open(person, &sealed))
                .transpose()?;
            let phone = identity.as_ref().and_then(|one| one.phones.first());
            found.push(Claim {
                account: id,
                assurance: account.assurance,
                opened_at: account.created_at,
                phone_ends: phone.map(last_digits),
            });
        }
        Ok(found)
    }

    /// Binds an account to the holder of the document in hand. `is_lost`: the holder says that the
    /// phone of the account bound until now is lost; its sessions and phones end.
    ///
    /// # Errors
    /// [`crate::ServiceError::UnknownAccount`] unless the account claims the document;
    /// [`crate::ServiceError::AlreadySeen`]; [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Vault`];
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "office.see", skip_all)]
    pub async fn see(
        &self,
        by: &CommunityOfficial,
        account: AccountId,
        document: &Document,
        is_lost: bool,
    ) -> Result<()> {
        let document = self.keys.vault.document(document);
        let (staff, by) = (by.staff(), by.authority());
        info!(%staff, authority = %by, %account, "an office connects an account");
        self.bind(account, document, SeenBy::Office, is_lost, Some(by))
            .await
    }

    /// Releases an account that is bound to the holder of the document in hand.
    ///
    /// # Errors
    /// [`crate::ServiceError::UnknownAccount`]; [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    #[instrument(name = "office.release", skip_all)]
    pub async fn release(
        &self,
        by: &CommunityOfficial,
        account: AccountId,
        document: &Document,
    ) -> Result<()> {
        let document = self.keys.vault.document(document);
        let (staff, by) = (by.staff(), by.authority());
        info!(%staff, authority = %by, %account, "an office disconnects an account");
        self.release_account(account, document, Some(by)).await
    }

    /// The holder of a document in hand, for whom the worker does something: they need no account. What
    /// that is, whoever claims the document reads.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    #[instrument(name = "office.holder", skip_all)]
    pub async fn holder_of(
        &self,
        by: &CommunityOfficial,
        document: &Document,
        what: Happened,
    ) -> Result<Resident> {
        self.count_look_up(by).await?;
        let index = self.keys.vault.document(document);
        let context = self.policies.context()?;
        let generation = context.generation;
        let fresh = domain::PersonId::generate(&*self.ids);
        let ids = Arc::clone(&self.ids);
        let by = by.authority();
        let work = self.store.transaction(
            "office.holder",
            (context, index, fresh, ids, by, what),
            |tx, (context, index, fresh, ids, by, what)| {
                Box::pin(async move {
                    let made = documents::make(tx, context, &[(*index, *fresh)]).await?;
                    let person = person_of(tx, *index).await?.unwrap_or(*fresh);
                    let decided = record::decide(tx, context, &[], &[person]).await?;
                    let account = accounts::bound_to(tx, person).await?;
                    let what = (*what, Some(*by), context.now);
                    note_claimants(tx, *index, None, &**ids, what).await?;
                    Ok::<_, ServiceError>((made, decided, person, account))
                })
            },
        );
        let (made, decided, person, account) = work.await?;
        for decisions in [made, decided] {
            self.verdicts.take_in(&decisions, generation).await?;
        }
        Ok(Resident {
            account: account.unwrap_or(AccountId::from_u128(0)),
            person,
            own: person,
            assurance: Assurance::Seen,
            session: SessionId::from_u128(0),
            others: Vec::new(),
        })
    }
}

/// Accounts that are shown for one document.
const MOST_CLAIMS: usize = 50;

async fn person_of(
    tx: &mut Transaction,
    document: BlindIndex,
) -> Result<Option<domain::PersonId>, StoreError> {
    identities::person_by_document(tx, document).await
}

fn last_digits(phone: &Pii<String>) -> Pii<String> {
    let digits: Vec<char> = phone
        .expose()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let last = digits.len().saturating_sub(2);
    Pii::new(digits[last..].iter().collect())
}
