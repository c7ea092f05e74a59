//! Publishing with two persons: proposals and their end.

use domain::{AuthorityId, ProposalId, RegionLevel, Timestamp};

use crate::database::{Row, Transaction};
use crate::publications::{self, PolicyText, Publication};
use crate::queries::{
    PROPOSAL_ADD, PROPOSAL_APPROVE, PROPOSAL_COMPARED, PROPOSAL_FIND, PROPOSAL_REJECT, PROPOSALS,
    PROPOSALS_OUTDATE, PROPOSALS_WAITING,
};
use crate::{Result, StoreError};

/// What a proposal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalKind {
    /// A policy; the content is its document.
    Policy,
    /// Region levels; the content is the caller's text.
    Levels,
}

/// Which authority did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Which.
    pub authority: AuthorityId,
    /// Its name then.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// Whom a proposal would change, against what was in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What was in force, as the caller tells it from other states.
    pub base: String,
    /// The difference, in the caller's words.
    pub difference: String,
    /// When it was computed.
    pub at: Timestamp,
}

/// The end of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Whether it was approved, and so published.
    pub is_approved: bool,
    /// Who settled it.
    pub by: Signature,
    /// Why.
    pub reason: String,
}

/// A policy or region levels that wait for a second person, or no longer do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRecord {
    /// Its identifier.
    pub id: ProposalId,
    /// What it is about.
    pub kind: ProposalKind,
    /// What is proposed.
    pub content: String,
    /// Who proposed it.
    pub proposed: Signature,
    /// Whom it would change; `None` until computed.
    pub comparison: Option<Comparison>,
    /// Its end; `None` while it waits.
    pub settled: Option<Settlement>,
}

/// What an approval publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Publishable {
    /// A policy.
    Policy(PolicyText),
    /// Region levels.
    Levels(Vec<RegionLevel>),
}

/// An approval, as it is given.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Of what.
    pub id: ProposalId,
    /// What was in force when the difference was computed that the approver saw.
    pub base: String,
    /// Who approves.
    pub by: Signature,
    /// Why.
    pub reason: String,
    /// What is published.
    pub what: Publishable,
}

/// Adds a proposal that waits; one with the same identifier stays as it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(
    tx: &mut Transaction,
    id: ProposalId,
    kind: ProposalKind,
    content: &str,
    by: &Signature,
) -> Result<()> {
    let values = [
        id.into(),
        word(kind).into(),
        content.into(),
        by.authority.into(),
        by.name.as_str().into(),
        by.at.into(),
    ];
    tx.execute(&PROPOSAL_ADD, &values).await?;
    Ok(())
}

/// Notes whom a proposal would change; `false` if it no longer waits.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note_comparison(
    tx: &mut Transaction,
    id: ProposalId,
    comparison: &Comparison,
) -> Result<bool> {
    let values = [
        id.into(),
        comparison.base.as_str().into(),
        comparison.difference.as_str().into(),
        comparison.at.into(),
    ];
    Ok(tx.execute(&PROPOSAL_COMPARED, &values).await? > 0)
}

/// Approves a proposal, publishes it and forgets the comparison of every other proposal that waits.
/// `false`, with nothing changed, if it does not wait, was compared with something else than the base,
/// or was proposed by the same authority.
///
/// # Errors
/// [`StoreError::PolicyExists`] for a policy version that exists with another text.
pub async fn approve(tx: &mut Transaction, approval: &Approval) -> Result<bool> {
    let Approval {
        id,
        base,
        by,
        reason,
        what,
    } = approval;
    let values = [
        (*id).into(),
        base.as_str().into(),
        by.authority.into(),
        by.name.as_str().into(),
        by.at.into(),
        reason.as_str().into(),
    ];
    if tx.execute(&PROPOSAL_APPROVE, &values).await? == 0 {
        return Ok(false);
    }
    tx.execute(&PROPOSALS_OUTDATE, &[]).await?;
    let row = tx.one_row(&PROPOSAL_FIND, &[(*id).into()]).await?;
    let published = Publication {
        by: format!("{}, approved by {}", read(&row)?.proposed.name, by.name),
        at: by.at,
    };
    match what {
        Publishable::Policy(policy) => {
            publications::publish_policy(tx, policy, &published).await?;
        }
        Publishable::Levels(levels) => {
            publications::publish_levels(tx, levels, &published).await?;
        }
    }
    Ok(true)
}

/// Rejects a proposal; `false` if it does not wait.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn reject(
    tx: &mut Transaction,
    id: ProposalId,
    by: &Signature,
    reason: &str,
) -> Result<bool> {
    let values = [
        id.into(),
        by.authority.into(),
        by.name.as_str().into(),
        by.at.into(),
        reason.into(),
    ];
    Ok(tx.execute(&PROPOSAL_REJECT, &values).await? > 0)
}

/// A proposal.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, id: ProposalId) -> Result<Option<ProposalRecord>> {
    let row = tx.row(&PROPOSAL_FIND, &[id.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// Proposals, newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn newest(tx: &mut Transaction, limit: u32) -> Result<Vec<ProposalRecord>> {
    let rows = tx.rows(&PROPOSALS, &[limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// Proposals that nobody has settled, oldest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting(tx: &mut Transaction) -> Result<Vec<ProposalRecord>> {
    let rows = tx.rows(&PROPOSALS_WAITING, &[]).await?;
    rows.iter().map(read).collect()
}

const fn word(kind: ProposalKind) -> &'static str {
    match kind {
        ProposalKind::Policy => "policy",
        ProposalKind::Levels => "levels",
    }
}

fn read(row: &Row) -> Result<ProposalRecord> {
    let kinds = [ProposalKind::Policy, ProposalKind::Levels];
    let written = row.text(1)?;
    let kind = kinds.into_iter().find(|kind| word(*kind) == written);
    Ok(ProposalRecord {
        id: row.id(0)?,
        kind: kind.ok_or_else(|| row.corrupt(1, "no such kind"))?,
        content: row.text(2)?,
        proposed: Signature {
            authority: row.id(3)?,
            name: row.text(4)?,
            at: row.time(5)?,
        },
        comparison: comparison(row)?,
        settled: settlement(row)?,
    })
}

fn comparison(row: &Row) -> Result<Option<Comparison>> {
    let Some(base) = row.text_or_null(6)? else {
        return Ok(None);
    };
    Ok(Some(Comparison {
        base,
        difference: row.text(7)?,
        at: row.time(8)?,
    }))
}

fn settlement(row: &Row) -> Result<Option<Settlement>> {
    let is_approved = match row.text_or_null(9)?.as_deref() {
        None => return Ok(None),
        Some("approved") => true,
        Some("rejected") => false,
        Some(_) => return Err::<_, StoreError>(row.corrupt(9, "no such outcome")),
    };
    Ok(Some(Settlement {
        is_approved,
        by: Signature {
            authority: row.id(10)?,
            name: row.text(11)?,
            at: row.time(12)?,
        },
        reason: row.text(13)?,
    }))
}
