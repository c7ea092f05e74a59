//! Evidence and visits whose time is over: finding them page by page, and deleting them.

use domain::{EvidenceId, GroupId, PersonId, Timestamp, VenueId};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    CURSOR_FIND, CURSOR_PUT, DOOR_VISIT_FORGET, EVIDENCE_FORGET, EVIDENCE_OLD,
    EVIDENCE_STAFF_FORGET, MEMBERSHIP_BY_GROUP_FORGET, MEMBERSHIP_BY_PERSON_FORGET,
    MEMBERSHIPS_OLD, OFFICE_CASE_FORGET, TRACE_CONTACT_FORGET, TRACE_CONTACTS_FORGET,
    TRACE_JOB_FORGET, VISIT_BY_PERSON_FORGET, VISIT_BY_VENUE_FORGET, VISITS_OLD,
};

/// A piece of evidence, as far as its age goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aged {
    /// About whom.
    pub person: PersonId,
    /// Which.
    pub id: EvidenceId,
    /// Its kind, as it is written.
    pub kind: String,
    /// When the fact began.
    pub begins: Timestamp,
    /// When it ended; `None` while it lasts.
    pub ends: Option<Timestamp>,
    /// When it was taken in.
    pub recorded: Timestamp,
}

/// A visit that is over, by its keys in both tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldVisit {
    /// Who.
    pub person: PersonId,
    /// Which.
    pub id: EvidenceId,
    /// Where.
    pub venue: VenueId,
    /// From when.
    pub entered: Timestamp,
}

/// A membership that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldMembership {
    /// Who.
    pub person: PersonId,
    /// Of which group.
    pub group: GroupId,
    /// From when.
    pub from: Timestamp,
}

/// How far a pass over everybody, or over the log, is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassCursor {
    /// What the pass is for: a pass of another day begins anew.
    pub turn: String,
    /// Everybody up to this person was looked at; `None` before the first.
    pub after: Option<PersonId>,
    /// How many rows were looked at.
    pub seen: u64,
    /// How many were deleted.
    pub forgotten: u64,
    /// Whether the end was reached.
    pub is_finished: bool,
}

/// The evidence of these people that was taken in before, visits left out.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn old_evidence(
    tx: &mut Transaction,
    people: &[PersonId],
    before: Timestamp,
) -> Result<Vec<Aged>> {
    let rows = tx.rows_each(&EVIDENCE_OLD, &asked(people, before)).await?;
    let aged = |row: &Row| {
        let ends = row.int_or_null(4)?.map(Timestamp::from_second);
        Ok(Aged {
            person: row.id(0)?,
            id: row.id(1)?,
            kind: row.text(2)?,
            begins: row.time(3)?,
            ends: ends
                .transpose()
                .map_err(|_| row.corrupt(4, "no such time"))?,
            recorded: row.time(5)?,
        })
    };
    rows.iter().map(aged).collect()
}

/// The visits of these people that were over and taken in before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn old_visits(
    tx: &mut Transaction,
    people: &[PersonId],
    before: Timestamp,
) -> Result<Vec<OldVisit>> {
    let rows = tx.rows_each(&VISITS_OLD, &asked(people, before)).await?;
    let visit = |row: &Row| {
        Ok(OldVisit {
            person: row.id(0)?,
            id: row.id(1)?,
            venue: row.id(2)?,
            entered: row.time(3)?,
        })
    };
    rows.iter().map(visit).collect()
}

/// The memberships of these people that were over and taken in before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn old_memberships(
    tx: &mut Transaction,
    people: &[PersonId],
    before: Timestamp,
) -> Result<Vec<OldMembership>> {
    let rows = tx
        .rows_each(&MEMBERSHIPS_OLD, &asked(people, before))
        .await?;
    let membership = |row: &Row| {
        Ok(OldMembership {
            person: row.id(0)?,
            group: row.id(1)?,
            from: row.time(2)?,
        })
    };
    rows.iter().map(membership).collect()
}

