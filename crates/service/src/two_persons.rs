//! What one staff member proposes and another one settles, where nothing need be compared with what is
//! in force: orders, batches above a cap, new staff members. Policies and levels: see `publishing`.
//!
//! The settlement is written in the transaction that carries it out, so that it is done or not done.

use std::sync::Arc;

use domain::{Clock, IdSource, ProposalId, text};
use store::audit::{self, NewEntry};
use store::proposals::{self, ProposalKind, ProposalRecord, Signature};
use store::{Store, StoreError, Transaction};
use tracing::info;

use crate::access::Staff;
use crate::audit::{Actor, AuditEntry, Did};
use crate::{Result, ServiceError};

/// Proposals listed at most.
const MOST_LISTED: u32 = 100;
/// Characters of a reason.
const LONGEST_REASON: usize = 1000;

/// Proposals of every kind but policies and levels.
pub(crate) struct TwoPersons {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

/// An approval by a second person, not written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approving {
    id: ProposalId,
    kind: ProposalKind,
    by: Signature,
    reason: String,
    entry: NewEntry,
}

impl Approving {
    /// Who approves, in the log.
    pub(crate) fn by(&self) -> Actor {
        Actor::of_signature(&self.by)
    }

    /// Writes it; `false` if somebody settled the proposal meanwhile.
    pub(crate) async fn write(&self, tx: &mut Transaction) -> Result<bool, StoreError> {
        let is_settled = proposals::settle(tx, self.id, self.kind, &self.by, &self.reason).await?;
        if is_settled {
            audit::append(tx, std::slice::from_ref(&self.entry)).await?;
        }
        Ok(is_settled)
    }
}

impl TwoPersons {
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { store, clock, ids }
    }

    /// Keeps what a staff member proposes. Whether they may is the caller's business.
    pub async fn propose(
        &self,
        by: &Staff,
        kind: ProposalKind,
        content: String,
    ) -> Result<ProposalRecord> {
        let id = ProposalId::generate(&*self.ids);
        let by = by.signature(self.clock.now());
        let entry = AuditEntry::of_proposal(Did::Proposed, kind, id, &by).seal(&*self.ids);
        let added = self.store.transaction(
            "proposals.add_other",
            (id, kind, content, by, [entry]),
            |tx, (id, kind, content, by, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    proposals::add(tx, *id, *kind, content, by).await
                })
            },
        );
        added.await?;
        info!(proposal = %id, ?kind, "proposed");
        self.find(id, kind).await
    }

    /// Writes into the log that somebody read a proposal.
    pub async fn note_read(&self, entry: AuditEntry) -> Result<()> {
        let entry = [entry.seal(&*self.ids)];
        let noted = self
            .store
            .transaction("proposals.note_read", entry, |tx, entry| {
                Box::pin(audit::append(tx, entry))
            });
        Ok(noted.await?)
    }

    /// A proposal of a kind.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is of another kind; [`ServiceError::Store`].
    pub async fn find(&self, id: ProposalId, kind: ProposalKind) -> Result<ProposalRecord> {
        let found = self.store.read("proposals.find", id, |tx, id| {
            Box::pin(proposals::find(tx, *id))
        });
        let found = found.await?.filter(|found| found.kind == kind);
        found.ok_or(ServiceError::UnknownProposal)
    }

    /// The latest hundred of a kind, newest first.
    pub async fn newest(&self, kind: ProposalKind) -> Result<Vec<ProposalRecord>> {
        let read = self.store.read("proposals.of_kind", kind, |tx, kind| {
            Box::pin(proposals::of_kind(tx, *kind, MOST_LISTED))
        });
        Ok(read.await?)
    }

    /// Prepares the approval of a proposal by somebody else than its proposer. Whether they may
    /// approve this kind is the caller's business.
    ///
    /// # Errors
    /// [`ServiceError::SamePerson`]; [`ServiceError::ProposalSettled`]; [`ServiceError::BadField`]
    /// without a reason.
    pub fn approving(
        &self,
        record: &ProposalRecord,
        by: &Staff,
        reason: &str,
    ) -> Result<Approving> {
        if record.proposed.staff == Some(by.id()) {
            return Err(ServiceError::SamePerson);
        }
        self.approving_as(record, by.signature(self.clock.now()), reason)
    }

    pub(crate) fn approving_as(
        &self,
        record: &ProposalRecord,
        by: Signature,
        reason: &str,
    ) -> Result<Approving> {
        let reason = checked(reason)?;
        // Approving again what one approved is carried out once, so it may be repeated.
        let is_settled = record
            .settled
            .as_ref()
            .is_some_and(|end| !end.is_approved || end.by.staff != by.staff);
        if is_settled {
            return Err(ServiceError::ProposalSettled);
        }
        let entry = AuditEntry::of_proposal(Did::Approved, record.kind, record.id, &by);
        Ok(Approving {
            entry: entry.seal(&*self.ids),
            id: record.id,
            kind: record.kind,
            by,
            reason: reason.to_owned(),
        })
    }

    /// Rejects a proposal, or takes one's own back.
    ///
    /// # Errors
    /// [`ServiceError::ProposalSettled`]; [`ServiceError::BadField`]; [`ServiceError::Store`].
    pub async fn reject(
        &self,
        record: &ProposalRecord,
        by: &Staff,
        reason: &str,
    ) -> Result<ProposalRecord> {
        let reason = checked(reason)?.to_owned();
        let by = by.signature(self.clock.now());
        let entry = AuditEntry::of_proposal(Did::Rejected, record.kind, record.id, &by);
        let arguments = (record.id, by, reason, [entry.seal(&*self.ids)]);
        let rejected = self.store.transaction(
            "proposals.reject",
            arguments,
            |tx, (id, by, reason, entry)| {
                Box::pin(async move {
                    let is_rejected = proposals::reject(tx, *id, by, reason).await?;
                    if is_rejected {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(is_rejected)
                })
            },
        );
        if !rejected.await? {
            return Err(ServiceError::ProposalSettled);
        }
        info!(proposal = %record.id, "rejected");
        self.find(record.id, record.kind).await
    }
}

/// A reason as the record keeps it.
pub(crate) fn checked(reason: &str) -> Result<&str> {
    ServiceError::named("reason", text::lines(reason, LONGEST_REASON))
}

/// A stored proposal that this program cannot read.
pub(crate) fn unreadable(id: ProposalId) -> ServiceError {
    ServiceError::Store(StoreError::Corrupt {
        table: "proposal",
        row: id.to_string(),
        why: "its content or difference does not read".to_owned(),
    })
}
