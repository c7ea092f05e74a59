//! Cases whose contacts are to be found, what their traces read, and what they found.
//!
//! A trace records what it is about to read. A visit or membership that comes in late is noted in its
//! own transaction and compared with those records in a later one: either that comparison sees the
//! trace's record and opens the job again, or the trace reads after the late one was committed.

use std::collections::BTreeSet;

use domain::{EvidenceId, GroupId, PersonId, StaffId, Timestamp, VenueId};

use crate::Result;
use crate::Visit;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    LATE_MEMBERSHIP_DROP, LATE_MEMBERSHIPS, LATE_VISIT_DROP, LATE_VISITS, Query, TRACE_CARRIER_PUT,
    TRACE_CONTACT_ADD, TRACE_CONTACTS, TRACE_CONTACTS_AFTER, TRACE_FIND, TRACE_FINISH,
    TRACE_GROUP_PUT, TRACE_OPEN, TRACE_REOPEN, TRACE_VENUE_PUT, TRACE_WAITING, TRACES_AT_VENUE,
    TRACES_IN_GROUP, TRACES_OF_CARRIER,
};

/// A case whose contacts are to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceJob {
    /// The case.
    pub person: PersonId,
    /// The diagnosis that opened the job; identifies it.
    pub diagnosis: EvidenceId,
    /// Start of the infectious window.
    pub from: Timestamp,
    /// End of the infectious window.
    pub until: Timestamp,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// How often something that came in late opened it again; 0 for a new one.
    pub reopened: u32,
    /// Who confirmed the case; `None` if a machine did.
    pub by: Option<StaffId>,
}

/// Something that a trace reads: what comes in later and touches it opens the trace again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceRead {
    /// What.
    pub what: TraceSubject,
    /// From when on.
    pub from: Timestamp,
    /// The first instant after.
    pub until: Timestamp,
}

/// What a trace reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceSubject {
    /// The visits and memberships of somebody who may have been infectious.
    Person(PersonId),
    /// Everybody who was at a venue.
    Venue(VenueId),
    /// Everybody in a group.
    Group(GroupId),
}

/// A job as stored: to be done, or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceRecord {
    /// What was to be done.
    pub job: TraceJob,
    /// What came of it; `None` while it is to be done.
    pub finished: Option<TraceEnd>,
}

/// The end of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEnd {
    /// How many contacts were found.
    pub contacts: u32,
    /// When it was finished.
    pub at: Timestamp,
}

/// Opens jobs, in the transaction of their diagnoses.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn open(tx: &mut Transaction, jobs: &[TraceJob]) -> Result<()> {
    let values = |job: &TraceJob| {
        vec![
            job.person.into(),
            job.diagnosis.into(),
            job.from.into(),
            job.until.into(),
            job.opened_at.into(),
            job.by.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = jobs.iter().map(values).collect();
    tx.execute_each(&TRACE_OPEN, &rows).await?;
    Ok(())
}

/// Jobs not finished, oldest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting(tx: &mut Transaction, limit: u32) -> Result<Vec<TraceJob>> {
    let rows = tx.rows(&TRACE_WAITING, &[limit.into()]).await?;
    rows.iter().map(read_job).collect()
}

/// The job that a diagnosis opened, and its end.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(
    tx: &mut Transaction,
    person: PersonId,
    diagnosis: EvidenceId,
) -> Result<Option<TraceRecord>> {
    let row = tx
        .row(&TRACE_FIND, &[person.into(), diagnosis.into()])
        .await?;
    row.as_ref().map(read_record).transpose()
}

/// The jobs that these diagnoses opened, in no order.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find_many(
    tx: &mut Transaction,
    diagnoses: &[(PersonId, EvidenceId)],
) -> Result<Vec<TraceRecord>> {
    let asked: Vec<Vec<Value>> = diagnoses
        .iter()
        .map(|(person, id)| vec![(*person).into(), (*id).into()])
        .collect();
    let rows = tx.rows_each(&TRACE_FIND, &asked).await?;
    rows.iter().map(read_record).collect()
}

