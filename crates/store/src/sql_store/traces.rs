//! Cases whose contacts are to be found.

use domain::Timestamp;

use crate::database::{Row, Session};
use crate::queries::{TRACE_FINISH, TRACE_OPEN, TRACE_WAITING};
use crate::{Result, TraceJob};

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
    let job = |row: &Row| {
        Ok(TraceJob {
            person: row.id(0)?,
            diagnosis: row.id(1)?,
            from: row.time(2)?,
            until: row.time(3)?,
            opened_at: row.time(4)?,
        })
    };
    rows.iter().map(job).collect()
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
