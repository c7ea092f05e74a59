//! Cases whose contacts are to be found, what their traces looked at, and what they found.
//!
//! A trace notes what it looks at before it reads. A visit that comes in late is noted in its own
//! transaction and compared with those notes in a later one: either that comparison sees the
//! trace's note and opens the job again, or the trace reads after the visit was committed.

use std::collections::BTreeSet;

use domain::{EvidenceId, PersonId, Timestamp, VenueId};

use crate::database::{Row, Session};
use crate::queries::{
    LATE_VISIT_DROP, LATE_VISITS, TRACE_CARRIER_PUT, TRACE_CONTACT_ADD, TRACE_CONTACTS, TRACE_FIND,
    TRACE_FINISH, TRACE_OPEN, TRACE_REOPEN, TRACE_VENUE_PUT, TRACE_WAITING, TRACES_AT_VENUE,
    TRACES_OF_CARRIER,
};
use crate::{Reach, Result, TraceEnd, TraceJob, TraceRecord};

/// Opens a job, in the transaction of its diagnosis.
pub(super) async fn add(session: &mut Session, job: &TraceJob) -> Result<()> {
    let values = [
        job.person.into(),
        job.diagnosis.into(),
        job.from.into(),
        job.until.into(),
        job.opened_at.into(),
    ];
    session.execute(&TRACE_OPEN, &values).await?;
    Ok(())
}

pub(super) async fn open(session: &mut Session, limit: u32) -> Result<Vec<TraceJob>> {
    let rows = session.rows(&TRACE_WAITING, &[limit.into()]).await?;
    rows.iter().map(job).collect()
}

pub(super) async fn find(
    session: &mut Session,
    person: PersonId,
    diagnosis: EvidenceId,
) -> Result<Option<TraceRecord>> {
    let row = session
        .row(&TRACE_FIND, &[person.into(), diagnosis.into()])
        .await?;
    let record = |row: Row| {
        let end = |at| {
            Ok(TraceEnd {
                contacts: row.number(7)?,
                at,
            })
        };
        let finished = row.time_or_null(6)?.map(end).transpose()?;
        Ok(TraceRecord {
            job: job(&row)?,
            finished,
        })
    };
    row.map(record).transpose()
}

fn job(row: &Row) -> Result<TraceJob> {
    Ok(TraceJob {
        person: row.id(0)?,
        diagnosis: row.id(1)?,
        from: row.time(2)?,
        until: row.time(3)?,
        opened_at: row.time(4)?,
        reopened: row.number(5)?,
    })
}

pub(super) async fn finish(
    session: &mut Session,
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
    Ok(session.execute(&TRACE_FINISH, &values).await? > 0)
}

pub(super) async fn note_reach(
    session: &mut Session,
    job: &TraceJob,
    reach: &[Reach],
) -> Result<()> {
    for piece in reach {
        let (query, whose, from, until) = match *piece {
            Reach::Carrier {
                person,
                from,
                until,
            } => (&TRACE_CARRIER_PUT, person.into(), from, until),
            Reach::Venue { venue, from, until } => (&TRACE_VENUE_PUT, venue.into(), from, until),
        };
        let values = [
            whose,
            job.person.into(),
            job.diagnosis.into(),
            from.into(),
            until.into(),
        ];
        session.execute(query, &values).await?;
    }
    Ok(())
}

pub(super) async fn note_contacts(
    session: &mut Session,
    job: &TraceJob,
    contacts: &[(PersonId, EvidenceId)],
) -> Result<()> {
    for (person, evidence) in contacts {
        let values = [
            job.person.into(),
            job.diagnosis.into(),
            (*evidence).into(),
            (*person).into(),
        ];
        session.execute(&TRACE_CONTACT_ADD, &values).await?;
    }
    Ok(())
}

pub(super) async fn noted_contacts(
    session: &mut Session,
    person: PersonId,
    diagnosis: EvidenceId,
) -> Result<Vec<(PersonId, EvidenceId)>> {
    let rows = session
        .rows(&TRACE_CONTACTS, &[person.into(), diagnosis.into()])
        .await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.id(1)?)))
        .collect()
}

pub(super) async fn reopen(session: &mut Session, limit: u32) -> Result<u32> {
    let late = session.rows(&LATE_VISITS, &[limit.into()]).await?;
    let mut touched = BTreeSet::<(PersonId, EvidenceId)>::new();
    for row in &late {
        let (person, visit): (PersonId, EvidenceId) = (row.id(0)?, row.id(1)?);
        let (venue, from, until): (VenueId, _, _) = (row.id(2)?, row.time(3)?, row.time(4)?);
        // Forgotten first: what is on its way about the same visit is waited for here.
        let note = [person.into(), visit.into(), until.into()];
        session.execute(&LATE_VISIT_DROP, &note).await?;
        let followed = [person.into(), from.into(), until.into()];
        let looked_at = [venue.into(), from.into(), until.into()];
        for (query, values) in [
            (&TRACES_OF_CARRIER, followed),
            (&TRACES_AT_VENUE, looked_at),
        ] {
            for row in session.rows(query, &values).await? {
                touched.insert((row.id(0)?, row.id(1)?));
            }
        }
    }
    open_again(session, touched).await?;
    Ok(u32::try_from(late.len()).unwrap_or(u32::MAX))
}

/// Opens jobs again, whether they were finished or not.
pub(super) async fn open_again(
    session: &mut Session,
    jobs: BTreeSet<(PersonId, EvidenceId)>,
) -> Result<()> {
    for (case, diagnosis) in jobs {
        session
            .execute(&TRACE_REOPEN, &[case.into(), diagnosis.into()])
            .await?;
    }
    Ok(())
}