/// Marks a job as finished; `false` if it was, or if it was opened again since it was read.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn finish(
    tx: &mut Transaction,
    job: &TraceJob,
    contacts: u32,
    at: Timestamp,
) -> Result<bool> {
    let values = [
        job.person.into(),
        job.diagnosis.into(),
        at.into(),
        contacts.into(),
        job.reopened.into(),
    ];
    Ok(tx.execute(&TRACE_FINISH, &values).await? > 0)
}

/// Records what a job is about to read. Record first, then read.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn record_reads(tx: &mut Transaction, job: &TraceJob, reads: &[TraceRead]) -> Result<()> {
    let mut people = Vec::new();
    let mut venues = Vec::new();
    let mut groups = Vec::new();
    for read in reads {
        let (rows, what): (_, Value) = match read.what {
            TraceSubject::Person(person) => (&mut people, person.into()),
            TraceSubject::Venue(venue) => (&mut venues, venue.into()),
            TraceSubject::Group(group) => (&mut groups, group.into()),
        };
        rows.push(vec![
            what,
            job.person.into(),
            job.diagnosis.into(),
            read.from.into(),
            read.until.into(),
        ]);
    }
    for (query, rows) in [
        (&TRACE_CARRIER_PUT, people),
        (&TRACE_VENUE_PUT, venues),
        (&TRACE_GROUP_PUT, groups),
    ] {
        tx.execute_each(query, &rows).await?;
    }
    Ok(())
}

/// Notes contacts that a job is about to append, each with whom it is about.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note_contacts(
    tx: &mut Transaction,
    job: &TraceJob,
    contacts: &[(PersonId, EvidenceId)],
) -> Result<()> {
    let values = |(person, evidence): &(PersonId, EvidenceId)| {
        vec![
            job.person.into(),
            job.diagnosis.into(),
            (*evidence).into(),
            (*person).into(),
        ]
    };
    let rows: Vec<Vec<Value>> = contacts.iter().map(values).collect();
    tx.execute_each(&TRACE_CONTACT_ADD, &rows).await?;
    Ok(())
}

/// The contacts ever noted for a diagnosis, by whom they are about.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn noted_contacts(
    tx: &mut Transaction,
    person: PersonId,
    diagnosis: EvidenceId,
) -> Result<Vec<(PersonId, EvidenceId)>> {
    let rows = tx
        .rows(&TRACE_CONTACTS, &[person.into(), diagnosis.into()])
        .await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.id(1)?)))
        .collect()
}

/// The next `limit` contacts ever noted for a diagnosis, in the order of their own identifiers.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn noted_contacts_after(
    tx: &mut Transaction,
    (person, diagnosis): (PersonId, EvidenceId),
    after: EvidenceId,
    limit: u32,
) -> Result<Vec<(PersonId, EvidenceId)>> {
    let values = [person.into(), diagnosis.into(), after.into(), limit.into()];
    let rows = tx.rows(&TRACE_CONTACTS_AFTER, &values).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.id(1)?)))
        .collect()
}

/// Takes up to `limit` late visits and as many late memberships, opens every job again that read
/// what they touch, and forgets them. The number taken.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn reopen(tx: &mut Transaction, limit: u32) -> Result<u32> {
    let (visits, by_visits) = touched_by_visits(tx, limit).await?;
    let (memberships, by_memberships) = touched_by_memberships(tx, limit).await?;
    // In order, so that no two transactions wait for each other.
    let touched: BTreeSet<(PersonId, EvidenceId)> =
        by_visits.into_iter().chain(by_memberships).collect();
    let rows: Vec<Vec<Value>> = touched
        .into_iter()
        .map(|(case, diagnosis)| vec![case.into(), diagnosis.into()])
        .collect();
    tx.execute_each(&TRACE_REOPEN, &rows).await?;
    Ok(u32::try_from(visits + memberships).unwrap_or(u32::MAX))
}

