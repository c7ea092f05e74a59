//! Finding the contacts of a case.
//!
//! A job is opened in the transaction of its diagnosis and marked finished after the last contact is
//! durable. In between the process may die at any step: the job is found open and runs again, and
//! every contact it writes has the identifier that follows from the diagnosis and from what the
//! contact says, so that nothing doubles. A visit or a membership that comes in late opens the jobs
//! again that looked where it was; what such a job finds otherwise than before replaces what it found then. A job
//! opened by the withdrawal of a diagnosis withdraws what that diagnosis led to.
//!
//! Those who met the case are written down before the next ring is looked for.
//!
//! What a contact means is the policy's business. This writes down who shared venues with the case, or
//! its household, building or vehicle, for how many minutes, from when until when, and in which ring.

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::{Period, Ring};
use domain::{Evidence, EvidenceId, Fact, PersonId, Timestamp};
use engine::trace::Contact;
use store::{EvidenceBatch, TraceJob, TraceRecord};
use tracing::{debug, info, instrument, warn};

use crate::access::{HealthOfficial, TRACER_AUTHORITY};
use crate::cases::withdraws;
use crate::keys::{contact_id, withdrawal_id};
use crate::service::Service;
use crate::{Result, ServiceError};

/// Contacts written in one transaction.
const CONTACTS_PER_BATCH: usize = 500;
const JOBS_AT_ONCE: u32 = 16;
const LATE_AT_ONCE: u32 = 500;

/// What a run of the open jobs did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceSummary {
    /// Jobs finished.
    pub jobs: u32,
    /// Contacts that the jobs found, those on record before included.
    pub contacts: u32,
    /// People whose status changed.
    pub changed: u32,
}

/// What a job is to do.
enum Purpose {
    /// Write down the contacts of this diagnosis.
    Find(EvidenceId),
    /// Take back what this diagnosis led to.
    TakeBack(EvidenceId),
    /// Nothing: the diagnosis was withdrawn before the job ran.
    Nothing,
}

