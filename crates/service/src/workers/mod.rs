//! Work in the background, and its end.
//!
//! Nothing depends on it for correctness: a due verdict is decided by whoever reads it, and a job or
//! a message that was not finished is found again. A worker that ends is started again, and what it
//! could not do lately is told by [`Service::faults`].

mod outbox;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use jiff::SignedDuration;
use store::{receipts, verdicts};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{error, info, instrument, warn};

pub use self::outbox::{CountingNotifier, Notifier, NotifyError, Outbox};
pub(crate) use self::turns::WorkerStates;
use self::turns::{Turn, Work};
use crate::decisions::CLOCKS_DIFFER;
use crate::{Result, Service};

/// A receipt is kept for so long: a request is not repeated later.
const RECEIPTS_LAST: SignedDuration = SignedDuration::from_hours(24);
/// A node whose clock differs by more from the database's says so.
const CLOCK_WARNING: SignedDuration = SignedDuration::from_secs(1);
/// A trace that waits for longer is a fault.
pub const TRACES_WAIT: SignedDuration = SignedDuration::from_mins(1);

/// The running workers.
#[must_use = "workers end when this is dropped; keep it and call `stop`"]
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    service: Arc<Service>,
}

/// Something that is wrong with a running node, for `/health` and for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The database takes no writes.
    Standby,
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

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Standby => f.write_str("the database is a standby and takes no writes"),
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

impl Service {
    /// Starts the workers: finding contacts, deciding everybody, comparing proposals, sweeping due
    /// verdicts, delivering messages, keeping the mirror, noticing what other nodes did, counting,
    /// watching the clock, the keys and the deadlines of appeals, signing the log, forgetting what has
    /// ended or is over.
    pub fn spawn_workers(self: &Arc<Self>) -> Workers {
        let (stop, stopped) = watch::channel(false);
        let mut workers = Workers {
            stop,
            tasks: JoinSet::new(),
            service: Arc::clone(self),
        };
        let every = Duration::from_secs;
        let wake = &self.wake;
        let mut start = |name, pause, wake: Option<&Arc<tokio::sync::Notify>>, work: Work| {
            let turn = Turn::new(name, pause, wake.map(Arc::clone), work);
            let states = Arc::clone(&self.workers);
            let running = turn.run_supervised(Arc::clone(self), states, stopped.clone());
            workers.tasks.spawn(running);
        };
        start("traces", every(5), Some(&wake.traces), |service| {
            Box::pin(async move { service.tracing.begin_traces().await.map(|_| false) })
        });
        start(
            "outer_rings",
            every(5),
            Some(&wake.outer_rings),
            |service| Box::pin(async move { service.tracing.finish_traces().await.map(|_| false) }),
        );
        start("everybody", every(60), Some(&wake.everybody), |service| {
            Box::pin(async move {
                let progress = service.reevaluation.decide_next_batch().await?;
                Ok(!progress.is_finished)
            })
        });
        start("proposals", every(5), Some(&wake.proposals), |service| {
            Box::pin(async move { service.publishing.compare_proposals().await.map(|_| false) })
        });
        start("sweep", every(5), None, |service| {
            Box::pin(async move { service.sweep().await.map(|_| false) })
        });
        start("outbox", every(5), Some(&wake.outbox), |service| {
            Box::pin(async move { service.outbox.deliver().await.map(|_| false) })
        });
        start("revoked", every(1), Some(&wake.revoked), |service| {
            Box::pin(async move { service.revocations.refresh().await.map(|()| false) })
        });
        start("sessions", every(1), None, |service| {
            Box::pin(async move { service.sessions.follow_other_nodes().await.map(|()| false) })
        });
        start("mirror", every(60), None, |service| {
            Box::pin(async move { service.mirror.refresh().await.map(|_| false) })
        });
        start("other_nodes", every(5), None, |service| {
            Box::pin(async move { service.notice_other_nodes().await.map(|()| false) })
        });
        start("statistics", every(10), None, |service| {
            Box::pin(async move { service.statistics.work().await })
        });
        start("keys", every(3), None, |service| {
            Box::pin(async move { service.reload_keys().await.map(|_| false) })
        });
        start("vault", every(60), None, |service| {
            Box::pin(async move {
                let sealed = service.people.reseal_next().await?;
                let found = service.people.reindex_next().await?;
                Ok(sealed.is_some_and(|rewrite| !rewrite.is_finished)
                    || found.is_some_and(|rewrite| !rewrite.is_finished))
            })
        });
        start("appeals", every(10), None, |service| {
            Box::pin(async move {
                service.appeals.watch().await?;
                service.appeals.reseal_next().await
            })
        });
        start("contradictions", every(600), None, |service| {
            Box::pin(async move {
                let resealed = service.contradictions.reseal_next().await?;
                Ok(service.contradictions.find_next().await? || resealed)
            })
        });
        start("key_ends", every(3600), None, |service| {
            Box::pin(async move { service.watch_keys().await.map(|()| false) })
        });
        start("places", every(600), None, |service| {
            Box::pin(async move { service.codes.forget_ended().await })
        });
        start("receipts", every(600), None, |service| {
            Box::pin(async move {
                service.forget_receipts().await?;
                service.accounts.forget_codes().await.map(|()| false)
            })
        });
        start("audit", every(1), None, |service| {
            Box::pin(async move {
                let placed = service.audit.checkpoint().await?;
                if placed > 0 {
                    service.audit.watch_looks().await?;
                }
                Ok(placed > 0)
            })
        });
        start("ends", every(600), None, |service| {
            Box::pin(async move { service.forgetting.forget_next().await })
        });
        start("clock", every(10), None, |service| {
            Box::pin(async move { service.watch_clock().await.map(|_| false) })
        });
        workers
    }

