//! Verdicts, as last decided.

use std::collections::BTreeMap;

use domain::{PersonId, PolicyRef, Status, Timestamp, Verdict};

use crate::Result;
use crate::changes::{ChangeCursor, ChangeNumber};
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    VERDICT_CHANGED_SINCE, VERDICT_DUE, VERDICT_FIND, VERDICT_FIRST_DUE, VERDICT_OUTLINES,
    VERDICT_PUT,
};
use crate::stored_json::{self, WireFindings};

/// A verdict as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVerdict {
    /// Whose.
    pub person: PersonId,
    /// What.
    pub verdict: Verdict,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// The change that made it so.
    pub change: ChangeNumber,
}

impl StoredVerdict {
    /// Goes on after this verdict.
    pub const fn cursor(&self) -> ChangeCursor<PersonId> {
        ChangeCursor {
            number: self.change,
            after: Some(self.person),
        }
    }
}

/// As much of a stored verdict as tells, for most people, whether deciding again would change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictOutline {
    /// Whose.
    pub person: PersonId,
    /// What the person may do.
    pub status: Status,
    /// Since when.
    pub since: Option<Timestamp>,
    /// When that ends by itself.
    pub until: Option<Timestamp>,
    /// When the verdict must be decided again.
    pub next_change: Option<Timestamp>,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Whether it holds a restriction or advice.
    pub has_findings: bool,
}

/// Stores verdicts, each of another person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(tx: &mut Transaction, verdicts: &[StoredVerdict]) -> Result<()> {
    let rows = verdicts.iter().map(values).collect::<Result<Vec<_>>>()?;
    tx.execute_each(&VERDICT_PUT, &rows).await?;
    Ok(())
}

/// The stored verdicts of these people.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(
    tx: &mut Transaction,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, StoredVerdict>> {
    let asked: Vec<Vec<Value>> = people.iter().map(|person| vec![(*person).into()]).collect();
    let rows = tx.rows_each(&VERDICT_FIND, &asked).await?;
    let verdicts = rows.iter().map(|row| {
        let stored = read(row)?;
        Ok((stored.person, stored))
    });
    verdicts.collect()
}

/// The stored verdict of a person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, person: PersonId) -> Result<Option<StoredVerdict>> {
    Ok(of(tx, &[person]).await?.remove(&person))
}

/// The outlines of all verdicts of people after `after` up to `last`, in order of person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn outlines(
    tx: &mut Transaction,
    after: Option<PersonId>,
    last: PersonId,
) -> Result<Vec<VerdictOutline>> {
    let after = after.map_or_else(|| Value::from([]), Value::from);
    let values = [after, last.into(), stored_json::NO_FINDINGS.into()];
    let rows = tx.rows(&VERDICT_OUTLINES, &values).await?;
    let outline = |row: &Row| {
        Ok(VerdictOutline {
            person: row.id(0)?,
            status: row.word(1)?,
            since: row.time_or_null(2)?,
            until: row.time_or_null(3)?,
            next_change: row.time_or_null(4)?,
            decided_at: row.time(5)?,
            has_findings: row.int(6)? != 0,
        })
    };
    rows.iter().map(outline).collect()
}

/// People whose verdict's `next_change` has come, the longest overdue first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn due(tx: &mut Transaction, now: Timestamp, limit: u32) -> Result<Vec<PersonId>> {
    let rows = tx.rows(&VERDICT_DUE, &[now.into(), limit.into()]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Since when the verdict waits whose `next_change` came first; `None` if none waits.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn due_since(tx: &mut Transaction, now: Timestamp) -> Result<Option<Timestamp>> {
    let rows = tx.rows(&VERDICT_FIRST_DUE, &[now.into()]).await?;
    rows.first().map(|row| row.time(0)).transpose()
}

/// Verdicts changed since, in order of change and person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn changed_since(
    tx: &mut Transaction,
    since: ChangeCursor<PersonId>,
    limit: u32,
) -> Result<Vec<StoredVerdict>> {
    let after = since.after.map_or_else(|| Value::from([]), Value::from);
    let values = [since.number.into(), after, limit.into()];
    let rows = tx.rows(&VERDICT_CHANGED_SINCE, &values).await?;
    rows.iter().map(read).collect()
}

fn values(stored: &StoredVerdict) -> Result<Vec<Value>> {
    let verdict = &stored.verdict;
    Ok(vec![
        stored.person.into(),
        verdict.policy.id.as_str().into(),
        verdict.policy.version.into(),
        verdict.status.as_str().into(),
        verdict.since.into(),
        verdict.until.into(),
        verdict.next_change.into(),
        stored.decided_at.into(),
        stored_json::to_json(&WireFindings::of(verdict))?.into(),
        stored.change.into(),
    ])
}

fn read(row: &Row) -> Result<StoredVerdict> {
    let findings: WireFindings =
        stored_json::from_json(&row.text(8)?).map_err(|why| row.corrupt(8, why))?;
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
        change: ChangeNumber::from_i64(row.int(9)?),
    })
}
