//! One worker: does its work turn after turn, whatever happens in a turn.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tokio::sync::{Notify, watch};
use tracing::error;

use super::Pace;
use crate::follow::monotonic_now;
use crate::{Result, ServiceError};

/// A worker that did nothing for so long beyond its pause is dead.
const PATIENCE: Duration = Duration::from_secs(60);
/// A turn may take so long. After that the worker counts as dead, for something it waits for will not
/// come.
pub(super) const TURN: Duration = Duration::from_mins(5);
/// The same of a turn that does all there is to do: it writes a mirror of a whole country, or decides
/// everybody whose time came at midnight.
pub(super) const LONG_TURN: Duration = Duration::from_hours(1);
/// A worker of which each turn has failed for so long does not do its work: what passes (a database that
/// changes its primary, a bucket that is away) has passed by then.
const FAILS_FOR: Duration = Duration::from_mins(3);
/// A worker that ended is started again after this.
const START_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Does a piece of work; `true` if there is more to do at once.
pub(super) type Work =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<bool>> + Send>> + Send + Sync>;

/// One worker.
#[derive(Clone)]
pub(super) struct Turn {
    name: &'static str,
    pace: Pace,
    wake: Option<Arc<Notify>>,
    work: Work,
}

/// When each worker did something last, and how far the clock is off.
#[derive(Default)]
pub(crate) struct WorkerStates {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_turns: BTreeMap<&'static str, (Instant, Duration)>,
    failing: BTreeMap<&'static str, Failing>,
    clock_ahead: SignedDuration,
}

/// A worker since its last good turn.
#[derive(Clone, Copy)]
struct Failing {
    since: Instant,
    turns: u32,
}

