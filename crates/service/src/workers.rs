//! Work in the background, and its end.
//!
//! Nothing depends on it for correctness: a due verdict is decided by whoever reads it, and a job or
//! a message that was not finished is found again.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use store::{Since, StoredVerdict};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tracing::{error, info, instrument};

use crate::Result;
use crate::service::Service;
use crate::standings::COMMIT_TAKES;

const VERDICTS_AT_ONCE: u32 = 1000;

/// The running workers.
#[must_use = "workers end when this is dropped; keep it and call `stop`"]
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    service: Arc<Service>,
}

impl Service {
    /// Starts the workers: finding contacts, holding visits in memory, deciding everybody, comparing
    /// proposals, sweeping due verdicts, delivering messages, keeping the mirror, noticing what other
    /// nodes did, counting.
    pub fn spawn_workers(self: &Arc<Self>) -> Workers {
        let (stop, stopped) = watch::channel(false);
        let mut workers = Workers {
            stop,
            tasks: JoinSet::new(),
            service: Arc::clone(self),
        };
        let every = Duration::from_secs;
        let wake = &self.wake;
        let mut start = |name, pause, wake: Option<&Arc<Notify>>, work: Work| {
            let turn = Turn {
                name,
                pause,
                wake: wake.map(Arc::clone),
                work,
            };
            workers
                .tasks
                .spawn(turn.run(Arc::clone(self), stopped.clone()));
        };
        start("traces", every(5), Some(&wake.traces), |service| {
            Box::pin(async move { service.run_traces().await.map(|_| false) })
        });
        start("everybody", every(60), Some(&wake.everybody), |service| {
            Box::pin(async move {
                service
                    .decide_next_batch()
                    .await
                    .map(|walk| !walk.is_finished)
            })
        });
        start("proposals", every(5), Some(&wake.proposals), |service| {
            Box::pin(async move { service.compare_proposals().await.map(|_| false) })
        });
        start("visits", every(5), None, |service| {
            Box::pin(async move { service.keep_visits().await })
        });
        start("sweep", every(5), None, |service| {
            Box::pin(async move { service.sweep().await.map(|_| false) })
        });
        start("outbox", every(5), Some(&wake.outbox), |service| {
            Box::pin(async move { service.deliver_outbox().await.map(|_| false) })
        });
        start("revoked", every(1), Some(&wake.revoked), |service| {
            Box::pin(async move { service.refresh_revoked().await.map(|()| false) })
        });
        start("mirror", every(60), None, |service| {
            Box::pin(async move { service.refresh_mirror().await.map(|_| false) })
        });
        start("neighbours", every(5), None, |service| {
            Box::pin(async move { service.notice_other_nodes().await.map(|()| false) })
        });
        start("statistics", every(10), None, |service| {
            Box::pin(async move { service.work_on_statistics().await })
        });
        workers
    }

    /// Decides again everybody whose verdict's time has come; how many there were.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    #[instrument(name = "workers.sweep", skip_all)]
    pub async fn sweep(&self) -> Result<u64> {
        let limit = self.settings.people_per_batch.max(1);
        let mut swept = 0;
        loop {
            let people = self.store.due(self.clock.now(), limit).await?;
            if !people.is_empty() {
                let decided = self.store.decide_again(&people, &self.court()?).await?;
                self.learn_in_passing(&decided);
                swept += people.len() as u64;
            }
            if people.len() < limit as usize {
                break;
            }
        }
        if swept > 0 {
            self.refresh_revoked().await?;
        }
        Ok(swept)
    }

    /// Takes in what other nodes did: policies and levels, revoked codes, verdicts.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "workers.notice_other_nodes", level = "debug", skip_all)]
    pub async fn notice_other_nodes(&self) -> Result<()> {
        self.reload().await?;
        self.refresh_revoked().await?;
        self.learn_from_neighbours().await
    }

    /// Takes in the verdicts that other nodes wrote.
    async fn learn_from_neighbours(&self) -> Result<()> {
        let now = self.clock.now();
        let mut known_until = self.neighbours.lock().await;
        let mut since = Since::moment(*known_until);
        loop {
            let verdicts = self.store.verdicts_since(since, VERDICTS_AT_ONCE).await?;
            for stored in &verdicts {
                self.standings.learn_if_held(stored, now);
            }
            since = verdicts.last().map_or(since, StoredVerdict::cursor);
            // Transactions of the last seconds may still be on their way.
            let settled = since.at.checked_sub(COMMIT_TAKES).unwrap_or(since.at);
            *known_until = settled.max(*known_until);
            if verdicts.len() < VERDICTS_AT_ONCE as usize {
                return Ok(());
            }
        }
    }
}

impl Workers {
    /// Asks every worker to finish what it is doing, and waits for that.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        // It may take minutes, and is begun anew after the next start.
        if let Some(kept) = self.service.mirror.get() {
            kept.mirror.interrupt();
        }
        while self.tasks.join_next().await.is_some() {}
        if let Err(error) = self.service.write_check_counts().await {
            error!(%error, "the checks of the last seconds are not counted");
        }
        info!("workers stopped");
    }
}

/// Does a piece of work; `true` if there is more to do at once.
type Work = fn(Arc<Service>) -> Pin<Box<dyn Future<Output = Result<bool>> + Send>>;

/// One worker.
struct Turn {
    name: &'static str,
    pause: Duration,
    wake: Option<Arc<Notify>>,
    work: Work,
}

impl Turn {
    async fn run(self, service: Arc<Service>, mut stopped: watch::Receiver<bool>) {
        loop {
            // A task of its own, so that a panic ends this turn and not the worker.
            let turn = tokio::spawn((self.work)(Arc::clone(&service)));
            let is_more_to_do = match turn.await {
                Ok(Ok(is_more_to_do)) => is_more_to_do,
                Ok(Err(error)) => {
                    error!(worker = self.name, %error, "will try again");
                    false
                }
                Err(panic) => {
                    error!(worker = self.name, %panic, "will try again");
                    false
                }
            };
            if *stopped.borrow() {
                return;
            }
            if is_more_to_do {
                tokio::task::yield_now().await;
                continue;
            }
            let woken = async {
                match &self.wake {
                    Some(wake) => wake.notified().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => return,
                () = woken => {}
                () = tokio::time::sleep(self.pause) => {}
            }
        }
    }
}
