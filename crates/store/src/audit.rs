//! The log: entries, their places, the tiles of the tree over them, and what was signed. What an entry
//! says is the caller's; here it is salt, content and a commitment to both.

use domain::{PersonId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    AUDIT_ENTRIES_BEFORE, AUDIT_ENTRIES_FROM, AUDIT_ENTRY_ADD, AUDIT_ENTRY_ERASE, AUDIT_ENTRY_FIND,
    AUDIT_ENTRY_PLACE, AUDIT_HEAD_FIND, AUDIT_HEAD_LOCK, AUDIT_HEAD_PUT, AUDIT_OF_PERSON,
    AUDIT_PERSON_ADD, AUDIT_PERSON_DROP, AUDIT_PERSON_FIND, AUDIT_TILE_FIND, AUDIT_TILE_PUT,
    AUDIT_WAITING, AUDIT_WAITING_WHOLE, AUDIT_WITNESS_PUT, AUDIT_WITNESSES, TRIGGERS,
};

/// The one log there is.
const LOG: &str = "log";

/// SHA-256 of an entry's salt and content, by which it is found.
pub type Commitment = [u8; 32];

/// An entry that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// SHA-256 of salt and content.
    pub commitment: Commitment,
    /// Random.
    pub salt: [u8; 16],
    /// What it says.
    pub content: Vec<u8>,
    /// Whom it is about.
    pub people: Vec<PersonId>,
    /// When it was done.
    pub at: Timestamp,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRecord {
    /// SHA-256 of salt and content.
    pub commitment: Commitment,
    /// Salt and content; `None` once they are erased.
    pub kept: Option<([u8; 16], Vec<u8>)>,
    /// When it was done.
    pub at: Timestamp,
    /// Its place in the log; `None` until it has one.
    pub index: Option<u64>,
}

/// What the log signed last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// How many entries have a place.
    pub size: u64,
    /// The signed checkpoint; empty before the first one.
    pub checkpoint: String,
    /// When it was signed.
    pub signed_at: Timestamp,
}

/// What a witness signed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// Its name.
    pub witness: String,
    /// How many entries the log had.
    pub size: u64,
    /// The checkpoint, with both signatures.
    pub checkpoint: String,
    /// When the witness looked.
    pub seen_at: Timestamp,
}

/// Writes entries. Nobody can do what they record without them: call it in the same transaction.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn append(tx: &mut Transaction, entries: &[NewEntry]) -> Result<()> {
    let rows: Vec<Vec<Value>> = entries
        .iter()
        .map(|entry| {
            vec![
                entry.commitment.into(),
                entry.salt.into(),
                entry.content.as_slice().into(),
                entry.at.into(),
            ]
        })
        .collect();
    tx.execute_each(&AUDIT_ENTRY_ADD, &rows).await?;
    let about = |entry: &NewEntry| -> Vec<Vec<Value>> {
        let mut people = entry.people.clone();
        people.sort_unstable();
        people.dedup();
        let row = |person: PersonId| vec![person.into(), entry.commitment.into(), entry.at.into()];
        people.into_iter().map(row).collect()
    };
    let rows: Vec<Vec<Value>> = entries.iter().flat_map(about).collect();
    tx.execute_each(&AUDIT_PERSON_ADD, &rows).await?;
    Ok(())
}

/// Entries that have no place yet, the oldest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting(tx: &mut Transaction, limit: u32) -> Result<Vec<(Commitment, Timestamp)>> {
    let rows = tx.rows(&AUDIT_WAITING, &[limit.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.array(0)?, row.time(1)?)))
        .collect()
}

/// The same with what they say.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn waiting_whole(tx: &mut Transaction, limit: u32) -> Result<Vec<EntryRecord>> {
    let rows = tx.rows(&AUDIT_WAITING_WHOLE, &[limit.into()]).await?;
    rows.iter().map(read_entry).collect()
}

/// Gives entries their places, from `first` on; how many had none before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn place(tx: &mut Transaction, first: u64, entries: &[Commitment]) -> Result<u64> {
    let places = (first..).zip(entries);
    let rows: Vec<Vec<Value>> = places
        .map(|(index, commitment)| vec![(*commitment).into(), number(index).into()])
        .collect();
    tx.execute_each(&AUDIT_ENTRY_PLACE, &rows).await
}

/// Entries in the order of the log, from a place on.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn from(tx: &mut Transaction, index: u64, limit: u32) -> Result<Vec<EntryRecord>> {
    let values = [number(index).into(), limit.into()];
    let rows = tx.rows(&AUDIT_ENTRIES_FROM, &values).await?;
    rows.iter().map(read_entry).collect()
}

/// Entries before a place, the newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn before(tx: &mut Transaction, index: u64, limit: u32) -> Result<Vec<EntryRecord>> {
    let values = [number(index).into(), limit.into()];
    let rows = tx.rows(&AUDIT_ENTRIES_BEFORE, &values).await?;
    rows.iter().map(read_entry).collect()
}

/// The newest entries about a person, the newest first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn about(tx: &mut Transaction, person: PersonId, limit: u32) -> Result<Vec<EntryRecord>> {
    about_many(tx, &[person], limit).await
}

