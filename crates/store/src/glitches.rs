//! Reports of glitches, and their answers.

use domain::{GlitchId, StaffId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{
    GLITCH_ADD, GLITCH_ANSWER, GLITCH_ERASE, GLITCH_FIND, GLITCH_RESEAL, GLITCHES_DROP,
    GLITCHES_SAID, GLITCHES_WAITING, GLITCHES_WAITING_COUNT,
};

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlitchRecord {
    /// Which.
    pub id: GlitchId,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// On which page; empty if they did not say.
    pub page: String,
    /// What they said, sealed; `None` once it was erased.
    pub said: Option<Vec<u8>>,
    /// Its answer; `None` while it waits.
    pub answer: Option<GlitchAnswer>,
}

/// The answer to a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlitchAnswer {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: StaffId,
    /// What came of it, as a word.
    pub outcome: String,
    /// In words.
    pub words: String,
}

/// Adds a report that waits.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, glitch: &GlitchRecord) -> Result<()> {
    let values = [
        glitch.id.into(),
        glitch.reported_at.into(),
        glitch.page.as_str().into(),
        glitch.said.as_deref().into(),
    ];
    tx.execute(&GLITCH_ADD, &values).await?;
    Ok(())
}

/// A report.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, id: GlitchId) -> Result<Option<GlitchRecord>> {
    let row = tx.row(&GLITCH_FIND, &[id.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// One page of what waits after a place, the oldest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting(
    tx: &mut Transaction,
    (reported_at, id): (Timestamp, GlitchId),
    limit: u32,
) -> Result<Vec<GlitchRecord>> {
    let values = [reported_at.into(), id.into(), limit.into()];
    let rows = tx.rows(&GLITCHES_WAITING, &values).await?;
    rows.iter().map(read).collect()
}

/// How many wait.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn count_waiting(tx: &mut Transaction) -> Result<u64> {
    tx.one_row(&GLITCHES_WAITING_COUNT, &[]).await?.number(0)
}

/// Answers a report; `false`, with nothing changed, if somebody did.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn answer(tx: &mut Transaction, id: GlitchId, answer: &GlitchAnswer) -> Result<bool> {
    let values = [
        id.into(),
        answer.at.into(),
        answer.by.into(),
        answer.outcome.as_str().into(),
        answer.words.as_str().into(),
    ];
    Ok(tx.execute(&GLITCH_ANSWER, &values).await? > 0)
}

/// Erases what a report says; `false` if it says nothing any more.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn erase(tx: &mut Transaction, id: GlitchId) -> Result<bool> {
    Ok(tx.execute(&GLITCH_ERASE, &[id.into()]).await? > 0)
}

/// One page of what reports say, sealed, in order of identifier after `after`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn said(
    tx: &mut Transaction,
    after: GlitchId,
    limit: u32,
) -> Result<Vec<(GlitchId, Vec<u8>)>> {
    let rows = tx
        .rows(&GLITCHES_SAID, &[after.into(), limit.into()])
        .await?;
    let said = |row: &Row| Ok((row.id(0)?, row.bytes(1)?.to_vec()));
    rows.iter().map(said).collect()
}

/// Puts what was sealed anew in the place of what was read, unless that was erased meanwhile.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn reseal(
    tx: &mut Transaction,
    id: GlitchId,
    before: &[u8],
    sealed: &[u8],
) -> Result<bool> {
    let values = [id.into(), before.into(), sealed.into()];
    Ok(tx.execute(&GLITCH_RESEAL, &values).await? > 0)
}

/// Deletes what was reported before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<u64> {
    tx.execute(&GLITCHES_DROP, &[before.into()]).await
}

fn read(row: &Row) -> Result<GlitchRecord> {
    let answer = |at| {
        Ok(GlitchAnswer {
            at,
            by: row.id(5)?,
            outcome: row.text(6)?,
            words: row.text(7)?,
        })
    };
    Ok(GlitchRecord {
        id: row.id(0)?,
        reported_at: row.time(1)?,
        page: row.text(2)?,
        said: row.bytes_or_null(3)?.map(<[u8]>::to_vec),
        answer: row.time_or_null(4)?.map(answer).transpose()?,
    })
}
