//! How long appeals are kept, and under which keys.

use domain::{AppealId, PersonId, Timestamp};

use super::{AppealRecord, SealedWith, read};
use crate::Result;
use crate::database::{Transaction, Value};
use crate::queries::{
    APPEAL_FILE_FORGET, APPEAL_FILE_RESEAL, APPEAL_FORGET, APPEAL_RESEAL, APPEAL_RULE_FORGET,
    APPEALED_EVIDENCE_FORGET, APPEALS_OLD, APPEALS_SEALED_BEFORE, APPEALS_SEALED_IN,
    APPEALS_SEALED_WITH,
};

/// Those that an older key of the vault sealed, or the key of an earlier month, at most so many, in order of
/// person and appeal.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn sealed_before(
    tx: &mut Transaction,
    seal: SealedWith,
    after: Option<(PersonId, AppealId)>,
    limit: u32,
) -> Result<Vec<AppealRecord>> {
    let (person, appeal): (Value, Value) = match after {
        Some((person, appeal)) => (person.into(), appeal.into()),
        None => ([].into(), [].into()),
    };
    let key = i64::from(seal.key).into();
    let month = i64::from(seal.month).into();
    let values = [key, month, person, appeal, limit.into()];
    let rows = tx.rows(&APPEALS_SEALED_BEFORE, &values).await?;
    rows.iter().map(read).collect()
}

/// How many still need the key of a month before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn sealed_in_months_before(tx: &mut Transaction, month: u16) -> Result<u64> {
    let values = [i64::from(month).into()];
    tx.one_row(&APPEALS_SEALED_IN, &values).await?.number(0)
}

/// How many a key of the vault sealed.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn sealed_with(tx: &mut Transaction, seal: u8) -> Result<u64> {
    let values = [i64::from(seal).into()];
    tx.one_row(&APPEALS_SEALED_WITH, &values).await?.number(0)
}

/// Puts in place what is sealed of an appeal anew, unless it was answered or sealed anew since `before` was
/// read.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn reseal(
    tx: &mut Transaction,
    before: &AppealRecord,
    fresh: &AppealRecord,
    file: Option<&[u8]>,
) -> Result<()> {
    let (person, id) = (before.person, before.id);
    let answered_at = before.answer.as_ref();
    let reasons = fresh
        .answer
        .as_ref()
        .map(|answer| answer.reasons.as_slice());
    let values = [
        person.into(),
        id.into(),
        i64::from(before.seal.key).into(),
        i64::from(before.seal.month).into(),
        i64::from(fresh.seal.key).into(),
        i64::from(fresh.seal.month).into(),
        fresh.said.as_slice().into(),
        reasons.into(),
        answered_at
            .map_or(-1, |answer| answer.at.as_second())
            .into(),
    ];
    let resealed = tx.execute(&APPEAL_RESEAL, &values).await?;
    if let Some(file) = file.filter(|_| resealed > 0) {
        let values = [person.into(), id.into(), file.into()];
        tx.execute(&APPEAL_FILE_RESEAL, &values).await?;
    }
    Ok(())
}

/// Those of these people that were answered before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn old(
    tx: &mut Transaction,
    people: &[PersonId],
    before: Timestamp,
) -> Result<Vec<(PersonId, AppealId)>> {
    let asked: Vec<Vec<Value>> = people
        .iter()
        .map(|person| vec![(*person).into(), before.into()])
        .collect();
    let rows = tx.rows_each(&APPEALS_OLD, &asked).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.id(1)?)))
        .collect()
}

/// Deletes appeals with whatever came with them; how many there were.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, appeals: &[(PersonId, AppealId)]) -> Result<u64> {
    let rows: Vec<Vec<Value>> = appeals
        .iter()
        .map(|(person, id)| vec![(*person).into(), (*id).into()])
        .collect();
    for part in [
        &APPEAL_FILE_FORGET,
        &APPEAL_RULE_FORGET,
        &APPEALED_EVIDENCE_FORGET,
    ] {
        tx.execute_each(part, &rows).await?;
    }
    tx.execute_each(&APPEAL_FORGET, &rows).await
}
