//! Machines of authorities, found by the keyed hash of what they present.

use domain::{AuthorityId, FactKind, FeedId, Regions, StaffId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{
    FEED_ADD, FEED_CREDENTIAL_ADD, FEED_CREDENTIAL_FIND, FEED_CREDENTIALS_END, FEED_END, FEED_FIND,
    FEED_SIGNATURE_NOTE, FEED_SIGNATURES_DROP, FEEDS,
};

/// A machine of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRecord {
    /// Its identifier.
    pub id: FeedId,
    /// Whose.
    pub authority: AuthorityId,
    /// Its name among the authority's feeds.
    pub name: String,
    /// The kinds of evidence it may submit.
    pub kinds: Vec<FactKind>,
    /// Where.
    pub regions: Regions,
    /// Requests that it may send in a minute.
    pub rate_per_minute: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends whatever happens.
    pub ends_at: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// The Ed25519 public key with which it signs each request, if it does.
    pub public_key: Option<[u8; 32]>,
}

/// What a feed presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedCredential {
    /// The keyed hash of its token.
    pub hash: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if the feed does not end before.
    pub ends_at: Timestamp,
    /// The staff member who was shown the token, unless the operator was.
    pub shown_to: Option<StaffId>,
}

/// Adds a feed.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, feed: &FeedRecord) -> Result<()> {
    let kinds: Vec<&str> = feed.kinds.iter().map(|kind| kind.as_str()).collect();
    let values = [
        feed.id.into(),
        feed.authority.into(),
        feed.name.as_str().into(),
        kinds.join(" ").into(),
        feed.regions.to_string().into(),
        feed.rate_per_minute.into(),
        feed.created_at.into(),
        feed.ends_at.into(),
        feed.public_key.into(),
    ];
    tx.execute(&FEED_ADD, &values).await?;
    Ok(())
}

/// Every feed there ever was.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn all(tx: &mut Transaction) -> Result<Vec<FeedRecord>> {
    let rows = tx.rows(&FEEDS, &[]).await?;
    rows.iter().map(read).collect()
}

/// A feed, ended or not.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, id: FeedId) -> Result<Option<FeedRecord>> {
    let row = tx.row(&FEED_FIND, &[id.into()]).await?;
    row.as_ref().map(read).transpose()
}

/// The feed that presents a credential with this hash, and the credential.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn by_credential(
    tx: &mut Transaction,
    hash: [u8; 32],
) -> Result<Option<(FeedRecord, FeedCredential)>> {
    let row = tx.row(&FEED_CREDENTIAL_FIND, &[hash.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let feed = find(tx, row.id(0)?).await?;
    let credential = FeedCredential {
        hash,
        created_at: row.time(1)?,
        ends_at: row.time(2)?,
        shown_to: row.id_or_null(3)?,
    };
    Ok(feed.map(|feed| (feed, credential)))
}

/// Ends a feed; `false` if it was ended before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end(tx: &mut Transaction, id: FeedId, at: Timestamp) -> Result<bool> {
    Ok(tx.execute(&FEED_END, &[id.into(), at.into()]).await? > 0)
}

/// Gives a feed another credential. Earlier ones work until `earlier_end`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add_credential(
    tx: &mut Transaction,
    feed: FeedId,
    credential: &FeedCredential,
    earlier_end: Timestamp,
) -> Result<()> {
    tx.execute(&FEED_CREDENTIALS_END, &[feed.into(), earlier_end.into()])
        .await?;
    let values = [
        credential.hash.into(),
        feed.into(),
        credential.created_at.into(),
        credential.ends_at.into(),
        credential.shown_to.into(),
    ];
    tx.execute(&FEED_CREDENTIAL_ADD, &values).await?;
    Ok(())
}

/// Notes that a feed signed something, until that is too old to count; `false` if it was noted before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note_signature(
    tx: &mut Transaction,
    feed: FeedId,
    signed: [u8; 32],
    ends_at: Timestamp,
) -> Result<bool> {
    let values = [feed.into(), signed.into(), ends_at.into()];
    Ok(tx.execute(&FEED_SIGNATURE_NOTE, &values).await? > 0)
}

/// Forgets what was signed too long ago to count.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop_old_signatures(tx: &mut Transaction, now: Timestamp) -> Result<()> {
    tx.execute(&FEED_SIGNATURES_DROP, &[now.into()]).await?;
    Ok(())
}

fn read(row: &Row) -> Result<FeedRecord> {
    let kinds = row.text(3)?;
    let kinds = kinds.split_whitespace().map(|word| {
        let kind = word.parse::<FactKind>();
        kind.map_err(|error| row.corrupt(3, error))
    });
    Ok(FeedRecord {
        id: row.id(0)?,
        authority: row.id(1)?,
        name: row.text(2)?,
        kinds: kinds.collect::<Result<_>>()?,
        regions: row.word(4)?,
        rate_per_minute: row.number(5)?,
        created_at: row.time(6)?,
        ends_at: row.time(7)?,
        ended_at: row.time_or_null(8)?,
        public_key: row.array_or_null(9)?,
    })
}
