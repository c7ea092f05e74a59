//! Publishing with two persons: one proposes a policy or region levels, everybody sees whom it would
//! change, another one approves or rejects it.
//!
//! Nothing is in force before the approval; then the walk over everybody writes the changed verdicts.
//! Each step is durable. A comparison that was cut off is begun again, since it writes nothing; a
//! walk goes on where it stood.

use std::sync::Arc;

use domain::{AuthorityId, Policy, ProposalId, RegionLevel, RegionLevels, Timestamp};
use store::PolicyText;
use store::proposals::{Comparison, ProposalKind, ProposalRecord, Publishable, Signature};
use tokio::sync::Mutex;
use tracing::{info, instrument, warn};

use crate::access::HealthOfficial;
use crate::difference::{Difference, Side};
use crate::in_force::{Basis, parse};
use crate::kept_levels::{levels_of, text_of};
use crate::publishing::check_levels;
use crate::service::Service;
use crate::{Result, ServiceError};

/// Proposals listed at most.
const MOST_LISTED: u32 = 100;
/// Characters of a reason.
const LONGEST_REASON: usize = 1000;

/// A policy or region levels that wait for a second person, or no longer do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its identifier.
    pub id: ProposalId,
    /// What is proposed.
    pub subject: ProposalSubject,
    /// Who proposed it.
    pub proposed: Signature,
    /// How far it is.
    pub state: ProposalState,
}

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProposalSubject {
    /// A policy, in force from its effective date on.
    Policy {
        /// Name and version.
        reference: domain::PolicyRef,
        /// From when on.
        effective: Timestamp,
        /// The document.
        toml: String,
    },
    /// Region levels.
    Levels(Vec<RegionLevel>),
}

/// How far a proposal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProposalState {
    /// Everybody is being decided under it, to see whom it would change.
    Comparing {
        /// People decided so far.
        decided: u64,
        /// How many people there are, as counted last; 0 if they were not counted yet.
        people: u64,
    },
    /// The difference is there; somebody else than the proposer may approve.
    Open {
        /// Whom it would change.
        difference: Difference,
        /// When that was computed.
        compared_at: Timestamp,
    },
    /// It is published.
    Approved {
        /// Whom it would change, as seen by whoever approved.
        difference: Difference,
        /// Who approved it, and when.
        by: Signature,
        /// Why.
        reason: String,
    },
    /// It is not published.
    Rejected {
        /// Whom it would have changed, if that was computed.
        difference: Option<Difference>,
        /// Who rejected it, and when.
        by: Signature,
        /// Why.
        reason: String,
    },
}

/// An official of another health authority than the one that proposed. Only [`Proposal::approver`]
/// makes one, so that nobody approves what they proposed.
#[derive(Clone, Debug)]
pub struct Approver {
    proposal: ProposalId,
    authority: AuthorityId,
    name: String,
}

/// The comparison that runs.
#[derive(Default)]
pub(crate) struct Comparing {
    turn: Mutex<()>,
    running: std::sync::Mutex<Option<(ProposalId, u64)>>,
}

impl Proposal {
    /// Lets an official approve this.
    ///
    /// # Errors
    /// [`ServiceError::SamePerson`] if their authority proposed it.
    pub fn approver(&self, official: &HealthOfficial) -> Result<Approver> {
        let authority = official.official().authority();
        if authority.id == self.proposed.authority {
            return Err(ServiceError::SamePerson);
        }
        Ok(Approver {
            proposal: self.id,
            authority: authority.id,
            name: authority.name.clone(),
        })
    }

    /// Whether nobody has approved or rejected it.
    pub const fn is_waiting(&self) -> bool {
        matches!(
            self.state,
            ProposalState::Comparing { .. } | ProposalState::Open { .. }
        )
    }
}

impl Service {
    /// Checks a policy and proposes it. Nothing is in force before another health authority approves.
    /// The same proposal of the same authority, while it waits, is one.
    ///
    /// # Errors
    /// [`ServiceError::PolicyRefused`] with every problem; [`ServiceError::PolicyExists`] if the
    /// version is published with another text; [`ServiceError::Store`].
    #[instrument(name = "proposals.policy", skip_all)]
    pub async fn propose_policy(&self, by: &HealthOfficial, toml: &str) -> Result<Proposal> {
        let policy = parse(toml).map_err(|problems| ServiceError::PolicyRefused { problems })?;
        let published = self.store.policies().await?;
        let other = |text: &PolicyText| text.reference == *policy.reference() && text.toml != toml;
        if published.iter().any(other) {
            return Err(ServiceError::PolicyExists(policy.reference().clone()));
        }
        self.propose(by, ProposalKind::Policy, toml.to_owned())
            .await
    }

