//! The order of changes: what follows verdicts and revoked indexes follows a number that the database
//! draws, and needs no clock.
//!
//! On PostgreSQL a number is drawn without waiting for anybody, so a lower one may become visible
//! after a higher one. A follower reads the last numbers again for as long as a transaction may
//! take.

use crate::Result;
use crate::database::{Transaction, Value};
use crate::queries::{CHANGE_NUMBER_DRAW, CHANGE_NUMBER_LAST};

/// The place of a transaction in the order of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeNumber(i64);

impl ChangeNumber {
    /// Comes before every change.
    pub const BEFORE_ALL: Self = Self(-1);

    /// Reads the number of [`Self::as_i64`].
    pub const fn from_i64(number: i64) -> Self {
        Self(number)
    }

    /// The number itself.
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl From<ChangeNumber> for Value {
    fn from(number: ChangeNumber) -> Self {
        number.0.into()
    }
}

/// Where to go on in a record that is read in the order of changes: behind a change, and of that
/// change itself only with what comes after `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeCursor<K> {
    /// The change read last.
    pub number: ChangeNumber,
    /// What was read last of it; `None` if nothing was.
    pub after: Option<K>,
}

impl<K> ChangeCursor<K> {
    /// From the beginning of a change on.
    pub const fn at(number: ChangeNumber) -> Self {
        Self {
            number,
            after: None,
        }
    }
}

/// Draws the number of this transaction.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn draw(tx: &mut Transaction) -> Result<ChangeNumber> {
    let row = tx.one_row(&CHANGE_NUMBER_DRAW, &[]).await?;
    row.int(0).map(ChangeNumber)
}

/// The last number drawn, visible or not; what is drawn later is greater.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn last(tx: &mut Transaction) -> Result<ChangeNumber> {
    let row = tx.one_row(&CHANGE_NUMBER_LAST, &[]).await?;
    row.int(0).map(ChangeNumber)
}
