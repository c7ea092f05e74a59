//! Running the jobs that cases open, in two lanes.
//!
//! The first begins jobs: it writes down those who met the case, and waits for nobody's outer rings.
//! The second finishes what was begun: it looks for the outer rings, one case after the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{EvidenceId, PersonId, Timestamp};
use engine::trace::Contact;
use futures::future::join_all;
use store::{TraceJob, traces};
use tracing::{debug, info, instrument, warn};

use super::Tracing;
use super::contacts::{FoundBy, Purpose};
use super::gathering::{Gathered, IndexCase, followed};
use crate::{Result, ServiceError};

/// Jobs that are begun side by side.
const BEGUN_TOGETHER: usize = 8;
/// Of so many jobs that were begun what they read is kept in memory; of more it is read again.
const MOST_KEPT: usize = 64;
/// A turn in which so many jobs failed takes up no other.
const MOST_FAILED: usize = 16;
/// Late visits, and late memberships, that are compared with traces in one transaction.
const LATE_AT_ONCE: u32 = 500;

/// What a run of the open jobs did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceSummary {
    /// Jobs finished.
    pub jobs: u32,
    /// Contacts that the jobs found, those on record before included; none if the diagnosis was withdrawn.
    pub contacts: u32,
    /// People whose status changed.
    pub changed: u32,
}

/// Whose job, and what opened it.
type JobKey = (PersonId, EvidenceId);

/// What this node knows of the jobs.
#[derive(Default)]
pub(crate) struct Runs {
    /// Held while jobs are begun.
    beginning: tokio::sync::Mutex<()>,
    /// Held while jobs are finished.
    finishing: tokio::sync::Mutex<()>,
    /// Jobs that were begun, the oldest first.
    begun: Mutex<VecDeque<Begun>>,
    taken_up: Arc<Mutex<BTreeSet<JobKey>>>,
    /// The open jobs, each with when this node first saw it open.
    open_since: Mutex<BTreeMap<JobKey, Timestamp>>,
}

impl Runs {
    /// Since when the job that waits for longest has been waiting, as far as this node has seen.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        lock(&self.open_since).values().min().copied()
    }
}

