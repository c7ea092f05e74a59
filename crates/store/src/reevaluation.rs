//! How far the re-evaluation of everybody is, after a change of policy or levels.

use domain::PersonId;

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{CURSOR_FIND, CURSOR_PUT};

/// The one re-evaluation there is.
const EVERYBODY: &str = "everybody";

/// How far a re-evaluation of everybody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReevaluationRecord {
    /// What everybody is decided under, as the caller tells it from other states.
    pub in_force: String,
    /// The last person decided.
    pub after: Option<PersonId>,
    /// People decided so far.
    pub decided: u64,
    /// Those of them whose status changed.
    pub changed: u64,
    /// Whether everybody was decided.
    pub is_finished: bool,
}

/// How far it is; `None` if there never was one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction) -> Result<Option<ReevaluationRecord>> {
    let row = tx.row(&CURSOR_FIND, &[EVERYBODY.into()]).await?;
    let record = |row: Row| {
        Ok(ReevaluationRecord {
            in_force: row.text(0)?,
            after: row.id_or_null(1)?,
            decided: row.number(2)?,
            changed: row.number(3)?,
            is_finished: row.int(4)? != 0,
        })
    };
    row.map(record).transpose()
}

/// Notes how far it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note(tx: &mut Transaction, record: &ReevaluationRecord) -> Result<()> {
    let count = |people: u64| i64::try_from(people).unwrap_or(i64::MAX);
    let values = [
        EVERYBODY.into(),
        record.in_force.as_str().into(),
        record.after.into(),
        count(record.decided).into(),
        count(record.changed).into(),
        i64::from(record.is_finished).into(),
    ];
    tx.execute(&CURSOR_PUT, &values).await?;
    Ok(())
}
