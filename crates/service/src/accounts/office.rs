//! What a community worker does with the document in hand and its holder in front of them: find the
//! accounts that claim it, bind one, release one, print a card. All of it is read by the holder.

use std::sync::Arc;

use domain::{AccountId, Assurance, Document, EvidenceId, Pii, SessionId, Timestamp};
use store::accounts::{self, Account};
use store::audit;
use store::identities::{self, BlindIndex};
use store::office_requests::{self, OfficeRequest};
use store::{StoreError, Transaction};
use tracing::{info, instrument};

use super::people::{Holding, holding};
use super::second_worker::{Agreed, agreed};
use super::security::Happened;
use super::{Accounts, Act, AtCounter, SeenBy, note_act};
use crate::access::{CommunityOfficial, Resident};
use crate::audit::{AuditEntry, Did, Stated};
use crate::decisions::record;
use crate::people::documents;
use crate::{Result, ServiceError};

/// Whose account it is not: of somebody who has none.
pub(crate) const NO_ACCOUNT: AccountId = AccountId::from_u128(0);

/// The holder of a document, for whom a worker may file an appeal.
pub struct AppealingHolder {
    /// Who appeals.
    pub(crate) holder: Resident,
    /// What is written with the appeal.
    pub(crate) deed: CounterDeed,
}

/// What is written in the transaction of what a worker does for a holder: that it was done, and that the
/// agreement of two workers is used up.
pub(crate) struct CounterDeed {
    document: BlindIndex,
    act: Act,
    what: Happened,
    agreement: Option<OfficeRequest>,
}

