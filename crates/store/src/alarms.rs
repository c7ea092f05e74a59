//! Alarms: what somebody should look at.

use domain::{AlarmId, AuthorityId, StaffId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{
    ALARM_ACKNOWLEDGE, ALARM_FIND, ALARM_RAISE, ALARMS, ALARMS_DROP, ALARMS_OPEN,
};

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRecord {
    /// The same for the same thing on the same day.
    pub id: AlarmId,
    /// What, as a word.
    pub kind: String,
    /// Which limit, kind of request or key, as a word; empty if there is one only.
    pub about: String,
    /// The authority concerned; `None` if it is the whole installation.
    pub authority: Option<AuthorityId>,
    /// When it was raised first.
    pub raised_at: Timestamp,
    /// How many people, requests or days.
    pub number: u64,
    /// When a staff member said that they have seen it, and who.
    pub acknowledged: Option<(Timestamp, StaffId)>,
}

/// Raises an alarm, or the number of one that was raised before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn raise(tx: &mut Transaction, alarm: &AlarmRecord) -> Result<()> {
    let values = [
        alarm.id.into(),
        alarm.kind.as_str().into(),
        alarm.about.as_str().into(),
        alarm.authority.into(),
        alarm.raised_at.into(),
        i64::try_from(alarm.number).unwrap_or(i64::MAX).into(),
    ];
    tx.execute(&ALARM_RAISE, &values).await?;
    Ok(())
}

/// The newest alarms, newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn newest(tx: &mut Transaction, limit: u32) -> Result<Vec<AlarmRecord>> {
    let rows = tx.rows(&ALARMS, &[limit.into()]).await?;
    rows.iter().map(alarm).collect()
}

/// An alarm.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, id: AlarmId) -> Result<Option<AlarmRecord>> {
    let row = tx.row(&ALARM_FIND, &[id.into()]).await?;
    row.as_ref().map(alarm).transpose()
}

/// How many alarms nobody has seen.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn count_open(tx: &mut Transaction) -> Result<u64> {
    tx.one_row(&ALARMS_OPEN, &[]).await?.number(0)
}

/// Notes that a staff member has seen an alarm; `false` if somebody had before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn acknowledge(
    tx: &mut Transaction,
    id: AlarmId,
    at: Timestamp,
    by: StaffId,
) -> Result<bool> {
    let values = [id.into(), at.into(), by.into()];
    Ok(tx.execute(&ALARM_ACKNOWLEDGE, &values).await? > 0)
}

/// Forgets alarms that were raised before `before` and seen.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<()> {
    tx.execute(&ALARMS_DROP, &[before.into()]).await?;
    Ok(())
}

fn alarm(row: &Row) -> Result<AlarmRecord> {
    Ok(AlarmRecord {
        id: row.id(0)?,
        kind: row.text(1)?,
        about: row.text(2)?,
        authority: row.id_or_null(3)?,
        raised_at: row.time(4)?,
        number: row.number(5)?,
        acknowledged: row.time_or_null(6)?.zip(row.id_or_null(7)?),
    })
}
