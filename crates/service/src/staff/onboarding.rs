//! How somebody becomes a staff member, and how one who could bring others in stops being one: an
//! administrator proposes, somebody else approves.
//!
//! The first administrator is invited from the command line, while there is nobody. Until there was a
//! second one, the operator at the command line is that somebody else. The invitation of everybody
//! after the first has two halves: see `invitations`.

use domain::{AuthorityId, ProposalId, Regions, Role, Roles, StaffId, text};
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::audit::NewEntry;
use store::proposals::{ProposalKind, ProposalRecord, Settlement, Signature};
use store::staff::StaffGrant;
use tracing::{info, instrument};

use super::StaffAccounts;
use super::ending::Ending;
use super::invitations::{Completing, OPERATOR};
use super::proposing::{Joining, Leaving};
use crate::access::{Action, Operator, Resource, Staff, Token, may_hand_out};
use crate::audit::{AuditEntry, Did};
use crate::caps::Cap;
use crate::two_persons::{unreadable, waiting};
use crate::{Result, ServiceError};

pub(super) const KIND: ProposalKind = ProposalKind::Onboarding;

/// Somebody who is to become a staff member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember {
    /// For which authority.
    pub authority: AuthorityId,
    /// The name that colleagues will read: 1 to 100 characters, and no other living member's of the
    /// authority.
    pub name: String,
    /// What they are there to do: one role or more.
    pub roles: Roles,
    /// Where; the authority's region if empty.
    pub regions: Regions,
}

/// What is proposed about a staff member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffChange {
    /// They are to become one.
    Joins,
    /// Their account is to end.
    Leaves(StaffId),
}

/// A proposal about a staff member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffProposal {
    /// Its identifier.
    pub id: ProposalId,
    /// What is proposed.
    pub change: StaffChange,
    /// About whom.
    pub member: NewMember,
    /// Who proposed it.
    pub proposed: Signature,
    /// Its end; `None` while it waits.
    pub settled: Option<Settlement>,
}

