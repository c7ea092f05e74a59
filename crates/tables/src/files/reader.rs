//! Reads a table row by row: good rows come out, bad ones go to a file of their own.

use std::path::{Path, PathBuf};

use domain::Timestamp;

use super::atomic::AtomicFile;
use super::error::{Fault, FileError, Refusal};
use super::fields::Fields;
use super::guard::guarded;
use super::header::{GUARD, REFUSED};
use super::source::{RawRow, Source};
use super::table::Table;
use crate::mirror::Memory;

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
    /// How many rows are refused for each reason.
    pub reasons: Reasons,
    /// Where all of them are, if asked for and any.
    pub refused_file: Option<PathBuf>,
}

/// Why rows are refused: each field and reason with the first row and how many rows there are, in
/// order of appearance.
#[derive(Clone, Debug, Default)]
pub struct Reasons(Vec<(Refusal, u64)>);

impl Reasons {
    /// So many reasons are distinguished.
    pub const MOST: usize = 20;

    /// The first row refused for each reason, and how many are.
    pub fn iter(&self) -> impl Iterator<Item = &(Refusal, u64)> {
        self.0.iter()
    }

    fn count(&mut self, refusal: &Refusal) {
        let is_same =
            |first: &Refusal| first.field == refusal.field && first.kind() == refusal.kind();
        match self.0.iter().position(|(first, _)| is_same(first)) {
            Some(place) => self.0[place].1 += 1,
            None if self.0.len() < Self::MOST => self.0.push((refusal.clone(), 1)),
            None => {}
        }
    }
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
    now: Option<Timestamp>,
    refusals: Refusals,
    failed: bool,
}

impl<T> std::fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("report", &self.refusals.report)
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
        let refusals = Refusals::new(path, table, source.order().to_vec(), options.keep_refused);
        let row = RawRow::for_table(table);
        Ok(Self {
            source,
            row,
            parse,
            now: options.now,
            refusals,
            failed: false,
        })
    }

    /// Puts the file of refused rows in place, if there are any, and says what became of the rows.
    ///
    /// # Errors
    /// [`FileError::Write`] if that file cannot be written.
    pub fn finish(self) -> Result<FileReport, FileError> {
        self.refusals.finish()
    }

    /// Reads everything at once.
    ///
    /// # Errors
    /// [`FileError`] if the file as a whole cannot be read, or holds more rows than fit into memory.
    pub fn read_all(self) -> Result<(Vec<T>, FileReport), FileError> {
        self.read_all_within(Memory::Available.fixed())
    }

    /// The same with at most so much memory.
    ///
    /// # Errors
    /// As [`Self::read_all`].
    pub fn read_all_within(mut self, memory: Memory) -> Result<(Vec<T>, FileReport), FileError> {
        /// So many rows are read before memory is looked at again.
        const STEP: usize = 1 << 16;
        let mut rows = Vec::new();
        while let Some(row) = self.next() {
            rows.push(row?);
            if rows.len() % STEP == 0 {
                // The list doubles while it grows, and each row may hold a name.
                let taken = rows.len() * (2 * size_of::<T>() + 32);
                memory.check(&self.refusals.report.path, taken as u64)?;
            }
        }
        Ok((rows, self.finish()?))
    }

    /// The text in a column of the row that came out last, by the column's place in its table.
    #[cfg(test)]
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
        self.refusals.report.read -= 1;
        self.refusals.add(&self.row.bytes(), refusal)
    }

    fn next_good(&mut self) -> Result<Option<T>, FileError> {
        while self.source.next_row(&mut self.row)? {
            let fault = match self.row.fault.take() {
                Some(fault) => fault,
                None => {
                    let (table, row, now) = (self.source.table(), &self.row, self.now);
                    match (self.parse)(&Fields { table, row, now }) {
                        Ok(value) => {
                            self.refusals.report.read += 1;
                            return Ok(Some(value));
                        }
                        Err(fault) => fault,
                    }
                }
            };
            let refusal = fault.in_row(self.row.number);
            self.refusals.add(&self.row.bytes(), refusal)?;
        }
        Ok(None)
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

/// What became of the rows of a file, and the refused ones.
pub(crate) struct Refusals {
    pub(crate) report: FileReport,
    /// The table's columns in the order of the file.
    order: Vec<usize>,
    keeps: bool,
    quarantine: Option<Quarantine>,
}

impl Refusals {
    pub(crate) fn new(path: &Path, table: &'static Table, order: Vec<usize>, keeps: bool) -> Self {
        let report = FileReport {
            path: path.to_owned(),
            table,
            read: 0,
            refused: 0,
            examples: Vec::new(),
            reasons: Reasons::default(),
            refused_file: None,
        };
        Self {
            report,
            order,
            keeps,
            quarantine: None,
        }
    }

    /// Refuses a row with these cells, by the places of the table's columns.
    ///
    /// # Errors
    /// [`FileError::Conflict`] if it is a mark of a merge that nobody finished;
    /// [`FileError::Write`] if the file of refused rows cannot be written.
    pub(crate) fn add(
        &mut self,
        cells: &[impl AsRef<[u8]>],
        refusal: Refusal,
    ) -> Result<(), FileError> {
        let begins = |cell: &[u8]| cell.starts_with(b"<<<<<<<") || cell.starts_with(b">>>>>>>");
        if refusal.field.is_none() && cells.iter().any(|cell| begins(cell.as_ref())) {
            return Err(FileError::Conflict {
                path: self.report.path.clone(),
                row: refusal.row,
            });
        }
        self.report.refused += 1;
        self.report.reasons.count(&refusal);
        if self.keeps {
            let quarantine = match &mut self.quarantine {
                Some(quarantine) => quarantine,
                none => {
                    let (path, table) = (&self.report.path, self.report.table);
                    none.insert(Quarantine::create(path, table, &self.order)?)
                }
            };
            let own = self.order.iter().map(|place| cells[*place].as_ref());
            quarantine.add(own, &refusal)?;
        }
        if self.report.examples.len() < FileReport::EXAMPLES {
            self.report.examples.push(refusal);
        }
        Ok(())
    }

    /// Puts the file of refused rows in place, if there are any; if there are none, that of an earlier
    /// reading goes.
    pub(crate) fn finish(mut self) -> Result<FileReport, FileError> {
        if let Some(quarantine) = self.quarantine.take() {
            self.report.refused_file = Some(quarantine.commit()?);
        } else if self.keeps {
            let path = refused_path(&self.report.path);
            match std::fs::remove_file(&path) {
                Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
                    return Err(FileError::write(&path, why));
                }
                _ => {}
            }
        }
        Ok(self.report)
    }
}