/// Whether a job read this visit, or looked for others where and when it was.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn have_read(tx: &mut Transaction, visit: &Visit) -> Result<bool> {
    let open_end = visit.entered.checked_add(Visit::LONGEST);
    let until = visit.left.or(open_end.ok()).unwrap_or(Timestamp::MAX);
    let span = |of: Value| vec![vec![of, visit.entered.into(), until.into()]];
    let of_person = touching(tx, &TRACES_OF_CARRIER, &span(visit.person.into())).await?;
    let at_venue = touching(tx, &TRACES_AT_VENUE, &span(visit.venue.into())).await?;
    Ok(!of_person.is_empty() || !at_venue.is_empty())
}

/// Opens a job again, however it ended.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn reopen_one(
    tx: &mut Transaction,
    person: PersonId,
    diagnosis: EvidenceId,
) -> Result<()> {
    let values = [person.into(), diagnosis.into()];
    tx.execute(&TRACE_REOPEN, &values).await?;
    Ok(())
}

/// Takes late visits: how many, and the jobs that they touch.
async fn touched_by_visits(
    tx: &mut Transaction,
    limit: u32,
) -> Result<(usize, Vec<(PersonId, EvidenceId)>)> {
    let late = tx.rows(&LATE_VISITS, &[limit.into()]).await?;
    let (mut notes, mut people, mut venues) = (Vec::new(), Vec::new(), Vec::new());
    for row in &late {
        let (person, visit): (PersonId, EvidenceId) = (row.id(0)?, row.id(1)?);
        let (venue, from, until): (VenueId, _, _) = (row.id(2)?, row.time(3)?, row.time(4)?);
        notes.push(vec![person.into(), visit.into(), until.into()]);
        people.push(vec![person.into(), from.into(), until.into()]);
        venues.push(vec![venue.into(), from.into(), until.into()]);
    }
    // Forgotten first: a write about the same visit that is under way is waited for here.
    tx.execute_each(&LATE_VISIT_DROP, &notes).await?;
    let mut touched = touching(tx, &TRACES_OF_CARRIER, &people).await?;
    touched.extend(touching(tx, &TRACES_AT_VENUE, &venues).await?);
    Ok((late.len(), touched))
}

/// Takes late memberships: how many, and the jobs that they touch.
async fn touched_by_memberships(
    tx: &mut Transaction,
    limit: u32,
) -> Result<(usize, Vec<(PersonId, EvidenceId)>)> {
    let late = tx.rows(&LATE_MEMBERSHIPS, &[limit.into()]).await?;
    let (mut notes, mut people, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for row in &late {
        let (person, group): (PersonId, GroupId) = (row.id(0)?, row.id(1)?);
        let (from, until): (Timestamp, Timestamp) = (row.time(2)?, row.time(3)?);
        notes.push(vec![person.into(), group.into(), from.into(), until.into()]);
        // It may have counted as longer before: all that comes after its beginning may be touched.
        people.push(vec![person.into(), from.into(), Timestamp::MAX.into()]);
        groups.push(vec![group.into(), from.into(), Timestamp::MAX.into()]);
    }
    tx.execute_each(&LATE_MEMBERSHIP_DROP, &notes).await?;
    let mut touched = touching(tx, &TRACES_OF_CARRIER, &people).await?;
    touched.extend(touching(tx, &TRACES_IN_GROUP, &groups).await?);
    Ok((late.len(), touched))
}

/// The jobs that read something of what came in late, each asked for by what and when.
async fn touching(
    tx: &mut Transaction,
    query: &Query,
    asked: &[Vec<Value>],
) -> Result<Vec<(PersonId, EvidenceId)>> {
    let rows = tx.rows_each(query, asked).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.id(1)?)))
        .collect()
}

fn read_record(row: &Row) -> Result<TraceRecord> {
    let end = |at| {
        Ok(TraceEnd {
            contacts: row.number(8)?,
            at,
        })
    };
    let finished = row.time_or_null(7)?.map(end).transpose()?;
    Ok(TraceRecord {
        job: read_job(row)?,
        finished,
    })
}

fn read_job(row: &Row) -> Result<TraceJob> {
    Ok(TraceJob {
        person: row.id(0)?,
        diagnosis: row.id(1)?,
        from: row.time(2)?,
        until: row.time(3)?,
        opened_at: row.time(4)?,
        reopened: row.number(5)?,
        by: row.id_or_null(6)?,
    })
}