/// The same of many people, of each so many.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn about_many(
    tx: &mut Transaction,
    people: &[PersonId],
    limit: u32,
) -> Result<Vec<EntryRecord>> {
    let asked: Vec<Vec<Value>> = people
        .iter()
        .map(|person| vec![(*person).into(), limit.into()])
        .collect();
    let rows = tx.rows_each(&AUDIT_OF_PERSON, &asked).await?;
    let commitments = rows.iter().map(|row| Ok(vec![row.array::<32>(0)?.into()]));
    let commitments: Vec<Vec<Value>> = commitments.collect::<Result<_>>()?;
    let found = tx.rows_each(&AUDIT_ENTRY_FIND, &commitments).await?;
    found.iter().map(read_entry).collect()
}

/// Which of these people can read these entries.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn readable(
    tx: &mut Transaction,
    asked: &[(PersonId, Commitment)],
) -> Result<Vec<(PersonId, Commitment, Timestamp)>> {
    let rows: Vec<Vec<Value>> = asked
        .iter()
        .map(|(person, commitment)| vec![(*person).into(), (*commitment).into()])
        .collect();
    let rows = tx.rows_each(&AUDIT_PERSON_FIND, &rows).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.array(1)?, row.time(2)?)))
        .collect()
}

/// What the database does by itself when tables are written; this program makes nothing of the kind.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn triggers(tx: &mut Transaction) -> Result<Vec<String>> {
    let rows = tx.rows(&TRIGGERS, &[]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// Erases what an entry says and whom it is about; `false` if that was done before. Its commitment and
/// its place stay.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn erase(
    tx: &mut Transaction,
    commitment: Commitment,
    people: &[PersonId],
) -> Result<bool> {
    let is_erased = tx.execute(&AUDIT_ENTRY_ERASE, &[commitment.into()]).await? > 0;
    for person in people {
        let values = [(*person).into(), commitment.into()];
        tx.execute(&AUDIT_PERSON_DROP, &values).await?;
    }
    Ok(is_erased)
}

/// The hashes of a tile, 32 bytes each; `None` if there is none.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn tile(tx: &mut Transaction, level: u8, index: u64) -> Result<Option<Vec<u8>>> {
    let values = [u32::from(level).into(), number(index).into()];
    let row = tx.row(&AUDIT_TILE_FIND, &values).await?;
    row.map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
}

/// Keeps a tile, or what it has grown to.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put_tile(tx: &mut Transaction, level: u8, index: u64, hashes: &[u8]) -> Result<()> {
    let values = [u32::from(level).into(), number(index).into(), hashes.into()];
    tx.execute(&AUDIT_TILE_PUT, &values).await?;
    Ok(())
}

/// What was signed last, locked until the transaction ends: who gives places holds it.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn lock_head(tx: &mut Transaction) -> Result<Head> {
    let row = tx.one_row(&AUDIT_HEAD_LOCK, &[LOG.into()]).await?;
    read_head(&row)
}

/// What was signed last; `None` before the first time.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn head(tx: &mut Transaction) -> Result<Option<Head>> {
    let row = tx.row(&AUDIT_HEAD_FIND, &[LOG.into()]).await?;
    let head = row.as_ref().map(read_head).transpose()?;
    Ok(head.filter(|head| !head.checkpoint.is_empty()))
}

/// Keeps what was signed. The head must be locked.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put_head(tx: &mut Transaction, head: &Head) -> Result<()> {
    let values = [
        LOG.into(),
        number(head.size).into(),
        head.checkpoint.as_str().into(),
        head.signed_at.into(),
    ];
    tx.execute(&AUDIT_HEAD_PUT, &values).await?;
    Ok(())
}

/// Keeps what a witness signed; `false` if it had signed a larger log before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put_witnessed(tx: &mut Transaction, witnessed: &Witnessed) -> Result<bool> {
    let values = [
        witnessed.witness.as_str().into(),
        number(witnessed.size).into(),
        witnessed.checkpoint.as_str().into(),
        witnessed.seen_at.into(),
    ];
    Ok(tx.execute(&AUDIT_WITNESS_PUT, &values).await? > 0)
}

/// What each witness signed last, by name.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn witnessed(tx: &mut Transaction) -> Result<Vec<Witnessed>> {
    let rows = tx.rows(&AUDIT_WITNESSES, &[]).await?;
    let witnessed = |row: &Row| {
        Ok(Witnessed {
            witness: row.text(0)?,
            size: row.number(1)?,
            checkpoint: row.text(2)?,
            seen_at: row.time(3)?,
        })
    };
    rows.iter().map(witnessed).collect()
}

fn read_head(row: &Row) -> Result<Head> {
    Ok(Head {
        size: row.number(0)?,
        checkpoint: row.text(1)?,
        signed_at: row.time(2)?,
    })
}

fn read_entry(row: &Row) -> Result<EntryRecord> {
    let salt: Option<[u8; 16]> = row.array_or_null(1)?;
    let content = row.bytes_or_null(2)?;
    let index = row.int_or_null(4)?;
    Ok(EntryRecord {
        commitment: row.array(0)?,
        kept: salt.zip(content.map(<[u8]>::to_vec)),
        at: row.time(3)?,
        index: index.and_then(|index| index.try_into().ok()),
    })
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
