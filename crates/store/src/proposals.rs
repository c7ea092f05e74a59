//! Publishing with two persons: proposals and their end.

mod listing;

use domain::{AuthorityId, ProposalId, RegionLevel, StaffId, Timestamp};

pub use self::listing::{ProposalOutcome, ProposalPlace, ProposalsAsked, page};
use crate::database::{Row, Transaction, Value};
use crate::publications::{self, PolicyText, Publication};
use crate::queries::{
    PROPOSAL_ADD, PROPOSAL_APPROVE, PROPOSAL_COMPARED, PROPOSAL_FIND, PROPOSAL_REJECT,
    PROPOSAL_SETTLE, PROPOSAL_UNVOUCH, PROPOSAL_VOUCH, PROPOSALS, PROPOSALS_OF_AUTHORITY,
    PROPOSALS_OF_KIND, PROPOSALS_OUTDATE, PROPOSALS_SETTLED_COUNTED, PROPOSALS_WAITING,
    PROPOSALS_WAITING_COUNT, PROPOSALS_WAITING_COUNTED, PROPOSALS_WAITING_OF_KIND,
    PROPOSALS_WAITING_OF_STAFF,
};
use crate::{Result, StoreError};

/// What a proposal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalKind {
    /// A policy; the content is its document.
    Policy,
    /// Region levels; the content is the caller's text.
    Levels,
    /// Orders about people; the content is the caller's text.
    Orders,
    /// Evidence that restricts more people than one person may; the content is the caller's text.
    Batch,
    /// A new staff member; the content is the caller's text.
    Onboarding,
    /// A machine of another office; the content is the caller's text.
    Feed,
    /// A hand-over of data to somebody outside; the content is the caller's text.
    Disclosure,
    /// The end of the emergency; the content is the caller's text.
    Sunset,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Which staff member; `None` in what version 0.1 wrote, and for what a machine submitted until
    /// somebody answers for it.
    pub staff: Option<StaffId>,
    /// For which authority.
    pub authority: AuthorityId,
    /// Their name and the authority's, then.
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

/// What waits for a second person, or no longer does.
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
        by.staff.into(),
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
/// or was proposed by the same staff member.
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
        by.staff.into(),
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
        by.staff.into(),
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

/// Approves what needs no comparison with what is in force: the caller carries it out in the same
/// transaction. `false` if it does not wait, is of another kind, was proposed by the same staff member,
/// or by none yet.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn settle(
    tx: &mut Transaction,
    id: ProposalId,
    kind: ProposalKind,
    by: &Signature,
    reason: &str,
) -> Result<bool> {
    let values = [
        id.into(),
        word(kind).into(),
        by.staff.into(),
        by.authority.into(),
        by.name.as_str().into(),
        by.at.into(),
        reason.into(),
    ];
    Ok(tx.execute(&PROPOSAL_SETTLE, &values).await? > 0)
}

/// Makes a staff member the one who answers for what a machine submitted; `false` if it does not wait, is
/// of another kind, or somebody answers for it already.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn vouch(
    tx: &mut Transaction,
    id: ProposalId,
    kind: ProposalKind,
    by: &Signature,
) -> Result<bool> {
    let values = [
        id.into(),
        word(kind).into(),
        by.staff.into(),
        by.name.as_str().into(),
    ];
    Ok(tx.execute(&PROPOSAL_VOUCH, &values).await? > 0)
}

/// Takes back that a staff member answers for what a machine submitted: nobody does again.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn unvouch(
    tx: &mut Transaction,
    id: ProposalId,
    staff: StaffId,
    name: &str,
) -> Result<()> {
    let values = [id.into(), staff.into(), name.into()];
    tx.execute(&PROPOSAL_UNVOUCH, &values).await?;
    Ok(())
}

/// Proposals of a staff member that nobody has settled, whatever they are about.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting_of_staff(tx: &mut Transaction, staff: StaffId) -> Result<Vec<ProposalRecord>> {
    let rows = tx
        .rows(&PROPOSALS_WAITING_OF_STAFF, &[staff.into()])
        .await?;
    rows.iter().map(read).collect()
}

/// Proposals of one kind of these authorities: of each those that wait, then the others, each newest
/// first and so many in all.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of_authorities(
    tx: &mut Transaction,
    kind: ProposalKind,
    authorities: &[AuthorityId],
    limit: u32,
) -> Result<Vec<ProposalRecord>> {
    let asked: Vec<Vec<Value>> = authorities
        .iter()
        .map(|authority| vec![word(kind).into(), (*authority).into(), limit.into()])
        .collect();
    let rows = tx.rows_each(&PROPOSALS_OF_AUTHORITY, &asked).await?;
    rows.iter().map(read).collect()
}

