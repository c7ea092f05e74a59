//! Publishing with two persons: one proposes a policy or region levels, everybody sees whom it would
//! change, another one approves or rejects it.
//!
//! Nothing is in force before the approval; then deciding everybody again writes the changed verdicts.
//! Each step is durable. A comparison that was cut off is begun again, since it writes nothing;
//! deciding everybody goes on where it stood.

use std::sync::Arc;

use domain::{Clock, IdSource, Policy, ProposalId, RegionLevel};
use store::audit;
use store::proposals::{
    Approval, Comparison, ProposalKind, ProposalOutcome, ProposalPlace, ProposalRecord,
    ProposalsAsked, Publishable, Settlement,
};
use store::{PolicyText, Store, StoreError, Transaction, proposals};
use tracing::{info, instrument};

use super::compare::Comparing;
use super::kept_levels::{levels_of, text_of};
use super::operator::check_levels;
use super::policies::parse;
use super::proposal::{Approver, Proposal, ProposalState, ProposalSubject};
use super::{ProposalDiff, PublishedPolicies, Reevaluation};
use crate::access::{Action, Resource, Staff};
use crate::audit::{AuditEntry, Did};
use crate::caps::Cap;
use crate::mirror::MirrorKeeper;
use crate::queues::{PAGE, QueuePage};
use crate::settings::Settings;
use crate::two_persons::{NewProposal, checked, rejected, unreadable};
use crate::wake::Wake;
use crate::{Result, ServiceError};

/// Proposals listed at most.
const MOST_LISTED: u32 = 100;

/// What waits for a second person.
pub struct Proposals {
    pub(super) store: Arc<Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) settings: Arc<Settings>,
    pub(super) policies: Arc<PublishedPolicies>,
    pub(super) reevaluation: Arc<Reevaluation>,
    pub(super) mirror: Arc<MirrorKeeper>,
    pub(super) wake: Arc<Wake>,
    pub(super) comparing: Comparing,
}

