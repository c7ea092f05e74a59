//! The vault's tables: identities, sealed, found again only through keyed blind indexes.

use std::collections::{BTreeMap, BTreeSet};

use domain::PersonId;

use crate::Result;
pub use crate::blind_indexes::{BlindIndex, StoredIndex};
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    DOCUMENT_BEFORE_FIND, DOCUMENT_CLAIM, DOCUMENT_FIND, IDENTITIES_AFTER, IDENTITY_DROP,
    IDENTITY_FIND, IDENTITY_PHONES_DROP, IDENTITY_PUT, IDENTITY_REPLACE, IDENTITY_RESEAL,
    PHONE_ADD, PHONE_FIND, Query,
};

/// An identity that only the vault's key opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedIdentity(pub Vec<u8>);

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
    if claims.iter().any(|(document, _)| document.older.is_some()) {
        let documents: Vec<BlindIndex> = claims.iter().map(|(document, _)| *document).collect();
        let known = people_by_documents(tx, &documents).await?;
        claims.retain(|(document, _)| !known.iter().any(|(known, _)| known == document));
    }
    // In order, so that no two transactions wait for each other; of equal ones the first stays first.
    claims.sort_by_key(|(document, _)| *document);
    let rows: Vec<Vec<Value>> = claims
        .iter()
        .map(|(document, person)| vec![document.newest.into(), (*person).into()])
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
        .map(|(phone, person)| vec![phone.newest.into(), person.into()])
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
    people_of_indexes(tx, &DOCUMENT_FIND, documents).await
}

async fn people_of_indexes(
    tx: &mut Transaction,
    query: &Query,
    documents: &[BlindIndex],
) -> Result<Vec<(BlindIndex, PersonId)>> {
    let forms = documents
        .iter()
        .flat_map(|document| document.forms().map(move |form| (form, *document)));
    let forms: BTreeMap<StoredIndex, BlindIndex> = forms.collect();
    let asked: Vec<Vec<Value>> = forms.keys().map(|form| vec![(*form).into()]).collect();
    let mut people = Vec::new();
    for row in tx.rows_each(query, &asked).await? {
        let document = forms.get(&StoredIndex::of(&row, 0)?);
        people.extend(document.map(|document| row.id(1).map(|person| (*document, person))));
    }
    people.into_iter().collect()
}

/// Who registered with each of these documents before there were accounts, if anybody did.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn people_before(
    tx: &mut Transaction,
    documents: &[BlindIndex],
) -> Result<Vec<(BlindIndex, PersonId)>> {
    people_of_indexes(tx, &DOCUMENT_BEFORE_FIND, documents).await
}

/// Keeps the identity of a person, in the place of an earlier one if there is one: its phones are theirs
/// no longer.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn replace(tx: &mut Transaction, identity: &NewIdentity) -> Result<()> {
    let sealed = identity.sealed.0.as_slice().into();
    tx.execute(&IDENTITY_REPLACE, &[identity.person.into(), sealed])
        .await?;
    drop_phones(tx, identity.person).await?;
    let phones: BTreeSet<BlindIndex> = identity.phones.iter().copied().collect();
    let rows: Vec<Vec<Value>> = phones
        .into_iter()
        .map(|phone| vec![phone.newest.into(), identity.person.into()])
        .collect();
    tx.execute_each(&PHONE_ADD, &rows).await?;
    Ok(())
}

/// The people with this phone.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn people_by_phone(tx: &mut Transaction, phone: BlindIndex) -> Result<Vec<PersonId>> {
    let mut people = BTreeSet::new();
    for form in phone.forms() {
        for row in tx.rows(&PHONE_FIND, &[form.into()]).await? {
            people.insert(row.id(0)?);
        }
    }
    Ok(people.into_iter().collect())
}

/// A person's sealed identity.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, person: PersonId) -> Result<Option<SealedIdentity>> {
    Ok(find_many(tx, &[person]).await?.remove(&person))
}

/// The sealed identities of those of these people who have one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find_many(
    tx: &mut Transaction,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, SealedIdentity>> {
    let asked: Vec<Vec<Value>> = people.iter().map(|person| vec![(*person).into()]).collect();
    let rows = tx.rows_each(&IDENTITY_FIND, &asked).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, SealedIdentity(row.bytes(1)?.to_vec()))))
        .collect()
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

/// Deletes what is sealed of a person, and which phones are theirs.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, person: PersonId) -> Result<()> {
    tx.execute(&IDENTITY_DROP, &[person.into()]).await?;
    drop_phones(tx, person).await
}

/// Twice: where the first waits for a transaction that writes a row anew under another key, it does not see
/// what that wrote.
async fn drop_phones(tx: &mut Transaction, person: PersonId) -> Result<()> {
    for _ in 0..2 {
        tx.execute(&IDENTITY_PHONES_DROP, &[person.into()]).await?;
    }
    Ok(())
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
