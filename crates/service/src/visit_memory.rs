//! The visits of the last days, in memory, so that a trace asks the database only whether memory is
//! whole.
//!
//! **What must hold.** A trace notes what it is about to read and then reads. A visit that was
//! committed before the note must be read. One that was committed after it finds the note and opens
//! the job again. So memory may serve a trace if it holds, at the moment of reading, every visit
//! that was committed before the note.
//!
//! **Visits that this process writes** come into memory after their commit. In between they are under
//! way, and a reading first waits for those that were under way when it began ([`Writes`]). The write
//! runs in a task of its own, so that a phone that hangs up stops neither half. If a write fails,
//! nobody knows whether it was committed: memory is given up.
//!
//! **Visits that others write** do not come into memory. Instead the store keeps a claim
//! ([`store::presences`]) that ends in the transaction of any visit that another process writes. A
//! reading looks at the claim after its note is durable: if it stands, all visits committed until
//! then are this process's own; if not, memory is given up and the database is read. So several
//! processes that take visits on one database trace from the database; no clock has to agree with
//! another, and no order of commits has to be known.
//!
//! **Filling.** Claim; wait until what was under way at that moment must have ended; read everybody's
//! visits page by page. Visits written meanwhile come in at once. Nothing depends on the order: what
//! is known of a visit only grows (see [`crate::visit_rows`]). Until all pages are read, traces read
//! the database.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::Timestamp;
use jiff::SignedDuration;
use store::presences::{Presence, VisitClaim};
use store::{Recorded, Visit};
use tokio::sync::Notify;
use tracing::{info, instrument, warn};

use crate::gathering::{Seen, Span};
use crate::service::Service;
use crate::standings::COMMIT_TAKES;
use crate::visit_rows::VisitRows;
use crate::{Result, ServiceError};

const VISITS_PER_PAGE: u32 = 10_000;
/// Venues, and people, that are tidied before others may read and write again.
const TIDIED_AT_ONCE: usize = 10_000;
/// How often visits that are too old are forgotten.
const TIDY_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// After memory was given up it is filled again no sooner than this.
const FILL_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Which filling of memory: what was read under one cannot be put together with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(u64);

/// The visits of the last days, and what says whether all are there.
pub(crate) struct VisitMemory {
    held: RwLock<Option<Held>>,
    fillings: AtomicU64,
    claim: VisitClaim,
    writes: Writes,
    stage: tokio::sync::Mutex<Stage>,
}

struct Held {
    rows: VisitRows,
    /// Visits that ended before this may be missing.
    from: Timestamp,
    generation: Generation,
    /// Whether every page was read.
    is_whole: bool,
}

/// What the worker is about to do.
#[derive(Clone, Copy)]
enum Stage {
    /// Claim, not before this moment.
    Claim(Timestamp),
    /// Begin to read pages, at this moment.
    Settle(Timestamp),
    /// Read the page after this visit.
    Fill(Option<Presence>),
    /// Tidy from this number on; the second time around for people whose venues came later.
    Tidy { from: usize, is_second: bool },
    /// Nothing, until it is time to tidy again.
    Rest(Timestamp),
}

/// How memory stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitsInMemory {
    /// How many visits are held.
    pub visits: usize,
    /// In how many bytes, about.
    pub bytes: usize,
    /// Whether they are all there; if not, traces read the database.
    pub is_whole: bool,
}

impl VisitMemory {
    pub fn new(now: Timestamp) -> Self {
        Self {
            held: RwLock::default(),
            fillings: AtomicU64::new(0),
            claim: VisitClaim::default(),
            writes: Writes::default(),
            stage: tokio::sync::Mutex::new(Stage::Claim(now)),
        }
    }

    /// The visits of each carrier from their moment on; `None` if this filling is gone.
    pub fn visits_of(
        &self,
        generation: Generation,
        carriers: &[(domain::PersonId, Timestamp)],
        until: Timestamp,
    ) -> Option<Vec<(Timestamp, u128, Seen)>> {
        let mut found = Vec::new();
        for &(person, from) in carriers {
            let held = self.read();
            let rows = &whole(&held, generation, from)?.rows;
            rows.visits_of(person, from, until, |key, seen| {
                found.push((from, key, seen))
            });
        }
        Some(found)
    }

    /// Everybody's visits that touch these times at these venues; `None` if this filling is gone.
    pub fn visits_at(&self, generation: Generation, spans: &[Span]) -> Option<Vec<(u128, Seen)>> {
        let mut found = Vec::new();
        for &(venue, from, until) in spans {
            let held = self.read();
            let rows = &whole(&held, generation, from)?.rows;
            rows.visits_at(venue, from, until, |key, seen| found.push((key, seen)));
        }
        Some(found)
    }

    fn whole_from(&self, from: Timestamp) -> Option<Generation> {
        let held = self.read();
        let held = held.as_ref()?;
        (held.is_whole && held.from <= from).then_some(held.generation)
    }

    fn learn(&self, visits: &[Presence]) {
        if let Some(held) = self.write().as_mut() {
            visits.iter().for_each(|visit| held.rows.learn(visit));
        }
    }

