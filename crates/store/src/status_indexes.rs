//! The indexes of assertions in the status lists: which bit of which list stands for which person.

use domain::{DeviceId, PersonId, Timestamp};

use crate::Result;
use crate::changes::{ChangeCursor, ChangeNumber};
use crate::database::{Row, Transaction, Value};
use crate::people;
use crate::queries::{
    STATUS_INDEX_CLAIM, STATUS_INDEX_DROP, STATUS_INDEX_FIND, STATUS_INDEX_HOLDER,
    STATUS_INDEX_NEWEST, STATUS_INDEX_NEWEST_LIST, STATUS_INDEX_PUT, STATUS_INDEX_RELEASE,
    STATUS_INDEXES_ENDED, STATUS_INDEXES_REVOKE, STATUS_INDEXES_REVOKED,
    STATUS_INDEXES_REVOKED_SINCE,
};

/// An index in a status list, held by the assertions of one device until revoked or expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusIndex {
    /// Whose.
    pub person: PersonId,
    /// Which key of a phone, or what stands in for one; `None` for plain codes and cards of
    /// version 0.1.
    pub device: Option<DeviceId>,
    /// Which list.
    pub list: u32,
    /// Which bit.
    pub index: u32,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// The latest expiry of an assertion that names it.
    pub expires_at: Timestamp,
}

/// An index whose assertions no longer hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedIndex {
    /// Which list.
    pub list: u32,
    /// Which bit.
    pub index: u32,
    /// Since when.
    pub revoked_at: Timestamp,
    /// When the last assertion that names it has expired.
    pub expires_at: Timestamp,
    /// The change that revoked it.
    pub change: ChangeNumber,
}

impl RevokedIndex {
    /// Goes on after this index, which is its list and its bit.
    pub const fn cursor(&self) -> ChangeCursor<(u32, u32)> {
        ChangeCursor {
            number: self.change,
            after: Some((self.list, self.index)),
        }
    }
}

/// Claims an index; `false` if another assertion has it or it was revoked. The same person and phone
/// may claim it again to move its expiry further away.
///
/// Claim first, then read the verdict, then sign: a verdict that gets worse afterwards finds the
/// index and revokes it.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn claim(tx: &mut Transaction, claimed: &StatusIndex) -> Result<bool> {
    // Waits for a verdict that is being written about this person, or makes it wait: either the
    // verdict sees the index and can revoke it, or this claim sees the verdict.
    people::touch(tx, [claimed.person]).await?;
    let place = [claimed.list.into(), claimed.index.into()];
    let claim = [
        claimed.list.into(),
        claimed.index.into(),
        claimed.person.into(),
    ];
    if tx.execute(&STATUS_INDEX_CLAIM, &claim).await? == 0 {
        let holder: PersonId = tx.one_row(&STATUS_INDEX_HOLDER, &place).await?.id(0)?;
        if holder != claimed.person {
            return Ok(false);
        }
    }
    let values = [
        claimed.person.into(),
        claimed.list.into(),
        claimed.index.into(),
        claimed.device.into(),
        claimed.claimed_at.into(),
        claimed.expires_at.into(),
    ];
    Ok(tx.execute(&STATUS_INDEX_PUT, &values).await? > 0)
}

/// The newest index of a device (or of the person's plain codes and cards) that is not revoked.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn live(
    tx: &mut Transaction,
    person: PersonId,
    device: Option<DeviceId>,
) -> Result<Option<StatusIndex>> {
    let row = tx
        .row(&STATUS_INDEX_NEWEST, &[person.into(), device.into()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Whose assertions name this index of a list, and since when; `None` if nobody's do.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, list: u32, index: u32) -> Result<Option<StatusIndex>> {
    let place = [list.into(), index.into()];
    let Some(row) = tx.row(&STATUS_INDEX_HOLDER, &place).await? else {
        return Ok(None);
    };
    let holder: PersonId = row.id(0)?;
    let values = [holder.into(), list.into(), index.into()];
    let row = tx.row(&STATUS_INDEX_FIND, &values).await?;
    row.as_ref().map(read).transpose()
}

/// The number of the last list in which an index is held; 0 if there is none.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn newest_list(tx: &mut Transaction) -> Result<u32> {
    let row = tx.row(&STATUS_INDEX_NEWEST_LIST, &[]).await?;
    row.map_or(Ok(0), |row| row.number(0))
}

/// Gives back indexes whose last assertion expired before `before`, `limit` at most; how many. They
/// may then be claimed by anybody.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, before: Timestamp, limit: u32) -> Result<u32> {
    let ended = tx
        .rows(&STATUS_INDEXES_ENDED, &[before.into(), limit.into()])
        .await?;
    let place = |row: &Row| -> Result<Vec<Value>> {
        let (person, list, index): (PersonId, u32, u32) =
            (row.id(0)?, row.number(1)?, row.number(2)?);
        Ok(vec![person.into(), list.into(), index.into()])
    };
    let mut places: Vec<Vec<Value>> = ended.iter().map(place).collect::<Result<_>>()?;
    for place in &mut places {
        place.push(before.into());
    }
    let dropped = tx.rows_each(&STATUS_INDEX_DROP, &places).await?;
    let claims: Vec<Vec<Value>> = dropped.iter().map(place).collect::<Result<_>>()?;
    tx.execute_each(&STATUS_INDEX_RELEASE, &claims).await?;
    Ok(u32::try_from(ended.len()).unwrap_or(limit))
}

/// Revokes every index of these people that has not expired; returns them. The people must be locked.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn revoke(
    tx: &mut Transaction,
    people: &[PersonId],
    now: Timestamp,
    change: ChangeNumber,
) -> Result<Vec<RevokedIndex>> {
    let rows: Vec<Vec<Value>> = people
        .iter()
        .map(|person| vec![(*person).into(), now.into(), change.into()])
        .collect();
    let revoked = tx.rows_each(&STATUS_INDEXES_REVOKE, &rows).await?;
    revoked.iter().map(read_revoked).collect()
}

/// Indexes revoked and not yet expired at `now`, by list and index.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn revoked(tx: &mut Transaction, now: Timestamp) -> Result<Vec<RevokedIndex>> {
    let rows = tx.rows(&STATUS_INDEXES_REVOKED, &[now.into()]).await?;
    rows.iter().map(read_revoked).collect()
}

/// Indexes revoked since, expired or not, in order of change, list and index.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn revoked_since(
    tx: &mut Transaction,
    since: ChangeCursor<(u32, u32)>,
    limit: u32,
) -> Result<Vec<RevokedIndex>> {
    let before_all = (Value::from(-1_i64), Value::from(-1_i64));
    let (list, index) = since
        .after
        .map_or(before_all, |(list, index)| (list.into(), index.into()));
    let values = [since.number.into(), list, index, limit.into()];
    let rows = tx.rows(&STATUS_INDEXES_REVOKED_SINCE, &values).await?;
    rows.iter().map(read_revoked).collect()
}

fn read(row: &Row) -> Result<StatusIndex> {
    Ok(StatusIndex {
        person: row.id(0)?,
        device: row.id_or_null(1)?,
        list: row.number(2)?,
        index: row.number(3)?,
        claimed_at: row.time(4)?,
        expires_at: row.time(5)?,
    })
}

fn read_revoked(row: &Row) -> Result<RevokedIndex> {
    Ok(RevokedIndex {
        list: row.number(0)?,
        index: row.number(1)?,
        revoked_at: row.time(2)?,
        expires_at: row.time(3)?,
        change: ChangeNumber::from_i64(row.int(4)?),
    })
}
