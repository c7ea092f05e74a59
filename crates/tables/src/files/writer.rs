//! Writes results: to a file of any of the formats, which appears whole or not at all, or as CSV to
//! the terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use domain::Timestamp;
use engine::parallel::{parallel_map, pieces, threads};
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use super::atomic::AtomicFile;
use super::error::FileError;
use super::guard::guarded;
use super::parquet_sink::ParquetSink;
use super::source::Format;
use super::table::{Column, Holds};
use super::timestamps::write_timestamp;

/// So many rows are put into words at once.
const TOGETHER: usize = 1 << 14;

/// A column of a result.
#[derive(Clone, Copy, Debug)]
pub struct ResultColumn {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: ResultKind,
}

/// What the values of a result's column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultKind {
    /// Text.
    Text,
    /// Whole numbers.
    Whole,
    /// Timestamps: RFC 3339 in UTC; in Parquet, its own type.
    Timestamp,
}

impl ResultColumn {
    /// A column of a table as it is written.
    pub(super) const fn of(column: &Column) -> Self {
        let kind = match column.holds {
            Holds::Past | Holds::Timestamp => ResultKind::Timestamp,
            Holds::Whole(..) => ResultKind::Whole,
            Holds::Text
            | Holds::Day
            | Holds::Word(_)
            | Holds::Words(_)
            | Holds::Degrees
            | Holds::Region => ResultKind::Text,
        };
        Self {
            name: column.name,
            kind,
        }
    }
}

/// One value of a result.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Whole(i64),
    /// A timestamp.
    Timestamp(Timestamp),
    /// Nothing.
    Empty,
}

impl From<Option<Timestamp>> for Value<'_> {
    fn from(timestamp: Option<Timestamp>) -> Self {
        timestamp.map_or(Self::Empty, Self::Timestamp)
    }
}

/// A result being written. Dropped before [`ResultWriter::finish`], it leaves no file.
pub struct ResultWriter {
    path: PathBuf,
    columns: Vec<ResultColumn>,
    sink: Sink,
    /// Whose offset times in text carry.
    zone: TimeZone,
    guard: Guard,
    /// A row of text, kept to be written over.
    line: String,
}

/// Whether CSV has an apostrophe before what a spreadsheet would compute, and how often that was so.
#[derive(Debug, Default)]
struct Guard {
    is_on: bool,
    guarded: AtomicU64,
}

impl Guard {
    fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.is_on {
            return Cow::Borrowed(text);
        }
        match guarded(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => {
                self.guarded.fetch_add(1, Ordering::Relaxed);
                String::from_utf8_lossy(&bytes).into_owned().into()
            }
        }
    }
}

enum Sink {
    Csv(Target),
    Ndjson(Target),
    Parquet(Box<ParquetSink>),
}

/// Where the bytes go.
pub(super) enum Target {
    File(AtomicFile),
    Stream(Box<dyn Write + Send>),
}

impl ResultWriter {
    /// Begins a file; the extension says which format.
    ///
    /// # Errors
    /// [`FileError`] if the extension is unknown or the file cannot be made.
    pub fn create(path: &Path, columns: &[ResultColumn]) -> Result<Self, FileError> {
        let format = Format::of(path)?;
        let target = Target::File(AtomicFile::create(path)?);
        Self::begin(path, target, format, columns)
    }