impl StaffAccounts {
    /// Proposes a staff member; the proposal, and the proposer's half of the invitation, to be handed
    /// to them by the proposer.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::UnknownAuthority`] also if it is not theirs;
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::BadField`]; [`ServiceError::NameTaken`];
    /// [`ServiceError::TooManyWaiting`]; [`ServiceError::Store`].
    #[instrument(name = "staff.propose", skip_all)]
    pub async fn propose_member(
        &self,
        by: &Staff,
        member: NewMember,
    ) -> Result<(StaffProposal, Token)> {
        let member = self.checked(member).await?;
        self.check(by, Action::ProposeStaff, &member).await?;
        let covers = |region| by.member().regions.cover(region);
        if !member.regions.iter().all(covers) {
            let why = "expected regions within your own";
            return Err(ServiceError::field("regions", why));
        }
        let half = Token::generate(&*self.ids);
        let (id, signature) = self.signed(by);
        let joining = Joining {
            id,
            content: Content::of(&member, StaffChange::Joins).to_json()?,
            entry: self.proposed(id, &signature),
            by: signature,
            half: self.proposer_hash(&half),
            grant: self.grant(member, Some(by.id())),
            most_waiting: self.settings.cap(Cap::WaitingProposals),
        };
        let record = waiting(id, KIND, joining.content.clone(), joining.by.clone());
        let proposed = self
            .store
            .transaction("staff.propose", joining, |tx, joining| {
                Box::pin(joining.run(tx))
            });
        proposed.await?;
        info!(proposal = %id, by = %by.id(), "a staff member was proposed");
        Ok((view(record)?, half))
    }

    /// What was proposed about staff members of the authorities that the asker may read of, newest
    /// first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "staff.proposed", skip_all)]
    pub async fn proposed_members(&self, by: &Staff) -> Result<Vec<StaffProposal>> {
        let authorities = self.authorities(by).await?;
        let found = self.two_persons.all(KIND).await?;
        let views = found.into_iter().map(view);
        let is_theirs = |one: &StaffProposal| {
            let mut authorities = authorities.iter();
            authorities.any(|authority| authority.id == one.member.authority)
        };
        let theirs = views.filter(|one| one.as_ref().map_or(true, is_theirs));
        theirs.collect()
    }

    /// Approves what was proposed about a staff member. Of one who joins: the approver's half of the
    /// invitation, to be handed to them by the approver. One who leaves is out at once.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::SamePerson`]; [`ServiceError::StepUpNeeded`];
    /// [`ServiceError::ProposalSettled`]; [`ServiceError::LastAdministrator`];
    /// [`ServiceError::BadField`]; [`ServiceError::Store`].
    #[instrument(name = "staff.approve", skip_all, fields(proposal = %id))]
    pub async fn approve_member(
        &self,
        by: &Staff,
        id: ProposalId,
        reason: &str,
    ) -> Result<Option<Token>> {
        let (record, proposal) = self.theirs(by, id).await?;
        if record.settled.is_some() {
            // A half is shown once; a lost one is renewed.
            return Err(ServiceError::ProposalSettled);
        }
        let approving = self.two_persons.approving(&record, by, reason)?;
        match proposal.change {
            StaffChange::Joins => {
                let completing = Completing::approved(approving, id, Some(by.id()));
                self.complete(completing).await.map(Some)
            }
            StaffChange::Leaves(staff) => {
                let ending = Ending {
                    staff,
                    approving: Some(approving),
                };
                self.end(ending, by).await?;
                Ok(None)
            }
        }
    }

    /// Approves the second staff member, until there was one: the operator is the second person. Again
    /// for the same proposal: another half, in place of the one before.
    ///
    /// # Errors
    /// [`ServiceError::NeedsTwoPersons`] once there were two; otherwise as [`Self::approve_member`].
    #[instrument(name = "staff.approve_second", skip_all, fields(proposal = %id))]
    pub async fn approve_second(&self, _operator: &Operator, id: ProposalId) -> Result<Token> {
        let record = self.two_persons.find(id, KIND).await?;
        let proposal = view(record.clone())?;
        if proposal.change != StaffChange::Joins {
            return Err(ServiceError::NeedsTwoPersons);
        }
        if let Some(settled) = &record.settled {
            let is_renewed = settled.is_approved && settled.by.staff == Some(OPERATOR);
            if !is_renewed {
                return Err(ServiceError::ProposalSettled);
            }
            return self.complete(Completing::renewed_by_operator(id)).await;
        }
        let by = Signature {
            staff: Some(OPERATOR),
            authority: proposal.member.authority,
            name: "the operator at the command line".to_owned(),
            at: self.clock.now(),
        };
        let approving = self
            .two_persons
            .approving_as(&record, by, "the second staff member")?;
        self.complete(Completing::approved(approving, id, None))
            .await
    }

    /// Rejects what was proposed about a staff member, or takes one's own proposal back.
    ///
    /// # Errors
    /// As [`Self::approve_member`], but for the same person; [`ServiceError::OwnEnd`].
    #[instrument(name = "staff.reject", skip_all, fields(proposal = %id))]
    pub async fn reject_member(
        &self,
        by: &Staff,
        id: ProposalId,
        reason: &str,
    ) -> Result<StaffProposal> {
        let (record, proposal) = self.theirs(by, id).await?;
        if proposal.change == StaffChange::Leaves(by.id()) {
            return Err(ServiceError::OwnEnd);
        }
        view(self.two_persons.reject(&record, by, reason).await?)
    }

    /// A proposal that the asker may settle, as far as whose it is goes.
    pub(super) async fn theirs(
        &self,
        by: &Staff,
        id: ProposalId,
    ) -> Result<(ProposalRecord, StaffProposal)> {
        by.may(Action::ApproveStaff)?;
        let record = self.two_persons.find(id, KIND).await?;
        let proposal = view(record.clone())?;
        let may = self.check(by, Action::ApproveStaff, &proposal.member).await;
        may.map_err(|error| error.if_not_theirs(ServiceError::UnknownProposal))?;
        Ok((record, proposal))
    }

    /// Proposes that a staff member leaves; the one that waits, if somebody proposed that.
    pub(super) async fn propose_leaving(
        &self,
        by: &Staff,
        staff: StaffId,
        member: NewMember,
    ) -> Result<ProposalId> {
        let (id, signature) = self.signed(by);
        let leaving = Leaving {
            id,
            staff,
            content: Content::of(&member, StaffChange::Leaves(staff)).to_json()?,
            entry: self.proposed(id, &signature),
            by: signature,
        };
        let proposed = self
            .store
            .transaction("staff.propose_leaving", leaving, |tx, leaving| {
                Box::pin(leaving.run(tx))
            });
        let id = proposed.await?;
        info!(proposal = %id, by = %by.id(), "the end of a staff account was proposed");
        Ok(id)
    }

    /// A proposal that somebody signs now.
    fn signed(&self, by: &Staff) -> (ProposalId, Signature) {
        let id = ProposalId::generate(&*self.ids);
        (id, by.signature(self.clock.now()))
    }

    /// What the log says of it.
    fn proposed(&self, id: ProposalId, by: &Signature) -> NewEntry {
        AuditEntry::of_proposal(Did::Proposed, KIND, id, by).seal(&*self.ids)
    }

    pub(super) async fn check(&self, by: &Staff, action: Action, member: &NewMember) -> Result<()> {
        let authority = self.access.authority(member.authority).await?;
        let resource = Resource::of(authority.id, Some(authority.region));
        let may = by.check(action, &resource, self.clock.now());
        may.map_err(|error| error.if_not_theirs(ServiceError::UnknownAuthority))?;
        if may_hand_out(by.authority().kind, member.roles, authority.kind) {
            return Ok(());
        }
        let why = "a health authority hands out these roles; ask the one of your region";
        Err(ServiceError::field("roles", why))
    }

    pub(super) async fn checked(&self, member: NewMember) -> Result<NewMember> {
        let name = ServiceError::named("name", text::line(&member.name, 100))?.to_owned();
        if !text::has_letters(&name) {
            return Err(ServiceError::field("name", "expected letters or digits"));
        }
        if member.roles.is_empty() {
            return Err(ServiceError::field("roles", "expected one role or more"));
        }
        let authority = self.access.authority(member.authority).await?;
        let regions = if member.regions.is_empty() {
            [authority.region].into_iter().collect()
        } else {
            member.regions
        };
        Ok(NewMember {
            name,
            regions,
            ..member
        })
    }

    pub(super) fn grant(&self, member: NewMember, invited_by: Option<StaffId>) -> StaffGrant {
        StaffGrant {
            id: StaffId::generate(&*self.ids),
            authority: member.authority,
            name: member.name,
            roles: member.roles,
            regions: member.regions,
            invited_by,
            approved_by: None,
        }
    }
}

