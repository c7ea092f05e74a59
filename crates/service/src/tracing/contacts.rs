//! What a trace writes: contacts, and withdrawals of contacts that it does not find any more.

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::{Period, Ring};
use domain::{AuthorityId, Evidence, EvidenceId, Fact, PersonId, StaffId, Timestamp};
use engine::trace::Contact;
use store::evidence::EvidenceKey;
use store::{StoreError, TraceJob, Transaction, evidence, people, traces};

use super::Tracing;
use super::cases::withdraws;
use crate::access::TRACER_AUTHORITY;
use crate::accounts::repeated_id;
use crate::caps::Cap;
use crate::decisions::{Appended, EvidenceBatch, RestrictionCap};
use crate::evidence::{HeldTrace, withdrawal_of};
use crate::people::keys::{contact_id, withdrawal_id};
use crate::{Result, ServiceError};

/// Contacts written in one transaction.
const CONTACTS_PER_BATCH: usize = 500;

/// What a job is to do.
pub(super) enum Purpose {
    /// Write down the contacts of this case.
    Find(FoundBy),
    /// Take back what this diagnosis led to.
    TakeBack(EvidenceId),
    /// Nothing: the diagnosis was withdrawn before the job ran.
    Nothing,
}

/// Because of what contacts are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FoundBy {
    /// The diagnosis.
    pub diagnosis: EvidenceId,
    /// Who submitted it.
    pub authority: AuthorityId,
}

/// What became of contacts that were found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written {
    /// People whose status changed.
    pub changed: u32,
    /// How many people all that was submitted together would restrict, if that is more than may be: then
    /// no contact was written.
    pub too_many: Option<usize>,
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
                None => Purpose::Find(FoundBy {
                    diagnosis: job.diagnosis,
                    authority: piece.authority,
                }),
            },
            None => Purpose::Nothing,
        })
    }

    /// Writes down contacts before those of the next ring are looked for, so that who met the case
    /// need not wait for that. Takes back nothing; what would restrict too many is left for later. The
    /// number of people whose status changed.
    pub(super) async fn write_ahead(
        &self,
        job: &TraceJob,
        found_by: FoundBy,
        contacts: &[Contact<PersonId>],
    ) -> Result<u32> {
        if contacts.is_empty() {
            return Ok(0);
        }
        let (_, mut news) = self.news(job, found_by.diagnosis, contacts).await?;
        news.retain(is_contact);
        Ok(self.write_found(job, found_by, news).await?.changed)
    }

    /// Writes what was found, unless that restricts more people than one submission may: of all cases
    /// that were submitted together, and over all runs. Then it waits for a second person, and what is
    /// written is only whom it frees.
    pub(super) async fn write_or_hold(
        &self,
        job: &TraceJob,
        found_by: FoundBy,
        news: Vec<Evidence>,
    ) -> Result<u32> {
        let about = news.iter().filter(|piece| is_contact(piece));
        let about: Vec<PersonId> = about.map(|piece| piece.person).collect();
        let contacts = about.len();
        let about: BTreeSet<PersonId> = about.into_iter().collect();
        let mut freed = news.clone();
        freed.retain(|piece| !about.contains(&piece.person));
        let written = self.write_found(job, found_by, news).await?;
        let Some(restricted) = written.too_many else {
            return Ok(written.changed);
        };
        let held = HeldTrace {
            case: job.person,
            diagnosis: found_by.diagnosis,
            by: job.by,
            contacts,
            people: about.len(),
            restricted,
            counted_as: counter_of(job, found_by),
        };
        self.held.hold_trace(found_by.authority, held).await?;
        self.write(freed, &BTreeSet::new()).await
    }

    async fn write_found(
        &self,
        job: &TraceJob,
        found_by: FoundBy,
        news: Vec<Evidence>,
    ) -> Result<Written> {
        let most = self.settings.cap(Cap::RestrictedByBatch);
        let behind = self.behind(job, found_by.diagnosis).await?;
        if most == u32::MAX || !news.iter().any(is_contact) {
            let changed = self.write(news, &behind).await?;
            return Ok(Written {
                changed,
                too_many: None,
            });
        }
        let cap = RestrictionCap {
            most,
            counted_as: Some(counter_of(job, found_by)),
        };
        let batch = EvidenceBatch {
            evidence: news,
            submitted_by: behind.into_iter().collect(),
            ..EvidenceBatch::default()
        };
        match self.verdicts.append_within(batch, &cap).await {
            Ok(appended) => Ok(Written {
                changed: u32::try_from(appended.changed()?).unwrap_or(u32::MAX),
                too_many: None,
            }),
            Err(ServiceError::RestrictsTooMany { restricted, .. }) => Ok(Written {
                changed: 0,
                too_many: Some(restricted),
            }),
            Err(other) => Err(other),
        }
    }

    /// Who answers no appeal against what the case led to: who confirmed it, and who stands behind the
    /// machine that submitted its diagnosis.
    async fn behind(&self, job: &TraceJob, diagnosis: EvidenceId) -> Result<BTreeSet<StaffId>> {
        let read = self.store.read(
            "traces.behind",
            (job.person, diagnosis),
            |tx, (person, diagnosis)| {
                Box::pin(evidence::staff_of(
                    tx,
                    *person,
                    std::slice::from_ref(diagnosis),
                ))
            },
        );
        let mut behind = read.await?;
        behind.extend(job.by);
        Ok(behind)
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

    /// Appends evidence in batches, in the name of the authority that confirmed the case; the
    /// number of people whose status changed.
    pub(super) async fn write(
        &self,
        evidence: Vec<Evidence>,
        behind: &BTreeSet<StaffId>,
    ) -> Result<u32> {
        let mut changed = BTreeSet::new();
        for batch in evidence.chunks(CONTACTS_PER_BATCH) {
            let batch = EvidenceBatch {
                evidence: batch.to_vec(),
                submitted_by: behind.iter().copied().collect(),
                ..EvidenceBatch::default()
            };
            if let Appended::New(decisions) = self.verdicts.append(batch).await? {
                let decided = decisions.decided.iter().filter(|one| one.is_changed());
                changed.extend(decided.map(|one| one.now.person));
            }
        }
        Ok(u32::try_from(changed.len()).unwrap_or(u32::MAX))
    }

    /// The contacts, each under the person's present identifier: an account proven to be a
    /// document's person is that person. The case itself is no contact under another identifier.
    async fn as_they_are_now(
        &self,
        case: PersonId,
        contacts: &[Contact<PersonId>],
    ) -> Result<Vec<Contact<PersonId>>> {
        let people = contacts.iter().map(|contact| contact.person);
        let people: Vec<PersonId> = people.chain([case]).collect();
        let moved = self.people.moved(&people).await?;
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

fn is_contact(piece: &Evidence) -> bool {
    matches!(piece.fact, Fact::Contact { .. })
}

/// Under which counter those are counted whom the contacts of cases restrict that an authority submitted
/// together, which is at the same second.
fn counter_of(job: &TraceJob, found_by: FoundBy) -> String {
    let second = job.opened_at.as_second();
    format!("cap traced {second} {}", found_by.authority)
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
