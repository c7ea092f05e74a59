//! Blind indexes: keyed hashes by which documents and phones are found without storing them, and how
//! far they are rewritten under another key.

use std::collections::BTreeSet;

use crate::database::{Row, Transaction, Value};
use crate::queries::{
    ACCOUNT_CLAIM_ADD, ACCOUNT_CLAIM_DROP, ACCOUNT_CLAIMS_AFTER, ACCOUNT_REINDEX, CURSOR_FIND,
    CURSOR_PUT, DOCUMENT_CLAIM, DOCUMENT_FIND, DOCUMENT_PERSON_AFTER, DOCUMENT_PERSON_DROP,
    IDENTITY_DOCUMENT_AFTER, IDENTITY_DOCUMENT_DROP, IDENTITY_DOCUMENT_PUT, IDENTITY_PHONE_AFTER,
    IDENTITY_PHONE_DROP, INDEX_KEY_FIND, INDEX_KEY_PUT, PHONE_ADD, Query,
};
use crate::{Result, StoreError};

/// Names the row that says which key writes.
const KEY: &str = "index";

/// The length of what later keys write: the key's number, and the hash, enciphered, with its tag.
pub const LATER_INDEX: usize = 1 + 32 + 16;

/// A blind index as it lies in a row. Its form says under which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoredIndex {
    /// The keyed hash itself.
    First([u8; 32]),
    /// The number of the key, and the keyed hash enciphered with it.
    Later([u8; LATER_INDEX]),
}

/// By what a document or phone is found while its key changes: under the key that writes, and under
/// the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlindIndex {
    /// The same whatever the keys. Lies in no row once the first key is replaced.
    pub stable: [u8; 32],
    /// What is written.
    pub newest: StoredIndex,
    /// What may lie there still.
    pub older: Option<StoredIndex>,
}

/// The tables that blind indexes lie in for longer than an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexTable {
    /// The people of documents.
    DocumentPerson,
    /// Who registered with a document before there were accounts.
    IdentityDocument,
    /// The accounts that claim a document.
    AccountClaim,
    /// The people of phones.
    IdentityPhone,
}

/// A row of such a table: the index, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexRow {
    /// The index.
    pub index: StoredIndex,
    /// The person or account.
    pub of: [u8; 16],
}

/// How far a table is rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRewrite {
    /// The key under which it is rewritten, by its number.
    pub key: u8,
    /// Everything up to this row is rewritten; `None` before the first.
    pub after: Option<IndexRow>,
    /// How many rows were rewritten.
    pub rewritten: u64,
    /// How many could not be, and stay as they are.
    pub unopened: u64,
    /// Whether the end was reached.
    pub is_finished: bool,
}

impl StoredIndex {
    /// The bytes in the row.
    pub const fn bytes(&self) -> &[u8] {
        match self {
            Self::First(bytes) => bytes,
            Self::Later(bytes) => bytes,
        }
    }

    /// The number of the key under which it lies.
    pub const fn key(&self) -> u8 {
        match self {
            Self::First(_) => 1,
            Self::Later(bytes) => bytes[0],
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let first = bytes.try_into().map(Self::First);
        first.or_else(|_| bytes.try_into().map(Self::Later)).ok()
    }

    pub(crate) fn of(row: &Row, column: usize) -> Result<Self> {
        Self::of_or_null(row, column)?.ok_or_else(|| corrupt(row, column))
    }

    pub(crate) fn of_or_null(row: &Row, column: usize) -> Result<Option<Self>> {
        let bytes = row.bytes_or_null(column)?;
        let read = |bytes: &[u8]| Self::read(bytes).ok_or_else(|| corrupt(row, column));
        bytes.map(read).transpose()
    }
}

fn corrupt(row: &Row, column: usize) -> StoreError {
    row.corrupt(column, "it is no blind index of a form that is known")
}

impl From<StoredIndex> for Value {
    fn from(index: StoredIndex) -> Self {
        index.bytes().into()
    }
}

impl BlindIndex {
    /// An index under the first key, beside which there is no other.
    pub const fn first(hash: [u8; 32]) -> Self {
        Self {
            stable: hash,
            newest: StoredIndex::First(hash),
            older: None,
        }
    }

