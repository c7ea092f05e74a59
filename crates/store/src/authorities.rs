//! Bodies that may submit evidence.

use domain::{Authority, AuthorityId, Region};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{
    AUTHORITIES, AUTHORITY_PUT, AUTHORITY_REGION_FILL, AUTHORITY_TOKEN_DROP, AUTHORITY_TOKENS,
};

/// Adds an authority, or changes one.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(tx: &mut Transaction, authority: &Authority) -> Result<()> {
    let values = [
        authority.id.into(),
        authority.kind.as_str().into(),
        authority.name.as_str().into(),
        authority.region.to_string().into(),
    ];
    tx.execute(&AUTHORITY_PUT, &values).await?;
    Ok(())
}

/// Gives a region to the authorities of version 0.1, which have none.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn fill_regions(tx: &mut Transaction, region: Region) -> Result<()> {
    let values = [region.to_string().into()];
    tx.execute(&AUTHORITY_REGION_FILL, &values).await?;
    Ok(())
}

/// Every authority.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn all(tx: &mut Transaction) -> Result<Vec<Authority>> {
    let rows = tx.rows(&AUTHORITIES, &[]).await?;
    rows.iter().map(read).collect()
}

/// Takes out the tokens of version 0.1, each SHA-256 of a token with its authority: they become feeds
/// in the same transaction.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn take_tokens(tx: &mut Transaction) -> Result<Vec<([u8; 32], AuthorityId)>> {
    let rows = tx.rows(&AUTHORITY_TOKENS, &[]).await?;
    let tokens: Result<Vec<_>> = rows
        .iter()
        .map(|row| Ok((row.array(0)?, row.id(1)?)))
        .collect();
    let tokens = tokens?;
    for (hash, _) in &tokens {
        tx.execute(&AUTHORITY_TOKEN_DROP, &[(*hash).into()]).await?;
    }
    Ok(tokens)
}

fn read(row: &Row) -> Result<Authority> {
    Ok(Authority {
        id: row.id(0)?,
        kind: row.word(1)?,
        name: row.text(2)?,
        region: row.word(3)?,
    })
}
