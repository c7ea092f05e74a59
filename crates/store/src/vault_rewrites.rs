//! How far the vault is sealed anew under another key.

use domain::PersonId;

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{CURSOR_FIND, CURSOR_PUT};

/// The name of this pass over everybody.
const VAULT: &str = "vault";

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultRewrite {
    /// The key under which it is sealed anew, by its number.
    pub key: String,
    /// Everybody up to this person is sealed anew; `None` before the first.
    pub after: Option<PersonId>,
    /// How many identities were sealed anew.
    pub resealed: u64,
    /// How many do not open, and stay as they are.
    pub unopened: u64,
    /// Whether the end was reached.
    pub is_finished: bool,
}

/// How far it is; `None` if the vault was never sealed anew.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction) -> Result<Option<VaultRewrite>> {
    let row = tx.row(&CURSOR_FIND, &[VAULT.into()]).await?;
    let rewrite = |row: Row| {
        Ok(VaultRewrite {
            key: row.text(0)?,
            after: row.id_or_null(1)?,
            resealed: row.number(2)?,
            unopened: row.number(3)?,
            is_finished: row.int(4)? != 0,
        })
    };
    row.map(rewrite).transpose()
}

/// Notes how far it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note(tx: &mut Transaction, rewrite: &VaultRewrite) -> Result<()> {
    let count = |people: u64| i64::try_from(people).unwrap_or(i64::MAX);
    let values = [
        VAULT.into(),
        rewrite.key.as_str().into(),
        rewrite.after.into(),
        count(rewrite.resealed).into(),
        count(rewrite.unopened).into(),
        i64::from(rewrite.is_finished).into(),
    ];
    tx.execute(&CURSOR_PUT, &values).await?;
    Ok(())
}