impl CounterDeed {
    /// Writes it.
    ///
    /// # Errors
    /// [`ServiceError::AgreementUsed`] if what the two agreed on was done meanwhile;
    /// [`ServiceError::Store`].
    pub(crate) async fn write(&self, tx: &mut Transaction) -> Result<()> {
        if let Some(agreement) = &self.agreement
            && !office_requests::drop(tx, agreement).await?
        {
            return Err(ServiceError::AgreementUsed);
        }
        Ok(note_act(tx, self.document, &self.act, self.what, None).await?)
    }
}

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
    /// The accounts that claim a document that is in hand: those proven furthest first, then the first
    /// opened; fifty at most.
    ///
    /// # Errors
    /// [`crate::ServiceError::BadField`] if the office has used up its day;
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Vault`]; [`crate::ServiceError::Store`].
    pub async fn claims_of(
        &self,
        by: &CommunityOfficial,
        document: &Document,
    ) -> Result<Vec<Claim>> {
        Ok(self.look_up(by, document).await?.0)
    }

    /// The same, and the accounts that may show the code of the document's holder. One look-up.
    ///
    /// # Errors
    /// As [`Self::claims_of`].
    #[instrument(name = "office.find", skip_all)]
    pub async fn look_up(
        &self,
        by: &CommunityOfficial,
        document: &Document,
    ) -> Result<(Vec<Claim>, Vec<Holding>)> {
        self.count_look_up(by).await?;
        let index = self.keys.vault.document(document);
        let context = self.policies.context()?;
        let generation = context.generation;
        let fresh = domain::PersonId::generate(&*self.ids);
        let act = self.act_of(by, None);
        let entry = AuditEntry::new(by.into(), Did::DocumentLookedUp, act.at);
        let log = (entry.because(Stated::AT_THE_COUNTER), Arc::clone(&self.ids));
        let work = self.store.transaction(
            "office.find",
            (context, index, fresh, (act, log)),
            |tx, (context, index, fresh, (act, (entry, ids)))| {
                Box::pin(async move {
                    let claiming = accounts::claiming(tx, *index).await?;
                    // Of a number that nobody claims nothing is shown, and nothing is kept.
                    let proposed: &[_] = match claiming.is_empty() {
                        true => &[],
                        false => &[(*index, *fresh)],
                    };
                    let made = documents::make(tx, context, proposed).await?;
                    note_act(tx, *index, act, Happened::LookedUp, None).await?;
                    let people = claiming.iter().map(|account| account.person);
                    let entry = entry.clone().count(claiming.len()).about(people);
                    audit::append(tx, &[entry.seal(&**ids)]).await?;
                    let mut found = Vec::new();
                    for account in claiming {
                        let sealed = identities::find(tx, account.person).await?;
                        found.push((account, sealed));
                    }
                    let holders = match person_of(tx, *index).await? {
                        Some(person) => accounts::holders_of(tx, person).await?,
                        None => Vec::new(),
                    };
                    Ok::<_, ServiceError>((made, found, holders))
                })
            },
        );
        let (made, claims, holders) = work.await?;
        self.verdicts.take_in(&made.decisions, generation).await?;
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
        Ok((found, holders.into_iter().filter_map(holding).collect()))
    }

    /// Binds an account to the holder of the document in hand. `is_lost`: the holder says that the
    /// phone of the account bound until now is lost; its sessions and phones end. Where somebody else has
    /// said anything of the holder, or another account is bound, it takes a second worker.
    ///
    /// # Errors
    /// [`crate::ServiceError::StepUpNeeded`]; [`crate::ServiceError::UnknownAccount`] unless the account claims the document;
    /// [`crate::ServiceError::AlreadySeen`]; [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Vault`];
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "office.see", skip_all)]
    pub async fn see(
        &self,
        by: &CommunityOfficial,
        account: AccountId,
        document: &Document,
        is_lost: bool,
    ) -> Result<AtCounter> {
        by.check_step_up(self.clock.now())?;
        let document = self.keys.vault.document(document);
        let (staff, authority) = (by.staff(), by.authority());
        info!(%staff, %authority, %account, "an office connects an account");
        self.bind(account, document, SeenBy::Office, is_lost, Some(by.into()))
            .await
    }

    /// Releases an account that is bound to the holder of the document in hand.
    ///
    /// # Errors
    /// [`crate::ServiceError::StepUpNeeded`]; [`crate::ServiceError::UnknownAccount`];
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    #[instrument(name = "office.release", skip_all)]
    pub async fn release(
        &self,
        by: &CommunityOfficial,
        account: AccountId,
        document: &Document,
    ) -> Result<()> {
        by.check_step_up(self.clock.now())?;
        let document = self.keys.vault.document(document);
        let (staff, authority) = (by.staff(), by.authority());
        info!(%staff, %authority, %account, "an office disconnects an account");
        self.release_account(account, document, Some(by.into()))
            .await
    }

    /// What an office does now, to be noted.
    pub(super) fn act_of(&self, by: &CommunityOfficial, reason: Option<String>) -> Act {
        Act {
            id: EvidenceId::generate(&*self.ids),
            by: Some(by.into()),
            reason,
            at: self.clock.now(),
        }
    }

    /// The holder of a document in hand, for whom the worker prints a card: they need no account.
    /// Accounts that claim the document read of it.
    ///
    /// # Errors
    /// [`crate::ServiceError::StepUpNeeded`]; [`crate::ServiceError::NoPolicy`];
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "office.card_holder", skip_all)]
    pub async fn card_holder(
        &self,
        by: &CommunityOfficial,
        document: &Document,
    ) -> Result<Resident> {
        let what = Happened::CardPrinted;
        let (_, holder) = self
            .holder(by, document, what, self.act_of(by, None))
            .await?;
        Ok(holder)
    }

    /// The holder of a document in hand, for whom the worker files an appeal; `None` while it waits
    /// for a second worker. An appeal counts once, and would else be used up by anybody who knows a
    /// number. The agreement of the two is used up by the appeal, so that one which is refused can be
    /// mended.
    ///
    /// # Errors
    /// As [`Self::card_holder`].
    #[instrument(name = "office.appealing_holder", skip_all)]
    pub async fn appealing_holder(
        &self,
        by: &CommunityOfficial,
        document: &Document,
    ) -> Result<Option<AppealingHolder>> {
        let (what, act) = (Happened::Appealed, self.act_of(by, None));
        let (agreed, holder) = self.holder(by, document, what, act.clone()).await?;
        let agreement = match agreed {
            Agreed::NotYet => return Ok(None),
            Agreed::Alone => None,
            Agreed::Second(request) => Some(request),
        };
        let document = self.keys.vault.document(document);
        let deed = CounterDeed {
            document,
            act,
            what,
            agreement,
        };
        Ok(Some(AppealingHolder { holder, deed }))
    }

    async fn holder(
        &self,
        by: &CommunityOfficial,
        document: &Document,
        what: Happened,
        act: Act,
    ) -> Result<(Agreed, Resident)> {
        by.check_step_up(self.clock.now())?;
        self.count_look_up(by).await?;
        let index = self.keys.vault.document(document);
        let context = self.policies.context()?;
        let generation = context.generation;
        let fresh = domain::PersonId::generate(&*self.ids);
        let (staff, authority) = (by.staff(), by.authority());
        info!(%staff, %authority, what = what.as_str(), "an office acts for a holder");
        let did = match what {
            Happened::CardPrinted => Did::CardPrinted,
            _ => Did::DocumentLookedUp,
        };
        let entry = AuditEntry::new(by.into(), did, context.now);
        let log = (entry.because(Stated::AT_THE_COUNTER), Arc::clone(&self.ids));
        let work = self.store.transaction(
            "office.holder",
            (context, index, fresh, what, (act, log)),
            |tx, (context, index, fresh, what, (act, (entry, ids)))| {
                Box::pin(async move {
                    let made = documents::make(tx, context, &[(*index, *fresh)]).await?;
                    let person = person_of(tx, *index).await?.unwrap_or(*fresh);
                    let decided = record::decide(tx, context, &[], &[person]).await?;
                    let entry = entry.clone().about([person]);
                    audit::append(tx, &[entry.seal(&**ids)]).await?;
                    let account = accounts::bound_to(tx, person).await?;
                    let agreed = match (*what, act.by) {
                        // That one was filed is noted with the appeal.
                        (Happened::Appealed, Some(worker)) => {
                            let asked = (account.unwrap_or(NO_ACCOUNT), "appeal");
                            let whose = (person, *index);
                            agreed(tx, whose, asked, (worker, &**ids), act).await?
                        }
                        _ => {
                            note_act(tx, *index, act, *what, None).await?;
                            Agreed::Alone
                        }
                    };
                    Ok::<_, ServiceError>((made, decided, person, account, agreed))
                })
            },
        );
        let (made, decided, person, account, agreed) = work.await?;
        for decisions in [made.decisions, decided] {
            self.verdicts.take_in(&decisions, generation).await?;
        }
        let holder = Resident {
            account: account.unwrap_or(NO_ACCOUNT),
            person,
            own: person,
            assurance: Assurance::Seen,
            session: SessionId::from_u128(0),
            others: Vec::new(),
        };
        Ok((agreed, holder))
    }
}

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
