//! The policy and the region levels in force, held in memory.
//!
//! The database is the record; this is a copy, swapped as a whole. A policy whose effective date has
//! not come waits here, parsed, and takes over by itself when its moment comes. Of several whose
//! moment has come, the latest effective date wins, and of equal dates the latest publication.

use std::sync::{Arc, PoisonError, RwLock};

use domain::policy::PolicyError;
use domain::{Evidence, FactKind, Policy, RegionLevel, RegionLevels, Timestamp};
use sha2::{Digest, Sha256};
use store::{Court, PolicyText, StoredVerdict};
use tracing::{error, info};

use crate::service::Service;
use crate::{Result, ServiceError};

/// What verdicts are made from, besides evidence.
pub(crate) struct InForce {
    /// The policy.
    pub policy: Arc<Policy>,
    /// The levels.
    pub levels: Arc<RegionLevels>,
    /// Counts swaps; a verdict decided under an earlier one is decided again.
    pub generation: u64,
    /// When this came into force here, or when this process found it in force.
    pub since: Timestamp,
    /// Tells this policy and these levels from others, on every node and after a start.
    pub mark: String,
    reads_visits: bool,
    /// When a waiting policy takes over.
    until: Option<Timestamp>,
}

/// What a proposal is compared with.
pub(crate) struct Basis {
    /// The policy in force, if there is one.
    pub policy: Option<Arc<Policy>>,
    /// Every level published.
    pub levels: Vec<RegionLevel>,
    /// Tells this policy and these levels from others.
    pub mark: String,
}

/// The copy of what was published.
#[derive(Default)]
pub(crate) struct Books {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    policies: Vec<(PolicyText, Arc<Policy>)>,
    /// As found in the database, readable or not, so that a change is noticed.
    texts: Vec<PolicyText>,
    levels: Vec<RegionLevel>,
    in_force: Option<Arc<InForce>>,
    swaps: u64,
    is_loaded: bool,
}

impl InForce {
    /// The court that decides at `now`.
    pub fn court(self: &Arc<Self>, now: Timestamp) -> Court {
        let in_force = Arc::clone(self);
        let look_back = self.policy.look_back().at_most();
        Court {
            look_back_from: now.checked_sub(look_back).unwrap_or(Timestamp::MIN),
            reads_visits: self.reads_visits,
            now,
            judge: Arc::new(move |evidence: &[Evidence]| {
                domain::decide(&in_force.policy, &in_force.levels, evidence, now)
            }),
        }
    }

    /// Whether a rule reads visits, so that a check-in may change a verdict.
    pub const fn reads_visits(&self) -> bool {
        self.reads_visits
    }

    /// Whether a stored verdict may be shown at `now`, or must be decided again first.
    ///
    /// A verdict that comes out the same keeps its date, so an old one may be as good as new;
    /// `is_everybody_decided` tells.
    pub fn still_holds(
        &self,
        stored: &StoredVerdict,
        is_everybody_decided: bool,
        now: Timestamp,
    ) -> bool {
        let verdict = &stored.verdict;
        verdict.policy == *self.policy.reference()
            && (is_everybody_decided || stored.decided_at > self.since)
            && verdict.next_change.is_none_or(|change| now < change)
    }
}

impl Service {
    /// The policy in force, if there is one.
    pub fn policy(&self) -> Option<Arc<Policy>> {
        self.in_force()
            .ok()
            .map(|in_force| Arc::clone(&in_force.policy))
    }

    /// The region levels published.
    pub fn region_levels(&self) -> Option<Arc<RegionLevels>> {
        self.in_force()
            .ok()
            .map(|in_force| Arc::clone(&in_force.levels))
    }

