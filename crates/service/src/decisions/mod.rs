//! Verdicts: decided in the transaction that writes evidence, held in memory, decided again when their
//! time has come.
//!
//! | file | holds |
//! |---|---|
//! | `context` | what a decision needs besides evidence |
//! | `record` | the rules of writing: decide, what is news, what is revoked |
//! | `answering` | what a batch answers: an appeal, a contradiction |
//! | `append` | batches of evidence and of registrations in one transaction |
//! | `repeated` | requests that came before, answered as they were then |
//! | `cache` | as much of verdicts as codes need, in memory |
//! | `follow` | what other nodes decided |
//! | `moved` | evidence about somebody who was proven to be somebody else meanwhile |

mod answering;
mod append;
mod cache;
mod context;
mod follow;
mod moved;
pub mod record;
mod repeated;
mod sweep;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use domain::{Clock, PersonId};
use store::{
    Batches, Limits, RevokedIndex, Store, StoreError, StoredVerdict, Transaction, counters,
    verdicts,
};

pub use self::answering::Answering;
pub use self::append::{
    Appended, EvidenceBatch, NewPerson, Registration, RequestOnce, append, register,
};
pub(crate) use self::cache::{CachedVerdict, HeldPhone, VerdictCache};
pub use self::context::CLOCKS_DIFFER;
pub(crate) use self::context::is_ahead;
pub use self::context::{DecideFn, DecisionContext};
use self::record::is_provisional;
pub use self::record::{Decided, Decisions};
use crate::codes::Revocations;
use crate::follow::ReadPositions;
use crate::publishing::PublishedPolicies;
use crate::wake::Wake;
use crate::{Result, ServiceError};

/// Evidence of more pieces is not put together with other requests.
const LARGE: usize = 100;
const REGISTRATIONS: Limits = Limits {
    together: 384,
    at_once: 2,
    waiting: 4096,
};
const APPENDS: Limits = Limits {
    together: 128,
    at_once: 2,
    waiting: 4096,
};

/// Decides people and knows what was decided.
pub struct Verdicts {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    policies: Arc<PublishedPolicies>,
    cache: Arc<VerdictCache>,
    revocations: Arc<Revocations>,
    wake: Arc<Wake>,
    appends: Batches<EvidenceBatch, (Appended, u64), RecordError>,
    registrations: Batches<NewPerson, (Registration, u64), RecordError>,
    followed: tokio::sync::Mutex<ReadPositions>,
}

/// How many people may be restricted by what belongs together.
#[derive(Clone, Debug)]
pub(crate) struct RestrictionCap {
    /// So many.
    pub most: u32,
    /// Under which counter those are counted whom earlier transactions restricted; `None` if this is all.
    pub counted_as: Option<String>,
}

impl RestrictionCap {
    /// For what is written in one transaction.
    pub const fn alone(most: u32) -> Self {
        Self {
            most,
            counted_as: None,
        }
    }
}

/// Why nothing could be written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RecordError {
    /// No policy is in force.
    #[error("no policy is in force")]
    NoPolicy,
    /// The emergency has ended.
    #[error("the emergency has ended")]
    Ended,
    /// More people would be restricted than one submission may restrict.
    #[error("{restricted} people would be restricted")]
    RestrictsTooMany {
        /// How many.
        restricted: usize,
        /// How many may be.
        cap: u32,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RecordError> for ServiceError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::NoPolicy => Self::NoPolicy,
            RecordError::Ended => Self::Ended,
            RecordError::RestrictsTooMany { restricted, cap } => {
                Self::RestrictsTooMany { restricted, cap }
            }
            RecordError::Store(error) => error.into(),
        }
    }
}

