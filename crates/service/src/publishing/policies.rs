//! The policy and the region levels in force, held in memory.
//!
//! The database is the record; this is a copy, swapped as a whole. A policy whose effective date has
//! not come waits here, parsed, and takes over by itself when its time comes. Of several whose
//! time has come, the latest effective date wins, and of equal dates the latest publication.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::policy::PolicyError;
use domain::{
    Appeal, Appeals, Clock, Evidence, FactKind, Policy, RegionLevel, RegionLevels, Timestamp,
    Verdict,
};
use sha2::{Digest, Sha256};
use store::{
    ChangeNumber, PolicyText, PublicationNumber, Store, StoreError, StoredVerdict, Transaction,
    changes, publications, sunset,
};
use tracing::{error, info};

use crate::decisions::{DecisionContext, is_ahead};
use crate::wake::Wake;
use crate::{Result, ServiceError};

/// What verdicts are made from, besides evidence.
pub(crate) struct ActivePolicy {
    /// The policy.
    pub policy: Arc<Policy>,
    /// The levels.
    pub levels: Arc<RegionLevels>,
    /// Counts swaps; a verdict decided under an earlier one is decided again.
    pub generation: u64,
    /// Tells this policy and these levels from others, on every node and after a start.
    pub fingerprint: String,
    /// The last change when this was read: what changed later was decided under it, or is decided
    /// again by the node that did not know it yet.
    since: ChangeNumber,
    /// The last publication when the database was last read and held nothing else.
    published: AtomicI64,
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
    pub fingerprint: String,
}

/// The copy of what was published.
pub struct PublishedPolicies {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    wake: Arc<Wake>,
    state: RwLock<State>,
    /// The generation under which everybody was decided, and the last change before that began.
    reevaluated_up_to: RwLock<Option<(u64, ChangeNumber)>>,
}

#[derive(Default)]
struct State {
    /// Whether the emergency has ended: then nothing is in force any more.
    is_over: bool,
    policies: Vec<(PolicyText, Arc<Policy>)>,
    /// As found in the database, readable or not, so that a change is noticed.
    texts: Vec<PolicyText>,
    levels: Vec<RegionLevel>,
    read_at: Option<ChangeNumber>,
    published: i64,
    active: Option<Arc<ActivePolicy>>,
    swaps: u64,
}

/// What was published, and the last change before it was read.
struct Publications {
    stands_at: ChangeNumber,
    number: PublicationNumber,
    texts: Vec<PolicyText>,
    levels: Vec<RegionLevel>,
    is_over: bool,
}

impl ActivePolicy {
    /// What decides at `now`.
    pub fn context(self: &Arc<Self>, now: Timestamp) -> DecisionContext {
        let active = Arc::clone(self);
        let look_back = self.policy.look_back().at_most();
        DecisionContext {
            look_back_from: now.checked_sub(look_back).unwrap_or(Timestamp::MIN),
            reads_visits: self.reads_visits,
            takes_appeals: self.policy.appeal().is_some(),
            now,
            published: PublicationNumber::from_i64(self.published.load(Ordering::Relaxed)),
            generation: self.generation,
            decide: Arc::new(move |evidence: &[Evidence], filed: &[Appeal]| {
                let ActivePolicy { policy, levels, .. } = &*active;
                let appeals = Appeals::under(policy, filed);
                domain::decide_appealed(policy, levels, evidence, appeals, now)
            }),
        }
    }

    /// Whether a rule reads visits, so that a check-in may change a verdict.
    pub const fn reads_visits(&self) -> bool {
        self.reads_visits
    }

    /// Whether a stored verdict may be shown at `now`, or must be decided again first.
    ///
    /// A verdict that comes out the same keeps its change, so an old one may be as good as new: if
    /// everybody was decided under this, it is, and `decided_up_to` is the last change before that
    /// began. A verdict that names no rule is then also kept under the policy before; a later one
    /// under that policy is of a node that did not know of this one. A verdict from the future was
    /// decided by a clock that was set right since: evidence of that future does not count yet.
    pub fn still_holds(
        &self,
        stored: &StoredVerdict,
        decided_up_to: Option<ChangeNumber>,
        now: Timestamp,
    ) -> bool {
        let verdict = &stored.verdict;
        let is_current = if verdict.policy == *self.policy.reference() {
            decided_up_to.is_some() || stored.change > self.since
        } else {
            names_no_rule(verdict) && decided_up_to.is_some_and(|last| stored.change <= last)
        };
        is_current
            && verdict.next_change.is_none_or(|change| now < change)
            && !is_ahead(stored.decided_at, now)
    }
}

