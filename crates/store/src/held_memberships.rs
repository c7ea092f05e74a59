//! Memberships that a trace met and did not read, because they were listed after the case was confirmed.
//! They wait for a tracer.

use domain::evidence::GroupKind;
use domain::{AuthorityId, GroupId, PersonId, Timestamp};

use crate::database::{Row, Transaction, Value};
use crate::queries::{
    HELD_MEMBERSHIP_CASES, HELD_MEMBERSHIP_DROP, HELD_MEMBERSHIP_PUT, HELD_MEMBERSHIPS_OF,
};
use crate::{Result, Whose, nearby};

/// A membership that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldMembership {
    /// Which group.
    pub group: GroupId,
    /// Who is in it.
    pub member: PersonId,
    /// From when.
    pub from: Timestamp,
    /// What is shared.
    pub kind: GroupKind,
    /// Who listed it.
    pub by: Option<AuthorityId>,
    /// When a trace first met it.
    pub held_at: Timestamp,
}

/// Notes memberships that the trace of a case met; one that is noted already stays as it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(tx: &mut Transaction, case: PersonId, held: &[HeldMembership]) -> Result<()> {
    let values = |one: &HeldMembership| {
        vec![
            case.into(),
            one.group.into(),
            one.member.into(),
            one.from.into(),
            one.kind.as_str().into(),
            one.by.into(),
            one.held_at.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = held.iter().map(values).collect();
    tx.execute_each(&HELD_MEMBERSHIP_PUT, &rows).await?;
    Ok(())
}

/// Those of a case, by group.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(tx: &mut Transaction, case: PersonId) -> Result<Vec<HeldMembership>> {
    let rows = tx.rows(&HELD_MEMBERSHIPS_OF, &[case.into()]).await?;
    rows.iter().map(read).collect()
}

/// Forgets that these of a case wait; how many of them still did.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop(tx: &mut Transaction, case: PersonId, held: &[HeldMembership]) -> Result<u64> {
    let values = |one: &HeldMembership| {
        vec![
            case.into(),
            one.group.into(),
            one.member.into(),
            one.from.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = held.iter().map(values).collect();
    tx.execute_each(&HELD_MEMBERSHIP_DROP, &rows).await
}

/// Cases of which some wait, after one of them in the order of their numbers, and how many groups do.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn cases(
    tx: &mut Transaction,
    whose: &Whose,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<(PersonId, u64)>> {
    nearby::cases(tx, &HELD_MEMBERSHIP_CASES, whose, after, limit).await
}

fn read(row: &Row) -> Result<HeldMembership> {
    Ok(HeldMembership {
        group: row.id(0)?,
        member: row.id(1)?,
        from: row.time(2)?,
        kind: row.word(3)?,
        by: row.id_or_null(4)?,
        held_at: row.time(5)?,
    })
}