    fn give_up(&self, why: &'static str) {
        let gone = self.write().take();
        if gone.is_some() {
            warn!(
                why,
                "visits are no longer held in memory, traces read the database"
            );
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Held>> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is held, if it is that filling and holds every visit from `from` on.
fn whole(held: &Option<Held>, generation: Generation, from: Timestamp) -> Option<&Held> {
    let held = held.as_ref()?;
    let is_there = held.is_whole && held.from <= from;
    (is_there && held.generation == generation).then_some(held)
}

impl Service {
    /// Records visits, and keeps memory up to date.
    pub(crate) async fn record_visits(&self, visits: &[Visit], recorded: Recorded) -> Result<()> {
        if self.settings.visit_days_in_memory == 0 {
            return Ok(self.store.record_visits(visits, recorded).await?);
        }
        let write = UnderWay::begin(Arc::clone(&self.visits));
        let (presences, visits) = (Arc::clone(&self.presences), visits.to_vec());
        let written = tokio::spawn(async move {
            let claim = &write.memory.claim;
            let changed = presences.record_claimed(claim, &visits, recorded).await?;
            write.finish(&changed);
            Ok(())
        });
        let written = written.await;
        written.map_err(|error| ServiceError::Interrupted(error.to_string()))?
    }

    /// Which filling of memory holds every visit that touches a moment from `from` on and was
    /// committed before this was asked; `None` if none does.
    pub(crate) async fn visits_in_memory_from(
        &self,
        from: Timestamp,
    ) -> Result<Option<Generation>> {
        let memory = &self.visits;
        if memory.whole_from(from).is_none() {
            return Ok(None);
        }
        memory.writes.settled().await;
        let Some(generation) = memory.whole_from(from) else {
            return Ok(None);
        };
        if !self.presences.is_claim_standing(&memory.claim).await? {
            memory.give_up("another process writes visits");
            return Ok(None);
        }
        Ok(Some(generation))
    }

    /// How memory stands.
    pub fn visits_in_memory(&self) -> VisitsInMemory {
        let held = self.visits.read();
        let held = held.as_ref();
        VisitsInMemory {
            visits: held.map_or(0, |held| held.rows.len()),
            bytes: held.map_or(0, |held| held.rows.bytes()),
            is_whole: held.is_some_and(|held| held.is_whole),
        }
    }

    /// Whether a process holds all visits in memory, or is about to.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn is_any_memory_of_visits(&self) -> Result<bool> {
        Ok(self.presences.is_any_claim_standing().await?)
    }

    /// Reads the visits of the last days into memory, now. For whoever knows that no other process is
    /// just writing visits; the worker waits until it is sure.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn hold_visits(&self) -> Result<VisitsInMemory> {
        *self.visits.stage.lock().await = Stage::Claim(self.clock.now());
        while self.hold_more_visits(SignedDuration::ZERO).await? {}
        Ok(self.visits_in_memory())
    }

    /// The worker's next step; whether there is more to do at once.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub(crate) async fn keep_visits(&self) -> Result<bool> {
        self.hold_more_visits(COMMIT_TAKES).await
    }