impl Tracing {
    /// Runs every open job, and those that late visits and memberships touch, and returns when the
    /// contacts are durable and decided.
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`]. A job that failed stays open, the others
    /// are finished.
    pub async fn run_traces(&self) -> Result<TraceSummary> {
        let mut summary = TraceSummary::default();
        loop {
            let begun = self.begin_traces().await;
            summary.add(self.finish_traces().await?);
            if begun? == 0 {
                return Ok(summary);
            }
        }
    }

    /// Begins every open job, and those that late visits and memberships touch: when this returns,
    /// those who met a case are on record. How many were begun.
    ///
    /// # Errors
    /// As [`Tracing::run_traces`]; the others are begun.
    #[instrument(name = "tracing.begin_traces", skip_all)]
    pub(crate) async fn begin_traces(&self) -> Result<usize> {
        let _one_at_a_time = self.runs.beginning.lock().await;
        let mut failures = Failures::default();
        let mut count = 0;
        loop {
            // All that came in late first, so that a job is not begun to be opened again at once.
            while self.reopen_touched().await? >= LATE_AT_ONCE {}
            let jobs = self.jobs_to_begin(&failures).await?;
            if jobs.is_empty() {
                return failures.or(count);
            }
            let begun = jobs.iter().map(|job| self.begin(job));
            for (job, begun) in jobs.iter().zip(join_all(begun).await) {
                match begun {
                    Ok(begun) => {
                        count += 1;
                        self.runs.queue(begun);
                        self.wake.outer_rings.notify_one();
                    }
                    Err(error) => failures.note(job, error),
                }
            }
        }
    }

    /// Finishes every job that was begun.
    ///
    /// # Errors
    /// As [`Tracing::run_traces`].
    #[instrument(name = "tracing.finish_traces", skip_all)]
    pub(crate) async fn finish_traces(&self) -> Result<TraceSummary> {
        let _one_at_a_time = self.runs.finishing.lock().await;
        let mut failures = Failures::default();
        let mut summary = TraceSummary::default();
        while let Some(begun) = self.runs.next_begun() {
            let job = begun.job.clone();
            match self.finish(begun).await {
                Ok(done) => summary.add(done),
                Err(error) => failures.note(&job, error),
            }
        }
        failures.or(summary)
    }

    /// Opens the jobs again that late visits and memberships touch; the number of these taken.
    async fn reopen_touched(&self) -> Result<u32> {
        let reopen = self
            .store
            .transaction("traces.reopen", LATE_AT_ONCE, |tx, limit| {
                Box::pin(traces::reopen(tx, *limit))
            });
        Ok(reopen.await?)
    }

    /// The oldest open jobs that are not taken up yet and have not failed, as many as are begun at
    /// once.
    async fn jobs_to_begin(&self, failures: &Failures) -> Result<Vec<TraceJob>> {
        if failures.jobs.len() >= MOST_FAILED {
            return Ok(Vec::new());
        }
        let taken_up = lock(&self.runs.taken_up).clone();
        let limit = taken_up.len() + failures.jobs.len() + BEGUN_TOGETHER;
        let read = self.store.read("traces.waiting", limit, |tx, limit| {
            let limit = u32::try_from(*limit).unwrap_or(u32::MAX);
            Box::pin(traces::waiting(tx, limit))
        });
        let mut jobs = read.await?;
        let are_all = jobs.len() < limit;
        self.runs.note_open(&jobs, are_all, self.clock.now());
        jobs.retain(|job| {
            let key = key_of(job);
            !taken_up.contains(&key) && !failures.jobs.contains(&key)
        });
        jobs.truncate(BEGUN_TOGETHER);
        Ok(jobs)
    }

    /// Does what of a job cannot wait: writes down those who met the case, or withdraws what a
    /// withdrawn diagnosis led to.
    async fn begin(&self, job: &TraceJob) -> Result<Begun> {
        let mut begun = Begun {
            _taken_up: self.runs.take_up(job),
            job: job.clone(),
            found_by: None,
            first_ring: None,
            changed: 0,
        };
        match self.purpose_of(job).await? {
            Purpose::Find(found_by) => {
                let first_ring = self.find_first_ring(job).await?;
                let contacts = &first_ring.contacts;
                begun.changed = self.write_ahead(job, found_by, contacts).await?;
                begun.found_by = Some(found_by);
                begun.first_ring = Some(first_ring);
            }
            Purpose::TakeBack(diagnosis) => {
                let withdrawals = self.withdrawals(job.person, diagnosis).await?;
                begun.changed = self.write(withdrawals, &BTreeSet::new()).await?;
            }
            Purpose::Nothing => begun.changed = self.take_back_all_of(job).await?,
        }
        Ok(begun)
    }

    /// Finds the outer rings, makes the record say what was found, and closes the job.
    async fn finish(&self, begun: Begun) -> Result<TraceSummary> {
        let job = &begun.job;
        let (mut contacts, mut changed) = (0, begun.changed);
        if let Some(found_by) = begun.found_by {
            if !self.is_withdrawn(job).await? {
                let found = self.find_rings(job, begun.first_ring).await?;
                let (count, news) = self.news(job, found_by.diagnosis, &found).await?;
                contacts = count;
                changed += self.write_or_hold(job, found_by, news).await?;
            }
            // What takes a diagnosis back may have run before the last contact was written.
            if self.is_withdrawn(job).await? {
                contacts = 0;
                changed += self.take_back_all_of(job).await?;
            }
        }
        let contacts = u32::try_from(contacts).unwrap_or(u32::MAX);
        if self.close(job, contacts).await? {
            info!(diagnosis = %job.diagnosis, "traced");
        } else {
            debug!(diagnosis = %job.diagnosis, "a visit came in meanwhile, it is traced again");
            self.wake.traces.notify_one();
        }
        Ok(TraceSummary {
            jobs: 1,
            contacts,
            changed,
        })
    }

    /// Those who met the case.
    async fn find_first_ring(&self, job: &TraceJob) -> Result<FirstRing> {
        let case = IndexCase {
            person: job.person,
            from: job.from,
        };
        let mut gathered = Gathered::default();
        self.gather(job, 1, &[case], &mut gathered).await?;
        let contacts = self.search(job, 1, &gathered).await?;
        Ok(FirstRing { gathered, contacts })
    }

    /// The contacts in all rings.
    async fn find_rings(
        &self,
        job: &TraceJob,
        first_ring: Option<FirstRing>,
    ) -> Result<Vec<Contact<PersonId>>> {
        let first_ring = match first_ring {
            Some(kept) => kept,
            None => self.find_first_ring(job).await?,
        };
        let FirstRing {
            mut gathered,
            mut contacts,
        } = first_ring;
        for ring in 2..=self.settings.rings {
            let followed = followed(&contacts, ring - 1);
            if followed.is_empty() {
                break;
            }
            self.gather(job, ring, &followed, &mut gathered).await?;
            contacts = self.search(job, ring, &gathered).await?;
        }
        Ok(contacts)
    }

    async fn is_withdrawn(&self, job: &TraceJob) -> Result<bool> {
        Ok(matches!(self.purpose_of(job).await?, Purpose::Nothing))
    }

    /// Withdraws what the diagnosis of a job led to; the number of people whose status changed.
    async fn take_back_all_of(&self, job: &TraceJob) -> Result<u32> {
        let withdrawals = self.withdrawals(job.person, job.diagnosis).await?;
        self.write(withdrawals, &BTreeSet::new()).await
    }

    /// Marks a job as finished; `false` if it was opened again since it was read.
    async fn close(&self, job: &TraceJob, contacts: u32) -> Result<bool> {
        let finish = self.store.transaction(
            "traces.finish",
            (job.clone(), contacts, self.clock.now()),
            |tx, (job, contacts, at)| Box::pin(traces::finish(tx, job, *contacts, *at)),
        );
        let is_closed = finish.await?;
        lock(&self.runs.open_since).remove(&key_of(job));
        Ok(is_closed)
    }
}

/// A job whose first ring is on record.
struct Begun {
    _taken_up: TakenUp,
    job: TraceJob,
    /// The diagnosis whose outer rings are to be found; `None` if there are none to find.
    found_by: Option<FoundBy>,
    /// What the outer rings are found from, unless it is to be read again.
    first_ring: Option<FirstRing>,
    changed: u32,
}

/// Those who met a case, and what they were found in.
struct FirstRing {
    gathered: Gathered,
    contacts: Vec<Contact<PersonId>>,
}

/// While this lives, the job is not taken up again.
struct TakenUp {
    job: JobKey,
    all: Arc<Mutex<BTreeSet<JobKey>>>,
}

impl Drop for TakenUp {
    fn drop(&mut self) {
        lock(&self.all).remove(&self.job);
    }
}

impl Runs {
    fn take_up(&self, job: &TraceJob) -> TakenUp {
        let (job, all) = (key_of(job), Arc::clone(&self.taken_up));
        lock(&all).insert(job);
        TakenUp { job, all }
    }

    fn queue(&self, mut begun: Begun) {
        let mut queue = lock(&self.begun);
        if queue.len() >= MOST_KEPT {
            begun.first_ring = None;
        }
        queue.push_back(begun);
    }

    fn next_begun(&self) -> Option<Begun> {
        lock(&self.begun).pop_front()
    }

    /// Notes which jobs are open, and whether these are all.
    fn note_open(&self, jobs: &[TraceJob], are_all: bool, now: Timestamp) {
        let mut open_since = lock(&self.open_since);
        if are_all {
            let open: BTreeSet<JobKey> = jobs.iter().map(key_of).collect();
            open_since.retain(|key, _| open.contains(key));
        }
        for job in jobs {
            open_since.entry(key_of(job)).or_insert(now);
        }
    }
}

impl TraceSummary {
    const fn add(&mut self, other: Self) {
        self.jobs += other.jobs;
        self.contacts += other.contacts;
        self.changed += other.changed;
    }
}

/// The jobs that failed in a turn.
#[derive(Default)]
struct Failures {
    jobs: BTreeSet<JobKey>,
    first: Option<ServiceError>,
}

impl Failures {
    fn note(&mut self, job: &TraceJob, error: ServiceError) {
        warn!(diagnosis = %job.diagnosis, %error, "a trace failed, it stays open");
        self.jobs.insert(key_of(job));
        self.first.get_or_insert(error);
    }

    /// The first failure, or if there is none, what was done.
    fn or<T>(self, done: T) -> Result<T> {
        self.first.map_or(Ok(done), Err)
    }
}

const fn key_of(job: &TraceJob) -> JobKey {
    (job.person, job.diagnosis)
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
