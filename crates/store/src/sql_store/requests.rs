//! Request keys: a repeated request counts once (invariant 6).

use domain::{RequestKey, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::database::Session;
use crate::queries::{REQUEST_CLAIM, REQUEST_FIND, REQUEST_FINISH};
use crate::{Result, StoreError, wire};

/// A request that was carried out.
pub(super) struct Earlier {
    key: RequestKey,
    content_hash: [u8; 32],
    recorded_at: Timestamp,
    outcome: String,
}

impl Earlier {
    /// Whether it asked for the same, `hash` being that of the request at hand when its "now" may
    /// also have been the moment given.
    pub(super) fn asked_for(
        &self,
        hash: impl Fn(Option<Timestamp>) -> Result<[u8; 32]>,
    ) -> Result<bool> {
        Ok(self.content_hash == hash(None)? || self.content_hash == hash(Some(self.recorded_at))?)
    }

    /// What was answered.
    pub(super) fn outcome<T: DeserializeOwned>(&self) -> Result<T> {
        wire::from_json(&self.outcome).map_err(|why| StoreError::Corrupt {
            table: "request",
            row: self.key.to_string(),
            why,
        })
    }
}

/// Claims a key; `false` if it is taken.
pub(super) async fn claim(
    session: &mut Session,
    key: RequestKey,
    content_hash: [u8; 32],
    at: Timestamp,
) -> Result<bool> {
    let values = [key.into(), content_hash.into(), at.into()];
    Ok(session.execute(&REQUEST_CLAIM, &values).await? > 0)
}

/// The request that was carried out under this key.
pub(super) async fn find(session: &mut Session, key: RequestKey) -> Result<Option<Earlier>> {
    let Some(row) = session.row(&REQUEST_FIND, &[key.into()]).await? else {
        return Ok(None);
    };
    Ok(Some(Earlier {
        key,
        content_hash: row.array(0)?,
        outcome: row.text(1)?,
        recorded_at: row.time(2)?,
    }))
}

/// Keeps the answer of a request that was claimed in this transaction.
pub(super) async fn finish<T: Serialize>(
    session: &mut Session,
    key: RequestKey,
    outcome: &T,
) -> Result<()> {
    let outcome = wire::to_json(outcome)?;
    session
        .execute(&REQUEST_FINISH, &[key.into(), outcome.into()])
        .await?;
    Ok(())
}
