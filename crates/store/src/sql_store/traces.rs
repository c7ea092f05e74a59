//! Cases whose contacts are to be found.

use domain::{EvidenceId, PersonId, Timestamp};

use crate::database::{Row, Session};
use crate::queries::{TRACE_FIND, TRACE_FINISH, TRACE_OPEN, TRACE_WAITING};
use crate::{Result, TraceEnd, TraceJob, TraceRecord};

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
                contacts: row.number(6)?,
                at,
            })
        };
        let finished = row.time_or_null(5)?.map(end).transpose()?;
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
    })
}

pub(super) async fn finish(
    session: &mut Session,
    job: &TraceJob,
    contacts: u32,
    at: Timestamp,
) -> Result<()> {
    let values = [
        job.person.into(),
        job.diagnosis.into(),
        at.into(),
        contacts.into(),
    ];
    session.execute(&TRACE_FINISH, &values).await?;
    Ok(())
}
