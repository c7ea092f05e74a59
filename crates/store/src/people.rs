//! People: known by a random identifier.

use std::collections::{BTreeMap, BTreeSet};

use domain::{PersonId, Timestamp};

use crate::database::{Transaction, Value};
use crate::queries::{
    PEOPLE_AFTER, PEOPLE_COUNT, PERSON_MOVED_ADD, PERSON_MOVED_FIND, PERSON_MOVED_FROM,
    PERSON_TOUCH, TOKEN_BEFORE_DROP, TOKENS_BEFORE,
};
use crate::{Result, mirror};

/// How often somebody was written about: grows with every transaction that touches them.
pub type Revision = i64;

/// The revision of a person who became known by this transaction.
pub const FIRST_REVISION: Revision = 1;

/// Makes people known and locks them until the transaction ends, in order of identifier, so that two
/// transactions that call it once do not wait for each other; returns the revision that this transaction
/// makes of each. A transaction that calls it again, for whom these people were proven to be, may wait
/// in a circle: then one of them is run again as a whole. Who becomes known is noted for the mirror.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn touch(
    tx: &mut Transaction,
    people: impl IntoIterator<Item = PersonId>,
) -> Result<BTreeMap<PersonId, Revision>> {
    let people: BTreeSet<PersonId> = people.into_iter().collect();
    let rows: Vec<Vec<Value>> = people
        .into_iter()
        .map(|person| vec![person.into()])
        .collect();
    let mut revisions = BTreeMap::new();
    for row in tx.rows_each(&PERSON_TOUCH, &rows).await? {
        revisions.insert(row.id(0)?, row.int(1)?);
    }
    let new: Vec<(PersonId, Revision)> = revisions
        .iter()
        .filter(|(_, revision)| **revision == FIRST_REVISION)
        .map(|(person, revision)| (*person, *revision))
        .collect();
    mirror::note(tx, &new).await?;
    Ok(revisions)
}

/// Tokens from before there were accounts, each as SHA-256 with whose it is: one page, after `after`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn tokens_before(
    tx: &mut Transaction,
    after: Option<[u8; 32]>,
    limit: u32,
) -> Result<Vec<([u8; 32], PersonId)>> {
    let after = after.map_or_else(|| Value::from([]), Value::from);
    let rows = tx.rows(&TOKENS_BEFORE, &[after, limit.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.array(0)?, row.id(1)?)))
        .collect()
}

/// Forgets tokens from before there were accounts.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop_tokens_before(tx: &mut Transaction, hashes: &[[u8; 32]]) -> Result<()> {
    let rows: Vec<Vec<Value>> = hashes.iter().map(|hash| vec![(*hash).into()]).collect();
    tx.execute_each(&TOKEN_BEFORE_DROP, &rows).await?;
    Ok(())
}

/// Notes that a person is another, under whom everything counts from now on.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note_moved(
    tx: &mut Transaction,
    from: PersonId,
    to: PersonId,
    at: Timestamp,
) -> Result<()> {
    let values = [from.into(), to.into(), at.into()];
    tx.execute(&PERSON_MOVED_ADD, &values).await?;
    Ok(())
}

/// Whom somebody was before: people who became this one, the first first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn earlier(tx: &mut Transaction, person: PersonId) -> Result<Vec<PersonId>> {
    let found = tx.rows(&PERSON_MOVED_FROM, &[person.into()]).await?;
    found.iter().map(|row| row.id(0)).collect()
}

/// Those of these people who are somebody else by now, each with that person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn moved(
    tx: &mut Transaction,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, PersonId>> {
    let people: BTreeSet<PersonId> = people.iter().copied().collect();
    let rows: Vec<Vec<Value>> = people
        .into_iter()
        .map(|person| vec![person.into()])
        .collect();
    let found = tx.rows_each(&PERSON_MOVED_FIND, &rows).await?;
    found
        .iter()
        .map(|row| Ok((row.id(0)?, row.id(1)?)))
        .collect()
}

/// One page of everybody, in order of identifier, after `after`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn after(
    tx: &mut Transaction,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<PersonId>> {
    let after = after.map_or_else(|| Value::from([]), Value::from);
    let rows = tx.rows(&PEOPLE_AFTER, &[after, limit.into()]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// How many people there are. Counts them one by one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn count(tx: &mut Transaction) -> Result<u64> {
    tx.one_row(&PEOPLE_COUNT, &[]).await?.number(0)
}
