//! What a trace writes: contacts, and withdrawals of contacts that it does not find any more.

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::{Period, Ring};
use domain::{Evidence, EvidenceId, Fact, PersonId, Timestamp};
use engine::trace::Contact;
use store::evidence::EvidenceKey;
use store::{StoreError, TraceJob, Transaction, evidence, people, traces};

use super::Tracing;
use super::cases::withdraws;
use crate::Result;
use crate::access::TRACER_AUTHORITY;
use crate::accounts::repeated_id;
use crate::decisions::{Appended, EvidenceBatch};
use crate::evidence::withdrawal_of;
use crate::people::keys::{contact_id, withdrawal_id};

/// Contacts written in one transaction.
const CONTACTS_PER_BATCH: usize = 500;

/// What a job is to do.
pub(super) enum Purpose {
    /// Write down the contacts of this diagnosis.
    Find(EvidenceId),
    /// Take back what this diagnosis led to.
    TakeBack(EvidenceId),
    /// Nothing: the diagnosis was withdrawn before the job ran.
    Nothing,
}

impl Tracing {
    /// What a job is to do, now.
    pub(super) async fn purpose_of(&self, job: &TraceJob) -> Result<Purpose> {
        let opener = (job.person, job.diagnosis);
        let withdrawal = (job.person, withdrawal_id(job.diagnosis));
        let read = self.store.read(
            "traces.purpose",
            [opener, withdrawal],
            |tx, keys: &[EvidenceKey; 2]| Box::pin(evidence::find_many(tx, keys)),
        );
        let found = read.await?;
        Ok(match found.get(&opener) {
            Some(piece) => match withdraws(piece) {
                Some(of) => Purpose::TakeBack(of),
                None if found.contains_key(&withdrawal) => Purpose::Nothing,
                None => Purpose::Find(job.diagnosis),
            },
            None => Purpose::Nothing,
        })
    }

    /// Writes down contacts before those of the next ring are looked for, so that who met the case
    /// need not wait for that. Takes back nothing. The number of people whose status changed.
    pub(super) async fn write_ahead(
        &self,
        job: &TraceJob,
        diagnosis: EvidenceId,
        contacts: &[Contact<PersonId>],
    ) -> Result<u32> {
        if contacts.is_empty() {
            return Ok(0);
        }
        let (_, mut news) = self.news(job, diagnosis, contacts).await?;
        news.retain(|piece| matches!(piece.fact, Fact::Contact { .. }));
        self.write(news).await
    }

    /// What is to be written so that the record says what was found, and how many contacts it then
    /// holds: contacts that are not there yet, and withdrawals of those that were found earlier and
    /// now say something else. About somebody of whom an authority withdrew such a contact nothing is
    /// written again. The contacts are noted, so that all of them can be taken back.
    pub(super) async fn news(
        &self,
        job: &TraceJob,
        diagnosis: EvidenceId,
        contacts: &[Contact<PersonId>],
    ) -> Result<(usize, Vec<Evidence>)> {
        let noted = self.noted(job.person, diagnosis).await?;
        let now = self.clock.now();
        let mut found = BTreeMap::new();
        let cleared = noted.cleared();
        let contacts = self.as_they_are_now(job.person, contacts).await?;
        for contact in &contacts {
            if !cleared.contains(&contact.person) {
                let mut ids = (0..).map(|round| contact_id(diagnosis, contact, round));
                let id = ids.find(|id| !noted.is_taken_back(contact.person, *id));
                found.extend(id.map(|id| (id, record(id, contact, now))));
            }
        }
        let count = found.len();
        let mut news = Vec::new();
        for &(person, id) in &noted.contacts {
            let record = noted.records.get(&(person, id));
            match (found.contains_key(&id), record) {
                (true, Some(_)) => drop(found.remove(&id)),
                (false, Some(record)) if !noted.is_taken_back(person, id) => {
                    news.push(withdrawal_of(record, TRACER_AUTHORITY, now));
                }
                _ => {}
            }
        }
        let about = found.values().map(|piece| (piece.person, piece.id));
        self.note(job, about.collect()).await?;
        news.extend(found.into_values());
        // What is found comes before what it replaces, so that nobody is free in between.
        news.sort_by_key(|piece| (piece.person, matches!(piece.fact, Fact::Withdrawal { .. })));
        Ok((count, news))
    }

    /// Withdrawals of all contacts that a diagnosis led to.
    pub(super) async fn withdrawals(
        &self,
        case: PersonId,
        diagnosis: EvidenceId,
    ) -> Result<Vec<Evidence>> {
        let noted = self.noted(case, diagnosis).await?;
        let now = self.clock.now();
        let records = noted
            .contacts
            .iter()
            .filter_map(|key| noted.records.get(key));
        Ok(records
            .map(|record| withdrawal_of(record, TRACER_AUTHORITY, now))
            .collect())
    }

