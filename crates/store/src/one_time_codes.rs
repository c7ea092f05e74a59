//! One-time codes that were asked for, and how many: for an account, for a client, to a phone.

use domain::{AccountId, ChallengeId, Timestamp};

use crate::Result;
use crate::database::{Transaction, Value};
use crate::identities::BlindIndex;
use crate::queries::{
    CODE_ADD, CODE_SENT_ADD, CODE_TRY, CODE_USE, CODES_DROP, CODES_SENT, CODES_SENT_DROP,
};

/// A one-time code.
#[derive(Clone, Debug)]
pub struct OneTimeCode {
    /// Handed to the person who asked.
    pub challenge: ChallengeId,
    /// For which account; `None` if there is none, which nobody learns.
    pub account: Option<AccountId>,
    /// What it is for, as a word.
    pub purpose: String,
    /// Under what it is counted.
    pub counted: Vec<BlindIndex>,
    /// Keyed hash of the code with the challenge.
    pub code_hash: [u8; 32],
    /// When it was made.
    pub sent_at: Timestamp,
    /// From when on it is of no use.
    pub ends_at: Timestamp,
}

/// Keeps a code, and counts it.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, code: &OneTimeCode) -> Result<()> {
    let values = [
        code.challenge.into(),
        code.account.into(),
        code.purpose.as_str().into(),
        code.code_hash.into(),
        code.ends_at.into(),
    ];
    tx.execute(&CODE_ADD, &values).await?;
    let sent = code.counted.iter().map(|counted| {
        vec![
            counted.newest.into(),
            code.sent_at.into(),
            code.challenge.into(),
        ]
    });
    let sent: Vec<Vec<Value>> = sent.collect();
    tx.execute_each(&CODE_SENT_ADD, &sent).await?;
    Ok(())
}

/// When codes were counted under an index since, oldest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn sent_since(
    tx: &mut Transaction,
    counted: BlindIndex,
    since: Timestamp,
) -> Result<Vec<Timestamp>> {
    let values = [counted.newest.into(), since.into()];
    let rows = tx.rows(&CODES_SENT, &values).await?;
    rows.iter().map(|row| row.time(0)).collect()
}

/// Counts an attempt at a code; its account and its hash, or `None` if it may not be tried: it does
/// not exist, has ended, was used, or was tried `most` times.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn attempt(
    tx: &mut Transaction,
    challenge: ChallengeId,
    purpose: &str,
    most: u32,
    now: Timestamp,
) -> Result<Option<(Option<AccountId>, [u8; 32])>> {
    let values = [challenge.into(), purpose.into(), most.into(), now.into()];
    let row = tx.row(&CODE_TRY, &values).await?;
    row.map(|row| Ok((row.id_or_null(0)?, row.array(1)?)))
        .transpose()
}

/// Uses a code up; `false` if it was used before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn use_up(tx: &mut Transaction, challenge: ChallengeId, at: Timestamp) -> Result<bool> {
    Ok(tx
        .execute(&CODE_USE, &[challenge.into(), at.into()])
        .await?
        > 0)
}

/// Forgets codes that ended, and what was counted, before `before`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<()> {
    let before: Value = before.into();
    tx.execute(&CODES_DROP, std::slice::from_ref(&before))
        .await?;
    tx.execute(&CODES_SENT_DROP, &[before]).await?;
    Ok(())
}
