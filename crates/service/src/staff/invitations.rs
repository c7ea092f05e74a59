//! Invitations: each works once, and ends.
//!
//! The first administrator's is one piece, from the command line. Everybody else's has two halves: who
//! proposed them is given one, who approved them the other, and only both together are taken up. So
//! neither of the two can come in under the new name. A half that is lost is renewed by the same
//! person, and the one before works no more.

use std::sync::Arc;

use domain::{ProposalId, Role, StaffId, Timestamp};
use jiff::SignedDuration;
use store::audit;
use store::proposals::ProposalRecord;
use store::staff::{self, Half, InvitationRecord, StaffGrant};
use store::{Transaction, counters};
use tracing::{info, instrument};

use super::StaffAccounts;
use super::onboarding::NewMember;
use super::proposing::refuse_namesake;
use crate::access::{Operator, Staff, Token};
use crate::audit::{Actor, AuditEntry, Did};
use crate::people::CredentialPurpose;
use crate::two_persons::Approving;
use crate::{Result, ServiceError};

/// How long an invitation works.
const INVITATION_LASTS: SignedDuration = SignedDuration::from_hours(3 * 24);
/// The operator, in the record of who approved.
pub(super) const OPERATOR: StaffId = StaffId::from_u128(1);

/// What somebody presents who is to become a staff member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// The first administrator's.
    Whole(Token),
    /// Everybody else's: from who proposed and who approved them, in either order.
    Halves(Token, Token),
}

/// With what an account is opened later on, beside an invitation.
#[derive(Clone, Debug)]
pub(super) enum Opening {
    /// Nothing: a demonstration.
    AtOnePress,
    /// The passkey that was just registered: its identifier and text.
    Passkey(Vec<u8>, String),
    /// An account at an identity provider, as a keyed hash, and what the configuration calls the provider.
    Identity([u8; 32], String),
}

/// The approver's half on its way into the database: the first one with the approval, or another one.
pub(super) struct Completing {
    approving: Option<Approving>,
    proposal: ProposalId,
    by: Option<StaffId>,
}

/// The keyed hashes of what was presented: the key of the invitation, and the approver's half.
#[derive(Clone, Copy)]
struct Presented {
    hash: [u8; 32],
    approver_half: Option<[u8; 32]>,
}

impl Completing {
    /// With the approval; by the operator if `by` is nobody.
    pub(super) fn approved(
        approving: Approving,
        proposal: ProposalId,
        by: Option<StaffId>,
    ) -> Self {
        Self {
            approving: Some(approving),
            proposal,
            by,
        }
    }

    /// Another one for the operator.
    pub(super) const fn renewed_by_operator(proposal: ProposalId) -> Self {
        Self {
            approving: None,
            proposal,
            by: None,
        }
    }

    async fn run(&self, tx: &mut Transaction, half: [u8; 32], now: Timestamp) -> Result<()> {
        if self.by.is_none() {
            refuse_operator_alone(tx, 1).await?;
        }
        let Some(approving) = &self.approving else {
            return renew(tx, self.proposal, Half::Approver, half, now).await;
        };
        let ends_at = now + INVITATION_LASTS;
        // One that is not there was proposed before invitations had halves.
        let is_done = approving.write(tx).await?
            && staff::complete_invitation(tx, self.proposal, half, self.by, ends_at).await?;
        if is_done {
            Ok(())
        } else {
            Err(ServiceError::ProposalSettled)
        }
    }
}

impl StaffAccounts {
    /// Invites the first administrator; the token of the invitation. Their roles are as asked, and
    /// administrator. An earlier one that was not taken up works no more.
    ///
    /// # Errors
    /// [`ServiceError::NeedsTwoPersons`] once there was a staff member; [`ServiceError::BadField`];
    /// [`ServiceError::UnknownAuthority`]; [`ServiceError::Store`].
    #[instrument(name = "staff.invite_first", skip_all)]
    pub async fn invite_first(&self, _operator: &Operator, member: NewMember) -> Result<Token> {
        let administrator = std::iter::once(Role::Administrator);
        let roles = member.roles.iter().chain(administrator).collect();
        let member = self.checked(NewMember { roles, ..member }).await?;
        let token = Token::generate(&*self.ids);
        let grant = self.grant(member, None);
        let now = self.clock.now();
        let by = Actor::Operator { authority: None };
        let entry = AuditEntry::new(by, Did::StaffInvited, now).what(grant.id);
        let entry = [entry.seal(&*self.ids)];
        let arguments = (self.proposer_hash(&token), grant, now, entry);
        let invited = self.store.transaction(
            "staff.invite_first",
            arguments,
            |tx, (hash, grant, now, entry)| {
                Box::pin(async move {
                    refuse_operator_alone(tx, 0).await?;
                    audit::append(tx, entry).await?;
                    staff::end_first_invitations(tx, *now).await?;
                    let ends_at = *now + INVITATION_LASTS;
                    staff::invite(tx, *hash, None, grant, ends_at).await?;
                    Ok::<_, ServiceError>(())
                })
            },
        );
        invited.await?;
        Ok(token)
    }