/// What the record keeps of a proposal about a staff member.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    authority: String,
    name: String,
    roles: String,
    regions: String,
    /// Whose account is to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leaves: Option<String>,
}

impl Content {
    fn of(member: &NewMember, change: StaffChange) -> Self {
        Self {
            authority: member.authority.to_string(),
            name: member.name.clone(),
            roles: member.roles.to_string(),
            regions: member.regions.to_string(),
            leaves: match change {
                StaffChange::Joins => None,
                StaffChange::Leaves(staff) => Some(staff.to_string()),
            },
        }
    }

    fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| StoreError::Database(format!("cannot be written: {error}")).into())
    }

    pub(super) fn read(record: &ProposalRecord) -> Result<(NewMember, StaffChange)> {
        let bad = || unreadable(record.id);
        let content: Self = serde_json::from_str(&record.content).map_err(|_| bad())?;
        let change = match content.leaves {
            None => StaffChange::Joins,
            Some(staff) => StaffChange::Leaves(staff.parse().map_err(|_| bad())?),
        };
        let member = NewMember {
            authority: content.authority.parse().map_err(|_| bad())?,
            name: content.name,
            roles: content.roles.parse().map_err(|_| bad())?,
            regions: content.regions.parse().map_err(|_| bad())?,
        };
        Ok((member, change))
    }
}

fn view(record: ProposalRecord) -> Result<StaffProposal> {
    let (member, change) = Content::read(&record)?;
    Ok(StaffProposal {
        id: record.id,
        change,
        member,
        proposed: record.proposed,
        settled: record.settled,
    })
}

/// Whether somebody with these roles can bring others in or let them in.
pub(super) fn can_bring_in(roles: Roles) -> bool {
    roles.contains(Role::Administrator) || roles.contains(Role::Approver)
}
