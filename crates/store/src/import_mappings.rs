//! Which field each column of a list goes to, as an office chose it once.

use domain::{AuthorityId, StaffId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    IMPORT_MAPPING_DROP, IMPORT_MAPPING_FIND, IMPORT_MAPPING_PUT, IMPORT_MAPPINGS,
    IMPORT_MAPPINGS_COUNT,
};

/// Which list of which office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingKey {
    /// The office.
    pub authority: AuthorityId,
    /// The kind of evidence, as a word.
    pub kind: &'static str,
    /// The keyed hash of the headings.
    pub header: [u8; 32],
}

/// How its columns are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportMapping {
    /// What the office calls it.
    pub name: String,
    /// The field of each column, as a word; nothing for a column that is not used.
    pub fields: String,
    /// Who chose it last.
    pub by: StaffId,
    /// When.
    pub saved_at: Timestamp,
}

/// Keeps how columns are read, in place of what was chosen before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(tx: &mut Transaction, key: &MappingKey, mapping: &ImportMapping) -> Result<()> {
    let [authority, kind, header] = values(key);
    let values = [
        authority,
        kind,
        header,
        mapping.name.as_str().into(),
        mapping.fields.as_str().into(),
        mapping.by.into(),
        mapping.saved_at.into(),
    ];
    tx.execute(&IMPORT_MAPPING_PUT, &values).await?;
    Ok(())
}

/// How the columns of a list are read, if its office chose it.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, key: &MappingKey) -> Result<Option<ImportMapping>> {
    let row = tx.row(&IMPORT_MAPPING_FIND, &values(key)).await?;
    let read = |row: Row| {
        Ok(ImportMapping {
            name: row.text(0)?,
            fields: row.text(1)?,
            by: row.id(2)?,
            saved_at: row.time(3)?,
        })
    };
    row.map(read).transpose()
}

/// Everything that an office chose, by name: the kind of evidence as a word, the keyed hash of the headings,
/// and how the columns are read.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of_authority(
    tx: &mut Transaction,
    authority: AuthorityId,
) -> Result<Vec<(String, [u8; 32], ImportMapping)>> {
    let rows = tx.rows(&IMPORT_MAPPINGS, &[authority.into()]).await?;
    let read = |row: &Row| {
        let mapping = ImportMapping {
            name: row.text(2)?,
            fields: row.text(3)?,
            by: row.id(4)?,
            saved_at: row.time(5)?,
        };
        Ok((row.text(0)?, row.array(1)?, mapping))
    };
    rows.iter().map(read).collect()
}

/// Forgets it; `false` if there was none.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop(tx: &mut Transaction, key: &MappingKey) -> Result<bool> {
    Ok(tx.execute(&IMPORT_MAPPING_DROP, &values(key)).await? > 0)
}

/// How many lists an office has chosen columns for.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn count(tx: &mut Transaction, authority: AuthorityId) -> Result<u64> {
    let row = tx
        .one_row(&IMPORT_MAPPINGS_COUNT, &[authority.into()])
        .await?;
    row.number(0)
}

fn values(key: &MappingKey) -> [Value; 3] {
    [
        key.authority.into(),
        key.kind.into(),
        key.header.as_slice().into(),
    ]
}
