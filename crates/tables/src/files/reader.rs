//! Reads a table row by row: good rows come out, bad ones go to a file of their own.

use std::path::{Path, PathBuf};

use domain::Timestamp;

use super::atomic::AtomicFile;
use super::error::{Fault, FileError, Refusal};
use super::fields::Fields;
use super::header::REFUSED;
use super::source::{RawRow, Source};
use super::table::Table;

/// How strictly to read.
#[derive(Clone, Copy, Debug)]
pub struct ReadOptions {
    /// If given, times of things that have happened must not lie more than a day after this.
    pub now: Option<Timestamp>,
    /// Whether refused rows are written to `FILE.refused.csv`.
    pub keep_refused: bool,
}

/// What became of a file.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// What it holds.
    pub table: &'static Table,
    /// Good rows.
    pub read: u64,
    /// Bad rows.
    pub refused: u64,
    /// Why, for the first [`FileReport::EXAMPLES`] of them.
    pub examples: Vec<Refusal>,
    /// Where all of them are, if asked for and any.
    pub refused_file: Option<PathBuf>,
}

impl FileReport {
    /// How many refusals are kept in memory.
    pub const EXAMPLES: usize = 100;
}

/// How a table's rows are parsed.
pub(crate) type Parse<T> = fn(&Fields<'_>) -> Result<T, Fault>;

/// A table being read. Iterate to the end, then call [`Reader::finish`].
pub struct Reader<T> {
    source: Source,
    row: RawRow,
    parse: Parse<T>,
    options: ReadOptions,
    report: FileReport,
    quarantine: Option<Quarantine>,
    failed: bool,
}

impl<T> std::fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl<T> Reader<T> {
    pub(crate) fn open(
        path: &Path,
        tables: &[&'static Table],
        parse: Parse<T>,
        options: ReadOptions,
    ) -> Result<Self, FileError> {
        let source = Source::open(path, tables)?;
        let table = source.table();
        let report = FileReport {
            path: path.to_owned(),
            table,
            read: 0,
            refused: 0,
            examples: Vec::new(),
            refused_file: None,
        };
        let row = RawRow::for_table(table);
        Ok(Self {
            source,
            row,
            parse,
            options,
            report,
            quarantine: None,
            failed: false,
        })
    }

    /// Puts the file of refused rows in place, if there are any, and says what became of the rows.
    ///
    /// # Errors
    /// [`FileError::Write`] if that file cannot be written.
    pub fn finish(mut self) -> Result<FileReport, FileError> {
        if let Some(quarantine) = self.quarantine.take() {
            self.report.refused_file = Some(quarantine.commit()?);
        }
        Ok(self.report)
    }

    /// Reads everything at once.
    ///
    /// # Errors
    /// [`FileError`] if the file as a whole cannot be read.
    pub fn read_all(mut self) -> Result<(Vec<T>, FileReport), FileError> {
        let rows = self.by_ref().collect::<Result<_, _>>()?;
        Ok((rows, self.finish()?))
    }

    /// The text in a column of the row that came out last, by the column's place in its table.
    pub(crate) fn text(&self, position: usize) -> &str {
        self.row.cells[position].trim()
    }

    /// About how many bytes of the file have been read.
    pub fn bytes_read(&self) -> u64 {
        self.source.bytes_read()
    }

    /// Refuses the row that came out last: it can be read, but was not taken elsewhere.
    ///
    /// # Errors
    /// [`FileError::Write`] if the file of refused rows cannot be written.
    pub fn refuse_last(&mut self, refusal: Refusal) -> Result<(), FileError> {
        self.report.read -= 1;
        self.refuse(refusal)
    }

    fn next_good(&mut self) -> Result<Option<T>, FileError> {
        while self.source.next_row(&mut self.row)? {
            let fault = match self.row.fault.take() {
                Some(fault) => fault,
                None => {
                    let (table, row, now) = (self.source.table(), &self.row, self.options.now);
                    match (self.parse)(&Fields { table, row, now }) {
                        Ok(value) => {
                            self.report.read += 1;
                            return Ok(Some(value));
                        }
                        Err(fault) => fault,
                    }
                }
            };
            self.refuse(fault.in_row(self.row.number))?;
        }
        Ok(None)
    }

    fn refuse(&mut self, refusal: Refusal) -> Result<(), FileError> {
        self.report.refused += 1;
        if self.options.keep_refused {
            let quarantine = match &mut self.quarantine {
                Some(quarantine) => quarantine,
                none => none.insert(Quarantine::create(&self.source)?),
            };
            quarantine.add(&self.source, &self.row, &refusal)?;
        }
        if self.report.examples.len() < FileReport::EXAMPLES {
            self.report.examples.push(refusal);
        }
        Ok(())
    }
}

impl<T> Iterator for Reader<T> {
    type Item = Result<T, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_good().transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}

/// `FILE.refused.csv`: the file's own columns as they were, then row, field and reason. Corrected, it
/// can be read like any other file; the last three columns are skipped.
struct Quarantine {
    path: PathBuf,
    rows: csv::Writer<AtomicFile>,
}

impl Quarantine {
    fn create(source: &Source) -> Result<Self, FileError> {
        let mut name = source.path().file_name().unwrap_or_default().to_owned();
        name.push(".refused.csv");
        let path = source.path().with_file_name(name);
        let mut rows = csv::Writer::from_writer(AtomicFile::create(&path)?);
        let columns = source
            .order()
            .iter()
            .map(|position| source.table().columns[*position].name);
        rows.write_record(columns.chain(REFUSED))
            .map_err(|why| write_error(&path, why))?;
        Ok(Self { path, rows })
    }

    fn add(&mut self, source: &Source, row: &RawRow, refusal: &Refusal) -> Result<(), FileError> {
        let number = refusal.row.to_string();
        let reason = format!("{}; {}", refusal.reason, refusal.remedy);
        let own = source
            .order()
            .iter()
            .map(|position| row.cells[*position].as_str());
        let why = [
            number.as_str(),
            refusal.field.unwrap_or_default(),
            reason.as_str(),
        ];
        self.rows
            .write_record(own.chain(why))
            .map_err(|why| write_error(&self.path, why))
    }

    fn commit(self) -> Result<PathBuf, FileError> {
        let Self { path, rows } = self;
        let file = rows.into_inner().map_err(|why| {
            FileError::write(&path, std::io::Error::other(why.error().to_string()))
        })?;
        file.commit()
    }
}

fn write_error(path: &Path, why: csv::Error) -> FileError {
    FileError::write(path, std::io::Error::from(why))
}
