//! An officer confirms what contradicts a declaration, or dismisses it.

use std::collections::HashMap;

use domain::{ContradictionId, Evidence, EvidenceId, Fact, PersonId, StaffId, Timestamp, text};
use store::audit::{self, NewEntry};
use store::contradictions::{self, ContradictionRecord, ContradictionSettled, WaitingPlace};
use store::{StoreError, Transaction, evidence, people};
use tracing::{info, instrument};

use super::{ContradictionOutcome, ContradictionView, Contradictions, Part, about_of, id_of};
use crate::access::{Action, Staff};
use crate::accounts::repeated_id;
use crate::audit::{AuditEntry, Did, Purpose, Stated, note_alone};
use crate::decisions::{Answering, Appended, EvidenceBatch};
use crate::queues::{MOST_COUNTED, PAGE, QueueAsked, QueuePage};
use crate::{Result, ServiceError};

/// So many are listed where there are no pages.
const MOST_LISTED: u32 = 200;
/// Characters of the reasons.
const LONGEST_REASONS: usize = 2000;

/// A contradiction in the list: as much as tells which to read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedContradiction {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub id: ContradictionId,
    /// When it was found.
    pub found_at: Timestamp,
    /// Until when the person has time to say something.
    pub hear_by: Timestamp,
    /// Whether they said something.
    pub is_heard: bool,
}

/// A contradiction, as shown to an officer who may settle it.
#[derive(Clone, Debug)]
pub struct ContradictionToSettle {
    /// What it is, and what the person says.
    pub contradiction: ContradictionView,
    /// Whether it may be confirmed: the person said something, or had the time that the policy gives.
    pub is_ripe: bool,
    /// Whether the reader submitted what was recorded, so that somebody else must settle it.
    pub is_own: bool,
}

/// That a contradiction is settled, not written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settling {
    /// Whose it is.
    pub person: PersonId,
    id: ContradictionId,
    settled: ContradictionSettled,
}

impl Settling {
    /// Writes it; `false` if somebody else was quicker.
    pub(crate) async fn write(&self, tx: &mut Transaction) -> Result<bool, StoreError> {
        contradictions::settle(tx, (self.person, self.id), &self.settled).await
    }
}

impl Contradictions {
    /// What waits of people in the reader's regions, the first found first, as many as are listed.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "contradictions.queue", skip_all)]
    pub async fn queue(&self, by: &Staff) -> Result<Vec<QueuedContradiction>> {
        let asked = QueueAsked::default();
        Ok(self.listed(by, &asked, MOST_LISTED).await?.lines)
    }

    /// A page of it.
    ///
    /// # Errors
    /// As [`Self::queue`].
    #[instrument(name = "contradictions.page", skip_all)]
    pub async fn page(
        &self,
        by: &Staff,
        asked: &QueueAsked<WaitingPlace>,
    ) -> Result<QueuePage<QueuedContradiction, WaitingPlace>> {
        self.listed(by, asked, PAGE).await
    }

