//! Running the jobs that cases open.
//!
//! Those who met a case come first: they are on record before anybody of the outer rings is looked
//! for, of this case or of any other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{EvidenceId, PersonId, Timestamp};
use engine::trace::Contact;
use futures::future::join_all;
use store::{TraceJob, traces};
use tracing::{debug, info, instrument, warn};

use super::Tracing;
use super::contacts::Purpose;
use super::gathering::{Gathered, IndexCase, followed};
use crate::{Result, ServiceError};

/// Jobs that are begun side by side.
const BEGUN_TOGETHER: usize = 8;
/// Jobs that wait for their outer rings at most; each holds what it has read.
const MOST_BEGUN: usize = 64;
/// A run in which so many jobs failed takes up no other.
const MOST_FAILED: usize = 16;
/// Late visits, and late memberships, that are compared with traces in one transaction.
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

/// Whose job, and what opened it.
type JobKey = (PersonId, EvidenceId);

/// What this node knows of the jobs.
#[derive(Default)]
pub(crate) struct Runs {
    /// Held while jobs are run: one run at a time.
    running: tokio::sync::Mutex<()>,
    /// The open jobs, each with when this node first saw it open.
    open_since: Mutex<BTreeMap<JobKey, Timestamp>>,
}

impl Tracing {
    /// Runs every open job, and those that late visits and memberships touch, and returns when the
    /// contacts are durable and decided.
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`]. A job that failed stays open, the others
    /// are finished.
    #[instrument(name = "tracing.run_traces", skip_all)]
    pub async fn run_traces(&self) -> Result<TraceSummary> {
        let _one_at_a_time = self.runs.running.lock().await;
        let mut run = Run::default();
        loop {
            let late = self.reopen_touched().await?;
            let jobs = self.jobs_to_begin(&run).await?;
            let is_all = jobs.is_empty() && late < LATE_AT_ONCE;
            let begun = jobs.into_iter().map(|job| self.begin(job));
            for (job, begun) in join_all(begun).await {
                match begun {
                    Ok(begun) => run.begun.push_back(begun),
                    Err(error) => run.note_failure(&job, error),
                }
            }
            match run.begun.pop_front() {
                Some(begun) => {
                    let job = begun.job.clone();
                    match self.finish(begun).await {
                        Ok(done) => run.note(done),
                        Err(error) => run.note_failure(&job, error),
                    }
                }
                None if is_all => return run.end(),
                None => {}
            }
        }
    }

    /// Since when the job that waits for longest has been waiting, as far as this node has seen.
    pub(crate) fn waiting_since(&self) -> Option<Timestamp> {
        self.runs.open_since().values().min().copied()
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

    /// The oldest open jobs that this run has not taken up yet, as many as there is room for.
    async fn jobs_to_begin(&self, run: &Run) -> Result<Vec<TraceJob>> {
        let room = MOST_BEGUN
            .saturating_sub(run.begun.len())
            .min(BEGUN_TOGETHER);
        if room == 0 || run.failed.len() >= MOST_FAILED {
            return Ok(Vec::new());
        }
        let limit = run.begun.len() + run.failed.len() + room;
        let read = self.store.read("traces.waiting", limit, |tx, limit| {
            Box::pin(traces::waiting(
                tx,
                u32::try_from(*limit).unwrap_or(u32::MAX),
            ))
        });
        let mut jobs = read.await?;
        let are_all = jobs.len() < limit;
        self.runs.note_open(&jobs, are_all, self.clock.now());
        jobs.retain(|job| !run.has_taken_up(job));
        jobs.truncate(room);
        Ok(jobs)
    }

    /// Does what of a job cannot wait: writes down those who met the case, or withdraws what a
    /// withdrawn diagnosis led to.
    async fn begin(&self, job: TraceJob) -> (TraceJob, Result<Begun>) {
        let begun = self.begin_job(&job).await;
        (job, begun)
    }

    async fn begin_job(&self, job: &TraceJob) -> Result<Begun> {
        let mut begun = Begun {
            job: job.clone(),
            found: None,
            contacts: 0,
            changed: 0,
        };
        match self.purpose_of(job).await? {
            Purpose::Find(diagnosis) => {
                let case = IndexCase {
                    person: job.person,
                    from: job.from,
                };
                let mut gathered = Gathered::default();
                self.gather(job, 1, &[case], &mut gathered).await?;
                let contacts = self.search(job, 1, &gathered).await?;
                begun.changed = self.write_ahead(job, diagnosis, &contacts).await?;
                begun.found = Some(Found {
                    diagnosis,
                    gathered,
                    contacts,
                });
            }
            Purpose::TakeBack(diagnosis) => {
                let withdrawals = self.withdrawals(job.person, diagnosis).await?;
                begun.contacts = withdrawals.len();
                begun.changed = self.write(withdrawals).await?;
            }
            Purpose::Nothing => begun.changed = self.take_back_all_of(job).await?,
        }
        Ok(begun)
    }

    /// Finds the outer rings, makes the record say what was found, and closes the job.
    async fn finish(&self, begun: Begun) -> Result<Done> {
        let Begun {
            job,
            found,
            mut contacts,
            mut changed,
        } = begun;
        if let Some(found) = found {
            if !self.is_withdrawn(&job).await? {
                let (count, more) = self.find_outer_rings(&job, found).await?;
                contacts = count;
                changed += more;
            }
            // What takes a diagnosis back may have run before the last contact was written.
            if self.is_withdrawn(&job).await? {
                changed += self.take_back_all_of(&job).await?;
            }
        }
        let contacts = u32::try_from(contacts).unwrap_or(u32::MAX);
        if self.close(&job, contacts).await? {
            info!(diagnosis = %job.diagnosis, contacts, changed, "traced");
        } else {
            debug!(diagnosis = %job.diagnosis, "a visit came in meanwhile, it is traced again");
        }
        Ok(Done { contacts, changed })
    }

    /// The number of contacts in all rings, and of people whose status the outer ones changed.
    async fn find_outer_rings(&self, job: &TraceJob, found: Found) -> Result<(usize, u32)> {
        let Found {
            diagnosis,
            mut gathered,
            mut contacts,
        } = found;
        for ring in 2..=self.settings.rings {
            let followed = followed(&contacts, ring - 1);
            if followed.is_empty() {
                break;
            }
            self.gather(job, ring, &followed, &mut gathered).await?;
            contacts = self.search(job, ring, &gathered).await?;
        }
        drop(gathered);
        let (count, news) = self.news(job, diagnosis, &contacts).await?;
        Ok((count, self.write(news).await?))
    }

    async fn is_withdrawn(&self, job: &TraceJob) -> Result<bool> {
        Ok(matches!(self.purpose_of(job).await?, Purpose::Nothing))
    }

    /// Withdraws what the diagnosis of a job led to; the number of people whose status changed.
    async fn take_back_all_of(&self, job: &TraceJob) -> Result<u32> {
        let withdrawals = self.withdrawals(job.person, job.diagnosis).await?;
        self.write(withdrawals).await
    }

    /// Marks a job as finished; `false` if it was opened again since it was read.
    async fn close(&self, job: &TraceJob, contacts: u32) -> Result<bool> {
        let finish = self.store.transaction(
            "traces.finish",
            (job.clone(), contacts, self.clock.now()),
            |tx, (job, contacts, at)| Box::pin(traces::finish(tx, job, *contacts, *at)),
        );
        let is_closed = finish.await?;
        self.runs.open_since().remove(&key_of(job));
        Ok(is_closed)
    }
}

impl Runs {
    /// Notes which jobs are open, and whether these are all.
    fn note_open(&self, jobs: &[TraceJob], are_all: bool, now: Timestamp) {
        let mut open_since = self.open_since();
        if are_all {
            let open: BTreeSet<JobKey> = jobs.iter().map(key_of).collect();
            open_since.retain(|key, _| open.contains(key));
        }
        for job in jobs {
            open_since.entry(key_of(job)).or_insert(now);
        }
    }

    fn open_since(&self) -> MutexGuard<'_, BTreeMap<JobKey, Timestamp>> {
        self.open_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// One run of the open jobs.
#[derive(Default)]
struct Run {
    summary: TraceSummary,
    /// The oldest first.
    begun: VecDeque<Begun>,
    failed: BTreeSet<JobKey>,
    first_error: Option<ServiceError>,
}

/// A job whose first ring is on record.
struct Begun {
    job: TraceJob,
    /// What the outer rings are found from; `None` if there are none to find.
    found: Option<Found>,
    contacts: usize,
    changed: u32,
}

/// The first ring of a case.
struct Found {
    diagnosis: EvidenceId,
    gathered: Gathered,
    contacts: Vec<Contact<PersonId>>,
}

/// What came of a job.
struct Done {
    contacts: u32,
    changed: u32,
}

impl Run {
    fn has_taken_up(&self, job: &TraceJob) -> bool {
        let key = key_of(job);
        self.failed.contains(&key) || self.begun.iter().any(|begun| key_of(&begun.job) == key)
    }

    fn note(&mut self, done: Done) {
        self.summary.jobs += 1;
        self.summary.contacts += done.contacts;
        self.summary.changed += done.changed;
    }

    fn note_failure(&mut self, job: &TraceJob, error: ServiceError) {
        warn!(diagnosis = %job.diagnosis, %error, "a trace failed, it stays open");
        self.failed.insert(key_of(job));
        self.first_error.get_or_insert(error);
    }

    fn end(self) -> Result<TraceSummary> {
        match self.first_error {
            Some(error) => Err(error),
            None => Ok(self.summary),
        }
    }
}

const fn key_of(job: &TraceJob) -> JobKey {
    (job.person, job.diagnosis)
}
