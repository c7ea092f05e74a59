//! Writes results: to a file of any of the formats, which appears whole or not at all, or as CSV to
//! the terminal.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use domain::Timestamp;
use engine::parallel::{parallel_map, pieces, threads};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use super::atomic::AtomicFile;
use super::error::FileError;
use super::parquet_sink::ParquetSink;
use super::source::Format;
use super::table::{Column, Holds};

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
    /// Moments: RFC 3339 in UTC; in Parquet, timestamps.
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
    /// A moment.
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
    /// A row of text, kept to be written over.
    line: String,
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
            line: String::new(),
        }
    }

    /// Times in text carry the offset of this zone, instead of that of UTC. Parquet holds moments.
    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self { zone, ..self }
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
                write_csv(&names, &TimeZone::UTC, &mut header);
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
                write_csv(values, &self.zone, &mut self.line);
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
                    let zone = &self.zone;
                    let texts = parallel_map(parts.collect(), |part| {
                        text_rows(part, &row, |values, text| write_csv(values, zone, text))
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
fn write_csv(values: &[Value<'_>], zone: &TimeZone, text: &mut String) {
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        match value {
            Value::Text(value) if value.contains(['"', ',', '\n', '\r']) => {
                text.push('"');
                text.push_str(&value.replace('"', "\"\""));
                text.push('"');
            }
            value => write_value(*value, zone, text),
        }
    }
    text.push('\n');
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

/// Writes a moment with the offset of a zone. One that is no whole number of minutes has no spelling,
/// and UTC stands in.
fn write_timestamp(timestamp: Timestamp, zone: &TimeZone, text: &mut String) -> std::fmt::Result {
    let offset = zone.to_offset(timestamp).seconds();
    let local = timestamp.checked_add(SignedDuration::from_secs(offset.into()));
    let (Ok(local), true) = (local, offset != 0 && offset % 60 == 0) else {
        return write_utc(timestamp, text);
    };
    write_utc(local, text)?;
    text.pop();
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
    write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Whole seconds of the years with four digits are written in one go.
fn write_utc(timestamp: Timestamp, text: &mut String) -> std::fmt::Result {
    const LAST: i64 = 253_402_300_800;
    let seconds = timestamp.as_second();
    if !(0..LAST).contains(&seconds) || timestamp.subsec_nanosecond() != 0 {
        return write!(text, "{timestamp}");
    }
    let (days, clock) = ((seconds / 86_400) as u32, (seconds % 86_400) as u32);
    // Years that begin in March, so that a leap day comes last; 146,097 days are 400 of them.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + later;
    let mut letters = *b"0000-00-00T00:00:00Z";
    let mut put = |at: usize, number: u32| {
        letters[at] = b'0' + (number / 10) as u8;
        letters[at + 1] = b'0' + (number % 10) as u8;
    };
    put(0, year / 100);
    put(2, year % 100);
    put(5, month);
    put(8, day);
    put(11, clock / 3600);
    put(14, clock / 60 % 60);
    put(17, clock % 60);
    text.write_str(std::str::from_utf8(&letters).unwrap_or_default())
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
            write_csv(&values, &TimeZone::UTC, &mut ours);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn moments_are_written_as_jiff_writes_them(seconds in -10_000_000_000..253_402_207_000_i64) {
            let timestamp = Timestamp::from_second(seconds).unwrap();
            let mut ours = String::new();
            write_timestamp(timestamp, &TimeZone::UTC, &mut ours).unwrap();
            prop_assert_eq!(&ours, &timestamp.to_string());
            for zone in ["Asia/Shanghai", "America/St_Johns", "Europe/Berlin"] {
                let zone = TimeZone::get(zone).unwrap();
                let offset = zone.to_offset(timestamp);
                ours.clear();
                write_timestamp(timestamp, &zone, &mut ours).unwrap();
                prop_assert_eq!(ours.parse::<Timestamp>().unwrap(), timestamp);
                if offset.seconds() != 0 && offset.seconds() % 60 == 0 {
                    prop_assert_eq!(&ours, &timestamp.display_with_offset(offset).to_string());
                }
            }
        }
    }
}
