//! Telling a mirror from a folder of tables.

use std::fs::File;
use std::path::Path;

use domain::FactKind;
use parquet::file::metadata::ParquetMetaDataReader;

use super::layout::table_name;
use super::visits::BY_VENUE;
use super::{Manifest, VERSION_KEY};
use crate::files::{FileError, Table, check_magic, find_table};

/// Whether the folder `dir` is a mirror: it has the list of the files of one, or its declarations were
/// written as part of one.
///
/// # Errors
/// [`FileError`] if tables of another origin lie among its files, since it would not be clear which
/// count.
pub fn is_mirror(dir: &Path) -> Result<bool, FileError> {
    let declarations = dir.join(format!("{}.parquet", table_name(FactKind::Declaration)));
    if !dir.join(Manifest::NAME).is_file() && !was_mirrored(&declarations) {
        return Ok(false);
    }
    let tables = FactKind::ALL
        .iter()
        .filter_map(|kind| Table::of_kind(*kind));
    for table in tables {
        refuse_other(dir, table)?;
    }
    Ok(true)
}

/// Whether the sorted files of visits are in the folder `dir`.
///
/// # Errors
/// [`FileError`] if a table of visits lies beside them, since it would not be clear which counts.
pub fn has_visits(dir: &Path) -> Result<bool, FileError> {
    if !was_mirrored(&dir.join(format!("{BY_VENUE}.parquet"))) {
        return Ok(false);
    }
    Table::of_kind(FactKind::Visit).map_or(Ok(()), |table| refuse_other(dir, table))?;
    Ok(true)
}

fn refuse_other(dir: &Path, table: &Table) -> Result<(), FileError> {
    match find_table(dir, table)?.filter(|path| !was_mirrored(path)) {
        None => Ok(()),
        Some(path) => Err(FileError::NotMirror {
            path,
            why: "it lies among the files of one; move it to a folder of its own".to_owned(),
        }),
    }
}

/// Whether a file says that it is part of a mirror. One that cannot be read does not; the code that reads
/// it hears why.
pub(crate) fn was_mirrored(path: &Path) -> bool {
    let Ok(mut file) = File::open(path) else {
        return false;
    };
    if check_magic(path, &mut file).is_err() {
        return false;
    }
    let Ok(metadata) = ParquetMetaDataReader::new().parse_and_finish(&file) else {
        return false;
    };
    let notes = metadata.file_metadata().key_value_metadata();
    notes.is_some_and(|notes| notes.iter().any(|note| note.key == VERSION_KEY))
}