/// `FILE.refused.csv`: the file's own columns as they were, then row, field and reason, and a column that
/// says that cells are guarded. Corrected, it can be read like any other file; the last four columns are
/// skipped. Cells that are no text keep their bytes. It holds what was said about people, so only its
/// owner may read it.
struct Quarantine {
    path: PathBuf,
    rows: csv::Writer<AtomicFile>,
}

impl Quarantine {
    fn create(of: &Path, table: &Table, order: &[usize]) -> Result<Self, FileError> {
        let path = refused_path(of);
        let mut rows = csv::Writer::from_writer(AtomicFile::create_private(&path)?);
        let columns = order.iter().map(|place| table.columns[*place].name);
        rows.write_record(columns.chain(REFUSED).chain([GUARD]))
            .map_err(|why| write_error(&path, why))?;
        Ok(Self { path, rows })
    }

    fn add<'c>(
        &mut self,
        mut own: impl Iterator<Item = &'c [u8]>,
        refusal: &Refusal,
    ) -> Result<(), FileError> {
        let number = refusal.row.to_string();
        let reason = format!("{}; {}", refusal.reason, refusal.remedy);
        let why = [
            number.as_str(),
            refusal.field.unwrap_or_default(),
            reason.as_str(),
            "",
        ];
        own.try_for_each(|cell| self.rows.write_field(&*guarded(cell)))
            .and_then(|()| self.rows.write_record(why))
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

/// Where the refused rows of a file go.
fn refused_path(of: &Path) -> PathBuf {
    let mut name = of.file_name().unwrap_or_default().to_owned();
    name.push(".refused.csv");
    of.with_file_name(name)
}

fn write_error(path: &Path, why: csv::Error) -> FileError {
    FileError::write(path, std::io::Error::from(why))
}