impl WorkerStates {
    /// The workers that began no turn for too long. A turn that is long by nature is recognised by
    /// its [`Turn`], which notes that it lives while it works.
    pub fn dead(&self) -> Vec<&'static str> {
        let now = monotonic_now();
        let state = self.lock();
        let turns = state.last_turns.iter();
        let dead = turns
            .filter(|(_, (last, pause))| now.saturating_duration_since(*last) > *pause + PATIENCE);
        dead.map(|(name, _)| *name).collect()
    }

    /// The workers of which each turn has failed for minutes, and those of `urgent` of which each has
    /// failed for one. A turn that failed alone is no fault yet: some workers pause for long.
    pub fn failing(&self, urgent: &[&str]) -> Vec<&'static str> {
        let now = monotonic_now();
        let state = self.lock();
        let failing = state.failing.iter().filter(|(name, failing)| {
            let lasts = now.saturating_duration_since(failing.since);
            match urgent.contains(name) {
                true => lasts > PATIENCE,
                false => lasts > FAILS_FOR && failing.turns > 1,
            }
        });
        failing.map(|(name, _)| *name).collect()
    }

    /// Every worker, and how long ago it began or ended a turn.
    pub fn turns(&self) -> Vec<(&'static str, Duration)> {
        let now = monotonic_now();
        let state = self.lock();
        let turns = state.last_turns.iter();
        turns
            .map(|(name, (last, _))| (*name, now.saturating_duration_since(*last)))
            .collect()
    }

    fn note_end(&self, name: &'static str, is_good: bool) {
        let mut state = self.lock();
        if is_good {
            state.failing.remove(name);
            return;
        }
        let since = monotonic_now();
        let failing = state.failing.entry(name);
        failing.or_insert(Failing { since, turns: 0 }).turns += 1;
    }

    /// How far this node's clock is ahead of the database's.
    pub fn clock_ahead(&self) -> SignedDuration {
        self.lock().clock_ahead
    }

    /// Notes how far this node's clock is ahead of the database's.
    pub fn note_clock(&self, ahead: SignedDuration) {
        self.lock().clock_ahead = ahead;
    }

    fn note_alive(&self, name: &'static str, pause: Duration) {
        self.lock()
            .last_turns
            .insert(name, (monotonic_now(), pause));
    }

    fn forget(&self, name: &'static str) {
        let mut state = self.lock();
        state.last_turns.remove(name);
        state.failing.remove(name);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// A worker that works at such a pace, and earlier when it is woken.
    pub(super) const fn new(
        name: &'static str,
        pace: Pace,
        wake: Option<Arc<Notify>>,
        work: Work,
    ) -> Self {
        Self {
            name,
            pace,
            wake,
            work,
        }
    }

    /// Runs until it is asked to stop. A worker that ends by a panic, even one in what it logs, is
    /// started again.
    pub(super) async fn run_supervised(
        self,
        states: Arc<WorkerStates>,
        stopped: watch::Receiver<bool>,
    ) {
        loop {
            let run = self.clone().run(Arc::clone(&states), stopped.clone());
            let run = tokio::spawn(run);
            let ended = run.await;
            if *stopped.borrow() {
                states.forget(self.name);
                return;
            }
            // Dropped without having been asked to stop: it is missed.
            if ended.is_ok() {
                return;
            }
            tokio::time::sleep(START_AGAIN_AFTER).await;
        }
    }

    async fn run(self, states: Arc<WorkerStates>, mut stopped: watch::Receiver<bool>) {
        loop {
            states.note_alive(self.name, Duration::ZERO);
            let is_more_to_do = self.work_once(&states).await;
            states.note_alive(self.name, self.pace.pause);
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
                () = tokio::time::sleep(self.pace.pause) => {}
            }
        }
    }

    /// One turn, in a task of its own, so that a panic ends it and not the worker. While it works the
    /// worker counts as alive, up to the longest turn.
    async fn work_once(&self, states: &WorkerStates) -> bool {
        let began = monotonic_now();
        let mut turn = tokio::spawn((self.work)());
        let ended = loop {
            tokio::select! {
                ended = &mut turn => break ended,
                () = tokio::time::sleep(PATIENCE / 2) => {
                    if monotonic_now().saturating_duration_since(began) < self.pace.longest {
                        states.note_alive(self.name, Duration::ZERO);
                    }
                }
            }
        };
        // Without a policy, or after the end, there is nothing to do.
        let is_good = matches!(
            ended,
            Ok(Ok(_) | Err(ServiceError::NoPolicy | ServiceError::Ended))
        );
        states.note_end(self.name, is_good);
        match ended {
            Ok(Ok(is_more_to_do)) => is_more_to_do,
            Ok(Err(error)) => {
                error!(worker = self.name, %error, "will try again");
                false
            }
            Err(panic) => {
                error!(worker = self.name, %panic, "will try again");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_of_which_each_turn_fails_for_minutes_is_named() {
        let states = WorkerStates::default();
        let failing = || states.failing(&["keys"]);
        for worker in ["keys", "mirror"] {
            states.note_end(worker, false);
        }
        assert_eq!(failing(), Vec::<&str>::new(), "once is no fault yet");
        let fails_for = |seconds| {
            let since = monotonic_now().checked_sub(Duration::from_secs(seconds));
            for failing in states.lock().failing.values_mut() {
                failing.since = since.unwrap();
            }
        };
        fails_for(70);
        assert_eq!(failing(), ["keys"], "nothing may be signed meanwhile");
        fails_for(190);
        assert_eq!(failing(), ["keys"], "it failed once and has paused since");
        states.note_end("mirror", false);
        assert_eq!(failing(), ["keys", "mirror"]);
        states.note_end("mirror", true);
        assert_eq!(failing(), ["keys"]);
        states.forget("keys");
        assert_eq!(failing(), Vec::<&str>::new(), "one that was stopped");
    }

    #[test]
    fn a_worker_is_dead_once_it_misses_its_turns() {
        let states = WorkerStates::default();
        states.note_alive("sweep", Duration::from_secs(5));
        assert_eq!(states.dead(), Vec::<&str>::new());
        let long_ago = monotonic_now()
            .checked_sub(Duration::from_secs(70))
            .unwrap();
        let late = (long_ago, Duration::from_secs(5));
        states.lock().last_turns.insert("sweep", late);
        assert_eq!(states.dead(), ["sweep"]);
        states.forget("sweep");
        assert_eq!(
            states.dead(),
            Vec::<&str>::new(),
            "a worker that was stopped is not dead"
        );
    }
}
