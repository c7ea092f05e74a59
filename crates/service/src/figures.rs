//! What a monitor reads of a node: what it knows by itself, and what a worker read from the record
//! a moment ago. Reading it asks nothing of the database, so that it is there while that is away.
//!
//! No number of people is among it, small or large: of what waits for people it says for how long the
//! first has waited (invariants 10 and 13).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::{Clock, Timestamp};
use jiff::SignedDuration;
use store::proposals::{self, ProposalKind};
use store::{Store, StoreError, TransactionFigures, alarms, audit, outbox, verdicts};
use tracing::{debug, instrument};

use crate::follow::monotonic_now;
use crate::mirror::MirrorKeeper;
use crate::{Fault, Result, Service};

/// How a node is.
#[derive(Clone, Debug)]
pub struct NodeFigures {
    /// The present, by the service's clock.
    pub now: Timestamp,
    /// What is wrong, as [`Service::faults`] says.
    pub faults: Vec<Fault>,
    /// The workers that run.
    pub workers: Vec<WorkerFigures>,
    /// How far the clock is ahead of the database's, when they were compared last.
    pub clock_ahead: SignedDuration,
    /// How long ago what was revoked was known to be complete; `None` if it never was.
    pub revocations_age: Option<SignedDuration>,
    /// Since when the case that waits longest has waited for its contacts.
    pub trace_waits_since: Option<Timestamp>,
    /// How many writes wait for their turn.
    pub store_queue: usize,
    /// How each transaction fared since the program started, in order of name.
    pub transactions: Vec<TransactionFigures>,
    /// Bytes that are free on the disk of an embedded database.
    pub disk_free: Option<u64>,
    /// When what the node signs with ends.
    pub key_ends: [(&'static str, Timestamp); 2],
    /// How old the mirror may get; `None` if none is kept.
    pub mirror_every: Option<SignedDuration>,
    /// Whether the database answered when it was asked last; `None` if it was not asked yet.
    pub database_answers: Option<bool>,
    /// What was read from the record when it answered last.
    pub record: Option<RecordFigures>,
    /// How long ago that was.
    pub record_age: Option<Duration>,
}

/// How one worker is.
#[derive(Clone, Copy, Debug)]
pub struct WorkerFigures {
    /// Which.
    pub name: &'static str,
    /// How long ago it began or ended a turn, or was seen at work.
    pub last_turn_age: Duration,
    /// Whether it does its work.
    pub is_alive: bool,
}

/// How the record is.
#[derive(Clone, Debug, Default)]
pub struct RecordFigures {
    /// Whether the database takes no writes.
    pub is_standby: bool,
    /// Its size, if that is known.
    pub bytes: Option<u64>,
    /// Since when the verdict waits to be decided again whose time came first.
    pub verdict_due_since: Option<Timestamp>,
    /// Since when the oldest message about a changed colour waits.
    pub outbox_since: Option<Timestamp>,
    /// How many submissions wait for a second person.
    pub held_batches: u64,
    /// How many alarms nobody has seen yet.
    pub open_alarms: u64,
    /// When the log was signed last.
    pub log_signed_at: Option<Timestamp>,
    /// Since when the oldest entry of the log waits to be signed.
    pub log_waits_since: Option<Timestamp>,
    /// When the newest generation of the mirror was complete.
    pub mirror_written_at: Option<Timestamp>,
}

/// Reads how the record is, and keeps what was read last.
pub(crate) struct Figures {
    store: Arc<Store>,
    mirror: Arc<MirrorKeeper>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answers: Option<bool>,
    record: Option<(RecordFigures, Instant)>,
}

impl Figures {
    pub fn new(store: Arc<Store>, mirror: Arc<MirrorKeeper>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            mirror,
            clock,
            state: Mutex::default(),
        }
    }

    /// Reads from the record what [`Service::node_figures`] says of it. A worker does it. If it
    /// fails, monitors are told so, and what was read before gets older.
    #[instrument(name = "figures.gather", level = "debug", skip_all)]
    pub async fn gather(&self) {
        let read = self.read().await;
        let mut state = self.lock();
        state.answers = Some(read.is_ok());
        match read {
            Ok(record) => state.record = Some((record, monotonic_now())),
            Err(error) => debug!(%error, "no figures can be read"),
        }
    }

    async fn read(&self) -> Result<RecordFigures> {
        let health = self.store.health().await?;
        let now = self.clock.now();
        let read = self.store.read("figures.waiting", now, |tx, now| {
            Box::pin(async move {
                let verdict_due_since = verdicts::due_since(tx, *now).await?;
                let message = outbox::waiting(tx, 1).await?;
                let held = proposals::waiting_counted(tx).await?;
                let open_alarms = alarms::count_open(tx).await?;
                let head = audit::head(tx).await?;
                let entry = audit::waiting(tx, 1).await?;
                let of_batches = held
                    .iter()
                    .filter(|(kind, ..)| *kind == ProposalKind::Batch);
                Ok::<_, StoreError>(RecordFigures {
                    verdict_due_since,
                    outbox_since: message.first().map(|change| change.at),
                    held_batches: of_batches.map(|(_, _, count)| count).sum(),
                    open_alarms,
                    log_signed_at: head.map(|head| head.signed_at),
                    log_waits_since: entry.first().map(|(_, at)| *at),
                    ..RecordFigures::default()
                })
            })
        });
        Ok(RecordFigures {
            is_standby: health.is_standby,
            bytes: health.bytes,
            mirror_written_at: self.mirror.newest_written_at().await?,
            ..read.await?
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// How this node is. Waits for nothing.
    pub fn node_figures(&self) -> NodeFigures {
        let idle = self.node_watch.idle_workers();
        let workers = self.workers.turns().into_iter();
        let worker = |(name, last_turn_age)| WorkerFigures {
            name,
            last_turn_age,
            is_alive: !idle.contains(&name),
        };
        let (database_answers, record) = {
            let state = self.figures.lock();
            (state.answers, state.record.clone())
        };
        let (record, read_at) = record.unzip();
        let now = self.now();
        NodeFigures {
            now,
            faults: self.faults(),
            workers: workers.map(worker).collect(),
            clock_ahead: self.workers.clock_ahead(),
            revocations_age: self.revocations.known().age(now),
            trace_waits_since: self.node_watch.traces.waiting_since(),
            store_queue: self.store.queue_length(),
            transactions: self.store.transactions(),
            disk_free: self.store.free_bytes(),
            key_ends: self.key_keeper.ends(),
            mirror_every: self.mirror.every(),
            database_answers,
            record,
            record_age: read_at.map(|at| monotonic_now().saturating_duration_since(at)),
        }
    }

    /// Reads from the record what [`Self::node_figures`] says of it, as a worker does.
    pub async fn gather_figures(&self) {
        self.figures.gather().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_name() {
        let since = Timestamp::UNIX_EPOCH;
        let ahead = SignedDuration::ZERO;
        let faults = [
            Fault::Standby,
            Fault::DiskFull,
            Fault::WorkerDead { worker: "sweep" },
            Fault::TraceWaits { since },
            Fault::WrongClock { ahead },
            Fault::CutOff,
        ];
        let names = faults.each_ref().map(Fault::name);
        assert_eq!(names, Fault::NAMES);
    }
}
