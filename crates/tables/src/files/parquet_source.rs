//! Rows of Parquet files as text.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use domain::{Timestamp, from_unix_seconds};
use jiff::ToSpan;
use jiff::civil::Date;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;

use super::error::FileError;
use super::header::Positions;
use super::page_headers::{PageSizes, check_pages};
use super::source::fit;
use super::table::{Column, Holds, Table};
use crate::mirror::Memory;

/// So many rows are held at once, if they are not long.
const ROWS: usize = 8192;

/// A Parquet file being read.
pub(crate) struct ParquetSource {
    table: &'static Table,
    positions: Positions,
    batches: Batches,
    batch: Option<RecordBatch>,
    next: usize,
    /// Rows before this batch, rows of the file, and its bytes.
    before: u64,
    rows: u64,
    bytes: u64,
}

/// The rows of a file, of which nothing is read before the first is asked for.
enum Batches {
    NotBegun(File, ArrowReaderMetadata),
    Begun(ParquetRecordBatchReader),
}

impl Batches {
    fn next(&mut self, path: &Path) -> Result<Option<RecordBatch>, FileError> {
        let damaged = |why: &dyn std::fmt::Display| FileError::damaged(path, why);
        loop {
            match self {
                Self::Begun(batches) => {
                    return batches.next().transpose().map_err(|why| damaged(&why));
                }
                Self::NotBegun(file, metadata) => {
                    let memory = Memory::Available.fixed();
                    let mut sizes = PageSizes::default();
                    for group in metadata.metadata().row_groups() {
                        sizes = sizes.or(check_pages(path, group, memory)?);
                    }
                    let file = file.try_clone().map_err(|why| FileError::read(path, why))?;
                    let metadata = metadata.clone();
                    let builder =
                        ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
                    let builder = builder.with_batch_size(sizes.rows_at_once(ROWS));
                    *self = Self::Begun(builder.build().map_err(|why| damaged(&why))?);
                }
            }
        }
    }
}

/// A Parquet file that holds a table, before any row is read.
pub(crate) struct ParquetTable {
    pub(crate) metadata: ArrowReaderMetadata,
    pub(crate) table: &'static Table,
    pub(crate) positions: Positions,
}

impl ParquetTable {
    /// Reads the description of a file that holds one of `tables`.
    pub(crate) fn open(
        path: &Path,
        file: &mut File,
        tables: &[&'static Table],
    ) -> Result<Self, FileError> {
        check_magic(path, file)?;
        // Types as Parquet itself names them, without what a writer's memory layout was.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let metadata = ArrowReaderMetadata::load(file, options)
            .map_err(|why| FileError::damaged(path, &why))?;
        check_compression(path, metadata.metadata())?;
        let schema = metadata.schema();
        let names: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let (table, positions) = fit(path, &names, tables)?;
        for (field, position) in schema.fields().iter().zip(&positions) {
            let Some(position) = *position else { continue };
            let column = &table.columns[position];
            if !may_hold(column.holds, field.data_type()) {
                return Err(FileError::ColumnType {
                    path: path.to_owned(),
                    column: column.name,
                    expected: expected_type(column),
                    found: type_name(field.data_type()),
                });
            }
        }
        Ok(Self {
            metadata,
            table,
            positions,
        })
    }
}

impl ParquetSource {
    pub(crate) fn open(
        path: &Path,
        file: &mut File,
        tables: &[&'static Table],
    ) -> Result<Self, FileError> {
        let described = ParquetTable::open(path, file, tables)?;
        let file = file
            .try_clone()
            .map_err(|source| FileError::read(path, source))?;
        let bytes = file.metadata().map_or(0, |about| about.len());
        let rows = described.metadata.metadata().file_metadata().num_rows();
        let rows = u64::try_from(rows).unwrap_or(0);
        Ok(Self {
            table: described.table,
            positions: described.positions,
            batches: Batches::NotBegun(file, described.metadata),
            batch: None,
            next: 0,
            before: 0,
            rows,
            bytes,
        })
    }

    pub(crate) fn table(&self) -> &'static Table {
        self.table
    }

    pub(crate) fn positions(&self) -> &Positions {
        &self.positions
    }

    /// About how many bytes of the file have been read.
    pub(crate) fn bytes_read(&self) -> u64 {
        let share = u128::from(self.before + self.next as u64) * u128::from(self.bytes);
        u64::try_from(share / u128::from(self.rows.max(1))).unwrap_or(self.bytes)
    }

