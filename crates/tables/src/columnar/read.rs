//! Files of tables read in pieces on all processors, and put together in their order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use engine::columns::OutOfRange;
use engine::parallel::threads;

use super::piece::{As, Piece, RowReader};
use super::row_groups::{group_starts, read_group};
use super::text::{PART, Part, body_of_csv, read_csv, read_ndjson, read_rest};
use crate::files::{
    FileError, FileReport, Format, LineCount, NameHasher, ParquetTable, Positions, Reading,
    Refusals, Source, Table,
};
use crate::mirror::Memory;

/// Why files did not become columns.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRead {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    DoesNotFit(#[from] OutOfRange),
}

/// A file that holds a table, opened and not read.
pub(super) struct TableFile {
    path: PathBuf,
    bytes: u64,
    read_as: As,
    reader: RowReader,
    /// The table's columns in the order of the file.
    order: Vec<usize>,
    content: Content,
}

enum Content {
    Parquet(Box<ParquetTable>, Vec<u64>),
    /// Where records begin.
    Csv(Positions, u64),
    /// Of which the header cannot be cut off without care.
    QuotedCsv(Positions),
    Ndjson,
}

/// A part of a file that is read at once.
struct Unit {
    file: usize,
    part: Range<u64>,
}

/// What became of a unit.
enum Done {
    Piece(Box<Piece>),
    /// Read the rest from this byte on, which is on that line of the piece's.
    Rest(u64, u64),
    Failed(NotRead),
}

/// Takes what is read, in the order of the files and their rows.
pub(super) trait Taker: Send {
    /// How the names of people and of venues are hashed.
    fn hashers(&self) -> [NameHasher; 2];
    /// Takes the next rows of file number `file`. What is refused of them has been seen to.
    fn take(&mut self, file: usize, piece: Piece) -> Result<(), NotRead>;
    /// Bytes in memory.
    fn memory(&self) -> u64;
}

impl TableFile {
    /// Opens a file that holds `table`.
    pub(super) fn open(
        path: &Path,
        table: &'static Table,
        read_as: As,
        now: Option<Timestamp>,
    ) -> Result<Self, FileError> {
        // Opens it as the careful reader does, which refuses what it must.
        let source = Source::open(path, &[table])?;
        let order = source.order().to_vec();
        let positions = source.positions();
        let failed = |why| FileError::read(path, why);
        let mut file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let content = match Format::of(path)? {
            Format::Parquet => {
                let described = ParquetTable::open(path, &mut file, &[table])?;
                let starts = group_starts(&described);
                Content::Parquet(Box::new(described), starts)
            }
            Format::Csv => match body_of_csv(path)? {
                Some(body) => Content::Csv(positions, body),
                None => Content::QuotedCsv(positions),
            },
            Format::Ndjson => Content::Ndjson,
        };
        Ok(Self {
            path: path.to_owned(),
            bytes,
            read_as,
            reader: RowReader { table, now },
            order,
            content,
        })
    }

    /// What becomes of a file of which nothing is read.
    pub(super) fn nothing_read(&self, reading: &Reading<'_>) -> FileReport {
        self.refusals(reading).report
    }

    fn refusals(&self, reading: &Reading<'_>) -> Refusals {
        let (path, table) = (&self.path, self.reader.table);
        let keeps = reading.options.keep_refused;
        Refusals::new(path, table, self.order.clone(), keeps)
    }

    /// The parts in which it is read: row groups by number, or bytes.
    fn parts(&self) -> Vec<Range<u64>> {
        let cut = |from: u64| {
            let starts = (from..self.bytes).step_by(PART as usize);
            starts
                .map(|start| start..self.bytes.min(start + PART))
                .collect()
        };
        match &self.content {
            Content::Parquet(table, _) => {
                let groups = table.metadata.metadata().num_row_groups() as u64;
                (0..groups).map(|group| group..group + 1).collect()
            }
            Content::Csv(_, body) => cut(*body),
            Content::QuotedCsv(_) => std::iter::once(0..self.bytes).collect(),
            Content::Ndjson => cut(0),
        }
    }