impl Verdicts {
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        policies: Arc<PublishedPolicies>,
        cache: Arc<VerdictCache>,
        revocations: Arc<Revocations>,
        wake: Arc<Wake>,
    ) -> Self {
        let context = |policies: &Arc<PublishedPolicies>| {
            let policies = Arc::clone(policies);
            move || {
                let context = policies.context();
                context.map(Arc::new).map_err(|error| match error {
                    ServiceError::Ended => RecordError::Ended,
                    _ => RecordError::NoPolicy,
                })
            }
        };
        let appends = Batches::start(
            Arc::clone(&store),
            "evidence.append",
            APPENDS,
            context(&policies),
            |tx, (context, batches)| Box::pin(append_all(tx, context, batches)),
        );
        let registrations = Batches::start(
            Arc::clone(&store),
            "people.register",
            REGISTRATIONS,
            context(&policies),
            |tx, (context, people)| Box::pin(register_all(tx, context, people)),
        );
        Self {
            store,
            clock,
            policies,
            cache,
            revocations,
            wake,
            appends,
            registrations,
            followed: tokio::sync::Mutex::default(),
        }
    }

    /// Appends evidence and decides everybody it is about. When this returns, the verdicts are
    /// durable and no online check shows a colour that they took away (invariant 7).
    pub(crate) async fn append(&self, batch: EvidenceBatch) -> Result<Appended> {
        let (appended, generation) = if batch.evidence.len() > LARGE {
            let context = self.policies.context()?;
            let work = self.store.transaction(
                "evidence.append_large",
                (Arc::new(context), Arc::new(vec![batch])),
                |tx, (context, batches)| Box::pin(append_all(tx, context, batches)),
            );
            let outcomes: Vec<Result<(Appended, u64), RecordError>> = work.await?;
            let unanswered = || StoreError::Database("a batch was not answered".to_owned());
            outcomes.into_iter().next().ok_or_else(unanswered)??
        } else {
            self.appends.run(batch).await?
        };
        self.appended(appended, generation).await
    }

    /// As [`Verdicts::append`], unless it would restrict more people than may be: then nothing is
    /// written. Whom it restricts is known once they are decided, so a submission that can be above the
    /// cap has a transaction of its own, which is undone.
    ///
    /// # Errors
    /// [`ServiceError::RestrictsTooMany`]; otherwise as [`Verdicts::append`].
    pub(crate) async fn append_within(
        &self,
        batch: EvidenceBatch,
        cap: &RestrictionCap,
    ) -> Result<Appended> {
        let about = batch.evidence.iter().map(|piece| piece.person);
        let people: BTreeSet<PersonId> = about.collect();
        if cap.counted_as.is_none() && people.len() <= cap.most as usize {
            return self.append(batch).await;
        }
        let context = self.policies.context()?;
        let work = self.store.transaction(
            "evidence.append_capped",
            (Arc::new(context), batch, cap.clone()),
            |tx, (context, batch, cap)| Box::pin(append_capped(tx, context, batch, cap)),
        );
        let (appended, generation): (Appended, u64) = work.await?;
        self.appended(appended, generation).await
    }

    /// Whom batches would restrict more than they are, taken together. The transaction is undone.
    pub(crate) async fn rehearse(&self, batches: Vec<EvidenceBatch>) -> Result<BTreeSet<PersonId>> {
        let context = self.policies.context()?;
        let work = self.store.transaction(
            "evidence.rehearse",
            (Arc::new(context), batches),
            |tx, (context, batches)| Box::pin(rehearse(tx, context, batches)),
        );
        let rehearsed: Result<Infallible, Rehearsed> = work.await;
        let Err(ended) = rehearsed;
        match ended {
            Rehearsed::Restricts(people) => Ok(people),
            Rehearsed::Failed(why) => Err(why.into()),
        }
    }

    async fn appended(&self, appended: Appended, generation: u64) -> Result<Appended> {
        match &appended {
            Appended::New(decisions) if decisions.hold_something_new() => {
                self.take_in(decisions, generation).await?;
            }
            Appended::New(decisions) => {
                self.take_in_what_was_lost().await?;
                self.take_in(decisions, generation).await?;
            }
            Appended::Repeated { .. } => self.take_in_what_was_lost().await?,
            Appended::KeyReused | Appended::Settled | Appended::UsedUp => {}
        }
        Ok(appended)
    }

    /// Takes in what a request wrote whose caller hung up before this node had taken it in, or that
    /// another node answered: it is acknowledged now.
    pub(crate) async fn take_in_what_was_lost(&self) -> Result<()> {
        self.revocations.refresh().await?;
        self.follow_other_nodes().await
    }

    /// Registers a person and decides them.
    pub(crate) async fn register(&self, person: NewPerson) -> Result<Registration> {
        let (registration, generation) = self.registrations.run(person).await?;
        let Registration::New(stored) = registration else {
            return Ok(registration);
        };
        self.cache.update(&stored);
        let again = self.catch_up(generation, &[&stored]).await?;
        let last = again.into_iter().next().map_or(stored, |one| one.now);
        Ok(Registration::New(last))
    }

    /// Takes in what another part decided in a transaction of its own, under what was in force in
    /// `generation`. When this returns, no online check shows a colour that it took away.
    pub(crate) async fn take_in(&self, decisions: &Decisions, generation: u64) -> Result<()> {
        self.update(decisions);
        let decided: Vec<&StoredVerdict> = decisions.decided.iter().map(|one| &one.now).collect();
        self.catch_up(generation, &decided).await.map(drop)
    }

    /// Decides people again, now.
    pub(crate) async fn decide_again(&self, people: &[PersonId]) -> Result<Vec<Decided>> {
        let decisions = self.write(people).await?;
        self.update(&decisions);
        Ok(decisions.decided)
    }

    /// Decides many people again, of whom few are in memory.
    pub(crate) async fn decide_in_passing(&self, people: &[PersonId]) -> Result<Vec<Decided>> {
        let decisions = self.write(people).await?;
        self.take_revoked(&decisions.revoked);
        for one in &decisions.decided {
            if one.is_changed() {
                self.cache.invalidate(&one.now);
            } else {
                self.cache.update_if_held(&one.now);
            }
        }
        self.announce(&decisions.decided);
        Ok(decisions.decided)
    }

    /// The person's verdict as of now: the stored one if it still holds, else decided again.
    pub(crate) async fn current(&self, person: PersonId) -> Result<StoredVerdict> {
        let active = self.policies.active()?;
        let stored = self.stored(person).await?;
        let stored = stored.ok_or(ServiceError::UnknownPerson)?;
        let now = self.clock.now();
        let decided_up_to = self.policies.reevaluated_up_to(active.generation);
        if active.still_holds(&stored, decided_up_to, now) {
            self.cache.update(&stored);
            return Ok(stored);
        }
        let decided = self.decide_again(&[person]).await?;
        decided
            .into_iter()
            .next()
            .map(|one| one.now)
            .ok_or(ServiceError::UnknownPerson)
    }

    pub(crate) fn cache(&self) -> &VerdictCache {
        &self.cache
    }

    async fn stored(&self, person: PersonId) -> Result<Option<StoredVerdict>> {
        let read = self.store.read("verdicts.find", person, |tx, person| {
            Box::pin(verdicts::find(tx, *person))
        });
        Ok(read.await?)
    }

    async fn write(&self, people: &[PersonId]) -> Result<Decisions> {
        let decisions = self.write_once(people).await?;
        if !decisions.decided.iter().any(|one| is_provisional(&one.now)) {
            return Ok(decisions);
        }
        self.take_revoked(&decisions.revoked);
        self.policies.reload().await?;
        self.write_once(people).await
    }

    async fn write_once(&self, people: &[PersonId]) -> Result<Decisions> {
        let context = self.policies.context()?;
        let work = self.store.transaction(
            "verdicts.decide_again",
            (context, people.to_vec()),
            |tx, (context, people)| Box::pin(record::decide(tx, context, &[], people)),
        );
        Ok(work.await?)
    }

    /// Takes in what this node decided: first what it revoked, so that no new colour is signed onto a
    /// revoked index.
    fn update(&self, decisions: &Decisions) {
        self.take_revoked(&decisions.revoked);
        for one in &decisions.decided {
            self.cache.update(&one.now);
        }
        self.announce(&decisions.decided);
    }

    fn take_revoked(&self, revoked: &[RevokedIndex]) {
        self.revocations.add(revoked);
    }

    /// Has changed colours delivered.
    fn announce(&self, decided: &[Decided]) {
        if decided.iter().any(Decided::is_changed) {
            self.wake.outbox.notify_one();
        }
    }

    /// Decides people again if what is in force changed while they were being decided, here or on
    /// another node: the re-evaluation of everybody may have passed them in between.
    async fn catch_up(&self, generation: u64, decided: &[&StoredVerdict]) -> Result<Vec<Decided>> {
        if decided.iter().any(|stored| is_provisional(stored)) {
            self.policies.reload().await?;
        }
        if self.policies.active()?.generation == generation {
            return Ok(Vec::new());
        }
        let people: Vec<PersonId> = decided.iter().map(|stored| stored.person).collect();
        self.decide_again(&people).await
    }
}

