//! Evidence: added, never changed. Visits lie in tables of their own and are read as evidence.

use std::collections::{BTreeMap, BTreeSet};

use domain::evidence::OpenPeriod;
use domain::{AuthorityId, Evidence, EvidenceId, Fact, PersonId, StaffId, Timestamp};

use crate::database::{Row, Transaction, Value};
use crate::queries::{
    EVIDENCE_ADD, EVIDENCE_EARLIEST, EVIDENCE_FIND, EVIDENCE_OF_AUTHORITY, EVIDENCE_OF_STAYS,
    EVIDENCE_SINCE, EVIDENCE_STAFF_ABOUT, EVIDENCE_STAFF_ADD, EVIDENCE_STAFF_OF,
};
use crate::stored_json::{self, WireFact};
use crate::visits::{self, RecordedVisit};
use crate::{Recorded, Result, Visit};

/// Whose evidence, and which.
pub type EvidenceKey = (PersonId, EvidenceId);

/// Adds evidence; returns what was not there. Visits among it are recorded as late ones. The people
/// must be locked ([`crate::people::touch`]).
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, evidence: &[&Evidence]) -> Result<BTreeSet<EvidenceKey>> {
    let mut rows = Vec::with_capacity(evidence.len());
    let mut visits = Vec::new();
    for piece in evidence {
        match RecordedVisit::of_evidence(piece) {
            Some(visit) => visits.push(visit),
            None => rows.push(values(piece)?),
        }
    }
    let mut added = BTreeSet::new();
    for row in tx.rows_each(&EVIDENCE_ADD, &rows).await? {
        added.insert((row.id(0)?, row.id(1)?));
    }
    let visits = visits::put(tx, &visits, Recorded::Late).await?;
    added.extend(visits.iter().map(|visit| (visit.person, visit.id)));
    Ok(added)
}

/// The evidence of these people that had not ended at `since`, and every withdrawal; oldest first.
/// Visits are among it if asked for.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn since(
    tx: &mut Transaction,
    people: &[PersonId],
    since: Timestamp,
    include_visits: bool,
) -> Result<BTreeMap<PersonId, Vec<Evidence>>> {
    // Who is named twice is not found with twice the evidence.
    let people: BTreeSet<PersonId> = people.iter().copied().collect();
    let asked: Vec<Vec<Value>> = people
        .into_iter()
        .map(|person| vec![person.into(), since.into()])
        .collect();
    let mut found = BTreeMap::<PersonId, Vec<Evidence>>::new();
    for row in tx.rows_each(&EVIDENCE_SINCE, &asked).await? {
        let piece = read(&row)?;
        found.entry(piece.person).or_default().push(piece);
    }
    if include_visits {
        for piece in visits::as_evidence(tx, &asked).await? {
            found.entry(piece.person).or_default().push(piece);
        }
        for evidence in found.values_mut() {
            evidence.sort_by_key(|piece| (piece.fact.begins(), piece.id));
        }
    }
    Ok(found)
}

/// A person's evidence, visits included, that had not ended at `since`; oldest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(tx: &mut Transaction, person: PersonId, from: Timestamp) -> Result<Vec<Evidence>> {
    let mut found = since(tx, &[person], from, true).await?;
    Ok(found.remove(&person).unwrap_or_default())
}

/// One piece of evidence.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(
    tx: &mut Transaction,
    person: PersonId,
    id: EvidenceId,
) -> Result<Option<Evidence>> {
    Ok(find_each(tx, person, &[id]).await?.pop())
}

/// Those of these pieces of evidence of a person that are there, visits included, in the order given.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find_each(
    tx: &mut Transaction,
    person: PersonId,
    ids: &[EvidenceId],
) -> Result<Vec<Evidence>> {
    let keys: Vec<EvidenceKey> = ids.iter().map(|id| (person, *id)).collect();
    let mut found = find_many(tx, &keys).await?;
    let missing = keys.iter().filter(|key| !found.contains_key(*key)).copied();
    for visit in visits::find_as_evidence(tx, &missing.collect::<Vec<_>>()).await? {
        found.insert((visit.person, visit.id), visit);
    }
    Ok(keys
        .iter()
        .filter_map(|key| found.get(key).cloned())
        .collect())
}

