//! Bodies that may submit evidence, found by the hash of their bearer token.

use domain::{Authority, AuthorityId};

use crate::Result;
use crate::database::{Row, Session};
use crate::queries::{
    AUTHORITIES, AUTHORITY_FIND, AUTHORITY_PUT, AUTHORITY_TOKEN_ADD, AUTHORITY_TOKEN_DROP,
    AUTHORITY_TOKEN_FIND,
};

pub(super) async fn put(
    session: &mut Session,
    authority: &Authority,
    token_hash: [u8; 32],
) -> Result<()> {
    let id = authority.id;
    let values = [
        id.into(),
        authority.kind.as_str().into(),
        authority.name.as_str().into(),
    ];
    session.execute(&AUTHORITY_PUT, &values).await?;
    session.execute(&AUTHORITY_TOKEN_DROP, &[id.into()]).await?;
    session
        .execute(&AUTHORITY_TOKEN_ADD, &[token_hash.into(), id.into()])
        .await?;
    Ok(())
}

pub(super) async fn by_token(
    session: &mut Session,
    token_hash: [u8; 32],
) -> Result<Option<Authority>> {
    let found = session
        .row(&AUTHORITY_TOKEN_FIND, &[token_hash.into()])
        .await?;
    let Some(row) = found else { return Ok(None) };
    let authority = session
        .row(&AUTHORITY_FIND, &[row.id::<AuthorityId>(0)?.into()])
        .await?;
    authority.as_ref().map(read).transpose()
}

pub(super) async fn all(session: &mut Session) -> Result<Vec<Authority>> {
    let rows = session.rows(&AUTHORITIES, &[]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Authority> {
    Ok(Authority {
        id: row.id(0)?,
        kind: row.word(1)?,
        name: row.text(2)?,
    })
}