impl Service {
    /// Runs every open job, and those that late visits and memberships touch, and returns when the contacts are
    /// durable and decided.
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`crate::ServiceError::Store`]. A job that failed stays
    /// open, the others are finished.
    #[instrument(name = "contacts.run_traces", skip_all)]
    pub async fn run_traces(&self) -> Result<TraceSummary> {
        let _one_at_a_time = self.tracing_now.lock().await;
        let mut summary = TraceSummary::default();
        loop {
            while self.store.reopen_traces(LATE_AT_ONCE).await? == LATE_AT_ONCE {}
            while self.reopen_for_companions(LATE_AT_ONCE).await? == LATE_AT_ONCE {}
            let jobs = self.store.open_traces(JOBS_AT_ONCE).await?;
            if jobs.is_empty() {
                return Ok(summary);
            }
            let mut failed = None;
            for job in &jobs {
                match self.run_trace(job).await {
                    Ok((contacts, changed)) => {
                        summary.jobs += 1;
                        summary.contacts += contacts;
                        summary.changed += changed;
                    }
                    Err(error) => {
                        warn!(diagnosis = %job.diagnosis, %error, "a trace failed, it stays open");
                        failed = failed.or(Some(error));
                    }
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }

    /// How far the search for the contacts of a case is.
    ///
    /// # Errors
    /// [`ServiceError::UnknownEvidence`] if `diagnosis` opened no search; [`ServiceError::Store`].
    #[instrument(name = "contacts.trace", skip_all)]
    pub async fn trace(
        &self,
        _by: &HealthOfficial,
        person: PersonId,
        diagnosis: EvidenceId,
    ) -> Result<TraceRecord> {
        let found = self.store.trace(person, diagnosis).await?;
        found.ok_or(ServiceError::UnknownEvidence)
    }

    async fn run_trace(&self, job: &TraceJob) -> Result<(u32, u32)> {
        let (contacts, mut changed) = match self.purpose_of(job).await? {
            Purpose::Nothing => {
                // An earlier run may have died after it found something and before it saw this.
                let withdrawals = self.withdrawals(job.person, job.diagnosis).await?;
                (0, self.write(withdrawals).await?)
            }
            Purpose::Find(diagnosis) => {
                let (contacts, changed) = self.contacts_of(job, diagnosis).await?;
                let (found, news) = self.news(job, diagnosis, &contacts).await?;
                (found, changed + self.write(news).await?)
            }
            Purpose::TakeBack(diagnosis) => {
                let withdrawals = self.withdrawals(job.person, diagnosis).await?;
                (withdrawals.len(), self.write(withdrawals).await?)
            }
        };
        if contacts > 0 && matches!(self.purpose_of(job).await?, Purpose::Nothing) {
            // The diagnosis was withdrawn meanwhile, and what takes it back may have run already.
            let withdrawals = self.withdrawals(job.person, job.diagnosis).await?;
            changed += self.write(withdrawals).await?;
        }
        let contacts = u32::try_from(contacts).unwrap_or(u32::MAX);
        let at = self.clock.now();
        if self.store.finish_trace(job, contacts, at).await? {
            info!(diagnosis = %job.diagnosis, contacts, changed, "traced");
        } else {
            debug!(diagnosis = %job.diagnosis, "a visit came in meanwhile, it is traced again");
        }
        Ok((contacts, changed))
    }

    async fn purpose_of(&self, job: &TraceJob) -> Result<Purpose> {
        let opener = self.store.evidence(job.person, job.diagnosis).await?;
        if let Some(of) = opener.as_ref().and_then(withdraws) {
            return Ok(Purpose::TakeBack(of));
        }
        let withdrawal = withdrawal_id(job.diagnosis);
        let is_withdrawn = self.store.evidence(job.person, withdrawal).await?.is_some();
        let is_gone = opener.is_none() || is_withdrawn;
        Ok(if is_gone {
            Purpose::Nothing
        } else {
            Purpose::Find(job.diagnosis)
        })
    }

    /// Writes down contacts before those of the next ring are looked for, so that who met the case
    /// need not wait for that. Takes back nothing. The number of people whose status changed.
    pub(crate) async fn write_ahead(
        &self,
        job: &TraceJob,
        diagnosis: EvidenceId,
        contacts: &[Contact<PersonId>],
    ) -> Result<u32> {
        let (_, mut news) = self.news(job, diagnosis, contacts).await?;
        news.retain(|piece| matches!(piece.fact, Fact::Contact { .. }));
        self.write(news).await
    }

    /// What is to be written so that the record says what was found, and how many contacts it then
    /// holds: contacts that are not there yet, and withdrawals of those that were found earlier and
    /// now say something else. About somebody of whom an authority withdrew such a contact nothing is
    /// written again.
    async fn news(
        &self,
        job: &TraceJob,
        diagnosis: EvidenceId,
        contacts: &[Contact<PersonId>],
    ) -> Result<(usize, Vec<Evidence>)> {
        let noted = self.store.noted_contacts(job.person, diagnosis).await?;
        let (mut taken_back, mut cleared) = (BTreeSet::new(), BTreeSet::new());
        for &(person, id) in &noted {
            let withdrawal = self.store.evidence(person, withdrawal_id(id)).await?;
            match withdrawal.map(|withdrawal| withdrawal.authority) {
                Some(TRACER_AUTHORITY) => drop(taken_back.insert(id)),
                Some(_) => drop(cleared.insert(person)),
                None => {}
            }
        }
        let now = self.clock.now();
        let mut found = BTreeMap::new();
        for contact in contacts {
            if !cleared.contains(&contact.person) {
                let mut ids = (0..).map(|round| contact_id(diagnosis, contact, round));
                let id = ids.find(|id| !taken_back.contains(id));
                found.extend(id.map(|id| (id, record(id, contact, now))));
            }
        }
        let count = found.len();
        let mut news = Vec::new();
        for (person, id) in noted {
            let is_there = self.store.evidence(person, id).await?;
            match (found.contains_key(&id), is_there) {
                (true, Some(_)) => drop(found.remove(&id)),
                (false, Some(record)) if !taken_back.contains(&id) => {
                    news.push(self.withdrawal_of(&record, TRACER_AUTHORITY, now));
                }
                _ => {}
            }
        }
        let about: Vec<_> = found
            .values()
            .map(|piece| (piece.person, piece.id))
            .collect();
        self.store.note_contacts(job, &about).await?;
        news.extend(found.into_values());
        // What is found comes before what it replaces, so that nobody is free in between.
        news.sort_by_key(|piece| (piece.person, matches!(piece.fact, Fact::Withdrawal { .. })));
        Ok((count, news))
    }

    /// Withdrawals of all contacts that a diagnosis led to.
    async fn withdrawals(&self, case: PersonId, diagnosis: EvidenceId) -> Result<Vec<Evidence>> {
        let now = self.clock.now();
        let mut withdrawals = Vec::new();
        for (person, id) in self.store.noted_contacts(case, diagnosis).await? {
            if let Some(record) = self.store.evidence(person, id).await? {
                withdrawals.push(self.withdrawal_of(&record, TRACER_AUTHORITY, now));
            }
        }
        Ok(withdrawals)
    }

    /// Appends evidence in batches; the number of people whose status changed.
    async fn write(&self, evidence: Vec<Evidence>) -> Result<u32> {
        let mut changed = BTreeSet::new();
        for batch in evidence.chunks(CONTACTS_PER_BATCH) {
            let evidence = batch.to_vec();
            let batch = EvidenceBatch {
                evidence,
                ..EvidenceBatch::default()
            };
            for one in self.append(batch).await? {
                if one.before != Some(one.now.verdict.status) {
                    changed.insert(one.now.person);
                }
            }
        }
        Ok(u32::try_from(changed.len()).unwrap_or(u32::MAX))
    }
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