/// Those of these pieces of evidence that are there. Visits are not looked for: see
/// [`crate::visits::find_many`].
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find_many(
    tx: &mut Transaction,
    keys: &[EvidenceKey],
) -> Result<BTreeMap<EvidenceKey, Evidence>> {
    let asked: Vec<Vec<Value>> = keys
        .iter()
        .map(|(person, id)| vec![(*person).into(), (*id).into()])
        .collect();
    let mut found = BTreeMap::new();
    for row in tx.rows_each(&EVIDENCE_FIND, &asked).await? {
        let piece = read(&row)?;
        found.insert((piece.person, piece.id), piece);
    }
    Ok(found)
}

/// Notes which staff members submitted or approved pieces of evidence.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note_staff(tx: &mut Transaction, by: &[(EvidenceKey, StaffId)]) -> Result<()> {
    let rows: Vec<Vec<Value>> = by
        .iter()
        .map(|((person, id), staff)| vec![(*person).into(), (*id).into(), (*staff).into()])
        .collect();
    tx.execute_each(&EVIDENCE_STAFF_ADD, &rows).await?;
    Ok(())
}

/// The staff members who submitted or approved any of these pieces of evidence of a person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn staff_of(
    tx: &mut Transaction,
    person: PersonId,
    evidence: &[EvidenceId],
) -> Result<BTreeSet<StaffId>> {
    let asked: Vec<Vec<Value>> = evidence
        .iter()
        .map(|id| vec![person.into(), (*id).into()])
        .collect();
    let rows = tx.rows_each(&EVIDENCE_STAFF_OF, &asked).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Who submitted or approved each piece of evidence about a person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn staff_about(
    tx: &mut Transaction,
    person: PersonId,
) -> Result<Vec<(EvidenceId, StaffId)>> {
    let rows = tx.rows(&EVIDENCE_STAFF_ABOUT, &[person.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.id(1)?)))
        .collect()
}

/// The stays and withdrawals of those of these people who have any, oldest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn stays(
    tx: &mut Transaction,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, Vec<Evidence>>> {
    let people: BTreeSet<PersonId> = people.iter().copied().collect();
    let asked: Vec<Vec<Value>> = people
        .into_iter()
        .map(|person| vec![person.into()])
        .collect();
    let mut found = BTreeMap::<PersonId, Vec<Evidence>>::new();
    for row in tx.rows_each(&EVIDENCE_OF_STAYS, &asked).await? {
        let piece = read(&row)?;
        found.entry(piece.person).or_default().push(piece);
    }
    Ok(found)
}

/// What an authority said of these people, visits apart, and every withdrawal; oldest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of_authority(
    tx: &mut Transaction,
    people: &[PersonId],
    authority: AuthorityId,
) -> Result<BTreeMap<PersonId, Vec<Evidence>>> {
    let people: BTreeSet<PersonId> = people.iter().copied().collect();
    let asked: Vec<Vec<Value>> = people
        .into_iter()
        .map(|person| vec![person.into(), authority.into()])
        .collect();
    let mut found = BTreeMap::<PersonId, Vec<Evidence>>::new();
    for row in tx.rows_each(&EVIDENCE_OF_AUTHORITY, &asked).await? {
        let piece = read(&row)?;
        found.entry(piece.person).or_default().push(piece);
    }
    Ok(found)
}

/// When the first evidence about each of these people was taken in, if there is any.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn earliest(
    tx: &mut Transaction,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, Timestamp>> {
    let asked: Vec<Vec<Value>> = people.iter().map(|person| vec![(*person).into()]).collect();
    let rows = tx.rows_each(&EVIDENCE_EARLIEST, &asked).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.time(1)?)))
        .collect()
}

fn values(piece: &Evidence) -> Result<Vec<Value>> {
    Ok(vec![
        piece.person.into(),
        piece.id.into(),
        piece.authority.into(),
        piece.fact.kind().as_str().into(),
        piece.fact.begins().into(),
        piece.fact.ends().into(),
        piece.recorded_at.into(),
        stored_json::to_json(&WireFact(piece.fact.clone()))?.into(),
    ])
}

fn read(row: &Row) -> Result<Evidence> {
    Ok(Evidence {
        person: row.id(0)?,
        id: row.id(1)?,
        authority: row.id(2)?,
        recorded_at: row.time(3)?,
        fact: read_fact(row, 4)?,
    })
}

pub(crate) fn read_fact(row: &Row, column: usize) -> Result<Fact> {
    let WireFact(fact) =
        stored_json::from_json(&row.text(column)?).map_err(|why| row.corrupt(column, why))?;
    Ok(fact)
}

impl From<Visit> for Fact {
    fn from(visit: Visit) -> Self {
        let period = OpenPeriod::mended(visit.entered, visit.left);
        Self::visit(visit.venue, visit.category, period)
    }
}