    /// Checks region levels and proposes them, all or none; otherwise as [`Self::propose_policy`].
    ///
    /// # Errors
    /// [`ServiceError::BadField`] if there are none or one ends before it begins;
    /// [`ServiceError::TooMany`]; [`ServiceError::Store`].
    #[instrument(name = "proposals.levels", skip_all, fields(levels = levels.len()))]
    pub async fn propose_levels(
        &self,
        by: &HealthOfficial,
        levels: &[RegionLevel],
    ) -> Result<Proposal> {
        if levels.is_empty() {
            return Err(ServiceError::field("levels", "expected one or more"));
        }
        check_levels(levels, self.settings.most_items)?;
        self.propose(by, ProposalKind::Levels, text_of(levels))
            .await
    }

    async fn propose(
        &self,
        by: &HealthOfficial,
        kind: ProposalKind,
        content: String,
    ) -> Result<Proposal> {
        let by = self.signature(by);
        let same = |known: &ProposalRecord| {
            known.proposed.authority == by.authority
                && known.kind == kind
                && known.content == content
        };
        let waiting = self.proposals.waiting_proposals().await?;
        if let Some(known) = waiting.into_iter().find(same) {
            return self.told(known);
        }
        let id = ProposalId::generate(&*self.ids);
        self.proposals.propose(id, kind, &content, &by).await?;
        self.wake.proposals.notify_one();
        info!(proposal = %id, "proposed");
        self.proposal(id).await
    }

    /// A proposal.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`]; [`ServiceError::Store`].
    pub async fn proposal(&self, id: ProposalId) -> Result<Proposal> {
        let found = self.proposals.proposal(id).await?;
        self.told(found.ok_or(ServiceError::UnknownProposal)?)
    }

