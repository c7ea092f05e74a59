//! How somebody becomes a staff member: by an invitation that works once and ends.
//!
//! The first administrator is invited from the command line, while there is nobody. Everybody after
//! that needs two persons: an administrator proposes, somebody else approves. While there is one staff
//! member alone, the operator at the command line is that somebody.

use domain::{AuthorityId, ProposalId, Regions, Role, Roles, StaffId, text};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::proposals::{ProposalKind, ProposalRecord, Settlement, Signature};
use store::staff::{self, InvitationRecord, StaffGrant};
use store::{StoreError, Transaction};
use tracing::{info, instrument};

use super::StaffAccounts;
use crate::access::{Action, Operator, Resource, Staff, Token, may_hand_out};
use crate::people::CredentialPurpose;
use crate::two_persons::{Approving, unreadable};
use crate::{Result, ServiceError};

/// How long an invitation works.
const INVITATION_LASTS: SignedDuration = SignedDuration::from_hours(3 * 24);
/// The operator, in the record of who approved.
const OPERATOR: StaffId = StaffId::from_u128(1);

/// Somebody who is to become a staff member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember {
    /// For which authority.
    pub authority: AuthorityId,
    /// The name that colleagues will read: 1 to 100 characters.
    pub name: String,
    /// What they are there to do: one role or more.
    pub roles: Roles,
    /// Where; the authority's region if empty.
    pub regions: Regions,
}

/// A proposal of a staff member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onboarding {
    /// Its identifier.
    pub id: ProposalId,
    /// Who is to become one.
    pub member: NewMember,
    /// Who proposed it.
    pub proposed: Signature,
    /// Its end; `None` while it waits.
    pub settled: Option<Settlement>,
}

/// An invitation on its way into the database.
struct Inviting {
    approving: Option<Approving>,
    hash: [u8; 32],
    grant: StaffGrant,
    ends_at: domain::Timestamp,
    /// How many staff members there may be, if the operator alone vouches.
    only_while: Option<usize>,
}

impl StaffAccounts {
    /// Invites the first administrator; the token of the invitation. Their roles are as asked, and
    /// administrator.
    ///
    /// # Errors
    /// [`ServiceError::NeedsTwoPersons`] once there is a staff member; [`ServiceError::BadField`];
    /// [`ServiceError::UnknownAuthority`]; [`ServiceError::Store`].
    #[instrument(name = "staff.invite_first", skip_all)]
    pub async fn invite_first(&self, _operator: &Operator, member: NewMember) -> Result<Token> {
        let administrator = std::iter::once(Role::Administrator);
        let roles = member.roles.iter().chain(administrator).collect();
        let member = self.checked(NewMember { roles, ..member }).await?;
        self.invite(None, self.grant(member, None, None), Some(0))
            .await
    }

