//! Why a whole file is refused, and why a row is.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::table::Table;

/// Why a file cannot be read or written. Each says which file, what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The name does not say the format.
    #[error("{}: the name does not tell the format; let it end in .csv, .ndjson or .parquet", path.display())]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// The file is not there or may not be read.
    #[error("{}: cannot be read: {source}. Check the path and who may read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The result cannot be written. What was there before is untouched.
    #[error("{}: cannot be written: {source}. Check that the folder is there, may be written and has space; a file of that name is unchanged", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing is in it.
    #[error("{}: is empty; expected the columns {}. If there is nothing to say, leave the file out", path.display(), column_names(table))]
    Empty {
        /// The file.
        path: PathBuf,
        /// What was expected.
        table: &'static Table,
    },
    /// The header does not fit the table.
    #[error("{}: the header does not fit the table {}: {}. Columns of {}: {}", path.display(), table.name, problems.join("; "), table.name, column_names(table))]
    Header {
        /// The file.
        path: PathBuf,
        /// What was expected.
        table: &'static Table,
        /// Every problem.
        problems: Vec<String>,
    },
    /// Text in another encoding.
    #[error("{}: is not UTF-8 text; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// A Parquet file without its end.
    #[error("{}: is a Parquet file without its end; it was not written completely. Write it again", path.display())]
    HalfWritten {
        /// The file.
        path: PathBuf,
    },
    /// Not Parquet, despite its name.
    #[error("{}: is not a Parquet file although its name says so; rename it or write it again", path.display())]
    NotParquet {
        /// The file.
        path: PathBuf,
    },
    /// A Parquet column of another type.
    #[error("{}: column {column} has type {found}; expected {expected}", path.display())]
    ColumnType {
        /// The file.
        path: PathBuf,
        /// Which column.
        column: &'static str,
        /// What its values should be.
        expected: String,
        /// What they are.
        found: String,
    },
    /// A Parquet file in a compression that is not built in.
    #[error("{}: is compressed with {codec}; write it again with Snappy, Zstandard, LZ4, gzip or no compression", path.display())]
    Compression {
        /// The file.
        path: PathBuf,
        /// How it is compressed.
        codec: String,
    },
    /// Damaged Parquet.
    #[error("{}: the Parquet data cannot be read: {why}. Write the file again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        why: String,
    },
    /// A Parquet file that is not part of a mirror.
    #[error("{}: cannot be read as part of a mirror: {why}. Write the mirror again; a table of other origin is read as a table, not as a mirror", path.display())]
    NotMirror {
        /// The file.
        path: PathBuf,
        /// What is missing or different.
        why: String,
    },
    /// Rows of a mirror out of order.
    #[error("{}: row {row} comes before the one above it in the order of {order}, as it may not in a mirror. Write the mirror again", path.display())]
    Unsorted {
        /// The file.
        path: PathBuf,
        /// The first row that does, from 1.
        row: u64,
        /// The order that was expected.
        order: &'static str,
    },
    /// More data than memory.
    #[error("{}: would take {} of memory, and {} may be taken. Allow more (on the command line with --memory), free some, or take a part of the data", path.display(), size(*needed), size(*limit))]
    TooLarge {
        /// The file or folder.
        path: PathBuf,
        /// Bytes that it would take.
        needed: u64,
        /// Bytes that may be taken.
        limit: u64,
    },
    /// A search that finds more than there is memory for.
    #[error("{}: what is found in it takes {} of memory with what was read, and {} may be taken. Allow more (on the command line with --memory), or ask for fewer cases or fewer rings", path.display(), size(*needed), size(*limit))]
    FoundTooMuch {
        /// The file or folder that is searched.
        path: PathBuf,
        /// Bytes that were needed when it ended.
        needed: u64,
        /// Bytes that may be taken.
        limit: u64,
    },
    /// A file in which a merge was left unfinished.
    #[error("{}: row {row} is a mark of a merge that nobody finished, so rows may be there twice or be missing; finish the merge, or write the file again", path.display())]
    Conflict {
        /// The file.
        path: PathBuf,
        /// The row of the mark.
        row: u64,
    },
    /// A folder where a file is expected.
    #[error("{}: is a folder of parts; write its rows as one file {expected}, for example with DuckDB: COPY (FROM read_parquet('{}/**/*.parquet')) TO '{expected}'", path.display(), path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The file that is expected.
        expected: String,
    },
    /// A table is there in two formats.
    #[error("{}: there is also {}; keep one of them, so that it is clear which counts", first.display(), second.display())]
    TwoFiles {
        /// One.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A folder without any table.
    #[error("{}: holds no table; expected files such as {expected}", dir.display())]
    NoTables {
        /// The folder.
        dir: PathBuf,
        /// Names that would be read.
        expected: String,
    },
}

impl FileError {
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn damaged(path: &Path, why: &dyn fmt::Display) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }

    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: path.to_owned(),
            source,
        }
    }
}

impl From<std::convert::Infallible> for FileError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// A size in words: tenths of a GiB, or whole MiB below that.
fn size(bytes: u64) -> String {
    if bytes < 1 << 30 {
        return format!("{} MiB", bytes.div_ceil(1 << 20));
    }
    let tenths = (u128::from(bytes) * 10).div_ceil(1 << 30);
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}

fn column_names(table: &Table) -> String {
    table
        .columns
        .iter()
        .map(|column| column.name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Why one row is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The line of a CSV or NDJSON file (the header of a CSV file is line 1); the row of a Parquet
    /// file, from 1.
    pub row: u64,
    /// Which column; `None` if the row as a whole cannot be read.
    pub field: Option<&'static str>,
    /// What it holds, masked if personal.
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl Refusal {
    /// The reason without the figures in it: rows that share it are refused for the same.
    pub(crate) fn kind(&self) -> impl PartialEq {
        let end = self.reason.find('(').unwrap_or(self.reason.len());
        self.reason[..end].to_owned()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        if let Some(field) = self.field {
            write!(f, ", {field}")?;
        }
        if let Some(value) = &self.value {
            write!(f, " \"{value}\"")?;
        }
        write!(f, ": {}; {}", self.reason, self.remedy)
    }
}

/// What is wrong with one field, before it is known which row that was.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) field: Option<&'static str>,
    pub(crate) value: Option<String>,
    pub(crate) reason: String,
    pub(crate) remedy: String,
}

impl Fault {
    /// The row as a whole cannot be read.
    pub(crate) fn of_row(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            field: None,
            value: None,
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn in_row(self, row: u64) -> Refusal {
        let Self {
            field,
            value,
            reason,
            remedy,
        } = self;
        Refusal {
            row,
            field,
            value,
            reason,
            remedy,
        }
    }
}
