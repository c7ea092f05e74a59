//! Files that look like tables and are not read as one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use domain::FactKind;

use super::dataset::find_table;
use super::error::FileError;
use super::source::Format;
use super::table::Table;

/// Formats in which tables come and are not read.
const OTHER_FORMATS: [&str; 7] = ["jsonl", "json", "tsv", "txt", "xlsx", "xls", "ods"];
/// How files are packed.
const PACKED: [&str; 6] = ["gz", "zst", "bz2", "xz", "zip", "lz4"];

/// A file that somebody may take for a table that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// The file.
    pub path: PathBuf,
    /// The table that its name means.
    pub table: &'static str,
    /// What to do.
    pub remedy: String,
    /// Whether an answer without it would be wrong: only its name keeps it from being read, or nothing
    /// else holds that table.
    pub is_missed: bool,
}

/// Files in `dir` whose names mean one of `tables`, and which are not read: the name is written in
/// another case or number, or the file is packed or of another format.
///
/// # Errors
/// [`FileError::Read`] if the folder cannot be listed; as [`find_table`].
pub fn strays(dir: &Path, tables: &[&'static Table]) -> Result<Vec<Stray>, FileError> {
    let failed = |why| FileError::read(dir, why);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(OsStr::to_str);
        let meant = name.and_then(|name| Meant::of(name, tables));
        if let Some(meant) = meant.filter(|_| path.is_file()) {
            found.push(meant.stray(dir, path)?);
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// What a name means that no table has.
struct Meant {
    table: &'static Table,
    /// The format by its extension, if it is read.
    format: Option<Format>,
    is_packed: bool,
}

impl Meant {
    fn of(name: &str, tables: &[&'static Table]) -> Option<Self> {
        let small = name.to_lowercase();
        let (rest, last) = small.rsplit_once('.')?;
        let is_packed = PACKED.contains(&last);
        let (stem, extension) = match is_packed {
            true => rest.rsplit_once('.').unwrap_or((rest, "")),
            false => (rest, last),
        };
        let format = Format::ALL
            .into_iter()
            .find(|format| format.extension() == extension);
        let is_format = format.is_some() || OTHER_FORMATS.contains(&extension);
        if !is_format && !is_packed {
            return None;
        }
        let table = *tables.iter().find(|table| is_called(stem, table))?;
        let is_read = |format: Format| name == format!("{}.{}", table.name, format.extension());
        if !is_packed && format.is_some_and(is_read) {
            return None;
        }
        Some(Self {
            table,
            format,
            is_packed,
        })
    }

    fn stray(&self, dir: &Path, path: PathBuf) -> Result<Stray, FileError> {
        let table = self.table.name;
        let extension = self.format.unwrap_or(Format::Csv).extension();
        let own = format!("{table}.{extension}");
        let is_readable = self.format.is_some() && !self.is_packed;
        let remedy = match (is_readable, self.is_packed) {
            (true, _) => format!("call it {own}, or take it out of the folder"),
            (_, true) => format!("unpack it as {own}, or take it out of the folder"),
            _ => format!(
                "write it as {table}.csv, {table}.ndjson or {table}.parquet, or take it out of the folder"
            ),
        };
        let is_missed = is_readable || find_table(dir, self.table)?.is_none();
        Ok(Stray {
            path,
            table,
            remedy,
            is_missed,
        })
    }
}

/// Whether a name in small letters is that of a table, or of one row of it.
fn is_called(stem: &str, table: &Table) -> bool {
    let stem = stem.replace(['-', ' '], "_");
    let of_kind = FactKind::ALL.iter().any(|kind| {
        Table::of_kind(*kind).is_some_and(|own| own.name == table.name) && kind.as_str() == stem
    });
    stem == table.name || of_kind || table.name.strip_suffix('s') == Some(stem.as_str())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_looks_like_a_table_and_is_none_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let tables: Vec<&'static Table> = FactKind::ALL
            .iter()
            .filter_map(|kind| Table::of_kind(*kind))
            .collect();
        for name in [
            "declarations.csv",
            "declarations.csv.gz",
            "declarations.csv.refused.csv",
            "verdicts.csv",
            "tests.md",
            "Diagnoses.csv",
            "diagnosis.csv",
            "contacts.CSV",
            "tests.csv.gz",
            "tests.jsonl",
            "stay.xlsx",
            "foreign-verdict.ndjson",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = strays(folder.path(), &tables).unwrap();
        let messages: Vec<String> = found
            .iter()
            .map(|one| {
                let name = one.path.file_name().unwrap().to_str().unwrap();
                let place = one.remedy.find(',').unwrap();
                format!("{name} {}: {}", one.is_missed, &one.remedy[..place])
            })
            .collect();
        let expected = [
            "Diagnoses.csv true: call it diagnoses.csv",
            "contacts.CSV true: call it contacts.csv",
            "declarations.csv.gz false: unpack it as declarations.csv",
            "diagnosis.csv true: call it diagnoses.csv",
            "foreign-verdict.ndjson true: call it foreign_verdicts.ndjson",
            "stay.xlsx true: write it as stays.csv",
            "tests.csv.gz true: unpack it as tests.csv",
            "tests.jsonl true: write it as tests.csv",
        ];
        assert_eq!(messages, expected);
    }
}
