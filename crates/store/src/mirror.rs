//! The mirror: what a copy of all evidence is made from, which copies there are, and whose evidence
//! the newest of them may lack.
//!
//! Every write of evidence notes the person, with the revision that it gave them, in its own
//! transaction. A copy holds for each person the revision that was read before their evidence. Two
//! writers of one person wait for each other, so revisions are committed in their order: whoever is
//! noted with a greater revision than a copy has may have evidence that the copy lacks, and nobody
//! else has. No clock is asked and no margin is kept, so a transaction that commits late is never
//! missed.
//!
//! Visits that come from scans note nobody, because they come by the ten thousand a second: a copy's
//! visits are those of its time.

use async_trait::async_trait;
use domain::{EvidenceId, Fact, PersonId, Timestamp};

use crate::Result;

/// All evidence about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonEvidence {
    /// Who.
    pub person: PersonId,
    /// Whatever was committed up to this revision of the person is among the evidence.
    pub revision: u64,
    /// What is known, visits included, in no order that means anything.
    pub evidence: Vec<(EvidenceId, Fact)>,
}

/// Somebody whose evidence grew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Who.
    pub person: PersonId,
    /// Their revision as of the last evidence.
    pub revision: u64,
}

/// One complete copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// Counts up from 1.
    pub number: u64,
    /// The folder or bucket it was written into.
    pub place: String,
    /// SHA-256 of the list of its files.
    pub digest: [u8; 32],
    /// How many people it knows.
    pub people: u64,
    /// How many pieces of evidence it holds.
    pub facts: u64,
    /// How many bytes its files have.
    pub bytes: u64,
    /// When it was begun; whatever was committed before is in it.
    pub begun_at: Timestamp,
    /// When it was complete.
    pub written_at: Timestamp,
}

/// The tables of the mirror.
#[async_trait]
pub trait MirrorStore: Send + Sync {
    /// The identifier of this database's mirror: `fresh`, unless one was claimed before.
    async fn claim_mirror(&self, fresh: [u8; 16]) -> Result<[u8; 16]>;
    /// A page of everybody with all their evidence, in order of identifier, after `after`.
    async fn people_with_evidence(
        &self,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<PersonEvidence>>;
    /// A page of the people noted, in order of identifier, after `after`.
    async fn noted(&self, after: Option<PersonId>, limit: u32) -> Result<Vec<Noted>>;
    /// Forgets people, unless they were noted again with a greater revision.
    async fn forget_noted(&self, people: &[Noted]) -> Result<()>;
    /// The complete copies, newest first.
    async fn generations(&self) -> Result<Vec<Generation>>;
    /// Lists a copy that is complete; `false` if another one has its number.
    async fn add_generation(&self, generation: &Generation) -> Result<bool>;
    /// Forgets a copy and every older one. They say nothing any more about who is noted.
    async fn drop_generations(&self, up_to: u64) -> Result<()>;
}