    /// Fills empty cells with the next row; `false` at the end.
    pub(crate) fn next_row(
        &mut self,
        path: &Path,
        cells: &mut [String],
    ) -> Result<bool, FileError> {
        loop {
            match &self.batch {
                Some(batch) if self.next < batch.num_rows() => {
                    for (array, position) in batch.columns().iter().zip(&self.positions) {
                        if let Some(position) = *position
                            && array.is_valid(self.next)
                        {
                            push_text(array.as_ref(), self.next, &mut cells[position]);
                        }
                    }
                    self.next += 1;
                    return Ok(true);
                }
                _ => match self.batches.next(path)? {
                    None => return Ok(false),
                    Some(batch) => {
                        self.before += self.next as u64;
                        (self.batch, self.next) = (Some(batch), 0);
                    }
                },
            }
        }
    }
}

/// A Parquet file begins and ends with four letters; the end is written last.
pub(crate) fn check_magic(path: &Path, file: &mut File) -> Result<(), FileError> {
    const MAGIC: &[u8; 4] = b"PAR1";
    let mut four = |from: SeekFrom| {
        let mut letters = [0; 4];
        file.seek(from)?;
        file.read_exact(&mut letters)?;
        Ok::<_, std::io::Error>(letters)
    };
    if four(SeekFrom::Start(0)).ok().as_ref() != Some(MAGIC) {
        return Err(FileError::NotParquet {
            path: path.to_owned(),
        });
    }
    // The magic letters at both ends and four bytes of length between them at the least.
    let end = four(SeekFrom::End(-4)).ok();
    let length = file
        .seek(SeekFrom::End(0))
        .map_err(|source| FileError::read(path, source))?;
    if length < 12 || end.as_ref() != Some(MAGIC) {
        return Err(FileError::HalfWritten {
            path: path.to_owned(),
        });
    }
    file.rewind()
        .map_err(|source| FileError::read(path, source))
}

fn check_compression(path: &Path, metadata: &ParquetMetaData) -> Result<(), FileError> {
    let groups = metadata.row_groups().iter();
    let mut codecs = groups
        .flat_map(|group| group.columns())
        .map(|column| column.compression());
    let built_in = |codec: &Compression| {
        use Compression::{GZIP, LZ4, LZ4_RAW, SNAPPY, UNCOMPRESSED, ZSTD};
        matches!(
            codec,
            SNAPPY | UNCOMPRESSED | ZSTD(_) | GZIP(_) | LZ4 | LZ4_RAW
        )
    };
    codecs
        .find(|codec| !built_in(codec))
        .map_or(Ok(()), |codec| {
            let name = codec.to_string();
            let codec = name.split('(').next().unwrap_or_default().to_owned();
            Err(FileError::Compression {
                path: path.to_owned(),
                codec,
            })
        })
}

fn may_hold(holds: Holds, found: &DataType) -> bool {
    use DataType::{Date32, Float32, Float64, LargeUtf8, Null, Timestamp, Utf8};
    match found {
        // A column of which the program that wrote it knew nothing is empty.
        Utf8 | LargeUtf8 | Null => true,
        Timestamp(_, zone) => matches!(holds, Holds::Past | Holds::Timestamp) && zone.is_some(),
        Date32 => holds == Holds::Day,
        Float32 | Float64 => matches!(holds, Holds::Degrees | Holds::Whole(..)),
        whole if whole.is_integer() => {
            !matches!(holds, Holds::Word(_) | Holds::Words(_) | Holds::Day)
        }
        _ => false,
    }
}

fn expected_type(column: &Column) -> String {
    match column.holds {
        Holds::Text | Holds::Region => "text or whole numbers".into(),
        Holds::Past | Holds::Timestamp => {
            "timestamps in UTC, whole Unix seconds, or text such as 2020-02-20T08:00:00+08:00"
                .into()
        }
        Holds::Day => "dates, or text such as 2020-02-20".into(),
        Holds::Word(_) | Holds::Words(_) => "text".into(),
        Holds::Whole(..) => "whole numbers".into(),
        Holds::Degrees => "numbers".into(),
    }
}

fn type_name(found: &DataType) -> String {
    match found {
        DataType::Timestamp(_, None) => "timestamp without a time zone".into(),
        DataType::Binary | DataType::LargeBinary => "bytes not marked as text".into(),
        DataType::Boolean => "boolean".into(),
        DataType::Date32 => "date".into(),
        DataType::List(_) | DataType::LargeList(_) => "list".into(),
        DataType::Struct(_) => "structure".into(),
        other => other.to_string().to_lowercase(),
    }
}

/// Writes one value as the text that a CSV file would hold; nothing for a type that
/// [`may_hold`] refuses.
pub(crate) fn push_text(array: &dyn Array, row: usize, cell: &mut String) {
    use std::fmt::Write as _;

    macro_rules! number {
        ($kind:ty) => {
            write!(cell, "{}", array.as_primitive::<$kind>().value(row))
        };
    }
    macro_rules! seconds {
        ($kind:ty, $parts:expr) => {
            push_timestamp(
                array.as_primitive::<$kind>().value(row).div_euclid($parts),
                cell,
            )
        };
    }
    let written = match array.data_type() {
        DataType::Utf8 => cell.write_str(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => cell.write_str(array.as_string::<i64>().value(row)),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float32 => number!(Float32Type),
        DataType::Float64 => number!(Float64Type),
        DataType::Timestamp(TimeUnit::Second, _) => seconds!(TimestampSecondType, 1),
        DataType::Timestamp(TimeUnit::Millisecond, _) => seconds!(TimestampMillisecondType, 1_000),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            seconds!(TimestampMicrosecondType, 1_000_000)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            seconds!(TimestampNanosecondType, 1_000_000_000)
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().value(row);
            match Date::constant(1970, 1, 1).checked_add(i64::from(days).days()) {
                Ok(date) => write!(cell, "{date}"),
                Err(_) => write!(cell, "{days}"),
            }
        }
        _ => Ok(()),
    };
    // Writing to a `String` cannot fail.
    debug_assert!(written.is_ok());
}

/// Writes a timestamp as Unix seconds, or by its date if the number would look like something else.
fn push_timestamp(unix_seconds: i64, cell: &mut String) -> std::fmt::Result {
    use std::fmt::Write as _;

    match (
        from_unix_seconds(unix_seconds),
        Timestamp::from_second(unix_seconds),
    ) {
        (Err(_), Ok(timestamp)) => write!(cell, "{timestamp}"),
        _ => write!(cell, "{unix_seconds}"),
    }
}