/// Deletes evidence, with who submitted it and the case that it made; how many pieces there were.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget_evidence(
    tx: &mut Transaction,
    evidence: &[(PersonId, EvidenceId)],
) -> Result<u64> {
    let rows = keys(evidence);
    tx.execute_each(&EVIDENCE_STAFF_FORGET, &rows).await?;
    tx.execute_each(&OFFICE_CASE_FORGET, &rows).await?;
    tx.execute_each(&EVIDENCE_FORGET, &rows).await
}

/// Deletes the searches for contacts that these diagnoses opened, and whom they found.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget_searches(
    tx: &mut Transaction,
    diagnoses: &[(PersonId, EvidenceId)],
) -> Result<()> {
    let rows = keys(diagnoses);
    tx.execute_each(&TRACE_CONTACTS_FORGET, &rows).await?;
    tx.execute_each(&TRACE_JOB_FORGET, &rows).await?;
    Ok(())
}

/// Deletes that searches found these contacts, each the person and the evidence about them.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget_found(tx: &mut Transaction, contacts: &[(PersonId, EvidenceId)]) -> Result<()> {
    tx.execute_each(&TRACE_CONTACT_FORGET, &keys(contacts))
        .await?;
    Ok(())
}

/// Deletes visits from both tables, with what a gate measured; how many there were.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget_visits(tx: &mut Transaction, visits: &[OldVisit]) -> Result<u64> {
    let by_person: Vec<Vec<Value>> = visits
        .iter()
        .map(|visit| vec![visit.person.into(), visit.id.into()])
        .collect();
    let by_venue: Vec<Vec<Value>> = visits
        .iter()
        .map(|visit| vec![visit.venue.into(), visit.entered.into(), visit.id.into()])
        .collect();
    tx.execute_each(&VISIT_BY_VENUE_FORGET, &by_venue).await?;
    tx.execute_each(&DOOR_VISIT_FORGET, &by_person).await?;
    tx.execute_each(&VISIT_BY_PERSON_FORGET, &by_person).await
}

/// Deletes memberships from both tables; how many there were.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget_memberships(
    tx: &mut Transaction,
    memberships: &[OldMembership],
) -> Result<u64> {
    let by_person: Vec<Vec<Value>> = memberships
        .iter()
        .map(|one| vec![one.person.into(), one.group.into(), one.from.into()])
        .collect();
    let by_group: Vec<Vec<Value>> = memberships
        .iter()
        .map(|one| vec![one.group.into(), one.person.into(), one.from.into()])
        .collect();
    tx.execute_each(&MEMBERSHIP_BY_GROUP_FORGET, &by_group)
        .await?;
    tx.execute_each(&MEMBERSHIP_BY_PERSON_FORGET, &by_person)
        .await
}

/// How far the pass called `name` is; `None` if it never began.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn cursor(tx: &mut Transaction, name: &str) -> Result<Option<PassCursor>> {
    let row = tx.row(&CURSOR_FIND, &[name.into()]).await?;
    let cursor = |row: Row| {
        Ok(PassCursor {
            turn: row.text(0)?,
            after: row.id_or_null(1)?,
            seen: row.number(2)?,
            forgotten: row.number(3)?,
            is_finished: row.int(4)? != 0,
        })
    };
    row.map(cursor).transpose()
}

/// Notes how far a pass is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn save_cursor(tx: &mut Transaction, name: &str, cursor: &PassCursor) -> Result<()> {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let values = [
        name.into(),
        cursor.turn.as_str().into(),
        cursor.after.into(),
        count(cursor.seen).into(),
        count(cursor.forgotten).into(),
        i64::from(cursor.is_finished).into(),
    ];
    tx.execute(&CURSOR_PUT, &values).await?;
    Ok(())
}

fn keys(evidence: &[(PersonId, EvidenceId)]) -> Vec<Vec<Value>> {
    let row = |(person, id): &(PersonId, EvidenceId)| vec![(*person).into(), (*id).into()];
    evidence.iter().map(row).collect()
}

fn asked(people: &[PersonId], before: Timestamp) -> Vec<Vec<Value>> {
    let row = |person: &PersonId| vec![(*person).into(), before.into()];
    people.iter().map(row).collect()
}
