//! The vault's tables: identities, sealed, found again only through keyed blind indexes.

use std::collections::BTreeSet;

use domain::PersonId;

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    DOCUMENT_BEFORE_FIND, DOCUMENT_CLAIM, DOCUMENT_FIND, IDENTITIES_AFTER, IDENTITY_FIND,
    IDENTITY_PUT, IDENTITY_REPLACE, IDENTITY_RESEAL, PHONE_ADD, PHONE_FIND,
};

/// An identity that only the vault's key opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedIdentity(pub Vec<u8>);

/// A keyed hash by which a document or phone is found without storing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlindIndex(pub [u8; 32]);

/// The identity of a new person.
#[derive(Clone, Debug)]
pub struct NewIdentity {
    /// Whose.
    pub person: PersonId,
    /// Name, document and phones.
    pub sealed: SealedIdentity,
    /// Find the phones again.
    pub phones: Vec<BlindIndex>,
}

/// Claims documents, each for a person to whom what is said of it goes; returns for whom one was
/// claimed. A document that has a person keeps that one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn claim_documents(
    tx: &mut Transaction,
    claims: &[(BlindIndex, PersonId)],
) -> Result<BTreeSet<PersonId>> {
    let mut claims = claims.to_vec();
    // In order, so that no two transactions wait for each other; of equal ones the first stays first.
    claims.sort_by_key(|(document, _)| *document);
    let rows: Vec<Vec<Value>> = claims
        .iter()
        .map(|(document, person)| vec![document.0.into(), (*person).into()])
        .collect();
    let claimed = tx.rows_each(&DOCUMENT_CLAIM, &rows).await?;
    claimed.iter().map(|row| row.id(0)).collect()
}

/// Keeps the identities of new people, and what their phones are found by.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(tx: &mut Transaction, identities: &[NewIdentity]) -> Result<()> {
    let rows: Vec<Vec<Value>> = identities
        .iter()
        .map(|new| vec![new.person.into(), new.sealed.0.as_slice().into()])
        .collect();
    tx.execute_each(&IDENTITY_PUT, &rows).await?;
    let phones = identities
        .iter()
        .flat_map(|new| new.phones.iter().map(|phone| (*phone, new.person)));
    let phones: BTreeSet<(BlindIndex, PersonId)> = phones.collect();
    let rows: Vec<Vec<Value>> = phones
        .into_iter()
        .map(|(phone, person)| vec![phone.0.into(), person.into()])
        .collect();
    tx.execute_each(&PHONE_ADD, &rows).await?;
    Ok(())
}

/// The person with this document.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn person_by_document(
    tx: &mut Transaction,
    document: BlindIndex,
) -> Result<Option<PersonId>> {
    let found = people_by_documents(tx, &[document]).await?;
    Ok(found.first().map(|(_, person)| *person))
}

/// Those of these documents that have a person, each with that person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn people_by_documents(
    tx: &mut Transaction,
    documents: &[BlindIndex],
) -> Result<Vec<(BlindIndex, PersonId)>> {
    let asked: Vec<Vec<Value>> = documents
        .iter()
        .map(|document| vec![document.0.into()])
        .collect();
    let found = tx.rows_each(&DOCUMENT_FIND, &asked).await?;
    let person = |row: &Row| Ok((BlindIndex(row.array(0)?), row.id(1)?));
    found.iter().map(person).collect()
}

/// Who registered with each of these documents before there were accounts, if anybody did.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn people_before(
    tx: &mut Transaction,
    documents: &[BlindIndex],
) -> Result<Vec<(BlindIndex, PersonId)>> {
    let asked: Vec<Vec<Value>> = documents
        .iter()
        .map(|document| vec![document.0.into()])
        .collect();
    let found = tx.rows_each(&DOCUMENT_BEFORE_FIND, &asked).await?;
    let person = |row: &Row| Ok((BlindIndex(row.array(0)?), row.id(1)?));
    found.iter().map(person).collect()
}

/// Keeps the identity of a person, in the place of an earlier one if there is one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn replace(tx: &mut Transaction, identity: &NewIdentity) -> Result<()> {
    let sealed = identity.sealed.0.as_slice().into();
    tx.execute(&IDENTITY_REPLACE, &[identity.person.into(), sealed])
        .await?;
    let phones: BTreeSet<BlindIndex> = identity.phones.iter().copied().collect();
    let rows: Vec<Vec<Value>> = phones
        .into_iter()
        .map(|phone| vec![phone.0.into(), identity.person.into()])
        .collect();
    tx.execute_each(&PHONE_ADD, &rows).await?;
    Ok(())
}

/// The people with this phone.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn people_by_phone(tx: &mut Transaction, phone: BlindIndex) -> Result<Vec<PersonId>> {
    let rows = tx.rows(&PHONE_FIND, &[phone.0.into()]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// A person's sealed identity.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, person: PersonId) -> Result<Option<SealedIdentity>> {
    let row = tx.row(&IDENTITY_FIND, &[person.into()]).await?;
    row.map(|row| row.bytes(0).map(|sealed| SealedIdentity(sealed.to_vec())))
        .transpose()
}

/// One page of sealed identities, in order of identifier, after `after`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn after(
    tx: &mut Transaction,
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<(PersonId, SealedIdentity)>> {
    let after = after.map_or_else(|| Value::from([]), Value::from);
    let rows = tx.rows(&IDENTITIES_AFTER, &[after, limit.into()]).await?;
    let identity = |row: &Row| Ok((row.id(0)?, SealedIdentity(row.bytes(1)?.to_vec())));
    rows.iter().map(identity).collect()
}

/// Puts an identity that was sealed anew in the place of what was read, unless that changed
/// meanwhile; whether it did.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn reseal(
    tx: &mut Transaction,
    person: PersonId,
    before: &SealedIdentity,
    sealed: &SealedIdentity,
) -> Result<bool> {
    let values = [
        person.into(),
        before.0.as_slice().into(),
        sealed.0.as_slice().into(),
    ];
    Ok(tx.execute(&IDENTITY_RESEAL, &values).await? > 0)
}
