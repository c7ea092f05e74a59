//! Numbers under a name.

use crate::Result;
use crate::database::Transaction;
use crate::queries::{COUNTER_DRAW, COUNTER_FIND};

/// Adds to the number called `name`, which begins at 0, and returns it. Its row is locked until the
/// transaction ends.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, name: &str, count: i64) -> Result<i64> {
    let row = tx
        .one_row(&COUNTER_DRAW, &[name.into(), count.into()])
        .await?;
    row.int(0)
}

/// The number called `name`; 0 if nothing was added to it.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, name: &str) -> Result<i64> {
    let row = tx.row(&COUNTER_FIND, &[name.into()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}