impl Proposals {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a dependency of its own, given once where the service is built"
    )]
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        settings: Arc<Settings>,
        policies: Arc<PublishedPolicies>,
        reevaluation: Arc<Reevaluation>,
        mirror: Arc<MirrorKeeper>,
        wake: Arc<Wake>,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            settings,
            policies,
            reevaluation,
            mirror,
            wake,
            comparing: Comparing::default(),
        }
    }

    /// Checks a policy and proposes it. Nothing is in force before another staff member approves. The
    /// same proposal of the same authority, while it waits, is one.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::PolicyRefused`] with every problem;
    /// [`ServiceError::ForeignPolicy`]; [`ServiceError::PolicyExists`] if the version is published with
    /// another text; [`ServiceError::Store`].
    #[instrument(name = "proposals.policy", skip_all)]
    pub async fn propose_policy(&self, by: &Staff, toml: &str) -> Result<Proposal> {
        self.check_policy(by, toml).await?;
        self.propose(by, ProposalKind::Policy, toml.to_owned())
            .await
    }

    /// What a policy says, if it could be proposed as it is. Nothing is written.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::PolicyRefused`] with every problem;
    /// [`ServiceError::ForeignPolicy`]; [`ServiceError::PolicyExists`]; [`ServiceError::Store`].
    #[instrument(name = "proposals.check", skip_all)]
    pub async fn check_policy(&self, by: &Staff, toml: &str) -> Result<Policy> {
        by.check(Action::ProposePolicy, &Resource::NOBODYS, self.clock.now())?;
        let policy = readable(toml)?;
        self.refuse_foreign(&policy)?;
        let published = self.policies.all().await?;
        let other = |text: &PolicyText| text.reference == *policy.reference() && text.toml != toml;
        if published.iter().any(other) {
            return Err(ServiceError::PolicyExists(policy.reference().clone()));
        }
        Ok(policy)
    }

    /// Checks region levels and proposes them, all or none; otherwise as [`Self::propose_policy`].
    ///
    /// # Errors
    /// [`ServiceError::BadField`] if there are none or one ends before it begins;
    /// [`ServiceError::TooMany`]; [`ServiceError::Store`].
    #[instrument(name = "proposals.levels", skip_all, fields(levels = levels.len()))]
    pub async fn propose_levels(&self, by: &Staff, levels: &[RegionLevel]) -> Result<Proposal> {
        by.check(Action::ProposePolicy, &Resource::NOBODYS, self.clock.now())?;
        if levels.is_empty() {
            return Err(ServiceError::field("levels", "expected one or more"));
        }
        check_levels(levels, self.settings.most_items)?;
        self.propose(by, ProposalKind::Levels, text_of(levels))
            .await
    }

    async fn propose(&self, by: &Staff, kind: ProposalKind, content: String) -> Result<Proposal> {
        let id = ProposalId::generate(&*self.ids);
        let by = by.signature(self.clock.now());
        let new = NewProposal {
            id,
            kind,
            content,
            entry: AuditEntry::of_proposal(Did::Proposed, kind, id, &by).seal(&*self.ids),
            by,
            most_waiting: self.settings.cap(Cap::WaitingProposals),
        };
        let added = self
            .store
            .transaction("proposals.add", new, |tx, new| Box::pin(add_once(tx, new)));
        let record = added.await?;
        if record.id == id {
            self.wake.proposals.notify_one();
            info!(proposal = %id, "proposed");
        }
        self.to_view(record)
    }

    /// A proposal.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`]; [`ServiceError::Store`].
    pub async fn proposal(&self, id: ProposalId) -> Result<Proposal> {
        let found = self.find(id).await?;
        self.to_view(found.ok_or(ServiceError::UnknownProposal)?)
    }

    /// The latest hundred proposals, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn proposals(&self) -> Result<Vec<Proposal>> {
        let found = self.store.read("proposals.newest", (), |tx, ()| {
            Box::pin(proposals::newest(tx, MOST_LISTED))
        });
        let found = found.await?;
        found.into_iter().map(|one| self.to_view(one)).collect()
    }

    /// A page of the proposals, or of those of one kind: those that wait first, then the others, each newest
    /// first.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn page(
        &self,
        kind: Option<ProposalKind>,
        state: Option<ProposalOutcome>,
        after: Option<ProposalPlace>,
    ) -> Result<QueuePage<Proposal, ProposalPlace>> {
        let both = [ProposalKind::Policy, ProposalKind::Levels];
        let asked = ProposalsAsked {
            kinds: kind.map_or(both, |kind| [kind; 2]),
            state,
            after,
        };
        let read = self.store.read("proposals.page", asked, |tx, asked| {
            Box::pin(proposals::page(tx, *asked, PAGE))
        });
        let found = read.await?;
        let last = found.last().filter(|_| found.len() == PAGE as usize);
        let next = last.map(ProposalRecord::place);
        let lines: Result<_> = found.into_iter().map(|one| self.to_view(one)).collect();
        Ok(QueuePage {
            lines: lines?,
            next,
        })
    }

    /// Approves and publishes a proposal. Then everybody is decided again in the background, and only
    /// changed verdicts are written: [`Reevaluation::progress`] says how far that is. Approving again
    /// what one approved changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::NotCompared`] while the difference is not there, or no longer true because
    /// something else was published meanwhile; [`ServiceError::ProposalSettled`];
    /// [`ServiceError::BadField`] if there is no reason; [`ServiceError::PolicyExists`];
    /// [`ServiceError::Store`].
    #[instrument(name = "proposals.approve", skip_all, fields(proposal = %approver.proposal()))]
    pub async fn approve(&self, approver: Approver, reason: &str) -> Result<Proposal> {
        let reason = checked(reason)?;
        let id = approver.proposal();
        let by = approver.sign(self.clock.now());
        self.policies.reload().await?;
        let found = self.find(id).await?;
        let found = found.ok_or(ServiceError::UnknownProposal)?;
        if let Some(settled) = &found.settled {
            let is_repeated = settled.is_approved && settled.by.staff == by.staff;
            return if is_repeated {
                self.to_view(found)
            } else {
                Err(ServiceError::ProposalSettled)
            };
        }
        let what = match subject_of(&found)? {
            ProposalSubject::Policy {
                reference,
                effective,
                toml,
            } => Publishable::Policy(PolicyText {
                reference,
                toml,
                effective,
            }),
            ProposalSubject::Levels(levels) => Publishable::Levels(levels),
        };
        let base = self.policies.basis().fingerprint;
        let is_compared = |seen: &Comparison| seen.base == base;
        if !found.comparison.as_ref().is_some_and(is_compared) {
            self.wake.proposals.notify_one();
            return Err(ServiceError::NotCompared);
        }
        let entry = AuditEntry::of_proposal(Did::Approved, found.kind, id, &by).seal(&*self.ids);
        let approved = Settlement {
            is_approved: true,
            by: by.clone(),
            reason: reason.to_owned(),
        };
        let approval = Approval {
            id,
            base,
            by,
            reason: reason.to_owned(),
            what,
        };
        let written = self.store.transaction(
            "proposals.approve",
            (approval, [entry]),
            |tx, (approval, entry)| {
                Box::pin(async move {
                    let is_approved = proposals::approve(tx, approval).await?;
                    if is_approved {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(is_approved)
                })
            },
        );
        if !written.await? {
            self.wake.proposals.notify_one();
            let now = self.find(id).await?;
            let is_settled = now.is_some_and(|now| now.settled.is_some());
            return Err(if is_settled {
                ServiceError::ProposalSettled
            } else {
                ServiceError::NotCompared
            });
        }
        info!(proposal = %id, "approved");
        self.policies.reload().await?;
        self.to_view(ProposalRecord {
            settled: Some(approved),
            ..found
        })
    }

    /// Rejects a proposal: it is never published. The proposer may take back their own.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`]; [`ServiceError::ProposalSettled`];
    /// [`ServiceError::BadField`] if there is no reason; [`ServiceError::Store`].
    #[instrument(name = "proposals.reject", skip_all, fields(proposal = %id))]
    pub async fn reject(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<Proposal> {
        let now = self.clock.now();
        by.check(Action::RejectPolicy, &Resource::NOBODYS, now)?;
        let reason = checked(reason)?;
        let found = self.find(id).await?.ok_or(ServiceError::UnknownProposal)?;
        subject_of(&found)?;
        let by = by.signature(now);
        let entry = AuditEntry::of_proposal(Did::Rejected, found.kind, id, &by).seal(&*self.ids);
        let settled = rejected(found, &by, reason);
        let written = self.store.transaction(
            "proposals.reject",
            (id, by, reason.to_owned(), [entry]),
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
        info!(proposal = %id, "rejected");
        self.to_view(settled)
    }

    /// A policy is the installation's own.
    pub(super) fn refuse_foreign(&self, policy: &Policy) -> Result<()> {
        let (issuer, expected) = (policy.issuer(), self.settings.issuer);
        if issuer == expected {
            return Ok(());
        }
        Err(ServiceError::ForeignPolicy { issuer, expected })
    }

    async fn find(&self, id: ProposalId) -> Result<Option<ProposalRecord>> {
        let found = self.store.read("proposals.find", id, |tx, id| {
            Box::pin(proposals::find(tx, *id))
        });
        Ok(found.await?)
    }

    fn to_view(&self, record: ProposalRecord) -> Result<Proposal> {
        let subject = subject_of(&record)?;
        let seen = record.comparison;
        let in_force = self.policies.basis().fingerprint;
        let is_current = seen.as_ref().is_some_and(|seen| seen.base == in_force);
        let difference = seen
            .as_ref()
            .and_then(|seen| ProposalDiff::from_text(&seen.difference));
        let state = match (record.settled, difference) {
            (Some(end), Some(difference)) if end.is_approved => ProposalState::Approved {
                difference,
                by: end.by,
                reason: end.reason,
            },
            (Some(end), difference) if !end.is_approved => ProposalState::Rejected {
                difference,
                by: end.by,
                reason: end.reason,
            },
            (Some(_), _) => return Err(unreadable(record.id)),
            (None, Some(difference)) if is_current => ProposalState::Open {
                difference,
                compared_at: seen.map_or(record.proposed.at, |seen| seen.at),
            },
            (None, _) => ProposalState::Comparing {
                decided: self.comparing.decided(record.id),
                people: self.reevaluation.people_counted(),
            },
        };
        Ok(Proposal {
            id: record.id,
            subject,
            proposed: record.proposed,
            state,
        })
    }
}

/// Adds a proposal, unless the same authority has the same one waiting; returns the one that waits.
async fn add_once(tx: &mut Transaction, new: &NewProposal) -> Result<ProposalRecord> {
    let same = |known: &ProposalRecord| {
        known.proposed.authority == new.by.authority
            && known.kind == new.kind
            && known.content == new.content
    };
    let waiting = proposals::waiting(tx).await?;
    if let Some(known) = waiting.iter().find(|known| same(known)) {
        return Ok(known.clone());
    }
    new.add(tx).await?;
    Ok(new.as_record())
}

/// What a stored proposal proposes.
pub(super) fn subject_of(record: &ProposalRecord) -> Result<ProposalSubject> {
    Ok(match record.kind {
        ProposalKind::Policy => {
            let policy = readable(&record.content)?;
            ProposalSubject::Policy {
                reference: policy.reference().clone(),
                effective: policy.effective(),
                toml: record.content.clone(),
            }
        }
        ProposalKind::Levels => {
            let levels = levels_of(&record.content);
            ProposalSubject::Levels(levels.ok_or_else(|| unreadable(record.id))?)
        }
        ProposalKind::Orders
        | ProposalKind::Batch
        | ProposalKind::Onboarding
        | ProposalKind::Feed
        | ProposalKind::Disclosure
        | ProposalKind::Sunset => {
            return Err(ServiceError::UnknownProposal);
        }
    })
}

/// A policy that checks.
pub(super) fn readable(toml: &str) -> Result<Policy> {
    parse(toml).map_err(|problems| ServiceError::PolicyRefused { problems })
}