    /// The same, of a file that says something about people: only its owner may read it.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn create_private(path: &Path, columns: &[ResultColumn]) -> Result<Self, FileError> {
        let format = Format::of(path)?;
        let target = Target::File(AtomicFile::create_private(path)?);
        Self::begin(path, target, format, columns)
    }

    /// Begins CSV on a stream, such as standard output.
    ///
    /// # Errors
    /// [`FileError::Write`] if the stream does not take it.
    pub fn to_stream(
        stream: Box<dyn Write + Send>,
        columns: &[ResultColumn],
    ) -> Result<Self, FileError> {
        Self::begin(
            Path::new("output"),
            Target::Stream(stream),
            Format::Csv,
            columns,
        )
    }

    /// Begins NDJSON on a stream, such as standard output.
    pub fn ndjson_to_stream(stream: Box<dyn Write + Send>, columns: &[ResultColumn]) -> Self {
        let sink = Sink::Ndjson(Target::Stream(stream));
        Self {
            path: PathBuf::from("output"),
            columns: columns.to_vec(),
            sink,
            zone: TimeZone::UTC,
            guard: Guard::default(),
            line: String::new(),
        }
    }

    /// Times in text carry the offset of this zone, instead of that of UTC. Parquet holds instants.
    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self { zone, ..self }
    }

    /// CSV has an apostrophe before each text that a spreadsheet would compute.
    #[must_use]
    pub fn guarding(mut self) -> Self {
        self.guard.is_on = true;
        self
    }

    /// How many texts have one until now.
    pub fn guarded(&self) -> u64 {
        self.guard.guarded.load(Ordering::Relaxed)
    }

    fn begin(
        path: &Path,
        target: Target,
        format: Format,
        columns: &[ResultColumn],
    ) -> Result<Self, FileError> {
        let path = path.to_owned();
        let sink = match format {
            Format::Csv => {
                let mut target = target;
                let names: Vec<Value<'_>> = columns
                    .iter()
                    .map(|column| Value::Text(column.name))
                    .collect();
                let mut header = String::new();
                write_csv(&names, &TimeZone::UTC, &Guard::default(), &mut header);
                let written = target.write_all(header.as_bytes());
                written.map_err(|why| FileError::write(&path, why))?;
                Sink::Csv(target)
            }
            Format::Ndjson => Sink::Ndjson(target),
            Format::Parquet => {
                let sink = ParquetSink::begin(target, columns);
                Sink::Parquet(Box::new(sink.map_err(|why| FileError::write(&path, why))?))
            }
        };
        Ok(Self {
            path,
            columns: columns.to_vec(),
            sink,
            zone: TimeZone::UTC,
            guard: Guard::default(),
            line: String::new(),
        })
    }

    /// Adds a row: one value for each column, of the column's kind or empty.
    ///
    /// # Errors
    /// [`FileError::Write`], for example when the disk is full.
    pub fn row(&mut self, values: &[Value<'_>]) -> Result<(), FileError> {
        debug_assert_eq!(values.len(), self.columns.len());
        let written = match &mut self.sink {
            Sink::Csv(target) => {
                self.line.clear();
                write_csv(values, &self.zone, &self.guard, &mut self.line);
                target.write_all(self.line.as_bytes())
            }
            Sink::Ndjson(target) => {
                self.line.clear();
                write_json(&self.columns, values, &self.zone, &mut self.line);
                target.write_all(self.line.as_bytes())
            }
            Sink::Parquet(sink) => sink.row(values),
        };
        written.map_err(|source| FileError::write(&self.path, source))
    }

    /// Adds `count` rows, of which `row` hands out each by number: they are put into words on all
    /// processors and written in order. `watch` hears how many are written.
    ///
    /// # Errors
    /// [`FileError::Write`], for example when the disk is full.
    pub fn rows(
        &mut self,
        count: usize,
        row: impl Fn(usize, &mut dyn FnMut(&[Value<'_>])) + Sync,
        mut watch: impl FnMut(u64),
    ) -> Result<(), FileError> {
        for together in pieces(count, TOGETHER * threads()) {
            let parts = pieces(together.len(), TOGETHER).into_iter();
            let parts = parts.map(|part| together.start + part.start..together.start + part.end);
            let written = match &mut self.sink {
                Sink::Csv(target) => {
                    let (zone, guard) = (&self.zone, &self.guard);
                    let texts = parallel_map(parts.collect(), |part| {
                        text_rows(part, &row, |values, text| {
                            write_csv(values, zone, guard, text)
                        })
                    });
                    write_all(target, &texts)
                }
                Sink::Ndjson(target) => {
                    let (columns, zone) = (&self.columns, &self.zone);
                    let texts = parallel_map(parts.collect(), |part| {
                        text_rows(part, &row, |values, text| {
                            write_json(columns, values, zone, text);
                        })
                    });
                    write_all(target, &texts)
                }
                Sink::Parquet(sink) => sink.rows(parts.collect(), &row),
            };
            written.map_err(|source| FileError::write(&self.path, source))?;
            watch(together.end as u64);
        }
        Ok(())
    }

    /// Puts the file in place, complete and on disk.
    ///
    /// # Errors
    /// [`FileError::Write`]; a file of that name stays as it was.
    pub fn finish(self) -> Result<(), FileError> {
        let path = self.path;
        let failed = |source| FileError::write(&path, source);
        let target = match self.sink {
            Sink::Csv(target) | Sink::Ndjson(target) => target,
            Sink::Parquet(sink) => sink.end().map_err(failed)?,
        };
        match target {
            Target::File(file) => file.commit().map(drop),
            Target::Stream(mut stream) => stream.flush().map_err(failed),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stream(stream) => stream.flush(),
        }
    }
}

/// Some rows as text.
fn text_rows(
    rows: Range<usize>,
    row: &impl Fn(usize, &mut dyn FnMut(&[Value<'_>])),
    write: impl Fn(&[Value<'_>], &mut String),
) -> String {
    let mut text = String::with_capacity(rows.len() * 96);
    for number in rows {
        row(number, &mut |values| write(values, &mut text));
    }
    text
}

fn write_all(target: &mut Target, texts: &[String]) -> io::Result<()> {
    texts
        .iter()
        .try_for_each(|text| target.write_all(text.as_bytes()))
}

/// Writes a record as RFC 4180 has it, with quotation marks only where they are needed.
fn write_csv(values: &[Value<'_>], zone: &TimeZone, guard: &Guard, text: &mut String) {
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        match value {
            Value::Text(value) if !is_plain(value) => {
                let value = guard.text(value);
                if value.contains(['"', ',', '\n', '\r']) {
                    text.push('"');
                    text.push_str(&value.replace('"', "\"\""));
                    text.push('"');
                } else {
                    text.push_str(&value);
                }
            }
            value => write_value(*value, zone, text),
        }
    }
    text.push('\n');
}

/// Whether a text needs neither quotation marks nor a guard.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| byte > b'"' && !matches!(byte, b',' | b';');
    text.as_bytes()
        .first()
        .is_none_or(u8::is_ascii_alphanumeric)
        && text.bytes().all(is_plain)
}

fn write_json(columns: &[ResultColumn], values: &[Value<'_>], zone: &TimeZone, text: &mut String) {
    let pairs = columns.iter().zip(values);
    let object: Map<String, Json> = pairs
        .map(|(column, value)| (column.name.into(), json_of(*value, zone)))
        .collect();
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{}", Json::Object(object));
}

fn write_value(value: Value<'_>, zone: &TimeZone, text: &mut String) {
    let written = match value {
        Value::Text(value) => text.write_str(value),
        Value::Whole(number) => write!(text, "{number}"),
        Value::Timestamp(timestamp) => write_timestamp(timestamp, zone, text),
        Value::Empty => Ok(()),
    };
    // Writing to a `String` cannot fail.
    debug_assert!(written.is_ok());
}

fn json_of(value: Value<'_>, zone: &TimeZone) -> Json {
    match value {
        Value::Whole(number) => number.into(),
        Value::Empty => Json::Null,
        value => {
            let mut text = String::new();
            write_value(value, zone, &mut text);
            text.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(domain::testing::property_cases(256))]

        #[test]
        fn records_are_written_as_the_csv_crate_writes_them(
            cells in prop::collection::vec("[a\",\n\r é]{0,4}", 2..5),
        ) {
            let mut theirs = csv::Writer::from_writer(Vec::new());
            theirs.write_record(&cells).unwrap();
            let theirs = String::from_utf8(theirs.into_inner().unwrap()).unwrap();
            let values: Vec<Value<'_>> = cells.iter().map(|cell| Value::Text(cell)).collect();
            let mut ours = String::new();
            write_csv(&values, &TimeZone::UTC, &Guard::default(), &mut ours);
            prop_assert_eq!(ours, theirs);
        }
    }
}
