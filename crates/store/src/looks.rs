//! How often staff members looked at people, by day.

use domain::{AuthorityId, StaffId};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{LOOK_COUNT_ADD, LOOK_COUNTS, LOOK_COUNTS_DROP};

/// How often a staff member looked at people on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookCount {
    /// The day: whole days of UTC since 1970.
    pub day: i64,
    /// Who.
    pub staff: StaffId,
    /// At how many people.
    pub looks: u64,
}

/// Adds to what a staff member of an authority looked at.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, authority: AuthorityId, count: &LookCount) -> Result<()> {
    let looks = i64::try_from(count.looks).unwrap_or(i64::MAX);
    let values = [
        authority.into(),
        count.day.into(),
        count.staff.into(),
        looks.into(),
    ];
    tx.execute(&LOOK_COUNT_ADD, &values).await?;
    Ok(())
}

/// What staff members of an authority looked at, from a day on, in order of day.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn since(
    tx: &mut Transaction,
    authority: AuthorityId,
    day: i64,
) -> Result<Vec<LookCount>> {
    let rows = tx
        .rows(&LOOK_COUNTS, &[authority.into(), day.into()])
        .await?;
    let count = |row: &Row| {
        Ok(LookCount {
            day: row.int(0)?,
            staff: row.id(1)?,
            looks: row.number(2)?,
        })
    };
    rows.iter().map(count).collect()
}

/// Forgets days before one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, before: i64) -> Result<()> {
    tx.execute(&LOOK_COUNTS_DROP, &[before.into()]).await?;
    Ok(())
}
