//! A proposal, as people see it, and who may approve it.

use domain::{PolicyRef, ProposalId, RegionLevel, Timestamp};
use store::proposals::Signature;

use super::ProposalDiff;
use crate::access::{Action, Resource, Staff};
use crate::{Result, ServiceError};

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
        reference: PolicyRef,
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
    /// The difference is there; another staff member than the proposer may approve.
    Open {
        /// Whom it would change.
        difference: ProposalDiff,
        /// When that was computed.
        compared_at: Timestamp,
    },
    /// It is published.
    Approved {
        /// Whom it would change, as seen by the approver.
        difference: ProposalDiff,
        /// Who approved it, and when.
        by: Signature,
        /// Why.
        reason: String,
    },
    /// It is not published.
    Rejected {
        /// Whom it would have changed, if that was computed.
        difference: Option<ProposalDiff>,
        /// Who rejected it, and when.
        by: Signature,
        /// Why.
        reason: String,
    },
}

/// Another staff member than the one who proposed, with the role to approve. Only
/// [`Proposal::approver`] makes one, so that nobody approves what they proposed.
#[derive(Clone, Debug)]
pub struct Approver {
    proposal: ProposalId,
    staff: Staff,
}

impl Proposal {
    /// Lets a staff member approve this at `now`.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::SamePerson`] if they proposed it;
    /// [`ServiceError::NeedsTwoPersons`] if no person did, as in what version 0.1 wrote;
    /// [`ServiceError::StepUpNeeded`].
    pub fn approver(&self, staff: &Staff, now: Timestamp) -> Result<Approver> {
        staff.may(Action::ApprovePolicy)?;
        match self.proposed.staff {
            None => return Err(ServiceError::NeedsTwoPersons),
            Some(proposer) if proposer == staff.id() => return Err(ServiceError::SamePerson),
            Some(_) => {}
        }
        staff.check(Action::ApprovePolicy, &Resource::NOBODYS, now)?;
        Ok(Approver {
            proposal: self.id,
            staff: staff.clone(),
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

impl Approver {
    /// Of which proposal.
    pub(super) const fn proposal(&self) -> ProposalId {
        self.proposal
    }

    /// The approval, signed at a time.
    pub(super) fn sign(self, at: Timestamp) -> Signature {
        self.staff.signature(at)
    }
}
