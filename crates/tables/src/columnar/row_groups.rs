//! Row groups of a Parquet file as pieces.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

use super::cells::Cells;
use super::piece::{Piece, RowReader};
use super::plain::Plain;
use super::read::NotRead;
use crate::files::{FileError, Holds, ParquetTable, RawRow, check_pages};
use crate::mirror::Memory;

/// So many rows are held at once in the types of Parquet: few enough to stay near.
const BATCH: usize = if cfg!(test) { 5 } else { 1 << 14 };

/// The rows before each row group, and those of all.
pub(super) fn group_starts(table: &ParquetTable) -> Vec<u64> {
    let groups = table.metadata.metadata().row_groups().iter();
    let mut before = 0;
    let mut starts = vec![0];
    starts.extend(groups.map(|group| {
        before += u64::try_from(group.num_rows()).unwrap_or(0);
        before
    }));
    starts
}

/// Adds the rows of a row group to a piece, of which `first` come before it in the file.
pub(super) fn read_group(
    path: &Path,
    table: &ParquetTable,
    group: usize,
    first: u64,
    reader: &RowReader,
    memory: Memory,
    piece: &mut Piece,
) -> Result<(), NotRead> {
    let damaged = |why: &dyn std::fmt::Display| NotRead::from(FileError::damaged(path, why));
    let file = File::open(path).map_err(|why| FileError::read(path, why))?;
    let metadata = table.metadata.metadata();
    let sizes = check_pages(path, metadata.row_group(group), memory)?;
    let schema = as_dictionaries(table, metadata.row_group(group));
    let options = ArrowReaderOptions::new().with_schema(schema);
    let described = ArrowReaderMetadata::try_new(Arc::clone(metadata), options);
    let described = described.map_err(|why| damaged(&why))?;
    let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(file, described)
        .with_row_groups(vec![group])
        .with_batch_size(sizes.rows_at_once(BATCH))
        .build()
        .map_err(|why| damaged(&why))?;
    let mut before = first;
    for batch in batches {
        let batch = batch.map_err(|why| damaged(&why))?;
        add_batch(table, &batch, before, reader, piece)?;
        before += batch.num_rows() as u64;
    }
    Ok(())
}

fn add_batch(
    table: &ParquetTable,
    batch: &RecordBatch,
    before: u64,
    reader: &RowReader,
    piece: &mut Piece,
) -> Result<(), NotRead> {
    let columns = table.table.columns.len();
    let mut arrays: Vec<Option<&ArrayRef>> = vec![None; columns];
    for (array, position) in batch.columns().iter().zip(&table.positions) {
        if let Some(position) = *position {
            arrays[position] = Some(array);
        }
    }
    let mut cells = Vec::with_capacity(columns);
    for array in &arrays {
        cells.push(match array {
            Some(array) => Cells::Array(array.as_ref()),
            None => Cells::Absent,
        });
    }
    let plain = Plain::new(reader, cells, batch.num_rows());
    let mut raw = |row: usize, raw: &mut RawRow| {
        raw.clear(before + row as u64 + 1);
        let mut scratch = String::new();
        for (array, cell) in arrays.iter().zip(&mut raw.cells) {
            if let Some(array) = array {
                cell.push_str(Cells::Array(array.as_ref()).text(row, &mut scratch));
            }
        }
        raw.refuse_zeros();
    };
    piece.add(reader, plain, &mut raw)?;
    Ok(())
}

/// The types in which a row group is read: texts as words of a dictionary, since most columns have
/// few, except names and times that the file does not hold so either.
pub(super) fn as_dictionaries(table: &ParquetTable, group: &RowGroupMetaData) -> SchemaRef {
    let schema = table.metadata.schema();
    let columns = schema.fields().iter().zip(&table.positions).enumerate();
    let field = |(place, (field, position)): (usize, (&Arc<Field>, &Option<usize>))| {
        let has_few = position.is_some_and(|position| {
            !matches!(
                table.table.columns[position].holds,
                Holds::Text | Holds::Past | Holds::Timestamp
            )
        });
        // Columns of a table are flat, so the fields of the schema are its leaves.
        let is_words = || group.columns().get(place).is_some_and(is_dictionary);
        if *field.data_type() == DataType::Utf8 && (has_few || is_words()) {
            let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            Arc::new(field.as_ref().clone().with_data_type(words))
        } else {
            Arc::clone(field)
        }
    };
    Arc::new(Schema::new(columns.map(field).collect::<Vec<_>>()))
}

/// Whether every page of a column refers to its dictionary.
fn is_dictionary(column: &ColumnChunkMetaData) -> bool {
    let is_words = |encoding: Encoding| {
        matches!(
            encoding,
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY
        )
    };
    match column.page_encoding_stats_mask() {
        Some(pages) => pages.encodings().all(is_words),
        None => false,
    }
}