    async fn listed(
        &self,
        by: &Staff,
        asked: &QueueAsked<WaitingPlace>,
        limit: u32,
    ) -> Result<QueuePage<QueuedContradiction, WaitingPlace>> {
        let found = self.read_queue(by, asked, limit).await?;
        // As of the queue of appeals: an identifier and a time, and nothing of what was declared.
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::ContradictionsListed, now).count(found.len());
        self.note(entry.seal(&*self.ids)).await?;
        let last = found.last().filter(|_| found.len() == limit as usize);
        let next = last.map(|last| (last.hear_by, last.person, last.id));
        let lines = found.iter().map(|record| QueuedContradiction {
            person: record.person,
            id: record.id,
            found_at: record.found_at,
            hear_by: record.hear_by,
            is_heard: record.said.is_some(),
        });
        Ok(QueuePage {
            lines: lines.collect(),
            next,
        })
    }

    /// Until when each of these people has time to be heard, the first first, and so many at most: for a
    /// caller that shows no more than how many there are. No entry of the log says so.
    pub(crate) async fn due(&self, by: &Staff) -> Result<Vec<Timestamp>> {
        let asked = QueueAsked::default();
        let found = self.read_queue(by, &asked, MOST_COUNTED).await?;
        Ok(found.iter().map(|one| one.hear_by).collect())
    }

    async fn read_queue(
        &self,
        by: &Staff,
        asked: &QueueAsked<WaitingPlace>,
        limit: u32,
    ) -> Result<Vec<ContradictionRecord>> {
        by.may(Action::SettleContradictions)?;
        let whose = self.people.near(by, asked.region)?;
        let (hear_by, later) = asked.times(self.clock.now());
        // After everybody of that second: no identifier is greater.
        let most = (
            PersonId::from_u128(u128::MAX),
            ContradictionId::from_u128(u128::MAX),
        );
        let after = asked.after.max(later.map(|at| (at, most.0, most.1)));
        let read = self.store.read(
            "contradictions.waiting",
            (whose, hear_by, after, limit),
            |tx, (whose, hear_by, after, limit)| {
                Box::pin(contradictions::waiting(tx, whose, *hear_by, *after, *limit))
            },
        );
        Ok(read.await?)
    }

    /// A contradiction of somebody in the reader's regions.
    ///
    /// # Errors
    /// [`ServiceError::UnknownContradiction`] also if it is another region's;
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "contradictions.read", skip_all, fields(contradiction = %id))]
    pub async fn to_settle(
        &self,
        by: &Staff,
        person: PersonId,
        id: ContradictionId,
    ) -> Result<ContradictionToSettle> {
        self.check(by, person).await?;
        let contradiction = self.found(person, id).await?;
        let now = self.clock.now();
        let record = self.record(person, id).await?;
        let record = record.ok_or(ServiceError::UnknownContradiction)?;
        let entry = AuditEntry::new(by.into(), Did::ContradictionRead, now);
        let entry = entry.what(id).about([person]);
        let entry = entry.because(Stated::of(Purpose::Correction));
        self.note(entry.seal(&*self.ids)).await?;
        Ok(ContradictionToSettle {
            is_ripe: is_ripe(&record, by.id(), now),
            is_own: self.is_own(by, &record).await?,
            contradiction,
        })
    }

    /// Confirms that what the person declared was wrong: it becomes evidence, and the colour follows from the
    /// rules in force, if any of them reads it.
    ///
    /// # Errors
    /// [`ServiceError::UnknownContradiction`] also if it is another region's, or none any more;
    /// [`ServiceError::NotHeard`] before the person said something or had the time to;
    /// [`ServiceError::OwnRecord`] for who submitted what was recorded;
    /// [`ServiceError::ContradictionSettled`]; [`ServiceError::NotPermitted`]; [`ServiceError::BadField`]
    /// without reasons; [`ServiceError::NoPolicy`]; [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "contradictions.confirm", skip_all, fields(contradiction = %id))]
    pub async fn confirm(
        &self,
        by: &Staff,
        person: PersonId,
        id: ContradictionId,
        reasons: &str,
    ) -> Result<ContradictionView> {
        let confirmed = self.confirm_as(by, person, id, reasons).await;
        match self.elsewhere(&confirmed, (person, id)).await? {
            Some((to, id)) => self.confirm_as(by, to, id, reasons).await,
            None => confirmed,
        }
    }

    async fn confirm_as(
        &self,
        by: &Staff,
        person: PersonId,
        id: ContradictionId,
        reasons: &str,
    ) -> Result<ContradictionView> {
        let (record, now) = (self.waiting(by, person, id).await?, self.clock.now());
        let outcome = ContradictionOutcome::Confirmed;
        let (settling, entry) = self.settling(by, &record, outcome, reasons)?;
        if !is_ripe(&record, by.id(), now) {
            return Err(ServiceError::NotHeard {
                until: record.hear_by,
            });
        }
        if !self.still_stands(&record, now).await? {
            return Err(ServiceError::UnknownContradiction);
        }
        let batch = EvidenceBatch {
            evidence: vec![Evidence {
                id: EvidenceId::generate(&*self.ids),
                person,
                authority: by.authority().id,
                recorded_at: now,
                fact: Fact::contradiction(now, about_of(&record)?),
            }],
            submitted_by: vec![by.id()],
            answering: Some(Answering::Contradiction(settling)),
            entry: Some(entry),
            ..EvidenceBatch::default()
        };
        match self.verdicts.append(batch).await? {
            Appended::New(_) => {}
            Appended::Settled => return Err(ServiceError::ContradictionSettled),
            Appended::Repeated { .. } | Appended::KeyReused | Appended::UsedUp => {
                let why = "a contradiction was not written".to_owned();
                return Err(StoreError::Database(why).into());
            }
        }
        info!(authority = %by.authority().id, "a contradiction was confirmed");
        self.found(person, id).await
    }

    /// Dismisses it: nothing changes, and it is not found again.
    ///
    /// # Errors
    /// As [`Self::confirm`], but it may be dismissed at any time.
    #[instrument(name = "contradictions.dismiss", skip_all, fields(contradiction = %id))]
    pub async fn dismiss(
        &self,
        by: &Staff,
        person: PersonId,
        id: ContradictionId,
        reasons: &str,
    ) -> Result<ContradictionView> {
        let dismissed = self.dismiss_as(by, person, id, reasons).await;
        match self.elsewhere(&dismissed, (person, id)).await? {
            Some((to, id)) => self.dismiss_as(by, to, id, reasons).await,
            None => dismissed,
        }
    }

    async fn dismiss_as(
        &self,
        by: &Staff,
        person: PersonId,
        id: ContradictionId,
        reasons: &str,
    ) -> Result<ContradictionView> {
        let record = self.waiting(by, person, id).await?;
        let outcome = ContradictionOutcome::Dismissed;
        let written = self.settling(by, &record, outcome, reasons)?;
        let done = self.store.transaction(
            "contradictions.dismiss",
            written,
            |tx, (settling, entry)| {
                Box::pin(async move {
                    // A proof of who they are waits, and takes along what is written here.
                    people::touch(tx, [settling.person]).await?;
                    let is_first = settling.write(tx).await?;
                    if is_first {
                        audit::append(tx, std::slice::from_ref(entry)).await?;
                    }
                    Ok::<_, StoreError>(is_first)
                })
            },
        );
        if !done.await? {
            return Err(ServiceError::ContradictionSettled);
        }
        info!(authority = %by.authority().id, "a contradiction was dismissed");
        self.found(person, id).await
    }

    /// Where a contradiction that was not settled is by now: its person was proven to be somebody else.
    async fn elsewhere(
        &self,
        settled: &Result<ContradictionView>,
        (person, id): (PersonId, ContradictionId),
    ) -> Result<Option<(PersonId, ContradictionId)>> {
        if !matches!(
            settled,
            Err(ServiceError::UnknownContradiction | ServiceError::ContradictionSettled)
        ) {
            return Ok(None);
        }
        let Some(&to) = self.people.moved(&[person]).await?.get(&person) else {
            return Ok(None);
        };
        let read = self.store.read(
            "contradictions.elsewhere",
            (person, to),
            |tx, (person, to)| {
                Box::pin(async move {
                    let before = evidence::of(tx, *person, Timestamp::MIN).await?;
                    Ok::<_, StoreError>((before, contradictions::of(tx, &[*to]).await?))
                })
            },
        );
        let (before, theirs) = read.await?;
        let before: HashMap<EvidenceId, EvidenceId> = before
            .iter()
            .map(|piece| (repeated_id(piece.id, to), piece.id))
            .collect();
        let was = |record: &ContradictionRecord| {
            let declared = before.get(&record.declared)?;
            let recorded = before.get(&record.recorded)?;
            Some(id_of(person, *declared, *recorded))
        };
        let found = theirs.iter().find(|record| was(record) == Some(id));
        Ok(found.map(|record| (to, record.id)))
    }

    /// A contradiction that waits, and that a staff member may settle.
    async fn waiting(
        &self,
        by: &Staff,
        person: PersonId,
        id: ContradictionId,
    ) -> Result<ContradictionRecord> {
        self.check(by, person).await?;
        let found = self.record(person, id).await?;
        let record = found.ok_or(ServiceError::UnknownContradiction)?;
        if record.settled.is_some() {
            return Err(ServiceError::ContradictionSettled);
        }
        if self.is_own(by, &record).await? {
            return Err(ServiceError::OwnRecord);
        }
        Ok(record)
    }

    fn settling(
        &self,
        by: &Staff,
        record: &ContradictionRecord,
        outcome: ContradictionOutcome,
        reasons: &str,
    ) -> Result<(Settling, NewEntry)> {
        let reasons = ServiceError::named("reasons", text::lines(reasons, LONGEST_REASONS))?;
        let (key, now) = ((record.person, record.id), self.clock.now());
        let settling = Settling {
            person: record.person,
            id: record.id,
            settled: ContradictionSettled {
                at: now,
                outcome: outcome.as_str().to_owned(),
                by: Some((by.id(), by.authority().id)),
                reasons: self.seal(key, Part::Settled, reasons)?,
            },
        };
        let entry = AuditEntry::new(by.into(), Did::ContradictionSettled, now)
            .what(format_args!("{} {}", record.id, outcome.as_str()))
            .about([record.person])
            .because(Stated::of(Purpose::Correction));
        Ok((settling, entry.seal(&*self.ids)))
    }

    /// Whether a staff member may settle what contradicts what this person declared.
    pub(super) async fn check(&self, by: &Staff, person: PersonId) -> Result<()> {
        let (people, now) = ([person], self.clock.now());
        let checked = self
            .people
            .check(by, Action::SettleContradictions, &people, now);
        checked.await.map_err(|error| match error {
            ServiceError::UnknownPerson => ServiceError::UnknownContradiction,
            other => other,
        })
    }

    /// Whether the two pieces still contradict each other, by the policy in force.
    async fn still_stands(&self, record: &ContradictionRecord, now: Timestamp) -> Result<bool> {
        let active = self.policies.active()?;
        let asked = ([record.person], active.context(now).look_back_from);
        let read = self.store.read(
            "contradictions.still_stands",
            asked,
            |tx, (person, since)| Box::pin(evidence::since(tx, person, *since, false)),
        );
        let known = read.await?.remove(&record.person).unwrap_or_default();
        let (policy, levels) = (&active.policy, &active.levels);
        let found = domain::contradictions(policy, levels, &known, now);
        Ok(found
            .iter()
            .any(|one| id_of(record.person, one.declared, one.recorded) == record.id))
    }

    /// Whether a staff member submitted what was recorded.
    async fn is_own(&self, by: &Staff, record: &ContradictionRecord) -> Result<bool> {
        let asked = (record.person, [record.recorded]);
        let read = self
            .store
            .read("contradictions.staff", asked, |tx, (person, recorded)| {
                Box::pin(evidence::staff_of(tx, *person, recorded))
            });
        Ok(read.await?.contains(&by.id()))
    }

    async fn note(&self, entry: NewEntry) -> Result<()> {
        Ok(note_alone(&self.store, "contradictions.note", entry).await?)
    }
}

/// Nobody is judged unheard: the person said something, or the time that the policy gives them is over.
/// Of words that an officer wrote down somebody else judges.
fn is_ripe(record: &ContradictionRecord, by: StaffId, now: Timestamp) -> bool {
    let heard = record.said.as_ref();
    heard.is_some_and(|heard| heard.to != Some(by)) || record.hear_by <= now
}
