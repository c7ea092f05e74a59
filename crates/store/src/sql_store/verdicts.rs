//! Verdicts, as last decided.

use domain::{PersonId, PolicyRef, Timestamp, Verdict};

use crate::database::{Row, Session, Value};
use crate::queries::{VERDICT_DECIDED_SINCE, VERDICT_DUE, VERDICT_FIND, VERDICT_PUT};
use crate::wire::{self, WireFindings};
use crate::{Result, Since, StoredVerdict};

pub(super) async fn put(session: &mut Session, stored: &StoredVerdict) -> Result<()> {
    let verdict = &stored.verdict;
    let values = [
        stored.person.into(),
        verdict.policy.id.as_str().into(),
        verdict.policy.version.into(),
        verdict.status.as_str().into(),
        verdict.since.into(),
        verdict.until.into(),
        verdict.next_change.into(),
        stored.decided_at.into(),
        wire::to_json(&WireFindings::of(verdict))?.into(),
    ];
    session.execute(&VERDICT_PUT, &values).await?;
    Ok(())
}

pub(super) async fn of(session: &mut Session, person: PersonId) -> Result<Option<StoredVerdict>> {
    let row = session.row(&VERDICT_FIND, &[person.into()]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn due(
    session: &mut Session,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<PersonId>> {
    let rows = session
        .rows(&VERDICT_DUE, &[now.into(), limit.into()])
        .await?;
    rows.iter().map(|row| row.id(0)).collect()
}

pub(super) async fn since(
    session: &mut Session,
    since: Since<PersonId>,
    limit: u32,
) -> Result<Vec<StoredVerdict>> {
    let after = since.after.map_or_else(|| Value::from([]), Value::from);
    let values = [since.at.into(), after, limit.into()];
    let rows = session.rows(&VERDICT_DECIDED_SINCE, &values).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<StoredVerdict> {
    let findings: WireFindings =
        wire::from_json(&row.text(8)?).map_err(|why| row.corrupt(8, why))?;
    let (restrictions, advice) = findings.read();
    let verdict = Verdict {
        policy: PolicyRef {
            id: row.text(1)?,
            version: row.number(2)?,
        },
        status: row.word(3)?,
        restrictions,
        advice,
        since: row.time_or_null(4)?,
        until: row.time_or_null(5)?,
        next_change: row.time_or_null(6)?,
    };
    Ok(StoredVerdict {
        person: row.id(0)?,
        verdict,
        decided_at: row.time(7)?,
    })
}
