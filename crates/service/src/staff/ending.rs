//! How a staff member's account ends. A staff member who could bring others in is ended by two
//! persons, so that nobody gets rid of everybody else alone. Anyone ends their own, but for the
//! last administrator. What somebody proposed and what waits falls with their account.

use domain::{ProposalId, Role, StaffId, Timestamp};
use store::proposals::{self, Signature};
use store::staff::{self, StaffRecord};
use store::{StoreError, Transaction, audit};
use tracing::{info, instrument};

use super::StaffAccounts;
use super::invitations::one_at_a_time;
use super::onboarding::{NewMember, can_bring_in};
use crate::access::{Action, Resource, Staff, may_staff};
use crate::audit::{AuditEntry, Did};
use crate::two_persons::{ANSWERED_FOR, Approving};
use crate::{Result, ServiceError};

/// What became of the wish to end an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberEnd {
    /// It is over, with every session.
    Ended,
    /// It waits for a second person, who approves it as they approve somebody who joins.
    Waits(ProposalId),
}

/// An end on its way into the database.
pub(super) struct Ending {
    pub staff: StaffId,
    pub approving: Option<Approving>,
}

impl StaffAccounts {
    /// Ends a staff member's account with every session of theirs; of an approver or an administrator
    /// only proposes it.
    ///
    /// # Errors
    /// [`ServiceError::UnknownStaff`] also if it is another authority's; [`ServiceError::NotPermitted`];
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::LastAdministrator`] of one's own;
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.end", skip_all, fields(staff = %id))]
    pub async fn end_member(&self, by: &Staff, id: StaffId) -> Result<MemberEnd> {
        by.may(Action::EndStaff)?;
        let found = self
            .store
            .read("staff.find", id, |tx, id| Box::pin(staff::find(tx, *id)));
        let found = found.await?.ok_or(ServiceError::UnknownStaff)?;
        let authority = self.access.authority(found.grant.authority).await?;
        let resource = Resource::of(authority.id, Some(authority.region));
        by.check(Action::EndStaff, &resource, self.clock.now())
            .map_err(|error| error.if_not_theirs(ServiceError::UnknownStaff))?;
        if !may_staff(by.authority().kind, authority.kind) {
            return Err(ServiceError::UnknownStaff);
        }
        if found.ended_at.is_some() {
            return Ok(MemberEnd::Ended);
        }
        if id != by.id() && can_bring_in(found.grant.roles) {
            let member = NewMember {
                authority: found.grant.authority,
                name: found.grant.name,
                roles: found.grant.roles,
                regions: found.grant.regions,
            };
            let waits = self.propose_leaving(by, id, member).await?;
            return Ok(MemberEnd::Waits(waits));
        }
        let ending = Ending {
            staff: id,
            approving: None,
        };
        self.end(ending, by).await?;
        Ok(MemberEnd::Ended)
    }

    /// Ends one's own account with every session of theirs.
    ///
    /// # Errors
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::LastAdministrator`]; [`ServiceError::Store`].
    #[instrument(name = "staff.end_own", skip_all, fields(staff = %by.id()))]
    pub async fn end_own_account(&self, by: &Staff) -> Result<()> {
        let own = Resource::of(by.authority().id, None);
        by.check(Action::KeepOwnAccount, &own, self.clock.now())?;
        let ending = Ending {
            staff: by.id(),
            approving: None,
        };
        self.end(ending, by).await
    }

    pub(super) async fn end(&self, ending: Ending, by: &Staff) -> Result<()> {
        let (id, now) = (ending.staff, self.clock.now());
        let entry = AuditEntry::new(by.into(), Did::StaffEnded, now).what(id);
        let arguments = (ending, now, [entry.seal(&*self.ids)]);
        let ended = self
            .store
            .transaction("staff.end", arguments, |tx, (ending, now, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    ending.run(tx, *now).await
                })
            });
        ended.await?;
        info!(staff = %id, by = %by.id(), "a staff account was ended");
        Ok(())
    }
}

impl Ending {
    async fn run(&self, tx: &mut Transaction, now: Timestamp) -> Result<()> {
        // The last two administrators who end at once would each find the other one still there.
        one_at_a_time(tx).await?;
        if let Some(approving) = &self.approving
            && !approving.write(tx).await?
        {
            return Err(ServiceError::ProposalSettled);
        }
        let all = staff::all(tx).await?;
        let is_administrator = |one: &&StaffRecord| {
            one.ended_at.is_none() && one.grant.roles.contains(Role::Administrator)
        };
        let mut administrators = all.iter().filter(is_administrator);
        let is_last = administrators.clone().any(|one| one.grant.id == self.staff)
            && !administrators.any(|one| one.grant.id != self.staff);
        if is_last {
            return Err(ServiceError::LastAdministrator);
        }
        staff::end(tx, self.staff, now).await?;
        let ended = all.into_iter().find(|one| one.grant.id == self.staff);
        let name = ended.map(|ended| ended.grant.name).unwrap_or_default();
        Ok(let_fall(tx, self.staff, &name, now).await?)
    }
}

/// Settles what somebody proposed and what waits, and voids the invitations that hang on them:
/// somebody who is gone is no longer one of two persons. What they answered for a machine waits for
/// somebody else.
async fn let_fall(
    tx: &mut Transaction,
    gone: StaffId,
    name: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    staff::void_invitations(tx, gone, now).await?;
    for waiting in proposals::waiting_of_staff(tx, gone).await? {
        let proposed = &waiting.proposed;
        if let Some((machine, _)) = proposed.name.split_once(ANSWERED_FOR) {
            proposals::unvouch(tx, waiting.id, gone, machine).await?;
            continue;
        }
        let by = Signature {
            staff: None,
            authority: proposed.authority,
            name: format!("the end of the account of {name}"),
            at: now,
        };
        let reason = "Whoever proposed it is no longer a staff member.";
        proposals::reject(tx, waiting.id, &by, reason).await?;
    }
    Ok(())
}