    /// Every form that may lie in a row.
    pub fn forms(&self) -> impl Iterator<Item = StoredIndex> {
        [Some(self.newest), self.older].into_iter().flatten()
    }

    /// Whether a row's index is of the same document or phone.
    pub fn is(&self, stored: Option<StoredIndex>) -> bool {
        stored.is_some_and(|stored| self.forms().any(|form| form == stored))
    }
}

impl IndexRewrite {
    /// Nothing is rewritten under a key yet.
    pub const fn beginning(key: u8) -> Self {
        Self {
            key,
            after: None,
            rewritten: 0,
            unopened: 0,
            is_finished: false,
        }
    }
}

impl IndexTable {
    /// Every table.
    pub const ALL: [Self; 4] = [
        Self::DocumentPerson,
        Self::IdentityDocument,
        Self::AccountClaim,
        Self::IdentityPhone,
    ];

    /// Names the cursor over the table.
    const fn cursor_name(self) -> &'static str {
        match self {
            Self::DocumentPerson => "index of documents",
            Self::IdentityDocument => "index of documents before accounts",
            Self::AccountClaim => "index of claims",
            Self::IdentityPhone => "index of phones",
        }
    }

    const fn page(self) -> &'static Query {
        match self {
            Self::DocumentPerson => &DOCUMENT_PERSON_AFTER,
            Self::IdentityDocument => &IDENTITY_DOCUMENT_AFTER,
            Self::AccountClaim => &ACCOUNT_CLAIMS_AFTER,
            Self::IdentityPhone => &IDENTITY_PHONE_AFTER,
        }
    }

    const fn putting(self) -> &'static Query {
        match self {
            Self::DocumentPerson => &DOCUMENT_CLAIM,
            Self::IdentityDocument => &IDENTITY_DOCUMENT_PUT,
            Self::AccountClaim => &ACCOUNT_CLAIM_ADD,
            Self::IdentityPhone => &PHONE_ADD,
        }
    }

    const fn dropping(self) -> &'static Query {
        match self {
            Self::DocumentPerson => &DOCUMENT_PERSON_DROP,
            Self::IdentityDocument => &IDENTITY_DOCUMENT_DROP,
            Self::AccountClaim => &ACCOUNT_CLAIM_DROP,
            Self::IdentityPhone => &IDENTITY_PHONE_DROP,
        }
    }
}

impl IndexRow {
    fn bytes(&self) -> Vec<u8> {
        [self.index.bytes(), &self.of].concat()
    }

    fn read(row: &Row, column: usize) -> Result<Option<Self>> {
        let Some(bytes) = row.bytes_or_null(column)? else {
            return Ok(None);
        };
        let split = bytes.split_last_chunk::<16>();
        let found = split.and_then(|(index, of)| {
            let index = StoredIndex::read(index)?;
            Some(Self { index, of: *of })
        });
        found.ok_or_else(|| corrupt(row, column)).map(Some)
    }
}

/// One page of the rows of a table, in order, after `after`.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn after(
    tx: &mut Transaction,
    table: IndexTable,
    after: Option<IndexRow>,
    limit: u32,
) -> Result<Vec<IndexRow>> {
    let (index, of) = match after {
        Some(row) => (row.index.into(), row.of.into()),
        None => (Value::from([]), Value::from([])),
    };
    let rows = tx.rows(table.page(), &[index, of, limit.into()]).await?;
    let read = |row: &Row| {
        let (index, of) = (StoredIndex::of(row, 0)?, row.array(1)?);
        Ok(IndexRow { index, of })
    };
    rows.iter().map(read).collect()
}

