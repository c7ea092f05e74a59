//! Several people on one account: a child or ward whose guardian's right a community worker saw, and
//! adults who consented on their own phone. Either side ends it at any time.

use std::sync::Arc;

use credential::MaskedName;
use domain::{
    AccountId, Assurance, AuthorityId, ChallengeId, Document, EvidenceId, PersonId, Pii, Timestamp,
};
use jiff::SignedDuration;
use store::accounts::{self, HeldPerson};
use store::audit;
use store::identities::{self, BlindIndex};
use store::one_time_codes::{self, OneTimeCode};
use store::{ChangeNumber, Transaction, changes};
use tracing::instrument;

use super::phone::{hash, match_consent};
use super::security::Happened;
use super::{Accounts, note, note_claimants};
use crate::access::{CommunityOfficial, Resident};
use crate::audit::{AuditEntry, Did, Stated};
use crate::decisions::record;
use crate::people::documents;
use crate::people::keys::hashed_id;
use crate::{Result, ServiceError};

/// A consent is taken up within this.
const CONSENT_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// Letters and digits that are not taken for each other.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Why an account may show another person's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// A parent or guardian, whose right a community worker saw.
    Guardian,
    /// The person consented, on their own phone.
    Consent,
    /// The person consented in a community office, which saw their document.
    ConsentInOffice,
}

impl Relation {
    /// The word used in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guardian => "guardian",
            Self::Consent => "consent",
            Self::ConsentInOffice => "consent-in-office",
        }
    }

    /// Reads [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Guardian, Self::Consent, Self::ConsentInOffice]
            .into_iter()
            .find(|relation| relation.as_str() == word)
    }

    /// Their name, as the account reads it. Who stood in an office said a number there, not their name:
    /// whoever typed another's number would learn it.
    fn shown(self, name: Pii<String>) -> Pii<String> {
        match self {
            Self::Guardian | Self::Consent => name,
            Self::ConsentInOffice => {
                let masked = MaskedName::mask(name.expose());
                Pii::new(masked.map_or_else(|_| "*".to_owned(), |masked| masked.to_string()))
            }
        }
    }

    /// How far it is proven that the account may act for the person.
    pub(super) const fn assurance(self) -> Assurance {
        match self {
            Self::Guardian | Self::ConsentInOffice => Assurance::Seen,
            Self::Consent => Assurance::Phone,
        }
    }
}

/// A person on an account besides its own.
#[derive(Clone, Debug)]
pub struct PersonOnAccount {
    /// Whose code.
    pub person: PersonId,
    /// What they are called, if it is known.
    pub name: Option<Pii<String>>,
    /// Why.
    pub relation: Relation,
    /// Since when.
    pub since: Timestamp,
}

/// An account that may show one's own code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Which account.
    pub account: AccountId,
    /// Why.
    pub relation: Relation,
    /// Since when.
    pub since: Timestamp,
}