impl PublishedPolicies {
    pub(crate) fn new(store: Arc<Store>, clock: Arc<dyn Clock>, wake: Arc<Wake>) -> Self {
        Self {
            store,
            clock,
            wake,
            state: RwLock::default(),
            reevaluated_up_to: RwLock::default(),
        }
    }

    /// The policy in force, if there is one.
    pub fn policy(&self) -> Option<Arc<Policy>> {
        self.active().ok().map(|active| Arc::clone(&active.policy))
    }

    /// The region levels published.
    pub fn region_levels(&self) -> Option<Arc<RegionLevels>> {
        self.active().ok().map(|active| Arc::clone(&active.levels))
    }

    /// Every policy published, newest publication last.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn all(&self) -> Result<Vec<PolicyText>> {
        let read = self.store.read("policies.all", (), |tx, ()| {
            Box::pin(publications::policies(tx))
        });
        Ok(read.await?)
    }

    /// Every policy published that this program can read, newest publication last, as it was parsed when it
    /// was read: nothing is read or parsed for the caller.
    pub fn versions(&self) -> Vec<Arc<Policy>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let versions = state.policies.iter();
        versions.map(|(_, policy)| Arc::clone(policy)).collect()
    }

    /// What is in force now.
    pub(crate) fn active(&self) -> Result<Arc<ActivePolicy>> {
        let now = self.clock.now();
        let due = |until: Option<Timestamp>| until.is_some_and(|until| until <= now);
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            if state.is_over {
                return Err(ServiceError::Ended);
            }
            if let Some(active) = state.active.as_ref().filter(|active| !due(active.until)) {
                return Ok(Arc::clone(active));
            }
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.active.as_ref().is_none_or(|active| due(active.until)) {
            state.swap(now);
            // Without a policy there is nothing to decide, and the worker would wake itself.
            if state.active.is_some() {
                self.wake.everybody.notify_one();
            }
        }
        state.active.clone().ok_or(ServiceError::NoPolicy)
    }

    /// That the emergency has not ended, for what is taken in without a policy too.
    ///
    /// # Errors
    /// [`ServiceError::Ended`].
    pub(crate) fn refuse_ended(&self) -> Result<()> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        (!state.is_over).then_some(()).ok_or(ServiceError::Ended)
    }

    /// What decides now.
    pub(crate) fn context(&self) -> Result<DecisionContext> {
        Ok(self.active()?.context(self.clock.now()))
    }

    /// What a proposal is compared with now.
    pub(crate) fn basis(&self) -> Basis {
        // Lets a policy take over whose time has come.
        let active = self.active().ok();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Basis {
            fingerprint: fingerprint(active.as_ref().map(|active| &*active.policy), &state.levels),
            policy: active.map(|active| Arc::clone(&active.policy)),
            levels: state.levels.clone(),
        }
    }

    /// Reads what was published, here or on another node, and swaps if anything is new.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn reload(&self) -> Result<()> {
        let read = self
            .store
            .read("policies.reload", (), |tx, ()| Box::pin(read_all(tx)));
        let Publications {
            stands_at,
            number,
            texts,
            levels,
            is_over,
        } = read.await?;
        let now = self.clock.now();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if number.as_i64() < state.published {
            // Another reading began later and was done before.
            return Ok(());
        }
        state.published = number.as_i64();
        state.is_over = is_over;
        if state.read_at.is_some() && state.texts == texts && state.levels == levels {
            if let Some(active) = &state.active {
                active.published.store(state.published, Ordering::Relaxed);
            }
            return Ok(());
        }
        state.policies = texts.iter().filter_map(readable).collect();
        state.texts = texts;
        state.levels = levels;
        state.read_at = Some(stands_at);
        state.swap(now);
        self.wake.everybody.notify_one();
        Ok(())
    }

    /// If everybody was decided under what this generation has in force: the last change before that
    /// began.
    pub(crate) fn reevaluated_up_to(&self, generation: u64) -> Option<ChangeNumber> {
        let decided = self.reevaluated_up_to.read();
        let decided = *decided.unwrap_or_else(PoisonError::into_inner);
        let (_, up_to) = decided.filter(|(of, _)| *of == generation)?;
        Some(up_to)
    }

    /// Notes that everybody was decided under what a generation has in force, and the last change
    /// before that began.
    pub(crate) fn note_reevaluated_up_to(&self, generation: u64, up_to: ChangeNumber) {
        let mut decided = self
            .reevaluated_up_to
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *decided = Some((generation, up_to));
    }
}