    /// The latest hundred proposals, newest first.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn proposals(&self) -> Result<Vec<Proposal>> {
        let found = self.proposals.proposals(MOST_LISTED).await?;
        found.into_iter().map(|one| self.told(one)).collect()
    }

    /// Approves and publishes a proposal. Then everybody is decided again in the background, and only
    /// changed verdicts are written: [`Service::progress`] tells how far that is. Approving again
    /// what one approved changes nothing.
    ///
    /// # Errors
    /// [`ServiceError::NotCompared`] while the difference is not there, or no longer true because
    /// something else was published meanwhile; [`ServiceError::ProposalSettled`];
    /// [`ServiceError::BadField`] if there is no reason; [`ServiceError::PolicyExists`];
    /// [`ServiceError::Store`].
    #[instrument(name = "proposals.approve", skip_all, fields(proposal = %approver.proposal))]
    pub async fn approve(&self, approver: Approver, reason: &str) -> Result<Proposal> {
        let reason = checked(reason)?;
        let by = Signature {
            authority: approver.authority,
            name: approver.name,
            at: self.clock.now(),
        };
        self.reload().await?;
        let found = self.proposals.proposal(approver.proposal).await?;
        let found = found.ok_or(ServiceError::UnknownProposal)?;
        if let Some(settled) = &found.settled {
            let is_repeated = settled.is_approved && settled.by.authority == by.authority;
            return if is_repeated {
                self.told(found)
            } else {
                Err(ServiceError::ProposalSettled)
            };
        }
        let mark = self.basis().mark;
        let what = match self.subject(&found)? {
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
        if !self
            .proposals
            .approve(found.id, &mark, &by, reason, what)
            .await?
        {
            self.wake.proposals.notify_one();
            let now = self.proposals.proposal(found.id).await?;
            let is_settled = now.is_some_and(|now| now.settled.is_some());
            return Err(if is_settled {
                ServiceError::ProposalSettled
            } else {
                ServiceError::NotCompared
            });
        }
        info!(proposal = %found.id, "approved");
        self.reload().await?;
        self.proposal(found.id).await
    }

    /// Rejects a proposal: it is never published. The proposer may take back their own.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`]; [`ServiceError::ProposalSettled`];
    /// [`ServiceError::BadField`] if there is no reason; [`ServiceError::Store`].
    #[instrument(name = "proposals.reject", skip_all, fields(proposal = %id))]
    pub async fn reject(
        &self,
        by: &HealthOfficial,
        id: ProposalId,
        reason: &str,
    ) -> Result<Proposal> {
        let reason = checked(reason)?;
        self.proposal(id).await?;
        if !self
            .proposals
            .reject(id, &self.signature(by), reason)
            .await?
        {
            return Err(ServiceError::ProposalSettled);
        }
        info!(proposal = %id, "rejected");
        self.proposal(id).await
    }

    /// Computes, for every proposal that waits, whom it would change against what is in force now,
    /// unless that is known. How many were computed.
    ///
    /// # Errors
    /// [`ServiceError::Store`]. What was computed stays.
    #[instrument(name = "proposals.compare", level = "debug", skip_all)]
    pub async fn compare_proposals(&self) -> Result<u32> {
        let _turn = self.comparing.turn.lock().await;
        let mut compared = 0;
        for record in self.proposals.waiting_proposals().await? {
            let mark = self.basis().mark;
            let known = record.comparison.as_ref();
            if known.is_none_or(|known| known.base != mark) {
                self.count_for_walk().await?;
                let done = self.compare(&record).await;
                self.comparing.tell(None);
                compared += u32::from(done?);
            }
        }
        Ok(compared)
    }

    /// Compares one proposal; `false` if what is in force changed meanwhile.
    async fn compare(&self, record: &ProposalRecord) -> Result<bool> {
        let basis = self.basis();
        let (before, after) = match self.sides(&basis, record) {
            Ok(sides) => sides,
            Err(error) => {
                warn!(proposal = %record.id, %error, "a proposal cannot be compared");
                return Ok(false);
            }
        };
        let now = self.clock.now();
        let tally = self.tally(record.id, &before, &after, now).await?;
        if self.basis().mark != basis.mark {
            self.wake.proposals.notify_one();
            return Ok(false);
        }
        let comparison = Comparison {
            base: basis.mark,
            difference: tally.difference().to_text(),
            at: now,
        };
        info!(proposal = %record.id, people = tally.people, "compared");
        Ok(self
            .proposals
            .note_comparison(record.id, &comparison)
            .await?)
    }

    fn sides(&self, basis: &Basis, record: &ProposalRecord) -> Result<(Side, Side)> {
        let levels = |more: &[RegionLevel]| {
            let all = basis.levels.iter().chain(more).copied();
            Arc::new(RegionLevels::new(all))
        };
        let before = Side {
            policy: basis.policy.clone(),
            levels: levels(&[]),
        };
        let after = match self.subject(record)? {
            ProposalSubject::Policy { toml, .. } => Side {
                policy: Some(Arc::new(readable(&toml)?)),
                levels: Arc::clone(&before.levels),
            },
            ProposalSubject::Levels(more) => Side {
                policy: before.policy.clone(),
                levels: levels(&more),
            },
        };
        Ok((before, after))
    }

    fn told(&self, record: ProposalRecord) -> Result<Proposal> {
        let subject = self.subject(&record)?;
        let mark = self.basis().mark;
        let seen = record.comparison;
        let is_current = seen.as_ref().is_some_and(|seen| seen.base == mark);
        let difference = seen
            .as_ref()
            .and_then(|seen| Difference::from_text(&seen.difference));
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
                people: self.walk.people(),
            },
        };
        Ok(Proposal {
            id: record.id,
            subject,
            proposed: record.proposed,
            state,
        })
    }

    fn subject(&self, record: &ProposalRecord) -> Result<ProposalSubject> {
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
        })
    }

    fn signature(&self, by: &HealthOfficial) -> Signature {
        let authority = by.official().authority();
        Signature {
            authority: authority.id,
            name: authority.name.clone(),
            at: self.clock.now(),
        }
    }
}

impl Comparing {
    pub fn tell(&self, running: Option<(ProposalId, u64)>) {
        *self
            .running
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = running;
    }

    fn decided(&self, id: ProposalId) -> u64 {
        let running = self.running.lock();
        let running = running.unwrap_or_else(std::sync::PoisonError::into_inner);
        running
            .filter(|(of, _)| *of == id)
            .map_or(0, |(_, decided)| decided)
    }
}

fn checked(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let why = format!("expected 1 to {LONGEST_REASON} characters");
        return Err(ServiceError::field("reason", why));
    }
    Ok(reason)
}

fn readable(toml: &str) -> Result<Policy> {
    parse(toml).map_err(|problems| ServiceError::PolicyRefused { problems })
}

fn unreadable(id: ProposalId) -> ServiceError {
    ServiceError::Store(store::StoreError::Corrupt {
        table: "proposal",
        row: id.to_string(),
        why: "its content or difference does not read".to_owned(),
    })
}
