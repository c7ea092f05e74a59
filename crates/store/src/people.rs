//! People: known by a random identifier, found by the token of their phone.

use std::collections::{BTreeMap, BTreeSet};

use domain::PersonId;

use crate::database::{Transaction, Value};
use crate::queries::{
    PEOPLE_AFTER, PEOPLE_COUNT, PERSON_TOKEN_ADD, PERSON_TOKEN_FIND, PERSON_TOUCH,
};
use crate::{Result, mirror};

/// How often somebody was written about: grows with every transaction that touches them.
pub type Revision = i64;

/// The revision of a person who became known by this transaction.
pub const FIRST_REVISION: Revision = 1;

/// Makes people known and locks them until the transaction ends, in order of identifier so that no
/// two transactions wait for each other; returns the revision that this transaction makes of each.
/// Who becomes known is noted for the mirror.
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

/// Keeps the SHA-256 of tokens, each with whose it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add_tokens(tx: &mut Transaction, tokens: &[([u8; 32], PersonId)]) -> Result<()> {
    let rows: Vec<Vec<Value>> = tokens
        .iter()
        .map(|(hash, person)| vec![(*hash).into(), (*person).into()])
        .collect();
    tx.execute_each(&PERSON_TOKEN_ADD, &rows).await?;
    Ok(())
}

/// The person whose token has this hash.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn by_token(tx: &mut Transaction, token_hash: [u8; 32]) -> Result<Option<PersonId>> {
    let row = tx.row(&PERSON_TOKEN_FIND, &[token_hash.into()]).await?;
    row.map(|row| row.id(0)).transpose()
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