/// Whether the verdict that is stored, decided again as `verdict`, can stay as it is: it says the
/// same. What names no rule says the same under every policy.
pub(crate) fn says_the_same(stored: &StoredVerdict, verdict: &Verdict, now: Timestamp) -> bool {
    let before = &stored.verdict;
    let times = |verdict: &Verdict| (verdict.since, verdict.until, verdict.next_change);
    let is_same = before == verdict
        || names_no_rule(before)
            && names_no_rule(verdict)
            && before.status == verdict.status
            && times(before) == times(verdict);
    is_same && !is_ahead(stored.decided_at, now)
}

fn names_no_rule(verdict: &Verdict) -> bool {
    verdict.restrictions.is_empty() && verdict.advice.is_empty()
}

async fn read_all(tx: &mut Transaction) -> Result<Publications, StoreError> {
    Ok(Publications {
        stands_at: changes::last(tx).await?,
        // Before the rest: what is published meanwhile may be read, and is not counted as known.
        number: publications::last(tx).await?,
        texts: publications::policies(tx).await?,
        levels: publications::levels(tx).await?,
        is_over: sunset::find(tx).await?.is_some(),
    })
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
            self.active = None;
            return;
        };
        self.swaps += 1;
        info!(policy = %text.reference, levels = self.levels.len(), "in force");
        self.active = Some(Arc::new(ActivePolicy {
            policy: Arc::clone(policy),
            levels: Arc::new(RegionLevels::new(self.levels.iter().copied())),
            generation: self.swaps,
            since: self.read_at.unwrap_or(ChangeNumber::BEFORE_ALL),
            published: AtomicI64::new(self.published),
            fingerprint: fingerprint(Some(policy), &self.levels),
            reads_visits: reads_visits(policy),
            until,
        }));
    }
}

/// A digest of a policy and levels. A policy version is published with one text only.
fn fingerprint(policy: Option<&Policy>, levels: &[RegionLevel]) -> String {
    let mut digest = Sha256::new();
    if let Some(policy) = policy {
        digest.update(format!("{}\n", policy.reference()));
    }
    for level in levels {
        let (region, word) = (level.region, level.level.as_str());
        let from = level.from.as_second();
        // These words stay: with others each database would decide everybody again after an update.
        let until = match level.until {
            Some(until) => format!("Some({})", until.as_second()),
            None => "None".to_owned(),
        };
        digest.update(format!("{region} {word} {from} {until}\n"));
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

#[cfg(test)]
mod tests {
    use domain::Level;

    use super::*;

    /// Each database keeps the fingerprint under which everybody was decided.
    #[test]
    fn the_fingerprint_of_levels_stays_whatever_a_type_prints() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let level = |code: &str, level, until: Option<i64>| RegionLevel {
            region: code.parse().unwrap(),
            level,
            from: at(1_581_904_800),
            until: until.map(at),
        };
        let levels = [
            level("330106", Level::High, Some(1_582_000_000)),
            level("3301", Level::Medium, None),
        ];
        assert_eq!(
            fingerprint(None, &levels),
            "b12be7d93ccc7001bfe64ed84d63932cfc0fffcbd942440275d0f74e9a514437"
        );
    }
}
