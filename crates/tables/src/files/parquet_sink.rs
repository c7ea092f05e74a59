//! Results as Parquet.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringBuilder, TimestampMillisecondBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use engine::parallel::parallel_map;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::writer::{ResultColumn, ResultKind, Target, Value};

/// How many rows are written at once.
const BATCH: usize = 65_536;

pub(super) struct ParquetSink {
    writer: ArrowWriter<Target>,
    schema: SchemaRef,
    columns: Vec<ResultColumn>,
    builders: Builders,
    rows: usize,
}

/// Rows on their way into columns.
struct Builders(Vec<Builder>);

enum Builder {
    Text(StringBuilder),
    Whole(Int64Builder),
    Timestamp(TimestampMillisecondBuilder),
}

impl ParquetSink {
    pub(super) fn begin(target: Target, columns: &[ResultColumn]) -> io::Result<Self> {
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
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let snappy = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let writer = ArrowWriter::try_new(target, Arc::clone(&schema), Some(snappy))?;
        Ok(Self {
            writer,
            schema,
            columns: columns.to_vec(),
            builders: Builders::new(columns),
            rows: 0,
        })
    }

    pub(super) fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        self.builders.add(values);
        self.rows += 1;
        if self.rows == BATCH {
            self.flush()
        } else {
            Ok(())
        }
    }

    pub(super) fn rows(
        &mut self,
        parts: Vec<Range<usize>>,
        row: &(impl Fn(usize, &mut dyn FnMut(&[Value<'_>])) + Sync),
    ) -> io::Result<()> {
        if self.rows > 0 {
            self.flush()?;
        }
        let columns = &self.columns;
        let batches = parallel_map(parts, |part| {
            let mut builders = Builders::new(columns);
            part.for_each(|number| row(number, &mut |values| builders.add(values)));
            builders.finish()
        });
        batches
            .into_iter()
            .try_for_each(|arrays| self.write(arrays))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.rows = 0;
        let arrays = self.builders.finish();
        self.write(arrays)
    }

    fn write(&mut self, arrays: Vec<ArrayRef>) -> io::Result<()> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
        Ok(self.writer.write(&batch.map_err(io::Error::other)?)?)
    }

    pub(super) fn end(mut self) -> io::Result<Target> {
        if self.rows > 0 {
            self.flush()?;
        }
        Ok(self.writer.into_inner()?)
    }
}

impl Builders {
    fn new(columns: &[ResultColumn]) -> Self {
        let builder = |column: &ResultColumn| match column.kind {
            ResultKind::Text => Builder::Text(StringBuilder::new()),
            ResultKind::Whole => Builder::Whole(Int64Builder::new()),
            ResultKind::Timestamp => {
                Builder::Timestamp(TimestampMillisecondBuilder::new().with_timezone("UTC"))
            }
        };
        Self(columns.iter().map(builder).collect())
    }

    fn add(&mut self, values: &[Value<'_>]) {
        for (builder, value) in self.0.iter_mut().zip(values) {
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
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        let finish = |builder: &mut Builder| -> ArrayRef {
            match builder {
                Builder::Text(cells) => Arc::new(cells.finish()),
                Builder::Whole(cells) => Arc::new(cells.finish()),
                Builder::Timestamp(cells) => Arc::new(cells.finish()),
            }
        };
        self.0.iter_mut().map(finish).collect()
    }
}