    /// What is in force now.
    pub(crate) fn in_force(&self) -> Result<Arc<InForce>> {
        let now = self.clock.now();
        let held = self
            .books
            .state
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let due = |until: Option<Timestamp>| until.is_some_and(|until| until <= now);
        if let Some(in_force) = held
            .in_force
            .as_ref()
            .filter(|in_force| !due(in_force.until))
        {
            return Ok(Arc::clone(in_force));
        }
        drop(held);
        let mut state = self
            .books
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if state
            .in_force
            .as_ref()
            .is_none_or(|in_force| due(in_force.until))
        {
            state.swap(now);
            // Without a policy there is nothing to decide, and the worker would wake itself.
            if state.in_force.is_some() {
                self.wake.everybody.notify_one();
            }
        }
        state.in_force.clone().ok_or(ServiceError::NoPolicy)
    }

    /// The court that decides now.
    pub(crate) fn court(&self) -> Result<Court> {
        Ok(self.in_force()?.court(self.clock.now()))
    }

    /// What a proposal is compared with now.
    pub(crate) fn basis(&self) -> Basis {
        // Lets a policy take over whose moment has come.
        let in_force = self.in_force().ok();
        let state = self.books.state.read();
        let levels = &state.unwrap_or_else(PoisonError::into_inner).levels;
        Basis {
            mark: mark(in_force.as_ref().map(|in_force| &*in_force.policy), levels),
            policy: in_force.map(|in_force| Arc::clone(&in_force.policy)),
            levels: levels.clone(),
        }
    }

    /// Reads what was published, here or on another node, and swaps if anything is new.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn reload(&self) -> Result<()> {
        let texts = self.store.policies().await?;
        let levels = self.store.levels().await?;
        let now = self.clock.now();
        let mut state = self
            .books
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if state.is_loaded && state.texts == texts && state.levels == levels {
            return Ok(());
        }
        state.policies = texts.iter().filter_map(readable).collect();
        state.texts = texts;
        state.levels = levels;
        state.swap(now);
        state.is_loaded = true;
        self.wake.everybody.notify_one();
        Ok(())
    }
}

impl State {
    fn swap(&mut self, now: Timestamp) {
        let has_come = self
            .policies
            .iter()
            .filter(|(text, _)| text.effective <= now);
        let chosen = has_come.max_by_key(|(text, _)| text.effective);
        let waiting = self.policies.iter().map(|(text, _)| text.effective);
        let until = waiting.filter(|effective| *effective > now).min();
        let Some((text, policy)) = chosen else {
            self.in_force = None;
            return;
        };
        self.swaps += 1;
        info!(policy = %text.reference, levels = self.levels.len(), "in force");
        self.in_force = Some(Arc::new(InForce {
            policy: Arc::clone(policy),
            levels: Arc::new(RegionLevels::new(self.levels.iter().copied())),
            generation: self.swaps,
            since: now,
            mark: mark(Some(policy), &self.levels),
            reads_visits: reads_visits(policy),
            until,
        }));
    }
}

/// A digest of a policy and levels. A policy version is published with one text only.
fn mark(policy: Option<&Policy>, levels: &[RegionLevel]) -> String {
    let mut digest = Sha256::new();
    if let Some(policy) = policy {
        digest.update(format!("{}\n", policy.reference()));
    }
    for level in levels {
        let until = level.until.map(Timestamp::as_second);
        let (region, word) = (level.region, level.level.as_str());
        digest.update(format!(
            "{region} {word} {} {until:?}\n",
            level.from.as_second()
        ));
    }
    let digest: [u8; 32] = digest.finalize().into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a rule reads visits.
pub(crate) fn reads_visits(policy: &Policy) -> bool {
    policy.rules().iter().any(|rule| {
        rule.reads == FactKind::Visit
            || rule
                .lifted_by
                .iter()
                .any(|lift| lift.evidence == FactKind::Visit)
    })
}

/// A stored policy that this program cannot read never comes into force; the others do.
fn readable(text: &PolicyText) -> Option<(PolicyText, Arc<Policy>)> {
    match parse(&text.toml) {
        Ok(policy) => Some((text.clone(), Arc::new(policy))),
        Err(problems) => {
            error!(policy = %text.reference, ?problems, "a published policy cannot be read");
            None
        }
    }
}

/// Reads and checks a policy.
pub(crate) fn parse(toml: &str) -> Result<Policy, Vec<PolicyError>> {
    Policy::parse(toml)
}
