//! Several people on one account: a child or ward whose guardian's right a community worker saw, and
//! adults who consented on their own phone. Either side ends it at any time.

use std::sync::Arc;

use credential::MaskedName;
use domain::{
    AccountId, Assurance, ChallengeId, Document, EvidenceId, Identity, PersonId, Pii, Timestamp,
};
use jiff::SignedDuration;
use store::accounts::{self, HeldPerson};
use store::audit::{self, NewEntry};
use store::identities::{self, BlindIndex};
use store::one_time_codes::{self, OneTimeCode};
use store::{ChangeNumber, StoreError, Transaction, changes, devices, people, status_indexes};
use tracing::{info, instrument};

use super::phone::{hash, match_consent};
use super::second_worker::may_be_done;
use super::security::Happened;
use super::{Accounts, Act, Actor, AtCounter, note, note_act};
use crate::access::{CommunityOfficial, Resident};
use crate::audit::{AuditEntry, Did, Stated};
use crate::decisions::record;
use crate::people::documents;
use crate::people::keys::hashed_id;
use crate::two_persons::checked;
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

    /// Their name, as the account reads it. Who was put on it in an office said a number there, not
    /// a name: somebody who typed another's number would learn it. The name of a child, by the
    /// number of their document, is read in full.
    fn shown(self, identity: Identity, now: Timestamp) -> Pii<String> {
        let name = identity.name;
        match self {
            Self::Consent => name,
            Self::Guardian if identity.document.is_of_adult(now) == Some(false) => name,
            Self::Guardian | Self::ConsentInOffice => {
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
    /// Puts a child or ward on a guardian's account: the worker saw both documents and the right. Of a
    /// ward who is an adult by the number of their document the worker writes why; the ward reads it. As
    /// for a binding, it may take a second worker.
    ///
    /// # Errors
    /// [`ServiceError::StepUpNeeded`];
    /// [`ServiceError::BadField`] if the number says an adult and there is no reason;
    /// [`ServiceError::UnknownAccount`] unless the account was seen with the guardian's document;
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "office.add_ward", skip_all)]
    pub async fn add_ward(
        &self,
        by: &CommunityOfficial,
        guardian: (AccountId, &Document),
        ward: &Document,
        reason: Option<&str>,
    ) -> Result<AtCounter> {
        let is_adult = ward.is_of_adult(self.clock.now()) == Some(true);
        if is_adult && reason.is_none() {
            let why = "the number of this document is that of an adult; say why they have a guardian, \
                       for example which court said so";
            return Err(ServiceError::field("reason", why));
        }
        let reason = reason.map(checked).transpose()?.map(str::to_owned);
        self.add_in_office(by, guardian, ward, (Relation::Guardian, reason))
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
    ) -> Result<AtCounter> {
        let relation = Relation::ConsentInOffice;
        self.add_in_office(by, holder, consenting, (relation, None))
            .await
    }

    async fn add_in_office(
        &self,
        by: &CommunityOfficial,
        holder: (AccountId, &Document),
        other: &Document,
        (relation, reason): (Relation, Option<String>),
    ) -> Result<AtCounter> {
        by.check_step_up(self.clock.now())?;
        self.count_look_up(by).await?;
        let (account, document) = holder;
        let documents = [document, other].map(|one| self.keys.vault.document(one));
        let context = self.policies.context()?;
        let generation = context.generation;
        let fresh = PersonId::generate(&*self.ids);
        let (staff, authority, why) = (by.staff(), by.authority(), relation.as_str());
        info!(%staff, %authority, %account, why, "an office adds somebody to an account");
        let act = self.act_of(by, reason);
        let held = HeldPerson {
            account,
            person: fresh,
            relation: relation.as_str().to_owned(),
            since: context.now,
        };
        let entry = AuditEntry::new(by.into(), Did::WardAdded, context.now).what(account);
        let entry = entry.because(Stated::AT_THE_COUNTER);
        let log = (entry, Arc::clone(&self.ids));
        let acting = (act, Actor::from(by), log);
        let arguments = (context, held, documents, acting, relation);
        let work = self.store.transaction(
            "office.add_person",
            arguments,
            |tx, (context, held, [document, other], (act, by, (entry, ids)), relation)| {
                Box::pin(async move {
                    let made = documents::make(tx, context, &[(*other, held.person)]).await?;
                    let found = identities::person_by_document(tx, *other).await?;
                    let person = found.unwrap_or(held.person);
                    let decided = record::decide(tx, context, &[], &[person]).await?;
                    let held = HeldPerson {
                        person,
                        ..held.clone()
                    };
                    check_guardian(tx, &held, *document).await?;
                    let (whose, asked) = ((person, *other), (held.account, relation.as_str()));
                    let agreed = may_be_done(tx, whose, asked, (*by, &**ids), act).await?;
                    if agreed == AtCounter::WaitsForSecond {
                        return Ok((made, decided, None));
                    }
                    let entry = entry.clone().about([person]);
                    audit::append(tx, &[entry.seal(&**ids)]).await?;
                    let change = hold(tx, &held).await?;
                    let added = Happened::PersonAdded;
                    note_act(tx, *other, act, added, Some((held.account, added))).await?;
                    Ok::<_, ServiceError>((made, decided, Some(change)))
                })
            },
        );
        let (made, decided, change) = work.await?;
        for decisions in [made.decisions, decided] {
            self.verdicts.take_in(&decisions, generation).await?;
        }
        let Some(change) = change else {
            return Ok(AtCounter::WaitsForSecond);
        };
        self.sessions.account_changed(account, change);
        Ok(AtCounter::Done)
    }

    /// Ends that an account shows the code of the holder of the document in hand, who asks for it in
    /// the office.
    ///
    /// # Errors
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::UnknownPerson`] if it does not;
    /// [`ServiceError::Store`].
    #[instrument(name = "office.end_holding", skip_all)]
    pub async fn end_holding_in_office(
        &self,
        by: &CommunityOfficial,
        account: AccountId,
        document: &Document,
    ) -> Result<()> {
        by.check_step_up(self.clock.now())?;
        let document = self.keys.vault.document(document);
        let found = self.store.read("office.person", document, |tx, document| {
            Box::pin(identities::person_by_document(tx, *document))
        });
        let person = found.await?.ok_or(ServiceError::UnknownPerson)?;
        let (staff, authority) = (by.staff(), by.authority());
        info!(%staff, %authority, %account, "an office takes somebody off an account");
        let act = self.act_of(by, None);
        let entry = AuditEntry::new(by.into(), Did::WardEnded, act.at).what(account);
        let entry = entry.about([person]).because(Stated::AT_THE_COUNTER);
        let entry = entry.seal(&*self.ids);
        self.end_holding(account, person, Some((document, act, entry)))
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
                    // The person who gave it may try it, and it is not used up.
                    let Some(giver) = giver.filter(|giver| giver != account) else {
                        return Ok(None);
                    };
                    // It may have been deleted or released since, or is being deleted just now: the two
                    // wait for each other, in order.
                    accounts::lock(tx, giver.min(*account)).await?;
                    accounts::lock(tx, giver.max(*account)).await?;
                    let giver = accounts::find(tx, giver).await?;
                    let giver = giver.filter(|giver| giver.assurance >= Assurance::Phone);
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
                        note(tx, id, *event, Happened::PersonAdded, *now).await?;
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
                    Ok::<_, StoreError>((people, holders))
                })
            });
        let (people, holders) = read.await?;
        let now = self.clock.now();
        let mut found = Vec::new();
        for (held, sealed) in people {
            let identity = sealed
                .map(|sealed| self.keys.vault.open(held.person, &sealed))
                .transpose()?;
            if let Some(relation) = Relation::from_word(&held.relation) {
                found.push(PersonOnAccount {
                    person: held.person,
                    name: identity.map(|identity| relation.shown(identity, now)),
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
        in_office: Option<(BlindIndex, Act, NewEntry)>,
    ) -> Result<()> {
        let event = EvidenceId::generate(&*self.ids);
        let arguments = (account, person, self.clock.now(), event, in_office);
        let work = self.store.transaction(
            "accounts.end_holding",
            arguments,
            |tx, (account, person, now, event, in_office)| {
                Box::pin(async move {
                    let Some(mut locked) = accounts::lock(tx, *account).await? else {
                        return Err(ServiceError::UnknownPerson);
                    };
                    if !accounts::end_holding(tx, *account, *person, *now).await? {
                        return Err(ServiceError::UnknownPerson);
                    }
                    locked.change = changes::draw(tx).await?;
                    accounts::change(tx, &locked).await?;
                    // What it shows of them holds no longer; their own phone fetches anew.
                    people::touch(tx, [*person]).await?;
                    devices::end_all(tx, *person, *now).await?;
                    let number = locked.change;
                    let revoked = status_indexes::revoke(tx, &[*person], *now, number).await?;
                    let removed = Happened::PersonRemoved;
                    let own = accounts::bound_to(tx, *person).await?;
                    if let Some(own) = own.filter(|own| own != account && in_office.is_none()) {
                        note(tx, own, *event, removed, *now).await?;
                    }
                    match in_office {
                        Some((document, act, entry)) => {
                            audit::append(tx, std::slice::from_ref(entry)).await?;
                            let own = Some((*account, removed));
                            note_act(tx, *document, act, removed, own).await?;
                        }
                        None => note(tx, *account, *event, removed, *now).await?,
                    }
                    Ok((locked.change, revoked))
                })
            },
        );
        let (change, revoked) = work.await?;
        self.revocations.add(&revoked);
        self.sessions.account_changed(account, change);
        Ok(())
    }
}

pub(super) fn holding(held: HeldPerson) -> Option<Holding> {
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

/// Whether the account that is to show somebody's code was seen with its own document.
async fn check_guardian(
    tx: &mut Transaction,
    held: &HeldPerson,
    document: BlindIndex,
) -> Result<()> {
    let guardian = accounts::find(tx, held.account).await?;
    let is_seen = guardian.is_some_and(|guardian| {
        guardian.assurance == Assurance::Seen
            && document.is(guardian.document)
            && guardian.person != held.person
    });
    if is_seen {
        Ok(())
    } else {
        Err(ServiceError::UnknownAccount)
    }
}

async fn hold(tx: &mut Transaction, held: &HeldPerson) -> Result<ChangeNumber> {
    let account = accounts::lock(tx, held.account).await?;
    let mut account = account.ok_or(ServiceError::UnknownAccount)?;
    accounts::hold(tx, held).await?;
    account.change = changes::draw(tx).await?;
    accounts::change(tx, &account).await?;
    Ok(account.change)
}
