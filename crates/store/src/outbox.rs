//! Changes of colour of which people must be notified.

use std::collections::BTreeSet;

use domain::{EvidenceId, PersonId, Status, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{OUTBOX_ADD, OUTBOX_DELIVERED, OUTBOX_WAITING};

/// A changed colour of which the person must be notified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColourChange {
    /// Whose.
    pub person: PersonId,
    /// Identifies the message; fresh for each change.
    pub id: EvidenceId,
    /// From.
    pub before: Option<Status>,
    /// To.
    pub after: Status,
    /// When.
    pub at: Timestamp,
}

/// Adds messages to be delivered.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, changes: &[ColourChange]) -> Result<()> {
    let values = |change: &ColourChange| {
        let before = change.before.map(|status| status.as_str().to_owned());
        vec![
            change.person.into(),
            change.id.into(),
            before.into(),
            change.after.as_str().into(),
            change.at.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = changes.iter().map(values).collect();
    tx.execute_each(&OUTBOX_ADD, &rows).await?;
    Ok(())
}

/// The oldest messages not yet delivered.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting(tx: &mut Transaction, limit: u32) -> Result<Vec<ColourChange>> {
    let rows = tx.rows(&OUTBOX_WAITING, &[limit.into()]).await?;
    let change = |row: &Row| {
        Ok(ColourChange {
            person: row.id(0)?,
            id: row.id(1)?,
            before: row.word_or_null(2)?,
            after: row.word(3)?,
            at: row.time(4)?,
        })
    };
    rows.iter().map(change).collect()
}

/// Marks messages as delivered.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn delivered(
    tx: &mut Transaction,
    messages: &[(PersonId, EvidenceId)],
    at: Timestamp,
) -> Result<()> {
    // In order, so that no two transactions wait for each other.
    let messages: BTreeSet<_> = messages.iter().copied().collect();
    let rows: Vec<Vec<Value>> = messages
        .into_iter()
        .map(|(person, id)| vec![person.into(), id.into(), at.into()])
        .collect();
    tx.execute_each(&OUTBOX_DELIVERED, &rows).await?;
    Ok(())
}