async fn append_capped(
    tx: &mut Transaction,
    context: &DecisionContext,
    batch: &EvidenceBatch,
    cap: &RestrictionCap,
) -> Result<(Appended, u64), RecordError> {
    let outcomes = append(tx, context, std::slice::from_ref(batch)).await?;
    let unanswered = || StoreError::Database("a batch was not answered".to_owned());
    let appended = outcomes.into_iter().next().ok_or_else(unanswered)?;
    if let Appended::New(decisions) = &appended {
        let decided = decisions.decided.iter();
        let mut restricted = decided.filter(|one| one.is_restricted_more()).count();
        if let Some(name) = cap.counted_as.as_ref().filter(|_| restricted > 0) {
            let now = i64::try_from(restricted).unwrap_or(i64::MAX);
            let all = counters::add(tx, name, now).await?;
            restricted = usize::try_from(all).unwrap_or_default();
        }
        if restricted > cap.most as usize {
            let cap = cap.most;
            return Err(RecordError::RestrictsTooMany { restricted, cap });
        }
    }
    Ok((appended, context.generation))
}

/// How a rehearsal ends: with an error always, so that its transaction is undone.
enum Rehearsed {
    /// It would restrict these people more than they are.
    Restricts(BTreeSet<PersonId>),
    /// The store failed.
    Failed(StoreError),
}

