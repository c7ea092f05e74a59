//! Who lives with whom, and who rode together. Tracing alone reads it. Each membership is written by
//! person and by group; one that comes in late opens traces again ([`crate::traces::reopen`]).

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::GroupKind;
use domain::{AuthorityId, GroupId, PersonId, Timestamp};
use jiff::SignedDuration;

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    LATE_MEMBERSHIP_PUT, MEMBERS_OF, MEMBERSHIP_COUNT_BY_GROUP, MEMBERSHIP_COUNT_BY_PERSON,
    MEMBERSHIP_PUT_BY_GROUP, MEMBERSHIP_PUT_BY_PERSON, MEMBERSHIPS_OF,
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
    /// The first instant after, if it is over. One that ends as it begins was a mistake.
    pub until: Option<Timestamp>,
}

/// A membership as a trace reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedMembership {
    /// The membership.
    pub membership: Membership,
    /// A trace that was opened before this does not read it.
    pub counts_from: Timestamp,
    /// Who listed it; `None` if that was before it was kept beside the group.
    pub by: Option<AuthorityId>,
}

/// Which traces read a membership that became known after they were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// All: a tracer took it in.
    Always,
    /// None: a tracer refused it.
    Never,
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
    let values = |one: &&Membership| {
        vec![
            one.person.into(),
            one.group.into(),
            one.from.into(),
            one.kind.as_str().into(),
            one.until.into(),
            by.into(),
            at.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = memberships.iter().map(values).collect();
    // What is stored counts, not what came. Of one that changed twice the last counts.
    let mut changed = BTreeMap::new();
    for row in tx.rows_each(&MEMBERSHIP_PUT_BY_PERSON, &rows).await? {
        let one = read_listed(&row)?;
        let Membership {
            group,
            person,
            from,
            ..
        } = one.membership;
        changed.insert((group, person, from), one);
    }
    let by_group = |listed: &ListedMembership| {
        let one = &listed.membership;
        vec![
            one.group.into(),
            one.person.into(),
            one.from.into(),
            one.kind.as_str().into(),
            one.until.into(),
            listed.counts_from.into(),
            listed.by.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = changed.values().map(by_group).collect();
    tx.execute_each(&MEMBERSHIP_PUT_BY_GROUP, &rows).await?;
    let changed: Vec<Membership> = changed.into_values().map(|one| one.membership).collect();
    note_late(tx, &changed).await?;
    Ok(u32::try_from(changed.len()).unwrap_or(u32::MAX))
}

/// Says which traces read these memberships, whatever they were recorded for, and notes them as late.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn settle(
    tx: &mut Transaction,
    memberships: &[(PersonId, GroupId, Timestamp)],
    counts: Counts,
) -> Result<()> {
    let counts_from = match counts {
        Counts::Always => Timestamp::UNIX_EPOCH,
        Counts::Never => Timestamp::MAX,
    };
    let settled: BTreeSet<(PersonId, GroupId, Timestamp)> = memberships.iter().copied().collect();
    let row = |one: Value, other: Value, from: Timestamp| {
        vec![one, other, from.into(), counts_from.into()]
    };
    let by_person = settled
        .iter()
        .map(|&(person, group, from)| row(person.into(), group.into(), from));
    tx.execute_each(&MEMBERSHIP_COUNT_BY_PERSON, &by_person.collect::<Vec<_>>())
        .await?;
    let by_group = settled
        .iter()
        .map(|&(person, group, from)| row(group.into(), person.into(), from));
    tx.execute_each(&MEMBERSHIP_COUNT_BY_GROUP, &by_group.collect::<Vec<_>>())
        .await?;
    let spans: BTreeSet<(PersonId, Timestamp, Timestamp)> = settled
        .iter()
        .map(|&(person, _, from)| {
            let after = from.checked_add(SECOND).unwrap_or(Timestamp::MAX);
            (person, from, after)
        })
        .collect();
    let found = of_many(tx, &spans.into_iter().collect::<Vec<_>>()).await?;
    // One that lasts touches the spans of later ones, too.
    let found: BTreeMap<_, Membership> = found
        .into_iter()
        .map(|listed| listed.membership)
        .map(|one| ((one.person, one.group, one.from), one))
        .filter(|(key, _)| settled.contains(key))
        .collect();
    note_late(tx, &found.into_values().collect::<Vec<_>>()).await
}

/// As exactly as times are stored.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

async fn note_late(tx: &mut Transaction, memberships: &[Membership]) -> Result<()> {
    let late = |one: &Membership| {
        let until = one.until.unwrap_or(Timestamp::MAX);
        vec![
            one.person.into(),
            one.group.into(),
            one.from.into(),
            until.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = memberships.iter().map(late).collect();
    tx.execute_each(&LATE_MEMBERSHIP_PUT, &rows).await?;
    Ok(())
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
    let found = of_many(tx, &[(person, from, until)]).await?;
    Ok(found.into_iter().map(|one| one.membership).collect())
}

/// The same of many people, in the order in which they are given.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of_many(
    tx: &mut Transaction,
    spans: &[(PersonId, Timestamp, Timestamp)],
) -> Result<Vec<ListedMembership>> {
    let asked: Vec<Vec<Value>> = spans
        .iter()
        .map(|(person, from, until)| vec![(*person).into(), (*from).into(), (*until).into()])
        .collect();
    let rows = tx.rows_each(&MEMBERSHIPS_OF, &asked).await?;
    rows.iter().map(read_listed).collect()
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
    let found = members_of_many(tx, &[(group, from, until)]).await?;
    Ok(found.into_iter().map(|one| one.membership).collect())
}

/// The same of many groups, in the order in which they are given.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn members_of_many(
    tx: &mut Transaction,
    spans: &[(GroupId, Timestamp, Timestamp)],
) -> Result<Vec<ListedMembership>> {
    let asked: Vec<Vec<Value>> = spans
        .iter()
        .map(|(group, from, until)| vec![(*group).into(), (*from).into(), (*until).into()])
        .collect();
    let rows = tx.rows_each(&MEMBERS_OF, &asked).await?;
    rows.iter().map(read_listed).collect()
}

fn read_listed(row: &Row) -> Result<ListedMembership> {
    Ok(ListedMembership {
        membership: Membership {
            person: row.id(0)?,
            group: row.id(1)?,
            kind: row.word(2)?,
            from: row.time(3)?,
            until: row.time_or_null(4)?,
        },
        counts_from: row.time(5)?,
        by: row.id_or_null(6)?,
    })
}
