//! The workers: starting them, and stopping them at the end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tracing::{error, info};

use super::WorkerStates;
use super::turns::{LONG_TURN, TURN, Turn, Work};
use crate::Result;
use crate::mirror::MirrorKeeper;
use crate::statistics::StatisticsService;

/// The workers of a node, before they are started. It knows none of the rooms they work in but the
/// two that have something to end.
pub(crate) struct Background {
    turns: Vec<Turn>,
    states: Arc<WorkerStates>,
    mirror: Arc<MirrorKeeper>,
    statistics: Arc<StatisticsService>,
}

/// How long a turn of a worker may take, and how long it pauses after one.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub longest: Duration,
    pub pause: Duration,
}

/// The running workers.
#[must_use = "workers end when this is dropped; keep it and call `stop`"]
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    mirror: Arc<MirrorKeeper>,
    statistics: Arc<StatisticsService>,
}

impl Pace {
    /// Short turns with so many seconds between them.
    pub const fn every(seconds: u64) -> Self {
        Self {
            longest: TURN,
            pause: Duration::from_secs(seconds),
        }
    }

    /// Turns that do all there is to do, with so many seconds between them.
    pub const fn at_length_every(seconds: u64) -> Self {
        Self {
            longest: LONG_TURN,
            pause: Duration::from_secs(seconds),
        }
    }
}

impl Background {
    pub const fn new(
        states: Arc<WorkerStates>,
        mirror: Arc<MirrorKeeper>,
        statistics: Arc<StatisticsService>,
    ) -> Self {
        Self {
            turns: Vec::new(),
            states,
            mirror,
            statistics,
        }
    }

    /// Adds a worker of a room. `work` answers whether there is more to do at once; `bell` ends a
    /// pause early.
    pub fn add<Room, Done>(
        &mut self,
        name: &'static str,
        pace: Pace,
        bell: Option<&Arc<Notify>>,
        room: &Arc<Room>,
        work: impl Fn(Arc<Room>) -> Done + Send + Sync + 'static,
    ) where
        Room: Send + Sync + 'static,
        Done: Future<Output = Result<bool>> + Send + 'static,
    {
        let room = Arc::clone(room);
        let work: Work = Arc::new(move || Box::pin(work(Arc::clone(&room))));
        let turn = Turn::new(name, pace, bell.map(Arc::clone), work);
        self.turns.push(turn);
    }

    /// Starts all of them.
    pub fn start(self) -> Workers {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for turn in self.turns {
            tasks.spawn(turn.run_supervised(Arc::clone(&self.states), stopped.clone()));
        }
        Workers {
            stop,
            tasks,
            mirror: self.mirror,
            statistics: self.statistics,
        }
    }
}

impl Workers {
    /// Asks every worker to finish what it is doing, and waits for that.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        // It may take minutes, and is begun anew after the next start.
        self.mirror.interrupt();
        while self.tasks.join_next().await.is_some() {}
        if let Err(error) = self.statistics.write_check_counts().await {
            error!(%error, "the checks of the last seconds are not counted");
        }
        info!("workers stopped");
    }
}