impl From<StoreError> for Rehearsed {
    fn from(why: StoreError) -> Self {
        Self::Failed(why)
    }
}

async fn rehearse(
    tx: &mut Transaction,
    context: &DecisionContext,
    batches: &[EvidenceBatch],
) -> Result<Infallible, Rehearsed> {
    let appended = append(tx, context, batches).await?;
    let decided = appended.iter().flat_map(|one| match one {
        Appended::New(decisions) => &decisions.decided[..],
        Appended::Repeated { .. } | Appended::KeyReused | Appended::Settled | Appended::UsedUp => {
            &[]
        }
    });
    let restricted = decided.filter(|one| one.is_restricted_more());
    let people = restricted.map(|one| one.now.person).collect();
    Err(Rehearsed::Restricts(people))
}

async fn append_all(
    tx: &mut Transaction,
    context: &DecisionContext,
    batches: &[EvidenceBatch],
) -> Result<Vec<Result<(Appended, u64), RecordError>>, RecordError> {
    let outcomes = append(tx, context, batches).await?;
    let generation = context.generation;
    Ok(outcomes
        .into_iter()
        .map(|one| Ok((one, generation)))
        .collect())
}

async fn register_all(
    tx: &mut Transaction,
    context: &DecisionContext,
    people: &[NewPerson],
) -> Result<Vec<Result<(Registration, u64), RecordError>>, RecordError> {
    let outcomes = register(tx, context, people).await?;
    let generation = context.generation;
    Ok(outcomes
        .into_iter()
        .map(|one| Ok((one, generation)))
        .collect())
}
