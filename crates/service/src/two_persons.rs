//! What one staff member proposes and another one settles, where nothing need be compared with what is
//! in force: orders, batches above a cap, new staff members. Policies and levels: see `publishing`.
//!
//! The settlement is written in the transaction that carries it out, so that it is done or not done.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{AuthorityId, Clock, IdSource, ProposalId, RequestKey, StaffId, text};
use store::audit::{self, NewEntry};
use store::proposals::{
    self, ProposalKind, ProposalOutcome, ProposalPlace, ProposalRecord, ProposalsAsked, Settlement,
    Signature,
};
use store::{Store, StoreError, Transaction, counters};
use tracing::info;

use crate::access::{Access, Action, Staff};
use crate::audit::{Actor, AuditEntry, Did, note_alone};
use crate::caps::Cap;
use crate::people::keys::hashed_id;
use crate::queues::{PAGE, QueuePage};
use crate::{Result, ServiceError, Settings};

/// Proposals of one authority listed at most; those that wait come first.
const MOST_LISTED: u32 = 500;
/// So many pages are read for one.
const MOST_READS: usize = 20;
/// The same of a kind of which few are proposed, and whatever authority proposed them.
const MOST_OF_KIND: u32 = 5000;
/// Stands between the name of a machine and that of who answers for what it submitted.
pub(crate) const ANSWERED_FOR: &str = "; answered for by ";
/// Characters of a reason.
const LONGEST_REASON: usize = 1000;

/// Proposals of every kind but policies and levels.
pub(crate) struct TwoPersons {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
}

/// A proposal on its way into the database.
pub(crate) struct NewProposal {
    pub id: ProposalId,
    pub kind: ProposalKind,
    pub content: String,
    pub by: Signature,
    /// What the log says of it.
    pub entry: NewEntry,
    /// So many of one authority may wait.
    pub most_waiting: u32,
}

impl NewProposal {
    /// Writes it, if it is not one too many. Two at once of one authority wait for each other here, so
    /// that both cannot be the last.
    ///
    /// # Errors
    /// [`ServiceError::TooManyWaiting`]; [`ServiceError::Store`].
    pub async fn add(&self, tx: &mut Transaction) -> Result<()> {
        let (authority, cap) = (self.by.authority, self.most_waiting);
        self.wait_for_others(tx).await?;
        if proposals::count_waiting(tx, authority).await? >= u64::from(cap) {
            return Err(ServiceError::TooManyWaiting { cap });
        }
        audit::append(tx, std::slice::from_ref(&self.entry)).await?;
        Ok(proposals::add(tx, self.id, self.kind, &self.content, &self.by).await?)
    }

    async fn wait_for_others(&self, tx: &mut Transaction) -> Result<()> {
        let counter = format!("cap waiting {}", self.by.authority);
        counters::add(tx, &counter, 0).await?;
        Ok(())
    }

    /// As the record keeps it once it is written.
    pub fn as_record(&self) -> ProposalRecord {
        waiting(self.id, self.kind, self.content.clone(), self.by.clone())
    }
}