impl Accounts {
    /// Puts a child or ward on a guardian's account: the worker saw both documents and the right.
    ///
    /// # Errors
    /// [`ServiceError::UnknownAccount`] unless the account was seen with the guardian's document;
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "office.add_ward", skip_all)]
    pub async fn add_ward(
        &self,
        by: &CommunityOfficial,
        guardian: (AccountId, &Document),
        ward: &Document,
    ) -> Result<()> {
        self.add_in_office(by, guardian, ward, Relation::Guardian)
            .await
    }

    /// Lets an account show the code of an adult who stands in the office and consents: the worker saw
    /// both documents. The adult needs neither a phone nor an account.
    ///
    /// # Errors
    /// As [`Self::add_ward`].
    #[instrument(name = "office.add_consenting", skip_all)]
    pub async fn add_consenting(
        &self,
        by: &CommunityOfficial,
        holder: (AccountId, &Document),
        consenting: &Document,
    ) -> Result<()> {
        self.add_in_office(by, holder, consenting, Relation::ConsentInOffice)
            .await
    }

    async fn add_in_office(
        &self,
        by: &CommunityOfficial,
        holder: (AccountId, &Document),
        other: &Document,
        relation: Relation,
    ) -> Result<()> {
        self.count_look_up(by).await?;
        let (account, document) = holder;
        let documents = [document, other].map(|one| self.keys.vault.document(one));
        let context = self.policies.context()?;
        let generation = context.generation;
        let fresh = PersonId::generate(&*self.ids);
        let ids = Arc::clone(&self.ids);
        let held = HeldPerson {
            account,
            person: fresh,
            relation: relation.as_str().to_owned(),
            since: context.now,
        };
        let entry = AuditEntry::new(by.into(), Did::WardAdded, context.now).what(account);
        let log = entry.because(Stated::AT_THE_COUNTER);
        let arguments = (context, held, documents, ids, by.authority(), log);
        let work = self.store.transaction(
            "office.add_person",
            arguments,
            |tx, (context, held, [document, other], ids, by, entry)| {
                Box::pin(async move {
                    let made = documents::make(tx, context, &[(*other, held.person)]).await?;
                    let found = identities::person_by_document(tx, *other).await?;
                    let person = found.unwrap_or(held.person);
                    let decided = record::decide(tx, context, &[], &[person]).await?;
                    let entry = entry.clone().about([person]);
                    audit::append(tx, &[entry.seal(&**ids)]).await?;
                    let held = HeldPerson {
                        person,
                        ..held.clone()
                    };
                    let change = hold_if_seen(tx, &held, *document).await?;
                    let what = (Happened::PersonAdded, Some(*by), context.now);
                    let event = EvidenceId::generate(&**ids);
                    note(tx, held.account, event, what.0, what.1, what.2).await?;
                    note_claimants(tx, *other, Some(held.account), &**ids, what).await?;
                    Ok::<_, ServiceError>((made, decided, change))
                })
            },
        );
        let (made, decided, change) = work.await?;
        for decisions in [made, decided] {
            self.verdicts.take_in(&decisions, generation).await?;
        }
        self.sessions.account_changed(account, change);
        Ok(())
    }

    /// The accounts that may show the code of the holder of a document in hand.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "office.holders", skip_all)]
    pub async fn holders_of(
        &self,
        by: &CommunityOfficial,
        document: &Document,
    ) -> Result<Vec<Holding>> {
        self.count_look_up(by).await?;
        let document = self.keys.vault.document(document);
        let read = self.store.read("office.holders", document, |tx, document| {
            Box::pin(async move {
                match identities::person_by_document(tx, *document).await? {
                    Some(person) => accounts::holders_of(tx, person).await,
                    None => Ok(Vec::new()),
                }
            })
        });
        Ok(read.await?.into_iter().filter_map(holding).collect())
    }

    /// Ends that an account shows the code of the holder of the document in hand, who asks for it in
    /// the office.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] if it does not; [`ServiceError::Store`].
    #[instrument(name = "office.end_holding", skip_all)]
    pub async fn end_holding_in_office(
        &self,
        by: &CommunityOfficial,
        account: AccountId,
        document: &Document,
    ) -> Result<()> {
        let document = self.keys.vault.document(document);
        let found = self.store.read("office.person", document, |tx, document| {
            Box::pin(identities::person_by_document(tx, *document))
        });
        let person = found.await?.ok_or(ServiceError::UnknownPerson)?;
        self.end_holding(account, person, Some(by.authority()))
            .await
    }

    /// Consents that another account shows one's code: the text is typed on that account within 10
    /// minutes.
    ///
    /// # Errors
    /// [`ServiceError::NeedsProof`] unless one's phone is proven; [`ServiceError::Store`].
    #[instrument(name = "accounts.consent", skip_all)]
    pub async fn consent(&self, resident: &Resident) -> Result<Pii<String>> {
        // Own phone, own person: nobody consents for somebody else.
        let has = if resident.person() == resident.own {
            resident.assurance()
        } else {
            Assurance::Claimed
        };
        if has < Assurance::Phone {
            let needs = Assurance::Phone;
            return Err(ServiceError::NeedsProof { needs, has });
        }
        let mut random = [0; 10];
        self.ids.fill(&mut random);
        let letters = random.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        let text: String = letters.iter().collect();
        let challenge = challenge_of(&text);
        let now = self.clock.now();
        let code = OneTimeCode {
            challenge,
            account: Some(resident.account()),
            purpose: "consent".to_owned(),
            counted: Vec::new(),
            code_hash: hash(&self.keys, challenge, &text),
            sent_at: now,
            ends_at: now.checked_add(CONSENT_LASTS).unwrap_or(Timestamp::MAX),
        };
        self.keep(code).await?;
        Ok(Pii::new(text))
    }

    /// Takes up somebody's consent: their code can be shown by this account from now on.
    ///
    /// # Errors
    /// [`ServiceError::WrongCode`]; [`ServiceError::Store`].
    #[instrument(name = "accounts.take_up_consent", skip_all)]
    pub async fn take_up_consent(&self, resident: &Resident, text: &str) -> Result<()> {
        let typed = text.chars().filter(char::is_ascii_alphanumeric);
        let text: String = typed.map(|letter| letter.to_ascii_uppercase()).collect();
        let challenge = challenge_of(&text);
        let code = hash(&self.keys, challenge, &text);
        let events = [(); 2].map(|()| EvidenceId::generate(&*self.ids));
        let account = resident.account();
        let arguments = (account, challenge, code, self.clock.now(), events);
        let work = self.store.transaction(
            "accounts.take_up_consent",
            arguments,
            |tx, (account, challenge, code, now, events)| {
                Box::pin(async move {
                    let giver = match_consent(tx, *challenge, *code, *now).await?;
                    // Whoever gave it may try it, and it is not used up.
                    let Some(giver) = giver.filter(|giver| giver != account) else {
                        return Ok(None);
                    };
                    let giver = accounts::find(tx, giver).await?;
                    let Some(giver) = giver else {
                        return Ok(None);
                    };
                    if !one_time_codes::use_up(tx, *challenge, *now).await? {
                        return Ok(None);
                    }
                    let held = HeldPerson {
                        account: *account,
                        person: giver.person,
                        relation: Relation::Consent.as_str().to_owned(),
                        since: *now,
                    };
                    let change = hold(tx, &held).await?;
                    for (id, event) in [*account, giver.id].into_iter().zip(events) {
                        note(tx, id, *event, Happened::PersonAdded, None, *now).await?;
                    }
                    Ok::<_, ServiceError>(Some(change))
                })
            },
        );
        let change = work.await?.ok_or(ServiceError::WrongCode)?;
        self.sessions.account_changed(account, change);
        Ok(())
    }

    /// Everybody else on one's account, and who may show one's own code.
    ///
    /// # Errors
    /// [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "accounts.people", skip_all)]
    pub async fn people_of(
        &self,
        resident: &Resident,
    ) -> Result<(Vec<PersonOnAccount>, Vec<Holding>)> {
        let asked = (resident.account(), resident.own);
        let read = self
            .store
            .read("accounts.people", asked, |tx, (account, own)| {
                Box::pin(async move {
                    let mut people = Vec::new();
                    for held in accounts::held_by(tx, *account).await? {
                        let sealed = identities::find(tx, held.person).await?;
                        people.push((held, sealed));
                    }
                    let holders = accounts::holders_of(tx, *own).await?;
                    Ok::<_, ServiceError>((people, holders))
                })
            });
        let (people, holders) = read.await?;
        let mut found = Vec::new();
        for (held, sealed) in people {
            let identity = sealed
                .map(|sealed| self.keys.vault.open(held.person, &sealed))
                .transpose()?;
            if let Some(relation) = Relation::from_word(&held.relation) {
                let name = identity.map(|identity| identity.name);
                found.push(PersonOnAccount {
                    person: held.person,
                    name: name.map(|name| relation.shown(name)),
                    relation,
                    since: held.since,
                });
            }
        }
        Ok((found, holders.into_iter().filter_map(holding).collect()))
    }

    /// Takes a person off one's account.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] if they are not on it; [`ServiceError::Store`].
    #[instrument(name = "accounts.remove_person", skip_all)]
    pub async fn remove_person(&self, resident: &Resident, person: PersonId) -> Result<()> {
        self.end_holding(resident.account(), person, None).await
    }

    /// Ends that another account shows one's own code.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] if it does not; [`ServiceError::Store`].
    #[instrument(name = "accounts.end_consent", skip_all)]
    pub async fn end_consent(&self, resident: &Resident, account: AccountId) -> Result<()> {
        self.end_holding(account, resident.own, None).await
    }

    async fn end_holding(
        &self,
        account: AccountId,
        person: PersonId,
        by: Option<AuthorityId>,
    ) -> Result<()> {
        let event = EvidenceId::generate(&*self.ids);
        let arguments = (account, person, self.clock.now(), event, by);
        let work = self.store.transaction(
            "accounts.end_holding",
            arguments,
            |tx, (account, person, now, event, by)| {
                Box::pin(async move {
                    let Some(mut locked) = accounts::lock(tx, *account).await? else {
                        return Err(ServiceError::UnknownPerson);
                    };
                    if !accounts::end_holding(tx, *account, *person, *now).await? {
                        return Err(ServiceError::UnknownPerson);
                    }
                    locked.change = changes::draw(tx).await?;
                    accounts::change(tx, &locked).await?;
                    note(tx, *account, *event, Happened::PersonRemoved, *by, *now).await?;
                    Ok(locked.change)
                })
            },
        );
        self.sessions.account_changed(account, work.await?);
        Ok(())
    }
}