    /// Gives the proposer or approver of a staff member another half of the invitation. The one
    /// before works no more.
    ///
    /// # Errors
    /// [`ServiceError::NoHalf`] for somebody else; [`ServiceError::UnknownProposal`] also if it is not
    /// theirs; [`ServiceError::ProposalSettled`] if it was rejected, taken up or has run out;
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::Store`].
    #[instrument(name = "staff.renew_half", skip_all, fields(proposal = %id))]
    pub async fn renew_half(&self, by: &Staff, id: ProposalId) -> Result<Token> {
        let (record, _) = self.theirs(by, id).await?;
        let whose = whose_half(&record, by.id())?;
        let token = Token::generate(&*self.ids);
        let hash = match whose {
            Half::Proposer => self.proposer_hash(&token),
            Half::Approver => self.approver_hash(&token),
        };
        let now = self.clock.now();
        let entry = AuditEntry::new(by.into(), Did::InvitationRenewed, now).what(id);
        let arguments = (id, whose, hash, now, [entry.seal(&*self.ids)]);
        let renewed = self.store.transaction(
            "staff.renew_half",
            arguments,
            |tx, (id, whose, hash, now, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    renew(tx, *id, *whose, *hash, *now).await
                })
            },
        );
        renewed.await?;
        info!(proposal = %id, by = %by.id(), ?whose, "half of an invitation was renewed");
        Ok(token)
    }

    /// The name in an invitation that still works.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if there is none; [`ServiceError::Store`].
    pub async fn invited_name(&self, invitation: &Invitation) -> Result<String> {
        Ok(self.invitation(invitation).await?.grant.name)
    }

    /// Takes up an invitation at one press. Only where the installation is a demonstration.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] anywhere else, or if the invitation does not work;
    /// [`ServiceError::NeedsTwoPersons`]; [`ServiceError::NameTaken`]; [`ServiceError::Store`].
    #[instrument(name = "staff.accept_at_one_press", skip_all)]
    pub async fn accept_at_one_press(
        &self,
        _operator: &Operator,
        invitation: &Invitation,
    ) -> Result<StaffId> {
        self.refuse_outside_a_demonstration()?;
        self.take_up(invitation, Opening::AtOnePress).await
    }

    /// Takes up an invitation.
    pub(super) async fn take_up(
        &self,
        invitation: &Invitation,
        opening: Opening,
    ) -> Result<StaffId> {
        let ids = Arc::clone(&self.ids);
        let arguments = (self.presented(invitation), opening, self.clock.now(), ids);
        let taken = self.store.transaction(
            "staff.take_up",
            arguments,
            |tx, (presented, opening, now, ids)| {
                Box::pin(async move {
                    let grant = take_up(tx, presented, opening, *now).await?;
                    let joined = Actor::Staff {
                        id: grant.id,
                        authority: grant.authority,
                    };
                    let entry = AuditEntry::new(joined, Did::StaffJoined, *now);
                    audit::append(tx, &[entry.seal(&**ids)]).await?;
                    Ok::<_, ServiceError>(grant.id)
                })
            },
        );
        let id = taken.await?;
        info!(staff = %id, "an invitation was taken up");
        Ok(id)
    }

    /// An invitation that still works.
    pub(super) async fn invitation(&self, invitation: &Invitation) -> Result<InvitationRecord> {
        let arguments = (self.presented(invitation), self.clock.now());
        let read = self
            .store
            .read("staff.invitation", arguments, |tx, (presented, now)| {
                Box::pin(working(tx, presented, *now))
            });
        Ok(read.await?.1)
    }

    /// Writes the approver's half; the half.
    pub(super) async fn complete(&self, completing: Completing) -> Result<Token> {
        let token = Token::generate(&*self.ids);
        let (proposal, now) = (completing.proposal, self.clock.now());
        let (did, by) = match &completing.approving {
            Some(approving) => (Did::StaffInvited, approving.by()),
            None => (Did::InvitationRenewed, Actor::Operator { authority: None }),
        };
        let entry = AuditEntry::new(by, did, now).what(proposal);
        let entry = [entry.seal(&*self.ids)];
        let arguments = (completing, self.approver_hash(&token), now, entry);
        let completed = self.store.transaction(
            "staff.complete_invitation",
            arguments,
            |tx, (completing, half, now, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    completing.run(tx, *half, *now).await
                })
            },
        );
        completed.await?;
        info!(%proposal, "an invitation was completed");
        Ok(token)
    }

    pub(super) fn proposer_hash(&self, half: &Token) -> [u8; 32] {
        self.keys
            .at_rest(CredentialPurpose::StaffInvitation, half.bytes())
    }

    fn approver_hash(&self, half: &Token) -> [u8; 32] {
        self.keys
            .at_rest(CredentialPurpose::StaffInvitationApproval, half.bytes())
    }

    /// What a presented invitation may be, in each order of its halves.
    fn presented(&self, invitation: &Invitation) -> Vec<Presented> {
        let of = |first: &Token, second: Option<&Token>| Presented {
            hash: self.proposer_hash(first),
            approver_half: second.map(|second| self.approver_hash(second)),
        };
        match invitation {
            Invitation::Whole(token) => vec![of(token, None)],
            Invitation::Halves(one, other) => vec![of(one, Some(other)), of(other, Some(one))],
        }
    }
}

/// The invitation that was presented, if it still works, and its key.
async fn working(
    tx: &mut Transaction,
    presented: &[Presented],
    now: Timestamp,
) -> Result<([u8; 32], InvitationRecord)> {
    for one in presented {
        let Some(found) = staff::invitation(tx, one.hash).await? else {
            continue;
        };
        // Nobody proposed the first one; everybody else's has a second half.
        let is_complete = match one.approver_half {
            None => found.grant.invited_by.is_none(),
            Some(half) => found.approver_half == Some(half),
        };
        if is_complete && found.used_at.is_none() && now < found.ends_at {
            return Ok((one.hash, found));
        }
    }
    Err(ServiceError::NotAuthenticated)
}

async fn take_up(
    tx: &mut Transaction,
    presented: &[Presented],
    opening: &Opening,
    now: Timestamp,
) -> Result<StaffGrant> {
    one_at_a_time(tx).await?;
    let (hash, InvitationRecord { grant, .. }) = working(tx, presented, now).await?;
    if let Some(most) = only_while(&grant) {
        refuse_operator_alone(tx, most).await?;
    }
    refuse_namesake(tx, &grant).await?;
    if !staff::use_invitation(tx, hash, now).await? {
        return Err(ServiceError::NotAuthenticated);
    }
    staff::add(tx, &grant, now).await?;
    match opening {
        Opening::AtOnePress => {}
        Opening::Passkey(credential, passkey) => {
            staff::put_passkey(tx, grant.id, credential, passkey, now).await?;
        }
        Opening::Identity(identity, provider) => {
            let owner = staff::claim_identity(tx, *identity, grant.id, provider, now).await?;
            if owner != grant.id {
                return Err(ServiceError::IdentityTaken);
            }
        }
    }
    Ok(grant)
}

/// Who joins and who leaves is settled one after the other on all servers, by a row that is locked until
/// the transaction ends: what depends on who there is would not see what another one is about to write.
pub(super) async fn one_at_a_time(tx: &mut Transaction) -> Result<()> {
    counters::add(tx, "staff", 0).await?;
    Ok(())
}

async fn renew(
    tx: &mut Transaction,
    proposal: ProposalId,
    whose: Half,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<()> {
    if staff::renew_half(tx, proposal, whose, hash, now).await? {
        Ok(())
    } else {
        Err(ServiceError::ProposalSettled)
    }
}

/// Which half of the invitation is somebody's.
fn whose_half(record: &ProposalRecord, staff: StaffId) -> Result<Half> {
    let settled = record.settled.as_ref();
    if settled.is_some_and(|settled| !settled.is_approved) {
        return Err(ServiceError::ProposalSettled);
    }
    if record.proposed.staff == Some(staff) {
        return Ok(Half::Proposer);
    }
    match settled {
        Some(settled) if settled.by.staff == Some(staff) => Ok(Half::Approver),
        _ => Err(ServiceError::NoHalf),
    }
}

/// How many staff members there may have been for an invitation that the operator alone vouches for.
const fn only_while(grant: &StaffGrant) -> Option<usize> {
    match (grant.invited_by, grant.approved_by) {
        (_, Some(_)) => None,
        (None, None) => Some(0),
        (Some(_), None) => Some(1),
    }
}

/// What the operator alone may do, they may do only while there were so many staff members: ending
/// accounts does not bring that time back.
async fn refuse_operator_alone(tx: &mut Transaction, most: usize) -> Result<()> {
    if staff::all(tx).await?.len() > most {
        return Err(ServiceError::NeedsTwoPersons);
    }
    Ok(())
}
