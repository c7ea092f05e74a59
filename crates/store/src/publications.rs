//! Region levels and policies, in the order in which they were published.

use domain::{Level, PolicyRef, RegionLevel, Timestamp};

use crate::counters;
use crate::database::{Row, Transaction};
use crate::queries::{
    LEVEL_ADD, LEVELS, POLICIES, POLICY_ADD, POLICY_FIND, PUBLICATIONS_CLAIM, PUBLICATIONS_HOLD,
};
use crate::{Result, StoreError};

/// The counter of publications.
const COUNTER: &str = "publication";

/// How often something was published. A node that knows an earlier number does not know every
/// policy and level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicationNumber(i64);

impl PublicationNumber {
    /// Before the first publication.
    pub const NONE: Self = Self(0);

    /// Reads the number of [`Self::as_i64`].
    pub const fn from_i64(number: i64) -> Self {
        Self(number)
    }

    /// The number itself.
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

/// Who published something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Who, as written into the record.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A published policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// Name and version.
    pub reference: PolicyRef,
    /// The document.
    pub toml: String,
    /// From when it is in force.
    pub effective: Timestamp,
}

/// The number of the last publication.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn last(tx: &mut Transaction) -> Result<PublicationNumber> {
    counters::find(tx, COUNTER).await.map(PublicationNumber)
}

/// The number of the last publication, which stays the last until the transaction ends. A
/// publication waits for that, and so reads everything that was written under the number before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn hold(tx: &mut Transaction) -> Result<PublicationNumber> {
    tx.rows(&PUBLICATIONS_HOLD, &[]).await?;
    last(tx).await
}

/// Publishes region levels. All or none.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn publish_levels(
    tx: &mut Transaction,
    levels: &[RegionLevel],
    published: &Publication,
) -> Result<()> {
    begin(tx).await?;
    let first = draw(tx, "region_level", levels.len()).await?;
    for (number, level) in (first..).zip(levels) {
        let values = [
            number.into(),
            level.region.to_string().into(),
            level.level.as_str().into(),
            level.from.into(),
            level.until.into(),
            published.by.as_str().into(),
            published.at.into(),
        ];
        tx.execute(&LEVEL_ADD, &values).await?;
    }
    Ok(())
}

/// Every level published, in order of publication.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn levels(tx: &mut Transaction) -> Result<Vec<RegionLevel>> {
    let rows = tx.rows(&LEVELS, &[]).await?;
    let level = |row: &Row| {
        let word = row.text(2)?;
        let level = Level::ALL.into_iter().find(|level| level.as_str() == word);
        Ok(RegionLevel {
            region: row.word(1)?,
            level: level.ok_or_else(|| row.corrupt(2, "no such level"))?,
            from: row.time(3)?,
            until: row.time_or_null(4)?,
        })
    };
    rows.iter().map(level).collect()
}

/// Publishes a policy.
///
/// # Errors
/// [`StoreError::PolicyExists`] for a version that exists with another text.
pub async fn publish_policy(
    tx: &mut Transaction,
    policy: &PolicyText,
    published: &Publication,
) -> Result<()> {
    begin(tx).await?;
    let number = draw(tx, "policy", 1).await?;
    let values = [
        policy.reference.id.as_str().into(),
        policy.reference.version.into(),
        number.into(),
        policy.toml.as_str().into(),
        policy.effective.into(),
        published.by.as_str().into(),
        published.at.into(),
    ];
    if tx.execute(&POLICY_ADD, &values).await? > 0 {
        return Ok(());
    }
    let reference = &policy.reference;
    let key = [reference.id.as_str().into(), reference.version.into()];
    let there = read_policy(&tx.one_row(&POLICY_FIND, &key).await?)?;
    if there == *policy {
        Ok(())
    } else {
        Err(StoreError::PolicyExists(reference.clone()))
    }
}

/// Every policy published, newest publication last.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn policies(tx: &mut Transaction) -> Result<Vec<PolicyText>> {
    let rows = tx.rows(&POLICIES, &[]).await?;
    rows.iter().map(read_policy).collect()
}

/// Waits for those who decide under what was published before, and keeps others from beginning.
async fn begin(tx: &mut Transaction) -> Result<()> {
    tx.rows(&PUBLICATIONS_CLAIM, &[]).await?;
    counters::add(tx, COUNTER, 1).await.map(drop)
}

/// Draws `count` consecutive numbers and returns the first.
async fn draw(tx: &mut Transaction, name: &str, count: usize) -> Result<i64> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let last = counters::add(tx, name, count).await?;
    Ok(last - count + 1)
}

fn read_policy(row: &Row) -> Result<PolicyText> {
    Ok(PolicyText {
        reference: PolicyRef {
            id: row.text(0)?,
            version: row.number(1)?,
        },
        toml: row.text(2)?,
        effective: row.time(3)?,
    })
}