    /// Appends evidence in batches; the number of people whose status changed.
    pub(super) async fn write(&self, evidence: Vec<Evidence>) -> Result<u32> {
        let mut changed = BTreeSet::new();
        for batch in evidence.chunks(CONTACTS_PER_BATCH) {
            let batch = EvidenceBatch {
                evidence: batch.to_vec(),
                ..EvidenceBatch::default()
            };
            if let Appended::New(decisions) = self.verdicts.append(batch).await? {
                let decided = decisions.decided.iter().filter(|one| one.is_changed());
                changed.extend(decided.map(|one| one.now.person));
            }
        }
        Ok(u32::try_from(changed.len()).unwrap_or(u32::MAX))
    }

    /// The contacts, each of whoever that person is by now: who was proven to be a document's person is
    /// that person. The case itself is no contact under another identifier.
    async fn as_they_are_now(
        &self,
        case: PersonId,
        contacts: &[Contact<PersonId>],
    ) -> Result<Vec<Contact<PersonId>>> {
        let people = contacts.iter().map(|contact| contact.person);
        let people: Vec<PersonId> = people.chain([case]).collect();
        let moved = self.store.read("people.moved", people, |tx, people| {
            Box::pin(people::moved(tx, people))
        });
        let moved = moved.await?;
        let now = |person: PersonId| moved.get(&person).copied().unwrap_or(person);
        let contacts = contacts.iter().map(|contact| Contact {
            person: now(contact.person),
            ..*contact
        });
        Ok(contacts
            .filter(|contact| contact.person != now(case))
            .collect())
    }

    async fn noted(&self, case: PersonId, diagnosis: EvidenceId) -> Result<Noted> {
        let read = self
            .store
            .read("traces.noted", (case, diagnosis), |tx, (case, id)| {
                Box::pin(noted(tx, *case, *id))
            });
        Ok(read.await?)
    }

    async fn note(&self, job: &TraceJob, contacts: Vec<EvidenceKey>) -> Result<()> {
        if contacts.is_empty() {
            return Ok(());
        }
        let note = self.store.transaction(
            "traces.note_contacts",
            (job.clone(), contacts),
            |tx, (job, contacts)| Box::pin(traces::note_contacts(tx, job, contacts)),
        );
        Ok(note.await?)
    }
}

/// The contacts ever noted for a diagnosis, and what is on record of them.
struct Noted {
    contacts: Vec<EvidenceKey>,
    /// The contacts, and their withdrawals.
    records: BTreeMap<EvidenceKey, Evidence>,
}

impl Noted {
    /// Whether the tracer withdrew this contact: it was found, and then it was not.
    fn is_taken_back(&self, person: PersonId, contact: EvidenceId) -> bool {
        let withdrawal = self.records.get(&(person, withdrawal_id(contact)));
        withdrawal.is_some_and(|withdrawal| withdrawal.authority == TRACER_AUTHORITY)
    }

    /// The people of whom an authority withdrew a contact.
    fn cleared(&self) -> BTreeSet<PersonId> {
        let withdrawals = self
            .contacts
            .iter()
            .filter_map(|(person, id)| self.records.get(&(*person, withdrawal_id(*id))));
        withdrawals
            .filter(|withdrawal| withdrawal.authority != TRACER_AUTHORITY)
            .map(|withdrawal| withdrawal.person)
            .collect()
    }
}

async fn noted(
    tx: &mut Transaction,
    case: PersonId,
    diagnosis: EvidenceId,
) -> Result<Noted, StoreError> {
    let mut contacts = traces::noted_contacts(tx, case, diagnosis).await?;
    // What was repeated about somebody who was proven to be another stands and falls with the contact.
    let people: Vec<PersonId> = contacts.iter().map(|(person, _)| *person).collect();
    let moved = people::moved(tx, &people).await?;
    let repeated = contacts.iter().filter_map(|(person, id)| {
        let to = *moved.get(person)?;
        Some((to, repeated_id(*id, to)))
    });
    let repeated: Vec<EvidenceKey> = repeated.collect();
    contacts.extend(repeated);
    let keys: Vec<EvidenceKey> = contacts
        .iter()
        .flat_map(|&(person, id)| [(person, id), (person, withdrawal_id(id))])
        .collect();
    let records = evidence::find_many(tx, &keys).await?;
    Ok(Noted { contacts, records })
}

fn record(id: EvidenceId, contact: &Contact<PersonId>, now: Timestamp) -> Evidence {
    Evidence {
        id,
        person: contact.person,
        authority: TRACER_AUTHORITY,
        recorded_at: now,
        fact: Fact::contact(
            Some(contact.through),
            contact.relation,
            Ring::mended(contact.ring.into()),
            Period::mended(contact.first, contact.last),
            Some(contact.minutes),
        ),
    }
}
