//! Publishing with two persons: proposals, and how far everybody has been decided again.

use async_trait::async_trait;
use domain::{AuthorityId, PersonId, ProposalId, RegionLevel, Timestamp};

use crate::{PolicyText, Result};

/// What a proposal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalKind {
    /// A policy; the content is its document.
    Policy,
    /// Region levels; the content is the caller's text.
    Levels,
}

/// Which authority did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Which.
    pub authority: AuthorityId,
    /// Its name then.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// Whom a proposal would change, against what was in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What was in force, as the caller tells it from other states.
    pub base: String,
    /// The difference, in the caller's words.
    pub difference: String,
    /// When it was computed.
    pub at: Timestamp,
}

/// The end of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Whether it was approved, and so published.
    pub is_approved: bool,
    /// Who settled it.
    pub by: Signature,
    /// Why.
    pub reason: String,
}

/// A policy or region levels that wait for a second person, or no longer do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRecord {
    /// Its identifier.
    pub id: ProposalId,
    /// What it is about.
    pub kind: ProposalKind,
    /// What is proposed.
    pub content: String,
    /// Who proposed it.
    pub proposed: Signature,
    /// Whom it would change; `None` until computed.
    pub comparison: Option<Comparison>,
    /// Its end; `None` while it waits.
    pub settled: Option<Settlement>,
}

/// What an approval publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Publishable {
    /// A policy.
    Policy(PolicyText),
    /// Region levels.
    Levels(Vec<RegionLevel>),
}

/// How far a walk over everybody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkRecord {
    /// What everybody is decided under, as the caller tells it from other states.
    pub in_force: String,
    /// The last person decided.
    pub after: Option<PersonId>,
    /// People decided so far.
    pub decided: u64,
    /// Those of them whose status changed.
    pub changed: u64,
    /// Whether everybody was decided.
    pub is_finished: bool,
}

/// The tables of proposals and of the walk over everybody.
#[async_trait]
pub trait ProposalStore: Send + Sync {
    /// Adds a proposal that waits; one with the same identifier stays as it is.
    async fn propose(
        &self,
        id: ProposalId,
        kind: ProposalKind,
        content: &str,
        by: &Signature,
    ) -> Result<()>;
    /// A proposal.
    async fn proposal(&self, id: ProposalId) -> Result<Option<ProposalRecord>>;
    /// Proposals, newest first.
    async fn proposals(&self, limit: u32) -> Result<Vec<ProposalRecord>>;
    /// Proposals that nobody has settled, oldest first.
    async fn waiting_proposals(&self) -> Result<Vec<ProposalRecord>>;
    /// Notes whom a proposal would change; `false` if it no longer waits.
    async fn note_comparison(&self, id: ProposalId, comparison: &Comparison) -> Result<bool>;
    /// Approves a proposal, publishes `what` and forgets the comparison of every other proposal that
    /// waits, all in one transaction. `false`, with nothing changed, if it does not wait, was
    /// compared with something else than `base`, or was proposed by the same authority.
    async fn approve(
        &self,
        id: ProposalId,
        base: &str,
        by: &Signature,
        reason: &str,
        what: Publishable,
    ) -> Result<bool>;
    /// Rejects a proposal; `false` if it does not wait.
    async fn reject(&self, id: ProposalId, by: &Signature, reason: &str) -> Result<bool>;

    /// How far the walk over everybody is; `None` if there never was one.
    async fn walk(&self) -> Result<Option<WalkRecord>>;
    /// Notes how far the walk over everybody is.
    async fn note_walk(&self, walk: &WalkRecord) -> Result<()>;
    /// How many people such a walk will meet. Counts them one by one.
    async fn count_people(&self) -> Result<u64>;
}