    #[instrument(name = "visit_memory.hold_more", level = "debug", skip_all)]
    async fn hold_more_visits(&self, settle: SignedDuration) -> Result<bool> {
        let days = self.settings.visit_days_in_memory;
        if days == 0 {
            return Ok(false);
        }
        let memory = &self.visits;
        let now = self.clock.now();
        let mut stage = memory.stage.lock().await;
        let is_held = memory.read().is_some();
        if !is_held && !matches!(*stage, Stage::Claim(_)) {
            *stage = Stage::Claim(after(now, FILL_AGAIN_AFTER));
        }
        let since = now
            .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
            .unwrap_or(Timestamp::MIN);
        match *stage {
            Stage::Claim(at) if now < at => return Ok(false),
            Stage::Claim(_) => {
                self.begin_to_hold(since);
                self.presences.claim_visits(&memory.claim).await?;
                *stage = Stage::Settle(after(now, settle));
            }
            Stage::Settle(at) if now < at => return Ok(false),
            Stage::Settle(_) => *stage = Stage::Fill(None),
            Stage::Fill(last) => {
                let next = self.fill_page(last).await?;
                *stage = self.unless_too_many(next, now).await?;
            }
            Stage::Tidy { from, is_second } => {
                *stage = self.tidy_some(from, is_second, now);
                return Ok(!matches!(*stage, Stage::Rest(_)));
            }
            Stage::Rest(at) => {
                if !self.presences.is_claim_standing(&memory.claim).await? {
                    memory.give_up("another process writes visits");
                } else if now >= at {
                    if let Some(held) = memory.write().as_mut() {
                        held.from = held.from.max(since);
                    }
                    *stage = Stage::Tidy {
                        from: 0,
                        is_second: false,
                    };
                    return Ok(true);
                }
                *stage = self.unless_too_many(*stage, now).await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn begin_to_hold(&self, from: Timestamp) {
        let filling = self.visits.fillings.fetch_add(1, Ordering::Relaxed);
        *self.visits.write() = Some(Held {
            rows: VisitRows::default(),
            from,
            generation: Generation(filling),
            is_whole: false,
        });
    }

    async fn fill_page(&self, last: Option<Presence>) -> Result<Stage> {
        let memory = &self.visits;
        let Some(since) = memory.read().as_ref().map(|held| held.from) else {
            return Ok(Stage::Fill(None));
        };
        let page = self.presences.presences_after(last, since, VISITS_PER_PAGE);
        let page = page.await?;
        memory.learn(&page);
        if page.len() == VISITS_PER_PAGE as usize {
            return Ok(Stage::Fill(page.last().copied()));
        }
        Ok(Stage::Tidy {
            from: 0,
            is_second: false,
        })
    }

    fn tidy_some(&self, from: usize, is_second: bool, now: Timestamp) -> Stage {
        let mut held = self.visits.write();
        let Some(held) = held.as_mut() else {
            return Stage::Rest(now);
        };
        let upto = from + TIDIED_AT_ONCE;
        held.rows.tidy(from..upto, held.from);
        if upto < held.rows.extent() {
            return Stage::Tidy {
                from: upto,
                is_second,
            };
        }
        if !is_second {
            return Stage::Tidy {
                from: 0,
                is_second: true,
            };
        }
        if !held.is_whole {
            held.is_whole = true;
            let (visits, bytes) = (held.rows.len(), held.rows.bytes());
            info!(visits, bytes, since = %held.from, "the visits of the last days are in memory");
        }
        Stage::Rest(after(now, TIDY_EVERY))
    }

    /// Gives memory up for a day if there are more visits than it may hold.
    async fn unless_too_many(&self, next: Stage, now: Timestamp) -> Result<Stage> {
        let most = self.settings.most_visits_in_memory;
        let is_over = |held: &Held| held.rows.len() > most;
        if !self.visits.read().as_ref().is_some_and(is_over) {
            return Ok(next);
        }
        self.visits
            .give_up("there are more visits than may be held");
        self.presences.end_claim(&self.visits.claim).await?;
        Ok(Stage::Claim(after(now, TIDY_EVERY)))
    }
}

fn after(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}

/// Writes that began and did not come into memory yet.
#[derive(Default)]
struct Writes {
    state: Mutex<Tickets>,
    ended: Notify,
}

#[derive(Default)]
struct Tickets {
    next: u64,
    under_way: BTreeSet<u64>,
}

/// A write under way. Dropped before it finished, nobody knows what became of it.
struct UnderWay {
    memory: Arc<VisitMemory>,
    ticket: u64,
    is_finished: bool,
}

impl Writes {
    /// Waits for every write that began before this was called.
    async fn settled(&self) {
        let before = self.lock().next;
        loop {
            let ended = self.ended.notified();
            let first = self.lock().under_way.first().copied();
            if first.is_none_or(|first| first >= before) {
                return;
            }
            ended.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tickets> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    fn begin(memory: Arc<VisitMemory>) -> Self {
        let ticket = {
            let mut tickets = memory.writes.lock();
            let ticket = tickets.next;
            tickets.next += 1;
            tickets.under_way.insert(ticket);
            ticket
        };
        Self {
            memory,
            ticket,
            is_finished: false,
        }
    }

    fn finish(mut self, changed: &[Presence]) {
        self.memory.learn(changed);
        self.is_finished = true;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if !self.is_finished {
            self.memory.give_up("a write of visits failed");
        }
        self.memory.writes.lock().under_way.remove(&self.ticket);
        self.memory.writes.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn holding() -> Arc<VisitMemory> {
        let memory = VisitMemory::new(Timestamp::UNIX_EPOCH);
        *memory.write() = Some(Held {
            rows: VisitRows::default(),
            from: Timestamp::UNIX_EPOCH,
            generation: Generation(0),
            is_whole: true,
        });
        Arc::new(memory)
    }

    #[test]
    fn a_reading_waits_for_the_writes_that_were_under_way_and_for_no_later_one() {
        let memory = holding();
        let [first, second] = [(); 2].map(|()| UnderWay::begin(Arc::clone(&memory)));
        let mut settled = Box::pin(memory.writes.settled());
        assert_eq!(settled.as_mut().now_or_never(), None);
        let _later = UnderWay::begin(Arc::clone(&memory));
        second.finish(&[]);
        assert_eq!(settled.as_mut().now_or_never(), None);
        first.finish(&[]);
        assert_eq!(settled.now_or_never(), Some(()));
        assert_eq!(memory.writes.settled().now_or_never(), None);
    }

    #[test]
    fn a_write_that_failed_leaves_nothing_that_could_be_wrong() {
        let memory = holding();
        UnderWay::begin(Arc::clone(&memory)).finish(&[]);
        assert!(memory.read().is_some());
        drop(UnderWay::begin(Arc::clone(&memory)));
        assert!(memory.read().is_none());
        assert_eq!(memory.writes.settled().now_or_never(), Some(()));
    }
}