/// A proposal as the record keeps it while nobody has settled it.
pub(crate) const fn waiting(
    id: ProposalId,
    kind: ProposalKind,
    content: String,
    by: Signature,
) -> ProposalRecord {
    ProposalRecord {
        id,
        kind,
        content,
        proposed: by,
        comparison: None,
        settled: None,
    }
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

    /// The proposal as the record keeps it once this is written.
    pub(crate) fn settle(&self, record: ProposalRecord) -> ProposalRecord {
        let settled = Some(Settlement {
            is_approved: true,
            by: self.by.clone(),
            reason: self.reason.clone(),
        });
        ProposalRecord { settled, ..record }
    }

    /// Who approves, if not the operator.
    pub(crate) const fn staff(&self) -> Option<StaffId> {
        self.by.staff
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
    /// Keeps what a staff member proposes. Whether they may is the caller's business.
    ///
    /// # Errors
    /// [`ServiceError::TooManyWaiting`] if as many of their authority wait as may;
    /// [`ServiceError::Store`].
    pub async fn propose(
        &self,
        by: &Staff,
        kind: ProposalKind,
        content: String,
    ) -> Result<ProposalRecord> {
        self.propose_once(by, kind, content, None).await
    }

    /// The same, once for each request key: a repeat gets what the first one proposed.
    ///
    /// # Errors
    /// As [`Self::propose`].
    pub async fn propose_once(
        &self,
        by: &Staff,
        kind: ProposalKind,
        content: String,
        request: Option<RequestKey>,
    ) -> Result<ProposalRecord> {
        let id = match request {
            None => ProposalId::generate(&*self.ids),
            Some(key) => {
                let id = hashed_id(b"proposal", &[&by.id().to_bytes(), &key.to_bytes()]);
                ProposalId::from_u128(id.as_u128())
            }
        };
        let by = by.signature(self.clock.now());
        let entry = AuditEntry::of_proposal(Did::Proposed, kind, id, &by).signing(&content);
        let new = NewProposal {
            id,
            kind,
            content,
            entry: entry.seal(&*self.ids),
            by,
            most_waiting: self.settings.cap(Cap::WaitingProposals),
        };
        let kept = self
            .store
            .transaction("proposals.add_other", new, |tx, new| {
                Box::pin(async move {
                    new.wait_for_others(tx).await?;
                    match proposals::find(tx, new.id).await? {
                        // What it said is forgotten.
                        Some(known) if known.content.is_empty() => {
                            return Err(ServiceError::ProposalSettled);
                        }
                        Some(known) => return Ok(known),
                        None => {}
                    }
                    new.add(tx).await?;
                    Ok::<_, ServiceError>(new.as_record())
                })
            });
        let kept = kept.await?;
        info!(proposal = %id, ?kind, "proposed");
        Ok(kept)
    }

    /// Writes into the log that somebody read a proposal.
    pub async fn note_read(&self, entry: AuditEntry) -> Result<()> {
        let entry = entry.seal(&*self.ids);
        Ok(note_alone(&self.store, "proposals.note_read", entry).await?)
    }

    /// A proposal of a kind.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is of another kind; [`ServiceError::Store`].
    pub async fn find(&self, id: ProposalId, kind: ProposalKind) -> Result<ProposalRecord> {
        let found = self.store.read("proposals.find", id, |tx, id| {
            Box::pin(proposals::find(tx, *id))
        });
        // Of one whose time is over nothing is left to be read.
        let is_there = |found: &ProposalRecord| found.kind == kind && !found.content.is_empty();
        let found = found.await?.filter(is_there);
        found.ok_or(ServiceError::UnknownProposal)
    }

    /// A proposal of a kind, if it is one to which the asker may do `action`.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::Store`].
    pub async fn theirs(
        &self,
        by: &Staff,
        action: Action,
        id: ProposalId,
        kind: ProposalKind,
    ) -> Result<ProposalRecord> {
        by.may(action)?;
        let record = self.find(id, kind).await?;
        self.access.check_proposal(by, action, &record).await?;
        Ok(record)
    }

    /// Those of a kind that authorities of the asker's regions proposed: what waits first, then the
    /// others, each newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    pub async fn list(&self, by: &Staff, kind: ProposalKind) -> Result<Vec<ProposalRecord>> {
        let theirs = self.access.authorities_for(by, Action::ReadOrders).await?;
        let theirs: Vec<AuthorityId> = theirs.iter().map(|authority| authority.id).collect();
        let read = self.store.read(
            "proposals.of_authorities",
            (kind, theirs),
            |tx, (kind, theirs)| {
                Box::pin(proposals::of_authorities(tx, *kind, theirs, MOST_LISTED))
            },
        );
        let mut found = read.await?;
        found.sort_by_key(|one| (one.settled.is_some(), std::cmp::Reverse(one.proposed.at)));
        Ok(found)
    }

    /// A page of those of a kind that authorities of the asker's regions proposed, in the same order. Where
    /// others proposed much, a page may be short and not the last.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    pub async fn page(
        &self,
        by: &Staff,
        kind: ProposalKind,
        (state, mut after): (Option<ProposalOutcome>, Option<ProposalPlace>),
    ) -> Result<QueuePage<ProposalRecord, ProposalPlace>> {
        let theirs = self.access.authorities_for(by, Action::ReadOrders).await?;
        let theirs: BTreeSet<AuthorityId> = theirs.iter().map(|authority| authority.id).collect();
        let mut lines = Vec::new();
        for _ in 0..MOST_READS {
            let asked = ProposalsAsked {
                kinds: [kind; 2],
                state,
                after,
            };
            let read = self.store.read("proposals.page", asked, |tx, asked| {
                Box::pin(proposals::page(tx, *asked, PAGE))
            });
            let found = read.await?;
            let is_last = found.len() < PAGE as usize;
            for record in found {
                after = Some(record.place());
                if theirs.contains(&record.proposed.authority) {
                    lines.push(record);
                }
                if lines.len() == PAGE as usize {
                    return Ok(QueuePage { lines, next: after });
                }
            }
            if is_last {
                return Ok(QueuePage { lines, next: None });
            }
        }
        Ok(QueuePage { lines, next: after })
    }

    /// Those of a kind of which few are proposed, in the same order.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn all(&self, kind: ProposalKind) -> Result<Vec<ProposalRecord>> {
        let read = self.store.read("proposals.of_kind", kind, |tx, kind| {
            Box::pin(proposals::of_kind(tx, *kind, MOST_OF_KIND))
        });
        Ok(read.await?)
    }

    /// Makes somebody the first of the two persons behind what a machine submitted.
    ///
    /// # Errors
    /// [`ServiceError::ProposalSettled`] if somebody else was quicker; [`ServiceError::BadField`]
    /// without a reason; [`ServiceError::Store`].
    pub async fn vouch(&self, record: &ProposalRecord, by: &Staff, reason: &str) -> Result<()> {
        checked(reason)?;
        let own = by.signature(self.clock.now());
        let by = Signature {
            name: format!("{}{ANSWERED_FOR}{}", record.proposed.name, own.name),
            ..own
        };
        let entry = AuditEntry::of_proposal(Did::AnsweredFor, record.kind, record.id, &by);
        let vouched = self.store.transaction(
            "proposals.vouch",
            (record.id, record.kind, by, [entry.seal(&*self.ids)]),
            |tx, (id, kind, by, entry)| {
                Box::pin(async move {
                    let is_first = proposals::vouch(tx, *id, *kind, by).await?;
                    if is_first {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(is_first)
                })
            },
        );
        if !vouched.await? {
            return Err(ServiceError::ProposalSettled);
        }
        info!(proposal = %record.id, "somebody answers for it");
        Ok(())
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
        let entry = entry.signing(&record.content);
        Ok(Approving {
            entry: entry.seal(&*self.ids),
            id: record.id,
            kind: record.kind,
            by,
            reason: reason.to_owned(),
        })
    }

    /// Rejects what an authority of the asker's regions proposed, or takes one's own back.
    ///
    /// # Errors
    /// As [`Self::theirs`]; [`ServiceError::ProposalSettled`]; [`ServiceError::BadField`].
    pub async fn reject_theirs(
        &self,
        by: &Staff,
        id: ProposalId,
        kind: ProposalKind,
        reason: &str,
    ) -> Result<ProposalRecord> {
        by.may(Action::RejectOrders)?;
        checked(reason)?;
        let record = self.theirs(by, Action::RejectOrders, id, kind).await?;
        if record.proposed.staff != Some(by.id()) {
            let access = &self.access;
            access
                .check_proposal(by, Action::ApproveOrders, &record)
                .await?;
        }
        self.reject(&record, by, reason).await
    }

    /// Rejects a proposal, or takes one's own back. Whether they may is the caller's business.
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
        let settled = rejected(record.clone(), &by, &reason);
        let arguments = (record.id, by, reason, [entry.seal(&*self.ids)]);
        let written = self.store.transaction(
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
        if !written.await? {
            return Err(ServiceError::ProposalSettled);
        }
        info!(proposal = %record.id, "rejected");
        Ok(settled)
    }
}

/// A proposal as the record keeps it once it is rejected.
pub(crate) fn rejected(record: ProposalRecord, by: &Signature, reason: &str) -> ProposalRecord {
    let settled = Some(Settlement {
        is_approved: false,
        by: by.clone(),
        reason: reason.to_owned(),
    });
    ProposalRecord { settled, ..record }
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