/// Writes rows anew, each under the index that it is to have; how many could not be, because that
/// index is somebody else's.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn rewrite(
    tx: &mut Transaction,
    table: IndexTable,
    changes: &[(IndexRow, StoredIndex)],
) -> Result<u64> {
    let mut changes = changes.to_vec();
    // In order, so that no two transactions wait for each other.
    changes.sort_by_key(|(_, new)| *new);
    if table == IndexTable::DocumentPerson {
        return rewrite_documents(tx, changes).await;
    }
    if table == IndexTable::AccountClaim {
        // First, as deleting an account does, so that the two wait for each other and in no ring.
        let accounts = changes
            .iter()
            .map(|(row, new)| vec![row.index.into(), row.of.into(), (*new).into()]);
        let accounts: Vec<Vec<Value>> = accounts.collect();
        tx.execute_each(&ACCOUNT_REINDEX, &accounts).await?;
    }
    // What was deleted since the page was read stays deleted.
    let dropped = keys(&tx.rows_each(table.dropping(), &stale(&changes)).await?)?;
    changes.retain(|(row, _)| dropped.contains(&(row.index, row.of)));
    tx.execute_each(table.putting(), &fresh(&changes)).await?;
    Ok(0)
}

/// A document is nobody else's before its old index goes.
async fn rewrite_documents(
    tx: &mut Transaction,
    mut changes: Vec<(IndexRow, StoredIndex)>,
) -> Result<u64> {
    let table = IndexTable::DocumentPerson;
    let count = changes.len();
    tx.rows_each(table.putting(), &fresh(&changes)).await?;
    let asked: Vec<Vec<Value>> = changes.iter().map(|(_, new)| vec![(*new).into()]).collect();
    let found = keys(&tx.rows_each(&DOCUMENT_FIND, &asked).await?)?;
    changes.retain(|(row, new)| found.contains(&(*new, row.of)));
    tx.execute_each(table.dropping(), &stale(&changes)).await?;
    Ok((count - changes.len()) as u64)
}

fn stale(changes: &[(IndexRow, StoredIndex)]) -> Vec<Vec<Value>> {
    let stale = changes.iter();
    stale
        .map(|(row, _)| vec![row.index.into(), row.of.into()])
        .collect()
}

fn fresh(changes: &[(IndexRow, StoredIndex)]) -> Vec<Vec<Value>> {
    let fresh = changes.iter();
    fresh
        .map(|(row, new)| vec![(*new).into(), row.of.into()])
        .collect()
}

fn keys(rows: &[Row]) -> Result<BTreeSet<(StoredIndex, [u8; 16])>> {
    let key = |row: &Row| Ok((StoredIndex::of(row, 0)?, row.array(1)?));
    rows.iter().map(key).collect()
}

/// How far a table is rewritten; `None` if it never was.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn progress(tx: &mut Transaction, table: IndexTable) -> Result<Option<IndexRewrite>> {
    let row = tx.row(&CURSOR_FIND, &[table.cursor_name().into()]).await?;
    let rewrite = |row: Row| {
        Ok(IndexRewrite {
            key: row.word(0)?,
            after: IndexRow::read(&row, 1)?,
            rewritten: row.number(2)?,
            unopened: row.number(3)?,
            is_finished: row.int(4)? != 0,
        })
    };
    row.map(rewrite).transpose()
}

/// Notes how far a table is rewritten.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note(tx: &mut Transaction, table: IndexTable, rewrite: &IndexRewrite) -> Result<()> {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let values = [
        table.cursor_name().into(),
        rewrite.key.to_string().into(),
        Value::Bytes(rewrite.after.map(|row| row.bytes())),
        count(rewrite.rewritten).into(),
        count(rewrite.unopened).into(),
        i64::from(rewrite.is_finished).into(),
    ];
    tx.execute(&CURSOR_PUT, &values).await?;
    Ok(())
}

/// The number of the key that writes, which stays so until the transaction ends: a node without
/// that key must write nothing.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn key(tx: &mut Transaction) -> Result<u8> {
    tx.one_row(&INDEX_KEY_FIND, &[KEY.into()]).await?.word(0)
}

/// The same, as of now.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn key_to_read(tx: &mut Transaction) -> Result<u8> {
    tx.one_row(&CURSOR_FIND, &[KEY.into()]).await?.word(0)
}

/// Says that a key writes from now on, unless a later one does.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn advance_key(tx: &mut Transaction, key: u8) -> Result<()> {
    if self::key(tx).await? < key {
        let values = [KEY.into(), key.to_string().into()];
        tx.execute(&INDEX_KEY_PUT, &values).await?;
    }
    Ok(())
}