/// How many proposals of an authority wait, whatever they are about; submissions that restrict too many
/// are not counted.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn count_waiting(tx: &mut Transaction, authority: AuthorityId) -> Result<u64> {
    let values = [authority.into()];
    let row = tx.one_row(&PROPOSALS_WAITING_COUNT, &values).await?;
    Ok(u64::try_from(row.int(0)?).unwrap_or_default())
}

/// Proposals of one kind: those that wait, then the others, each newest first and so many in all.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of_kind(
    tx: &mut Transaction,
    kind: ProposalKind,
    limit: u32,
) -> Result<Vec<ProposalRecord>> {
    let values = [word(kind).into(), limit.into()];
    let rows = tx.rows(&PROPOSALS_OF_KIND, &values).await?;
    rows.iter().map(read).collect()
}

/// Proposals of one kind that nobody has settled, newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting_of_kind(
    tx: &mut Transaction,
    kind: ProposalKind,
) -> Result<Vec<ProposalRecord>> {
    let values = [word(kind).into()];
    let rows = tx.rows(&PROPOSALS_WAITING_OF_KIND, &values).await?;
    rows.iter().map(read).collect()
}

/// Policies and levels that were proposed, newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn newest(tx: &mut Transaction, limit: u32) -> Result<Vec<ProposalRecord>> {
    let rows = tx.rows(&PROPOSALS, &[limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// How many of each kind wait, by which authority proposed them.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting_counted(
    tx: &mut Transaction,
) -> Result<Vec<(ProposalKind, AuthorityId, u64)>> {
    let rows = tx.rows(&PROPOSALS_WAITING_COUNTED, &[]).await?;
    let read = |row: &Row| Ok((kind_at(row, 0)?, row.id(1)?, row.number(2)?));
    rows.iter().map(read).collect()
}

/// How often each kind was settled, and whether it was approved.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn settled_counted(tx: &mut Transaction) -> Result<Vec<(ProposalKind, bool, u64)>> {
    let rows = tx.rows(&PROPOSALS_SETTLED_COUNTED, &[]).await?;
    let read = |row: &Row| Ok((kind_at(row, 0)?, row.text(1)? == "approved", row.number(2)?));
    rows.iter().map(read).collect()
}

/// Policies and levels that nobody has settled, oldest first.
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
        ProposalKind::Orders => "orders",
        ProposalKind::Batch => "batch",
        ProposalKind::Onboarding => "onboarding",
        ProposalKind::Feed => "feed",
        ProposalKind::Disclosure => "disclosure",
        ProposalKind::Sunset => "sunset",
    }
}

fn read(row: &Row) -> Result<ProposalRecord> {
    Ok(ProposalRecord {
        id: row.id(0)?,
        kind: kind_at(row, 1)?,
        content: row.text(2)?,
        proposed: Signature {
            staff: row.id_or_null(3)?,
            authority: row.id(4)?,
            name: row.text(5)?,
            at: row.time(6)?,
        },
        comparison: comparison(row)?,
        settled: settlement(row)?,
    })
}

fn kind_at(row: &Row, column: usize) -> Result<ProposalKind> {
    let kinds = [
        ProposalKind::Policy,
        ProposalKind::Levels,
        ProposalKind::Orders,
        ProposalKind::Batch,
        ProposalKind::Onboarding,
        ProposalKind::Feed,
        ProposalKind::Disclosure,
        ProposalKind::Sunset,
    ];
    let written = row.text(column)?;
    let kind = kinds.into_iter().find(|kind| word(*kind) == written);
    kind.ok_or_else(|| row.corrupt(column, "no such kind"))
}

fn comparison(row: &Row) -> Result<Option<Comparison>> {
    let Some(base) = row.text_or_null(7)? else {
        return Ok(None);
    };
    Ok(Some(Comparison {
        base,
        difference: row.text(8)?,
        at: row.time(9)?,
    }))
}

fn settlement(row: &Row) -> Result<Option<Settlement>> {
    let is_approved = match row.text_or_null(10)?.as_deref() {
        None => return Ok(None),
        Some("approved") => true,
        Some("rejected") => false,
        Some(_) => return Err::<_, StoreError>(row.corrupt(10, "no such outcome")),
    };
    Ok(Some(Settlement {
        is_approved,
        by: Signature {
            staff: row.id_or_null(11)?,
            authority: row.id(12)?,
            name: row.text(13)?,
            at: row.time(14)?,
        },
        reason: row.text(15)?,
    }))
}