    /// Decides again everybody whose verdict's time has come; how many there were.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    #[instrument(name = "workers.sweep", level = "debug", skip_all)]
    pub async fn sweep(&self) -> Result<u64> {
        let limit = self.settings.people_per_batch.max(1);
        let mut swept = 0;
        loop {
            let due = self
                .store
                .read("verdicts.due", (self.now(), limit), |tx, (now, limit)| {
                    Box::pin(verdicts::due(tx, *now, *limit))
                });
            let people = due.await?;
            if !people.is_empty() {
                self.verdicts.decide_in_passing(&people).await?;
                swept += people.len() as u64;
            }
            if people.len() < limit as usize {
                return Ok(swept);
            }
        }
    }

    /// Takes in what other nodes did: policies and levels, revoked codes, verdicts.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "workers.notice_other_nodes", level = "debug", skip_all)]
    pub async fn notice_other_nodes(&self) -> Result<()> {
        self.policies.reload().await?;
        self.revocations.refresh().await?;
        self.sessions.follow_other_nodes().await?;
        self.verdicts.follow_other_nodes().await
    }

    /// Takes in which accounts changed on other nodes: sessions that ended there end here.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn notice_ended_sessions(&self) -> Result<()> {
        self.sessions.follow_other_nodes().await
    }

    /// Forgets receipts, sessions of staff members, and what authorities drew, that are over for a day.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn forget_receipts(&self) -> Result<()> {
        let before = self.now().checked_sub(RECEIPTS_LAST);
        let before = before.unwrap_or(Timestamp::MIN);
        let forget = self
            .store
            .transaction("receipts.forget", before, |tx, before| {
                Box::pin(receipts::forget(tx, *before))
            });
        forget.await?;
        let now = self.now();
        let forget = self.store.transaction("caps.forget", now, |tx, now| {
            Box::pin(crate::caps::forget_drawn(tx, *now))
        });
        forget.await?;
        self.alarms.forget_old().await?;
        self.staff.forget_old().await
    }

    /// How far this node's clock is ahead of the database's; negative if it is behind. Warns in the
    /// log from a second on.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn watch_clock(&self) -> Result<SignedDuration> {
        let before = self.now();
        let theirs = self.store.time().await?;
        let after = self.now();
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

    /// What is wrong with this node, as far as it knows without asking the database.
    pub fn faults(&self) -> Vec<Fault> {
        let now = self.now();
        // Without keys that fit nothing new may be signed here. A log that was changed is signed no
        // further. Keys whose time is over and that cannot be destroyed go on opening old backups.
        let mut idle = self.workers.failing(&["keys", "audit", "ends"]);
        idle.extend(self.workers.dead());
        idle.sort_unstable();
        idle.dedup();
        let dead = idle.into_iter().map(|worker| Fault::WorkerDead { worker });
        let mut faults: Vec<Fault> = dead.collect();
        faults.extend(self.wrong_clock());
        let waits_since = self.tracing.waiting_since();
        faults.extend(
            waits_since
                .filter(|since| now.duration_since(*since) > TRACES_WAIT)
                .map(|since| Fault::TraceWaits { since }),
        );
        let age = self.revocations.known().age(now);
        if age.is_none_or(|age| age > crate::codes::KNOWLEDGE_LASTS) {
            faults.push(Fault::CutOff);
        }
        faults
    }
}

impl Workers {
    /// Asks every worker to finish what it is doing, and waits for that.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        // It may take minutes, and is begun anew after the next start.
        self.service.mirror.interrupt();
        while self.tasks.join_next().await.is_some() {}
        if let Err(error) = self.service.statistics.write_check_counts().await {
            error!(%error, "the checks of the last seconds are not counted");
        }
        info!("workers stopped");
    }
}
