//! Disclosures that two staff members answer for, and who is in them.

use std::collections::BTreeSet;

use domain::{AuthorityId, PersonId, ProposalId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    DISCLOSURE_ADD, DISCLOSURE_FIND, DISCLOSURE_PERSON_ADD, DISCLOSURES_OF_PERSON,
    DISCLOSURES_VISIBLE,
};

/// A disclosure that was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosureRecord {
    /// The proposal.
    pub id: ProposalId,
    /// The authority that proposed it.
    pub authority: AuthorityId,
    /// To whom.
    pub recipient: String,
    /// The law it rests on.
    pub basis: String,
    /// How many people it is about.
    pub people: u32,
    /// When it was approved.
    pub approved_at: Timestamp,
    /// From when on the people in it read of it.
    pub visible_at: Timestamp,
    /// From when on no extract is made.
    pub ends_at: Timestamp,
}

/// Keeps a disclosure and who is in it; one that is there stays as it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(
    tx: &mut Transaction,
    disclosure: &DisclosureRecord,
    people: &[PersonId],
) -> Result<()> {
    let values = [
        disclosure.id.into(),
        disclosure.authority.into(),
        disclosure.recipient.as_str().into(),
        disclosure.basis.as_str().into(),
        disclosure.people.into(),
        disclosure.approved_at.into(),
        disclosure.visible_at.into(),
        disclosure.ends_at.into(),
    ];
    tx.execute(&DISCLOSURE_ADD, &values).await?;
    let row = |person: &PersonId| -> Vec<Value> {
        vec![
            (*person).into(),
            disclosure.id.into(),
            disclosure.visible_at.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = people.iter().map(row).collect();
    tx.execute_each(&DISCLOSURE_PERSON_ADD, &rows).await?;
    Ok(())
}

/// A disclosure that was approved.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, id: ProposalId) -> Result<Option<DisclosureRecord>> {
    let row = tx.row(&DISCLOSURE_FIND, &[id.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// The disclosures that one of these people is in and may read of at `now`, each once, oldest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn about(
    tx: &mut Transaction,
    people: &[PersonId],
    now: Timestamp,
) -> Result<Vec<DisclosureRecord>> {
    let asked: Vec<Vec<Value>> = people
        .iter()
        .map(|person| vec![(*person).into(), now.into()])
        .collect();
    let rows = tx.rows_each(&DISCLOSURES_OF_PERSON, &asked).await?;
    let ids: BTreeSet<ProposalId> = rows.iter().map(|row| row.id(0)).collect::<Result<_>>()?;
    let ids: Vec<Vec<Value>> = ids.into_iter().map(|id| vec![id.into()]).collect();
    let rows = tx.rows_each(&DISCLOSURE_FIND, &ids).await?;
    let mut found: Vec<DisclosureRecord> = rows.iter().map(read).collect::<Result<_>>()?;
    found.sort_by_key(|made| (made.visible_at, made.id));
    Ok(found)
}

/// When each disclosure that is visible at `now` became so, and how many people are in it.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn visible(tx: &mut Transaction, now: Timestamp) -> Result<Vec<(Timestamp, u32)>> {
    let rows = tx.rows(&DISCLOSURES_VISIBLE, &[now.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.time(0)?, row.number(1)?)))
        .collect()
}

fn read(row: &Row) -> Result<DisclosureRecord> {
    Ok(DisclosureRecord {
        id: row.id(0)?,
        authority: row.id(1)?,
        recipient: row.text(2)?,
        basis: row.text(3)?,
        people: row.number(4)?,
        approved_at: row.time(5)?,
        visible_at: row.time(6)?,
        ends_at: row.time(7)?,
    })
}