    /// Proposes a staff member.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::UnknownAuthority`] also if it is not theirs;
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::BadField`]; [`ServiceError::Store`].
    #[instrument(name = "staff.propose", skip_all)]
    pub async fn propose_member(&self, by: &Staff, member: NewMember) -> Result<Onboarding> {
        let member = self.checked(member).await?;
        self.check(by, Action::ProposeStaff, &member).await?;
        let covers = |region| by.member().regions.cover(region);
        if !member.regions.iter().all(covers) {
            let why = "expected regions within your own";
            return Err(ServiceError::field("regions", why));
        }
        let content = Content::of(&member).to_json()?;
        let proposed = self
            .two_persons
            .propose(by, ProposalKind::Onboarding, content);
        view(proposed.await?)
    }

    /// Staff members who were proposed for the authorities that the asker may read of, newest first.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "staff.proposed", skip_all)]
    pub async fn proposed_members(&self, by: &Staff) -> Result<Vec<Onboarding>> {
        let authorities = self.authorities(by).await?;
        let found = self.two_persons.all(ProposalKind::Onboarding).await?;
        let views = found.into_iter().map(view);
        let is_theirs = |one: &Onboarding| {
            let mut authorities = authorities.iter();
            authorities.any(|authority| authority.id == one.member.authority)
        };
        let theirs = views.filter(|one| one.as_ref().map_or(true, is_theirs));
        theirs.collect()
    }

    /// Approves a proposed staff member; the token of the invitation, to be handed to them.
    ///
    /// # Errors
    /// [`ServiceError::UnknownProposal`] also if it is not theirs; [`ServiceError::NotPermitted`];
    /// [`ServiceError::SamePerson`]; [`ServiceError::StepUpNeeded`];
    /// [`ServiceError::ProposalSettled`]; [`ServiceError::BadField`]; [`ServiceError::Store`].
    #[instrument(name = "staff.approve", skip_all, fields(proposal = %id))]
    pub async fn approve_member(&self, by: &Staff, id: ProposalId, reason: &str) -> Result<Token> {
        by.may(Action::ApproveStaff)?;
        let record = self.two_persons.find(id, ProposalKind::Onboarding).await?;
        let member = Content::read(&record)?;
        let may = self.check(by, Action::ApproveStaff, &member).await;
        may.map_err(|error| error.if_not_theirs(ServiceError::UnknownProposal))?;
        if record.settled.is_some() {
            // The invitation was shown once.
            return Err(ServiceError::ProposalSettled);
        }
        let approving = self.two_persons.approving(&record, by, reason)?;
        let grant = self.grant(member, record.proposed.staff, Some(by.id()));
        self.invite(Some(approving), grant, None).await
    }

    /// Approves the second staff member, while there is one alone: the operator is the second person.
    ///
    /// # Errors
    /// [`ServiceError::NeedsTwoPersons`] once there are two; otherwise as [`Self::approve_member`].
    #[instrument(name = "staff.approve_second", skip_all, fields(proposal = %id))]
    pub async fn approve_second(&self, _operator: &Operator, id: ProposalId) -> Result<Token> {
        let record = self.two_persons.find(id, ProposalKind::Onboarding).await?;
        let member = Content::read(&record)?;
        if record.settled.is_some() {
            return Err(ServiceError::ProposalSettled);
        }
        let by = Signature {
            staff: Some(OPERATOR),
            authority: member.authority,
            name: "the operator at the command line".to_owned(),
            at: self.clock.now(),
        };
        let approving = self
            .two_persons
            .approving_as(&record, by, "the second staff member")?;
        let grant = self.grant(member, record.proposed.staff, None);
        self.invite(Some(approving), grant, Some(1)).await
    }

    /// Rejects a proposed staff member, or takes one's own proposal back.
    ///
    /// # Errors
    /// As [`Self::approve_member`], but for the same person.
    #[instrument(name = "staff.reject", skip_all, fields(proposal = %id))]
    pub async fn reject_member(
        &self,
        by: &Staff,
        id: ProposalId,
        reason: &str,
    ) -> Result<Onboarding> {
        by.may(Action::ApproveStaff)?;
        let record = self.two_persons.find(id, ProposalKind::Onboarding).await?;
        let member = Content::read(&record)?;
        let may = self.check(by, Action::ApproveStaff, &member).await;
        may.map_err(|error| error.if_not_theirs(ServiceError::UnknownProposal))?;
        view(self.two_persons.reject(&record, by, reason).await?)
    }

    /// The name in an invitation that still works.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if there is none; [`ServiceError::Store`].
    pub async fn invited_name(&self, invitation: &Token) -> Result<String> {
        Ok(self.invitation(invitation).await?.grant.name)
    }

    /// Takes up an invitation at one press. Only where the installation is a demonstration.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] anywhere else, or if the invitation does not work;
    /// [`ServiceError::NeedsTwoPersons`]; [`ServiceError::Store`].
    #[instrument(name = "staff.accept_at_one_press", skip_all)]
    pub async fn accept_at_one_press(
        &self,
        _operator: &Operator,
        invitation: &Token,
    ) -> Result<StaffId> {
        self.refuse_outside_a_demonstration()?;
        self.take_up(invitation, None).await
    }

    /// Takes up an invitation, with the passkey that was just registered: its identifier and text.
    pub(super) async fn take_up(
        &self,
        invitation: &Token,
        passkey: Option<(Vec<u8>, String)>,
    ) -> Result<StaffId> {
        let invited = self.invitation(invitation).await?;
        let id = invited.grant.id;
        let arguments = TakingUp {
            hash: self.invitation_hash(invitation),
            only_while: only_while(&invited.grant),
            grant: invited.grant,
            passkey,
            now: self.clock.now(),
        };
        let taken = self
            .store
            .transaction("staff.take_up", arguments, |tx, taking_up| {
                Box::pin(taking_up.run(tx))
            });
        taken.await?;
        info!(staff = %id, "an invitation was taken up");
        Ok(id)
    }

    /// An invitation that still works.
    pub(super) async fn invitation(&self, token: &Token) -> Result<InvitationRecord> {
        let hash = self.invitation_hash(token);
        let read = self.store.read("staff.invitation", hash, |tx, hash| {
            Box::pin(staff::invitation(tx, *hash))
        });
        let now = self.clock.now();
        let found = read.await?;
        let found = found.filter(|found| found.used_at.is_none() && now < found.ends_at);
        found.ok_or(ServiceError::NotAuthenticated)
    }

    async fn invite(
        &self,
        approving: Option<Approving>,
        grant: StaffGrant,
        only_while: Option<usize>,
    ) -> Result<Token> {
        let token = Token::generate(&*self.ids);
        let inviting = Inviting {
            approving,
            hash: self.invitation_hash(&token),
            grant,
            ends_at: self.clock.now() + INVITATION_LASTS,
            only_while,
        };
        let invited = self
            .store
            .transaction("staff.invite", inviting, |tx, inviting| {
                Box::pin(inviting.run(tx))
            });
        invited.await?;
        Ok(token)
    }

    async fn check(&self, by: &Staff, action: Action, member: &NewMember) -> Result<()> {
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

    async fn checked(&self, member: NewMember) -> Result<NewMember> {
        let name = ServiceError::named("name", text::line(&member.name, 100))?.to_owned();
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

    fn grant(
        &self,
        member: NewMember,
        invited_by: Option<StaffId>,
        approved_by: Option<StaffId>,
    ) -> StaffGrant {
        StaffGrant {
            id: StaffId::generate(&*self.ids),
            authority: member.authority,
            name: member.name,
            roles: member.roles,
            regions: member.regions,
            invited_by,
            approved_by,
        }
    }

    fn invitation_hash(&self, token: &Token) -> [u8; 32] {
        self.keys
            .at_rest(CredentialPurpose::StaffInvitation, token.bytes())
    }
}

impl Inviting {
    async fn run(&self, tx: &mut Transaction) -> Result<()> {
        refuse_operator_alone(tx, self.only_while).await?;
        if let Some(approving) = &self.approving
            && !approving.write(tx).await?
        {
            return Err(ServiceError::ProposalSettled);
        }
        Ok(staff::invite(tx, self.hash, &self.grant, self.ends_at).await?)
    }
}

/// An invitation that is taken up.
struct TakingUp {
    hash: [u8; 32],
    grant: StaffGrant,
    only_while: Option<usize>,
    passkey: Option<(Vec<u8>, String)>,
    now: domain::Timestamp,
}

impl TakingUp {
    async fn run(&self, tx: &mut Transaction) -> Result<()> {
        refuse_operator_alone(tx, self.only_while).await?;
        if !staff::use_invitation(tx, self.hash, self.now).await? {
            return Err(ServiceError::NotAuthenticated);
        }
        staff::add(tx, &self.grant, self.now).await?;
        if let Some((credential, passkey)) = &self.passkey {
            staff::put_passkey(tx, self.grant.id, credential, passkey, self.now).await?;
        }
        Ok(())
    }
}

/// How many staff members there may be for an invitation that the operator alone vouches for.
const fn only_while(grant: &StaffGrant) -> Option<usize> {
    match (grant.invited_by, grant.approved_by) {
        (_, Some(_)) => None,
        (None, None) => Some(0),
        (Some(_), None) => Some(1),
    }
}

/// What the operator alone may do, they may do only while there are so many staff members.
async fn refuse_operator_alone(tx: &mut Transaction, only_while: Option<usize>) -> Result<()> {
    let Some(most) = only_while else {
        return Ok(());
    };
    let all = staff::all(tx).await?;
    let alive = all.iter().filter(|member| member.ended_at.is_none());
    if alive.count() > most {
        return Err(ServiceError::NeedsTwoPersons);
    }
    Ok(())
}

/// What the record keeps of a proposed staff member.
#[derive(Serialize, Deserialize)]
struct Content {
    authority: String,
    name: String,
    roles: String,
    regions: String,
}

impl Content {
    fn of(member: &NewMember) -> Self {
        Self {
            authority: member.authority.to_string(),
            name: member.name.clone(),
            roles: member.roles.to_string(),
            regions: member.regions.to_string(),
        }
    }

    fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| StoreError::Database(format!("cannot be written: {error}")).into())
    }

    fn read(record: &ProposalRecord) -> Result<NewMember> {
        let bad = || unreadable(record.id);
        let content: Self = serde_json::from_str(&record.content).map_err(|_| bad())?;
        Ok(NewMember {
            authority: content.authority.parse().map_err(|_| bad())?,
            name: content.name,
            roles: content.roles.parse().map_err(|_| bad())?,
            regions: content.regions.parse().map_err(|_| bad())?,
        })
    }
}

fn view(record: ProposalRecord) -> Result<Onboarding> {
    Ok(Onboarding {
        id: record.id,
        member: Content::read(&record)?,
        proposed: record.proposed,
        settled: record.settled,
    })
}
