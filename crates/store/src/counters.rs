//! Numbers under a name.

use crate::Result;
use crate::database::{Transaction, Value};
use crate::queries::{COUNTER_DRAW, COUNTER_DROP, COUNTER_FIND, COUNTERS_OF_CAPS};

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

/// The names of the counters that begin with `cap `, in order.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn names_of_caps(tx: &mut Transaction) -> Result<Vec<String>> {
    let rows = tx.rows(&COUNTERS_OF_CAPS, &[]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// Forgets counters.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop_all(tx: &mut Transaction, names: &[String]) -> Result<()> {
    let rows: Vec<Vec<Value>> = names
        .iter()
        .map(|name| vec![name.as_str().into()])
        .collect();
    tx.execute_each(&COUNTER_DROP, &rows).await?;
    Ok(())
}
