//! Who lives with whom, and who rode together. Tracing alone reads it. Each membership is written by
//! person and by group; one that comes in late opens traces again ([`crate::traces::reopen`]).

use std::collections::BTreeMap;

use domain::evidence::GroupKind;
use domain::{AuthorityId, GroupId, PersonId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{
    LATE_MEMBERSHIP_PUT, MEMBERS_OF, MEMBERSHIP_PUT_BY_GROUP, MEMBERSHIP_PUT_BY_PERSON,
    MEMBERSHIPS_OF,
};

/// A person in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub person: PersonId,
    /// Which group.
    pub group: GroupId,
    /// What its members share; the same for all of them.
    pub kind: GroupKind,
    /// From when.
    pub from: Timestamp,
    /// The first moment after, if it is over. One that ends as it begins was a mistake.
    pub until: Option<Timestamp>,
}

/// Records memberships and notes what changed. One whose person, group and beginning are known
/// changes only by an earlier end. The number that changed.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(
    tx: &mut Transaction,
    memberships: &[Membership],
    by: AuthorityId,
    at: Timestamp,
) -> Result<u32> {
    let mut memberships: Vec<&Membership> = memberships.iter().collect();
    // In order, so that no two transactions wait for each other.
    memberships.sort_by_key(|one| (one.person, one.group, one.from));
    let mut by_group = BTreeMap::new();
    for one in memberships {
        let values = [
            one.person.into(),
            one.group.into(),
            one.from.into(),
            one.kind.as_str().into(),
            one.until.into(),
            by.into(),
            at.into(),
        ];
        let row = tx.row(&MEMBERSHIP_PUT_BY_PERSON, &values).await?;
        if let Some(row) = row {
            let key = (one.group, one.person, one.from);
            by_group.insert(key, (one.kind, row.time_or_null(0)?));
        }
    }
    for ((group, person, from), (kind, until)) in &by_group {
        let values = [
            (*group).into(),
            (*person).into(),
            (*from).into(),
            kind.as_str().into(),
            (*until).into(),
        ];
        tx.execute(&MEMBERSHIP_PUT_BY_GROUP, &values).await?;
    }
    for ((group, person, from), (_, until)) in &by_group {
        let until = until.unwrap_or(Timestamp::MAX);
        let values = [(*person).into(), (*group).into(), (*from).into(), until.into()];
        tx.execute(&LATE_MEMBERSHIP_PUT, &values).await?;
    }
    Ok(u32::try_from(by_group.len()).unwrap_or(u32::MAX))
}

/// A person's memberships that touch `[from, until)`, by group and beginning.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(
    tx: &mut Transaction,
    person: PersonId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Membership>> {
    let values = [person.into(), from.into(), until.into()];
    let rows = tx.rows(&MEMBERSHIPS_OF, &values).await?;
    rows.iter().map(read).collect()
}

/// Memberships of a group that touch `[from, until)`, by person and beginning.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn members(
    tx: &mut Transaction,
    group: GroupId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Membership>> {
    let values = [group.into(), from.into(), until.into()];
    let rows = tx.rows(&MEMBERS_OF, &values).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Membership> {
    Ok(Membership {
        person: row.id(0)?,
        group: row.id(1)?,
        kind: row.word(2)?,
        from: row.time(3)?,
        until: row.time_or_null(4)?,
    })
}
