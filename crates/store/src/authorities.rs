//! Bodies that may submit evidence, found by the hash of their bearer token.

use domain::{Authority, AuthorityId};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{
    AUTHORITIES, AUTHORITY_FIND, AUTHORITY_PUT, AUTHORITY_TOKEN_ADD, AUTHORITY_TOKEN_DROP,
    AUTHORITY_TOKEN_FIND,
};

/// Adds an authority with the hash of its bearer token, or replaces the token of one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(tx: &mut Transaction, authority: &Authority, token_hash: [u8; 32]) -> Result<()> {
    let id = authority.id;
    let values = [
        id.into(),
        authority.kind.as_str().into(),
        authority.name.as_str().into(),
    ];
    tx.execute(&AUTHORITY_PUT, &values).await?;
    tx.execute(&AUTHORITY_TOKEN_DROP, &[id.into()]).await?;
    tx.execute(&AUTHORITY_TOKEN_ADD, &[token_hash.into(), id.into()])
        .await?;
    Ok(())
}

/// The authority whose token has this hash.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn by_token(tx: &mut Transaction, token_hash: [u8; 32]) -> Result<Option<Authority>> {
    let found = tx.row(&AUTHORITY_TOKEN_FIND, &[token_hash.into()]).await?;
    let Some(row) = found else { return Ok(None) };
    let authority = tx
        .row(&AUTHORITY_FIND, &[row.id::<AuthorityId>(0)?.into()])
        .await?;
    authority.as_ref().map(read).transpose()
}

/// Every authority.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn all(tx: &mut Transaction) -> Result<Vec<Authority>> {
    let rows = tx.rows(&AUTHORITIES, &[]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Authority> {
    Ok(Authority {
        id: row.id(0)?,
        kind: row.word(1)?,
        name: row.text(2)?,
    })
}
