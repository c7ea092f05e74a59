//! Receipts: a repeated request counts once (invariant 6), and opens nothing (invariant 15).

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;

use crate::Result;
use crate::database::{Transaction, Value};
use crate::queries::{RECEIPT_ADD, RECEIPT_FIND, RECEIPT_FINISH, RECEIPTS_DROP, RECEIPTS_RELEASE};

/// A keyed hash of what a client sent so that the request counts once. The key is not in the
/// database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestHash(pub [u8; 32]);

/// A request that is being carried out.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Which.
    pub request: RequestHash,
    /// SHA-256 of what was asked for, in a form that a repeated request has too.
    pub content: [u8; 32],
    /// What is answered, as JSON; empty until [`finish`].
    pub outcome: String,
    /// When.
    pub at: Timestamp,
}

/// A request that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierReceipt {
    /// SHA-256 of what was asked for.
    pub content: [u8; 32],
    /// What was answered.
    pub outcome: String,
}

/// Claims requests; returns those that nobody claimed before. Each must be another request.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn claim(tx: &mut Transaction, receipts: &[Receipt]) -> Result<BTreeSet<RequestHash>> {
    let mut receipts: Vec<&Receipt> = receipts.iter().collect();
    // In order, so that no two transactions wait for each other.
    receipts.sort_by_key(|receipt| receipt.request);
    let values = |receipt: &&Receipt| {
        vec![
            receipt.request.0.into(),
            receipt.content.into(),
            receipt.outcome.as_str().into(),
            receipt.at.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = receipts.iter().map(values).collect();
    let claimed = tx.rows_each(&RECEIPT_ADD, &rows).await?;
    claimed
        .iter()
        .map(|row| row.array(0).map(RequestHash))
        .collect()
}

/// The request that was carried out under this hash.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, request: RequestHash) -> Result<Option<EarlierReceipt>> {
    Ok(find_many(tx, &[request]).await?.remove(&request))
}

/// Those of these requests that were carried out.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find_many(
    tx: &mut Transaction,
    requests: &[RequestHash],
) -> Result<BTreeMap<RequestHash, EarlierReceipt>> {
    let asked: Vec<Vec<Value>> = requests.iter().map(|one| vec![one.0.into()]).collect();
    let mut found = BTreeMap::new();
    for row in tx.rows_each(&RECEIPT_FIND, &asked).await? {
        let receipt = EarlierReceipt {
            content: row.array(1)?,
            outcome: row.text(2)?,
        };
        found.insert(RequestHash(row.array(0)?), receipt);
    }
    Ok(found)
}

/// Keeps the answers of requests that were claimed in this transaction.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn finish(tx: &mut Transaction, answers: &[(RequestHash, String)]) -> Result<()> {
    let rows: Vec<Vec<Value>> = answers
        .iter()
        .map(|(request, outcome)| vec![request.0.into(), outcome.as_str().into()])
        .collect();
    tx.execute_each(&RECEIPT_FINISH, &rows).await?;
    Ok(())
}

/// Gives back requests that were claimed in this transaction and are not carried out: a client that
/// mends them may send them again.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn release(tx: &mut Transaction, requests: &[RequestHash]) -> Result<()> {
    let rows: Vec<Vec<Value>> = requests.iter().map(|one| vec![one.0.into()]).collect();
    tx.execute_each(&RECEIPTS_RELEASE, &rows).await?;
    Ok(())
}

/// Forgets what was carried out before `before`; the number of receipts.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<u64> {
    tx.execute(&RECEIPTS_DROP, &[before.into()]).await
}