    fn read(&self, part: Range<u64>, hashers: [NameHasher; 2], memory: Memory) -> Done {
        let mut piece = Piece::new(self.read_as, hashers);
        piece.bytes = part.end - part.start;
        let done = match &self.content {
            Content::Parquet(table, starts) => {
                let group = part.start as usize;
                let rows = starts[group + 1] - starts[group];
                let share = u128::from(rows) * u128::from(self.bytes);
                let all = starts.last().copied().unwrap_or(0).max(1);
                piece.bytes = (share / u128::from(all)) as u64;
                let (path, first) = (&self.path, starts[group]);
                if self.read_as == As::Visits {
                    piece.visits.reserve(usize::try_from(rows).unwrap_or(0));
                }
                read_group(path, table, group, first, &self.reader, memory, &mut piece)
                    .map(|()| Part::Whole)
            }
            Content::Csv(positions, body) => {
                let (path, reader) = (&self.path, &self.reader);
                read_csv(path, positions, *body, part, reader, &mut piece)
            }
            Content::QuotedCsv(_) => Ok(Part::Quoted(0, 0)),
            Content::Ndjson => {
                read_ndjson(&self.path, part, &self.reader, &mut piece).map(|()| Part::Whole)
            }
        };
        match done {
            Ok(Part::Whole) => Done::Piece(Box::new(piece)),
            Ok(Part::Quoted(from, line)) => Done::Rest(from, line),
            Err(why) => Done::Failed(why),
        }
    }
}

