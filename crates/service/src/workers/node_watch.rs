//! What is wrong with this node, as far as it knows.

use std::sync::Arc;

use domain::{Clock, Timestamp};
use jiff::SignedDuration;
use store::Store;
use tracing::warn;

use super::WorkerStates;
use crate::Result;
use crate::codes::{KNOWLEDGE_LASTS, Revocations};
use crate::decisions::CLOCKS_DIFFER;
use crate::tracing::Runs;

/// A node whose clock differs by more from the database's says so.
const CLOCK_WARNING: SignedDuration = SignedDuration::from_secs(1);
/// A trace that waits for longer is a fault.
pub const TRACES_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// Something that is wrong with a running node, for `/health` and for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The database takes no writes.
    Standby,
    /// Writes meet a full disk.
    DiskFull,
    /// A worker has not done its work for too long.
    WorkerDead {
        /// Which.
        worker: &'static str,
    },
    /// The contacts of a case wait to be found for over a minute.
    TraceWaits {
        /// Since when.
        since: Timestamp,
    },
    /// This node's clock differs from the database's by more than clocks may.
    WrongClock {
        /// By how much it is ahead.
        ahead: SignedDuration,
    },
    /// This node could not read what other nodes revoked.
    CutOff,
}

impl Fault {
    /// The name of every kind of fault.
    pub const NAMES: [&str; 6] = [
        "standby",
        "disk_full",
        "worker_dead",
        "trace_waits",
        "wrong_clock",
        "cut_off",
    ];

    /// Its kind, in one word for machines.
    pub const fn name(&self) -> &'static str {
        let place = match self {
            Self::Standby => 0,
            Self::DiskFull => 1,
            Self::WorkerDead { .. } => 2,
            Self::TraceWaits { .. } => 3,
            Self::WrongClock { .. } => 4,
            Self::CutOff => 5,
        };
        Self::NAMES[place]
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Standby => f.write_str("the database is a standby and takes no writes"),
            Self::DiskFull => f.write_str(
                "the disk of the database is full and nothing is written; free some space",
            ),
            Self::WorkerDead { worker } => {
                write!(f, "the worker `{worker}` does not do its work; see the log")
            }
            Self::TraceWaits { since } => {
                write!(
                    f,
                    "the contacts of a case wait to be found since {since}; see the log"
                )
            }
            Self::WrongClock { ahead } => write!(
                f,
                "this machine's clock is {} s {} the database's; set it right",
                ahead.abs().as_secs(),
                if ahead.is_negative() {
                    "behind"
                } else {
                    "ahead of"
                }
            ),
            Self::CutOff => f.write_str("this node cannot read the database"),
        }
    }
}

/// Watches the clock of this node, its workers, its disk and what it knows of other nodes.
pub(crate) struct NodeWatch {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub revocations: Arc<Revocations>,
    pub traces: Arc<Runs>,
    pub workers: Arc<WorkerStates>,
    /// Whether time is moved by hand.
    pub is_time_moved: bool,
}

impl NodeWatch {
    /// How far this node's clock is ahead of the database's; negative if it is behind. Warns in the
    /// log from a second on.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn watch_clock(&self) -> Result<SignedDuration> {
        if self.is_time_moved {
            return Ok(SignedDuration::ZERO);
        }
        let before = self.clock.now();
        let theirs = self.store.time().await?;
        let after = self.clock.now();
        // The answer is from some time between the two.
        let ahead = if theirs < before {
            before.duration_since(theirs)
        } else if theirs > after {
            after.duration_since(theirs)
        } else {
            SignedDuration::ZERO
        };
        if ahead.abs() > CLOCK_WARNING {
            warn!(
                milliseconds = ahead.as_millis() as i64,
                "this machine's clock is ahead of the database's by so much; set it right"
            );
        }
        self.workers.note_clock(ahead);
        Ok(ahead)
    }

    /// That this node's clock was off by more than clocks may when it was compared last. Then it must
    /// not answer anybody but monitors: what it writes would carry a wrong time.
    pub fn wrong_clock(&self) -> Option<Fault> {
        let ahead = self.workers.clock_ahead();
        (ahead.abs() > CLOCKS_DIFFER).then_some(Fault::WrongClock { ahead })
    }

    /// The workers that do not do their work.
    pub fn idle_workers(&self) -> Vec<&'static str> {
        // Without keys that fit nothing new may be signed here. A log that was changed is signed no
        // further. Keys whose time is over and that cannot be destroyed go on opening old backups.
        let mut idle = self.workers.failing(&["keys", "audit", "ends"]);
        idle.extend(self.workers.dead());
        idle.sort_unstable();
        idle.dedup();
        idle
    }

    /// What is wrong with this node, as far as it knows without asking the database.
    pub fn faults(&self) -> Vec<Fault> {
        let now = self.clock.now();
        let idle = self.idle_workers().into_iter();
        let dead = idle.map(|worker| Fault::WorkerDead { worker });
        let mut faults: Vec<Fault> = dead.collect();
        faults.extend(self.store.is_full().then_some(Fault::DiskFull));
        faults.extend(self.wrong_clock());
        let waits_since = self.traces.waiting_since();
        faults.extend(
            waits_since
                .filter(|since| now.duration_since(*since) > TRACES_WAIT)
                .map(|since| Fault::TraceWaits { since }),
        );
        let age = self.revocations.known().age(now);
        if age.is_none_or(|age| age > KNOWLEDGE_LASTS) {
            faults.push(Fault::CutOff);
        }
        faults
    }
}
