//! Verdicts, as last decided.

use std::collections::BTreeMap;

use domain::{PersonId, PolicyRef, Timestamp, Verdict};

use crate::changes::{ChangeCursor, ChangeNumber};
use crate::database::{Row, Transaction, Value};
use crate::queries::{VERDICT_CHANGED_SINCE, VERDICT_DUE, VERDICT_FIND, VERDICT_PUT};
use crate::stored_json::{self, WireFindings};
use crate::Result;

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

/// People whose verdict's `next_change` has come, the longest overdue first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn due(tx: &mut Transaction, now: Timestamp, limit: u32) -> Result<Vec<PersonId>> {
    let rows = tx.rows(&VERDICT_DUE, &[now.into(), limit.into()]).await?;
    rows.iter().map(|row| row.id(0)).collect()
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
