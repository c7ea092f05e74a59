//! Deciding everybody again after a change of policy or levels.
//!
//! One pass walks all people in order of identifier, a batch a transaction, so that reads and other
//! writes go on in between. Another change in the middle starts the walk anew. How far it is is
//! stored: after a crash it goes on where it stood. A start after a finished walk begins a pass as
//! well, because the process may have died between an evidence's verdict and its catching up with a
//! change; until a pass reaches somebody, their status page decides for itself.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::PersonId;
use store::proposals::WalkRecord;
use tokio::sync::Mutex;
use tracing::{debug, info, instrument};

use crate::Result;
use crate::in_force::InForce;
use crate::service::Service;

/// How far the walk over everybody is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// People decided so far.
    pub decided: u64,
    /// Those of them whose status changed.
    pub changed: u64,
    /// How many people there are, as counted when the walk began; 0 before that. Whoever registers
    /// meanwhile comes on top.
    pub people: u64,
    /// Whether everybody was decided under what is in force now.
    pub is_finished: bool,
}

/// The walk.
#[derive(Default)]
pub(crate) struct Walk {
    state: Mutex<State>,
    finished: AtomicU64,
    /// People counted last.
    people: AtomicU64,
}

impl Walk {
    /// How many people there were when they were counted last; 0 if they never were.
    pub fn people(&self) -> u64 {
        self.people.load(Ordering::Relaxed)
    }

    /// Whether everybody was decided under what this generation has in force.
    pub fn has_finished(&self, generation: u64) -> bool {
        self.finished.load(Ordering::Acquire) == generation
    }
}

#[derive(Default)]
struct State {
    generation: u64,
    after: Option<PersonId>,
    progress: Progress,
}

impl Service {
    /// Decides everybody under what is in force, and returns when that is done. Goes on where a walk
    /// in the background stands.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`]. What was decided stays;
    /// calling again goes on.
    pub async fn decide_everybody(&self) -> Result<Progress> {
        self.decide_everybody_telling(|_| {}).await
    }

    /// As [`Self::decide_everybody`], and tells after each batch how far it is.
    ///
    /// # Errors
    /// As [`Self::decide_everybody`].
    #[instrument(name = "everybody.decide", skip_all)]
    pub async fn decide_everybody_telling(
        &self,
        mut tell: impl FnMut(Progress) + Send,
    ) -> Result<Progress> {
        loop {
            let progress = self.decide_next_batch().await?;
            tell(progress);
            if progress.is_finished {
                self.refresh_revoked().await?;
                return Ok(progress);
            }
            tokio::task::yield_now().await;
        }
    }

    /// How far the walk is.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`].
    pub async fn progress(&self) -> Result<Progress> {
        let generation = self.in_force()?.generation;
        let state = self.walk.state.lock().await;
        Ok(if state.generation == generation {
            state.progress
        } else {
            Progress::default()
        })
    }

    /// Decides the next few hundred people.
    pub(crate) async fn decide_next_batch(&self) -> Result<Progress> {
        let mut state = self.walk.state.lock().await;
        let in_force = self.in_force()?;
        if state.generation != in_force.generation {
            *state = self.take_up(&in_force).await?;
        }
        if state.progress.is_finished {
            return Ok(state.progress);
        }
        let limit = self.settings.people_per_batch.max(1);
        let people = self.store.people_after(state.after, limit).await?;
        if !people.is_empty() {
            let court = in_force.court(self.clock.now());
            let decided = self.store.decide_again(&people, &court).await?;
            self.learn_in_passing(&decided);
            let changed = decided
                .iter()
                .filter(|one| one.before != Some(one.now.verdict.status));
            state.progress.changed += changed.count() as u64;
            state.progress.decided += people.len() as u64;
            state.progress.people = state.progress.people.max(state.progress.decided);
            state.after = people.last().copied();
        }
        if people.len() < limit as usize {
            state.progress.is_finished = true;
            self.walk
                .finished
                .store(state.generation, Ordering::Release);
            let Progress {
                decided, changed, ..
            } = state.progress;
            info!(policy = %in_force.policy.reference(), decided, changed, "everybody decided");
        } else {
            debug!(decided = state.progress.decided, "deciding everybody");
        }
        let walk = WalkRecord {
            in_force: in_force.mark.clone(),
            after: state.after,
            decided: state.progress.decided,
            changed: state.progress.changed,
            is_finished: state.progress.is_finished,
        };
        self.proposals.note_walk(&walk).await?;
        Ok(state.progress)
    }

    /// Where to begin: where a walk under the same policy and levels was cut off, else with the first
    /// person.
    async fn take_up(&self, in_force: &InForce) -> Result<State> {
        let people = self.count_for_walk().await?;
        let cut_off = self.proposals.walk().await?;
        let cut_off = cut_off.filter(|walk| !walk.is_finished && walk.in_force == in_force.mark);
        let generation = in_force.generation;
        let Some(walk) = cut_off else {
            return Ok(State {
                generation,
                after: None,
                progress: Progress {
                    people,
                    ..Progress::default()
                },
            });
        };
        info!(
            decided = walk.decided,
            "deciding everybody goes on where it was cut off"
        );
        Ok(State {
            generation,
            after: walk.after,
            progress: Progress {
                decided: walk.decided,
                changed: walk.changed,
                people,
                is_finished: false,
            },
        })
    }

    /// Counts everybody, for whoever asks how long a walk will be.
    pub(crate) async fn count_for_walk(&self) -> Result<u64> {
        let people = self.proposals.count_people().await?;
        self.walk.people.store(people, Ordering::Relaxed);
        Ok(people)
    }
}
