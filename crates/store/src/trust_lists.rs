//! The newest trust list that any server of the installation used: its number, nothing of it.

use crate::Result;
use crate::database::Transaction;
use crate::queries::{TRUST_LIST_NEWEST, TRUST_LIST_NOTE};

/// Notes that a server uses trust list `sequence`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note(tx: &mut Transaction, sequence: i64) -> Result<()> {
    tx.execute(&TRUST_LIST_NOTE, &[sequence.into()]).await?;
    Ok(())
}

/// The highest number that was ever noted; 0 before the first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn newest(tx: &mut Transaction) -> Result<i64> {
    let row = tx.row(&TRUST_LIST_NEWEST, &[]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}
