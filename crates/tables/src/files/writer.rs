//! Writes results: to a file of any of the formats, which appears whole or not at all, or as CSV to
//! the terminal.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder, TimestampMillisecondBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use domain::Timestamp;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value as Json};

use super::atomic::AtomicFile;
use super::error::FileError;
use super::source::Format;
use super::table::{Column, Holds};

/// How many rows of a Parquet file are written at once.
const BATCH: usize = 65_536;

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
}

enum Sink {
    Csv(Box<csv::Writer<Target>>),
    Ndjson(Target),
    Parquet(Box<ParquetSink>),
}

/// Where the bytes go.
enum Target {
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
        }
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
                let mut rows = csv::Writer::from_writer(target);
                let header = rows.write_record(columns.iter().map(|column| column.name));
                header.map_err(|why| FileError::write(&path, why.into()))?;
                Sink::Csv(Box::new(rows))
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
        })
    }

    /// Adds a row: one value for each column, of the column's kind or empty.
    ///
    /// # Errors
    /// [`FileError::Write`], for example when the disk is full.
    pub fn row(&mut self, values: &[Value<'_>]) -> Result<(), FileError> {
        debug_assert_eq!(values.len(), self.columns.len());
        let written = match &mut self.sink {
            Sink::Csv(rows) => {
                let cells = values.iter().map(|value| text_of(*value));
                rows.write_record(cells).map_err(io::Error::from)
            }
            Sink::Ndjson(target) => {
                let pairs = self.columns.iter().zip(values);
                let object: Map<String, Json> = pairs
                    .map(|(column, value)| (column.name.into(), json_of(*value)))
                    .collect();
                writeln!(target, "{}", Json::Object(object))
            }
            Sink::Parquet(sink) => sink.row(values),
        };
        written.map_err(|source| FileError::write(&self.path, source))
    }

    /// Puts the file in place, complete and on disk.
    ///
    /// # Errors
    /// [`FileError::Write`]; a file of that name stays as it was.
    pub fn finish(self) -> Result<(), FileError> {
        let path = self.path;
        let failed = |source| FileError::write(&path, source);
        let target = match self.sink {
            Sink::Csv(rows) => rows
                .into_inner()
                .map_err(|why| failed(io::Error::other(why.error().to_string())))?,
            Sink::Ndjson(target) => target,
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

fn text_of(value: Value<'_>) -> String {
    match value {
        Value::Text(text) => text.into(),
        Value::Whole(number) => number.to_string(),
        Value::Timestamp(timestamp) => timestamp.to_string(),
        Value::Empty => String::new(),
    }
}

fn json_of(value: Value<'_>) -> Json {
    match value {
        Value::Whole(number) => number.into(),
        Value::Empty => Json::Null,
        text => text_of(text).into(),
    }
}

struct ParquetSink {
    writer: ArrowWriter<Target>,
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
}

enum Builder {
    Text(StringBuilder),
    Whole(Int64Builder),
    Timestamp(TimestampMillisecondBuilder),
}

impl ParquetSink {
    fn begin(target: Target, columns: &[ResultColumn]) -> io::Result<Self> {
        let field = |column: &ResultColumn| {
            let kind = match column.kind {
                ResultKind::Text => DataType::Utf8,
                ResultKind::Whole => DataType::Int64,
                ResultKind::Timestamp => {
                    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
                }
            };
            Field::new(column.name, kind, true)
        };
        let builder = |column: &ResultColumn| match column.kind {
            ResultKind::Text => Builder::Text(StringBuilder::new()),
            ResultKind::Whole => Builder::Whole(Int64Builder::new()),
            ResultKind::Timestamp => {
                Builder::Timestamp(TimestampMillisecondBuilder::new().with_timezone("UTC"))
            }
        };
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let snappy = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let writer = ArrowWriter::try_new(target, Arc::clone(&schema), Some(snappy))?;
        Ok(Self {
            writer,
            schema,
            builders: columns.iter().map(builder).collect(),
            rows: 0,
        })
    }

    fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        for (builder, value) in self.builders.iter_mut().zip(values) {
            match (builder, value) {
                (Builder::Text(cells), Value::Text(text)) => cells.append_value(text),
                (Builder::Whole(cells), Value::Whole(number)) => cells.append_value(*number),
                (Builder::Timestamp(cells), Value::Timestamp(timestamp)) => {
                    cells.append_value(timestamp.as_millisecond());
                }
                (Builder::Text(cells), _) => cells.append_null(),
                (Builder::Whole(cells), _) => cells.append_null(),
                (Builder::Timestamp(cells), _) => cells.append_null(),
            }
        }
        self.rows += 1;
        if self.rows == BATCH {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let finish = |builder: &mut Builder| -> ArrayRef {
            match builder {
                Builder::Text(cells) => Arc::new(cells.finish()),
                Builder::Whole(cells) => Arc::new(cells.finish()),
                Builder::Timestamp(cells) => Arc::new(cells.finish()),
            }
        };
        let columns = self.builders.iter_mut().map(finish).collect();
        self.rows = 0;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns);
        self.writer.write(&batch.map_err(io::Error::other)?)?;
        Ok(())
    }

    fn end(mut self) -> io::Result<Target> {
        if self.rows > 0 {
            self.flush()?;
        }
        Ok(self.writer.into_inner()?)
    }
}
