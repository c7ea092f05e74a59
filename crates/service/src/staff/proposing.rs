//! Proposals about staff members on their way into the database. They are written one after the other, so
//! that none is one too many and no end is proposed twice.

use domain::{ProposalId, StaffId, text};
use store::Transaction;
use store::audit::{self, NewEntry};
use store::proposals::{self, ProposalRecord, Signature};
use store::staff::{self, StaffGrant};

use super::invitations::one_at_a_time;
use super::onboarding::{Content, KIND, StaffChange};
use crate::{Result, ServiceError};

/// That somebody is to become a staff member, with the proposer's half of the invitation.
pub(super) struct Joining {
    pub id: ProposalId,
    pub content: String,
    pub by: Signature,
    pub entry: NewEntry,
    pub half: [u8; 32],
    pub grant: StaffGrant,
    /// So many that one authority proposed may wait.
    pub most_waiting: u32,
}

/// That a staff member's account is to end. As many as there are members may wait: one for each.
pub(super) struct Leaving {
    pub id: ProposalId,
    pub staff: StaffId,
    pub content: String,
    pub by: Signature,
    pub entry: NewEntry,
}

impl Joining {
    pub(super) async fn run(&self, tx: &mut Transaction) -> Result<()> {
        one_at_a_time(tx).await?;
        refuse_namesake(tx, &self.grant).await?;
        let waiting = waiting(tx).await?;
        let theirs = waiting.iter().filter(|(record, change)| {
            *change == StaffChange::Joins && record.proposed.authority == self.by.authority
        });
        if theirs.count() >= self.most_waiting as usize {
            return Err(ServiceError::TooManyWaiting {
                cap: self.most_waiting,
            });
        }
        proposals::add(tx, self.id, KIND, &self.content, &self.by).await?;
        audit::append(tx, std::slice::from_ref(&self.entry)).await?;
        // It begins to count when it is approved.
        let ends_at = self.by.at;
        Ok(staff::invite(tx, self.half, Some(self.id), &self.grant, ends_at).await?)
    }
}

impl Leaving {
    /// The proposal, or the one that waits already. No number of others keeps it out: it is how the others
    /// get rid of somebody who fills the list.
    pub(super) async fn run(&self, tx: &mut Transaction) -> Result<ProposalId> {
        one_at_a_time(tx).await?;
        let same = StaffChange::Leaves(self.staff);
        let waiting = waiting(tx).await?;
        if let Some((known, _)) = waiting.iter().find(|(_, change)| *change == same) {
            return Ok(known.id);
        }
        proposals::add(tx, self.id, KIND, &self.content, &self.by).await?;
        audit::append(tx, std::slice::from_ref(&self.entry)).await?;
        Ok(self.id)
    }
}

/// Two living members of an authority never have names that read as one.
pub(super) async fn refuse_namesake(tx: &mut Transaction, grant: &StaffGrant) -> Result<()> {
    let all = staff::all(tx).await?;
    let is_namesake = |one: &staff::StaffRecord| {
        one.ended_at.is_none()
            && one.grant.authority == grant.authority
            && text::is_one_name(&one.grant.name, &grant.name)
    };
    if all.iter().any(is_namesake) {
        return Err(ServiceError::NameTaken);
    }
    Ok(())
}

async fn waiting(tx: &mut Transaction) -> Result<Vec<(ProposalRecord, StaffChange)>> {
    let mut waiting = Vec::new();
    for record in proposals::waiting_of_kind(tx, KIND).await? {
        let (_, change) = Content::read(&record)?;
        waiting.push((record, change));
    }
    Ok(waiting)
}