fn holding(held: HeldPerson) -> Option<Holding> {
    Some(Holding {
        account: held.account,
        relation: Relation::from_word(&held.relation)?,
        since: held.since,
    })
}

/// Names a consent by what is typed, without keeping that.
fn challenge_of(text: &str) -> ChallengeId {
    ChallengeId::from_u128(hashed_id(b"consent", &[text.as_bytes()]).as_u128())
}

async fn hold_if_seen(
    tx: &mut Transaction,
    held: &HeldPerson,
    document: BlindIndex,
) -> Result<ChangeNumber> {
    let guardian = accounts::find(tx, held.account).await?;
    let is_seen = guardian.is_some_and(|guardian| {
        guardian.assurance == Assurance::Seen
            && document.is(guardian.document)
            && guardian.person != held.person
    });
    if !is_seen {
        return Err(ServiceError::UnknownAccount);
    }
    hold(tx, held).await
}

async fn hold(tx: &mut Transaction, held: &HeldPerson) -> Result<ChangeNumber> {
    let account = accounts::lock(tx, held.account).await?;
    let mut account = account.ok_or(ServiceError::UnknownAccount)?;
    accounts::hold(tx, held).await?;
    account.change = changes::draw(tx).await?;
    accounts::change(tx, &account).await?;
    Ok(account.change)
}
