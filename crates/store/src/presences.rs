//! Visits for whoever holds them in memory: read page by page, and written under a claim that says
//! whether the memory is whole.
//!
//! **The claim.** Every transaction that writes visits looks at one row. If that row names a claim
//! that is not the writer's own, the writer ends the claim in the same transaction. So whoever finds
//! its claim standing has itself written every visit that was committed since it claimed, except by
//! transactions that were under way at that moment: it waits for those before it reads the pages.
//! No order among writers, no clock and no list of changes is needed, and a writer that knows nothing
//! of claims ([`crate::Store::record_visits`]) ends them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use domain::{EvidenceId, PersonId, Timestamp, VenueId};

use crate::{Recorded, Result, Visit};

/// A visit as tracing sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The visit.
    pub visit: EvidenceId,
    /// Who.
    pub person: PersonId,
    /// Where.
    pub venue: VenueId,
    /// From when.
    pub entered: Timestamp,
    /// Until when, if checked out. Once there it never changes.
    pub left: Option<Timestamp>,
}

/// Says that all visits are written by whoever holds this. Clones are the same claim.
#[derive(Clone, Debug, Default)]
pub struct VisitClaim(Arc<AtomicI64>);

/// Visits for whoever holds them in memory.
#[async_trait]
pub trait PresenceStore: Send + Sync {
    /// One page of everybody's visits that had not ended at `since`, in order of venue, entry and
    /// identifier, after `after`.
    async fn presences_after(
        &self,
        after: Option<Presence>,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Presence>>;
    /// Claims to write all visits from now on; ends the claim of anybody else.
    async fn claim_visits(&self, claim: &VisitClaim) -> Result<()>;
    /// Whether nobody else wrote a visit, or claimed to, since this claim was made.
    async fn is_claim_standing(&self, claim: &VisitClaim) -> Result<bool>;
    /// Ends this claim, if it stands.
    async fn end_claim(&self, claim: &VisitClaim) -> Result<()>;
    /// Whether anybody's claim stands.
    async fn is_any_claim_standing(&self) -> Result<bool>;
    /// As [`crate::Store::record_visits`], without ending this claim. Returns what changed, as it is
    /// stored now.
    async fn record_claimed(
        &self,
        claim: &VisitClaim,
        visits: &[Visit],
        recorded: Recorded,
    ) -> Result<Vec<Presence>>;
}

impl VisitClaim {
    /// Known before the transaction that makes it commits, so that nobody who sees the number in the
    /// database misses it here.
    pub(crate) fn set(&self, number: i64) {
        self.0.store(number, Ordering::SeqCst);
    }

    pub(crate) fn number(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