/// Reads files on all processors; `taker` gets their rows in order. Tells what became of each file.
///
/// # Errors
/// [`NotRead`], the first in the order of the files and their rows.
pub(super) fn read_files(
    dir: &Path,
    files: &[TableFile],
    taker: &mut impl Taker,
    reading: &mut Reading<'_>,
) -> Result<Vec<FileReport>, NotRead> {
    let parts = |(file, table): (usize, &TableFile)| {
        table
            .parts()
            .into_iter()
            .map(move |part| Unit { file, part })
            .collect::<Vec<_>>()
    };
    let units: Vec<Unit> = files.iter().enumerate().flat_map(parts).collect();
    let (hashers, memory) = (taker.hashers(), reading.memory.fixed());
    let total = files.iter().map(|file| file.bytes).sum();
    let refusals = files.iter().map(|file| file.refusals(reading));
    let merge = Mutex::new(Merge {
        dir,
        files,
        taker,
        refusals: refusals.collect(),
        lines: files
            .iter()
            .map(TableFile::first_line)
            .collect::<Result<_, _>>()?,
        is_done: vec![false; files.len()],
        next: 0,
        failed: None,
        done: 0,
        total,
        reading,
    });
    let (waiting, stop, next) = (
        Mutex::new(BTreeMap::new()),
        AtomicBool::new(false),
        AtomicUsize::new(0),
    );
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(unit) = units.get(place) else { return };
            let done = files[unit.file].read(unit.part.clone(), hashers.clone(), memory);
            locked(&waiting).insert(place, (unit.file, done));
            // A reader that comes while another one puts together goes on reading.
            if let Ok(mut merge) = merge.try_lock() {
                merge.go_on(&waiting);
                stop.fetch_or(merge.failed.is_some(), Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads().min(units.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut merge = merge.into_inner().unwrap_or_else(PoisonError::into_inner);
    merge.go_on(&waiting);
    merge.finish()
}

impl TableFile {
    /// The number of the line on which its records begin, where lines count.
    fn first_line(&self) -> Result<u64, FileError> {
        match &self.content {
            Content::Csv(_, body) => line_at(&self.path, *body),
            Content::QuotedCsv(_) | Content::Ndjson => Ok(1),
            Content::Parquet(..) => Ok(0),
        }
    }
}

/// The number of the line on which a byte near the start of a CSV file stands.
pub(super) fn line_at(path: &Path, byte: u64) -> Result<u64, FileError> {
    let failed = |why| FileError::read(path, why);
    let (file, mut start) = (File::open(path).map_err(failed)?, Vec::new());
    file.take(byte).read_to_end(&mut start).map_err(failed)?;
    let mut lines = LineCount::default();
    lines.add(&start);
    Ok(1 + lines.ends)
}

/// Puts pieces together in their order.
struct Merge<'r, 'w, T> {
    dir: &'r Path,
    files: &'r [TableFile],
    taker: &'r mut T,
    refusals: Vec<Refusals>,
    /// For each file the line on which its next piece begins.
    lines: Vec<u64>,
    /// Which files were read to the end with care.
    is_done: Vec<bool>,
    next: usize,
    failed: Option<NotRead>,
    done: u64,
    total: u64,
    reading: &'r mut Reading<'w>,
}

/// What was read before its turn.
type Waiting = Mutex<BTreeMap<usize, (usize, Done)>>;

impl<T: Taker> Merge<'_, '_, T> {
    /// Takes all whose turn it is.
    fn go_on(&mut self, waiting: &Waiting) {
        while self.failed.is_none() {
            let Some((file, done)) = locked(waiting).remove(&self.next) else {
                return;
            };
            self.next += 1;
            if self.is_done[file] {
                continue;
            }
            let taken = match done {
                Done::Failed(why) => Err(why),
                Done::Piece(piece) => {
                    let lines = piece.lines;
                    let taken = self.take(file, *piece, self.lines[file]);
                    self.lines[file] += lines;
                    taken.and_then(|()| {
                        let waits = locked(waiting);
                        let memory = waits.values().map(|(_, done)| done.memory()).sum();
                        drop(waits);
                        self.look(memory)
                    })
                }
                Done::Rest(from, line) => self.rest(file, from, self.lines[file] + line),
            };
            self.failed = taken.err();
        }
    }

    fn take(&mut self, file: usize, mut piece: Piece, line: u64) -> Result<(), NotRead> {
        let refusals = &mut self.refusals[file];
        refusals.report.read += piece.good;
        for mut refused in std::mem::take(&mut piece.refused) {
            refused.refusal.row += line;
            refusals.add(&refused.cells, refused.refusal)?;
        }
        self.done += piece.bytes;
        self.taker.take(file, piece)
    }

    fn rest(&mut self, file: usize, from: u64, line: u64) -> Result<(), NotRead> {
        self.is_done[file] = true;
        let files = self.files;
        let table = &files[file];
        let (Content::Csv(positions, _) | Content::QuotedCsv(positions)) = &table.content else {
            return Ok(());
        };
        let hashers = self.taker.hashers();
        let new_piece = || Piece::new(table.read_as, hashers.clone());
        let take = |piece| {
            self.take(file, piece, 0)?;
            self.look(0)
        };
        let (path, reader) = (&table.path, &table.reader);
        read_rest(path, positions, from, line, reader, new_piece, take)
    }

    fn look(&mut self, waiting: u64) -> Result<(), NotRead> {
        (self.reading.watch)(self.done.min(self.total), self.total);
        let taken = self.taker.memory() + waiting;
        Ok(self.reading.memory.check(self.dir, taken)?)
    }

    fn finish(self) -> Result<Vec<FileReport>, NotRead> {
        if let Some(why) = self.failed {
            return Err(why);
        }
        (self.reading.watch)(self.total, self.total);
        let finished = self.refusals.into_iter().map(Refusals::finish);
        Ok(finished.collect::<Result<_, _>>()?)
    }
}

impl Done {
    fn memory(&self) -> u64 {
        match self {
            Self::Piece(piece) => piece.memory() as u64,
            _ => 0,
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
