//! The rows of one person, found without reading the others.

use std::fs::File;
use std::io::{BufReader, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::{Array, StringArray};
use arrow_schema::DataType;
use engine::parallel::parallel_map;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::RowGroupMetaData;

use super::cells::Cells;
use super::row_groups::{as_dictionaries, group_starts};
use super::text::{PART, Split, Text, body_of_csv};
use crate::files::{
    CsvRecords, FileError, Format, ParquetTable, Positions, RawRow, Source, Table, check_pages,
    take_csv, take_json, take_record,
};
use crate::mirror::Memory;

/// So many names are held at once.
const BATCH: usize = 1 << 15;

/// A row takes so many bytes beside its cells, with what they usually hold.
const ROW: usize = 256;

/// Somebody who is looked for.
pub(crate) struct Sought<'n> {
    name: &'n str,
    /// An identifier is the same in small and capital letters.
    is_identifier: bool,
}

impl<'n> Sought<'n> {
    pub(crate) fn new(name: &'n str) -> Self {
        let is_identifier = name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        Self {
            name,
            is_identifier,
        }
    }

    /// Whether a cell names them.
    pub(crate) fn is(&self, cell: &str) -> bool {
        let cell = cell.trim();
        cell == self.name || self.is_identifier && cell.eq_ignore_ascii_case(self.name)
    }
}

/// The rows of a table that name somebody, in the order of the file, as the careful reader takes them.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read, or if the rows would not fit into memory.
pub(crate) fn rows_of_person(
    path: &Path,
    table: &'static Table,
    sought: &Sought<'_>,
    memory: Memory,
) -> Result<Vec<RawRow>, FileError> {
    // Opens it as the careful reader does, which refuses what it must.
    let source = Source::open(path, &[table])?;
    let person = table.position("person").unwrap_or(0);
    match Format::of(path)? {
        Format::Parquet => in_parquet(path, table, person, sought, memory),
        Format::Csv => {
            let positions = source.positions();
            match body_of_csv(path)? {
                Some(body) => in_csv(path, table, &positions, body, sought),
                None => in_quoted_csv(path, table, &positions, sought),
            }
        }
        Format::Ndjson => in_ndjson(path, table, person, sought),
    }
}

fn in_parquet(
    path: &Path,
    table: &'static Table,
    person: usize,
    sought: &Sought<'_>,
    memory: Memory,
) -> Result<Vec<RawRow>, FileError> {
    let mut file = File::open(path).map_err(|why| FileError::read(path, why))?;
    let described = ParquetTable::open(path, &mut file, &[table])?;
    let memory = memory.fixed();
    let found = AtomicU64::new(0);
    let take = |rows: usize| {
        let bytes = rows * (ROW + table.columns.len() * size_of::<String>());
        let before = found.fetch_add(bytes as u64, Ordering::Relaxed);
        memory.check(path, before + bytes as u64)
    };
    let starts = group_starts(&described);
    let column = described
        .positions
        .iter()
        .position(|place| *place == Some(person));
    let column = column.unwrap_or(0);
    let all = described.metadata.metadata().row_groups();
    let groups: Vec<usize> = (0..all.len())
        .filter(|group| may_name(&all[*group], column, sought))
        .collect();
    let rows = parallel_map(groups, |number| {
        let sizes = check_pages(path, &all[number], memory)?;
        in_group(
            path,
            &described,
            number,
            starts[number],
            (column, sought),
            sizes.rows_at_once(BATCH),
            &take,
        )
    });
    rows.into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map(|rows| rows.into_iter().flatten().collect())
}

/// Whether the least and greatest name of a row group leave room for somebody. A cell may have space
/// before or after the name.
fn may_name(group: &RowGroupMetaData, column: usize, sought: &Sought<'_>) -> bool {
    let statistics = group.column(column).statistics();
    let bounds = statistics.and_then(|all| all.min_bytes_opt().zip(all.max_bytes_opt()));
    let is_text = group.column(column).column_type() == parquet::basic::Type::BYTE_ARRAY;
    let Some((least, greatest)) = bounds.filter(|_| is_text && !sought.is_identifier) else {
        return true;
    };
    let name = sought.name.as_bytes();
    let may_be_padded = least.first().is_none_or(|first| !first.is_ascii_graphic())
        || greatest
            .first()
            .is_none_or(|first| !first.is_ascii_graphic());
    may_be_padded || (greatest >= name && (least <= name || least.starts_with(name)))
}

fn in_group(
    path: &Path,
    table: &ParquetTable,
    group: usize,
    first: u64,
    (column, sought): (usize, &Sought<'_>),
    rows_at_once: usize,
    take: &(impl Fn(usize) -> Result<(), FileError> + Sync),
) -> Result<Vec<RawRow>, FileError> {
    let damaged = |why: parquet::errors::ParquetError| FileError::damaged(path, &why);
    let metadata = table.metadata.metadata();
    let open = || -> Result<_, FileError> {
        let file = File::open(path).map_err(|why| FileError::read(path, why))?;
        let schema = as_dictionaries(table, metadata.row_group(group));
        let options = ArrowReaderOptions::new().with_schema(schema);
        let described = ArrowReaderMetadata::try_new(Arc::clone(metadata), options);
        let described = described.map_err(damaged)?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, described);
        Ok(builder
            .with_row_groups(vec![group])
            .with_batch_size(rows_at_once))
    };
    let builder = open()?;
    let is_text = *builder.schema().field(column).data_type() == DataType::Utf8
        || matches!(
            builder.schema().field(column).data_type(),
            DataType::Dictionary(..)
        );
    if is_text && !sought.is_identifier {
        let filter = builder.get_row_group_column_bloom_filter(group, column);
        if filter
            .map_err(damaged)?
            .is_some_and(|filter| !filter.check(&sought.name))
        {
            return Ok(Vec::new());
        }
    }
    let mask = ProjectionMask::leaves(builder.parquet_schema(), [column]);
    let names = builder.with_projection(mask).build().map_err(damaged)?;
    let (mut found, mut before) = (Vec::new(), 0);
    for batch in names {
        let batch = batch.map_err(|why| FileError::damaged(path, &why))?;
        let rows = named(batch.column(0).as_ref(), sought);
        take(rows.len())?;
        found.extend(rows.into_iter().map(|row| before + row));
        before += batch.num_rows();
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ranges = found.iter().map(|row| *row..row + 1);
    let selection = RowSelection::from_consecutive_ranges(ranges, before);
    let batches = open()?
        .with_row_selection(selection)
        .build()
        .map_err(damaged)?;
    let (mut rows, mut places) = (Vec::with_capacity(found.len()), found.iter());
    for batch in batches {
        let batch = batch.map_err(|why| FileError::damaged(path, &why))?;
        for (place, number) in (0..batch.num_rows()).zip(places.by_ref()) {
            let mut row = RawRow::for_table(table.table);
            row.clear(first + *number as u64 + 1);
            let mut scratch = String::new();
            for (array, position) in batch.columns().iter().zip(&table.positions) {
                if let Some(position) = *position {
                    let text = Cells::Array(array.as_ref());
                    row.cells[position].push_str(text.text(place, &mut scratch));
                }
            }
            row.refuse_zeros();
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The places of those who are sought in a column of names.
fn named(names: &dyn Array, sought: &Sought<'_>) -> Vec<usize> {
    let cells = Cells::Array(names);
    let all = 0..names.len();
    if let Some((words, texts)) = cells.dictionary() {
        let is_sought: Vec<bool> = texts
            .iter()
            .map(|text| text.is_some_and(|text| sought.is(text)))
            .collect();
        if !is_sought.contains(&true) {
            return Vec::new();
        }
        let is_named = |row: &usize| words.key(*row).is_some_and(|key| is_sought[key]);
        return all.filter(is_named).collect();
    }
    if let Some(texts) = names.as_any().downcast_ref::<StringArray>() {
        return all
            .filter(|row| texts.is_valid(*row) && sought.is(texts.value(*row)))
            .collect();
    }
    let mut scratch = String::new();
    all.filter(|row| sought.is(cells.text(*row, &mut scratch)))
        .collect()
}

/// Rows found in a part, on lines that count from the part's first as 0, and how many lines it has;
/// `None` if it holds quotation marks.
type InPart = Option<(Vec<RawRow>, u64)>;

fn in_csv(
    path: &Path,
    table: &'static Table,
    positions: &Positions,
    body: u64,
    sought: &Sought<'_>,
) -> Result<Vec<RawRow>, FileError> {
    let person = table.position("person");
    let column = positions
        .iter()
        .position(|place| *place == person)
        .unwrap_or(0);
    let finder = memchr::memmem::Finder::new(sought.name);
    let is_end = |byte: u8| matches!(byte, b'\n' | b'\r');
    let in_part = |part: Range<u64>| -> Result<InPart, FileError> {
        let text =
            Text::read(path, body, &part, is_end).map_err(|why| FileError::read(path, why))?;
        let own = text.own();
        if memchr::memchr(b'"', own).is_some() {
            return Ok(None);
        }
        let lines = text.lines_to(text.limit());
        let mut rows = Vec::new();
        let has_name = sought.is_identifier || finder.find(own).is_some();
        if has_name {
            let split = Split::new(own, positions.len());
            let mut numbers = text.numbers();
            for (place, (start, end)) in split.lines.iter().enumerate() {
                let (from, until) = split.spans[column][place];
                let cell = std::str::from_utf8(&own[from as usize..until as usize]);
                if !cell.is_ok_and(|cell| sought.is(cell)) {
                    continue;
                }
                let mut row = RawRow::for_table(table);
                row.clear(numbers.at(*start as usize));
                let line = &own[*start as usize..*end as usize];
                let values: Vec<&[u8]> = line.split(|byte| *byte == b',').collect();
                take_csv(values.into_iter(), positions, &mut row);
                rows.push(row);
            }
        }
        Ok(Some((rows, lines)))
    };
    let found = parallel_map(parts(path, body)?, in_part);
    let first = super::read::line_at(path, body)?;
    match together(found, first)? {
        Some(rows) => Ok(rows),
        None => in_quoted_csv(path, table, positions, sought),
    }
}

fn in_quoted_csv(
    path: &Path,
    table: &'static Table,
    positions: &Positions,
    sought: &Sought<'_>,
) -> Result<Vec<RawRow>, FileError> {
    let failed = |why| FileError::read(path, why);
    let mut file = File::open(path).map_err(failed)?;
    let mark = super::text::mark_at_start(path)?;
    file.seek(SeekFrom::Start(mark)).map_err(failed)?;
    let mut records = CsvRecords::new(BufReader::with_capacity(1 << 16, file), 1);
    let person = table.position("person").unwrap_or(0);
    let mut rows = Vec::new();
    let mut row = RawRow::for_table(table);
    // The header, which fits.
    records.read_header().map_err(failed)?;
    while let Some(line) = records.read().map_err(failed)? {
        row.clear(line);
        let goes_on = take_record(&records, positions, &mut row);
        // A row that took others for text may have taken theirs.
        let hides = || goes_on && row.cells.iter().any(|cell| cell.contains(sought.name));
        if sought.is(&row.cells[person]) || hides() {
            rows.push(std::mem::replace(&mut row, RawRow::for_table(table)));
        }
    }
    Ok(rows)
}

fn in_ndjson(
    path: &Path,
    table: &'static Table,
    person: usize,
    sought: &Sought<'_>,
) -> Result<Vec<RawRow>, FileError> {
    let finder = memchr::memmem::Finder::new(sought.name);
    let in_part = |part: Range<u64>| -> Result<InPart, FileError> {
        let text = Text::read(path, 0, &part, |byte| byte == b'\n');
        let text = text.map_err(|why| FileError::read(path, why))?;
        // A letter may be written as its number after a backslash.
        let own = text.own();
        let is_hidden = sought.is_identifier || memchr::memchr(b'\\', own).is_some();
        let (mut rows, mut number) = (Vec::new(), text.newlines_before_own());
        if is_hidden || finder.find(own).is_some() {
            for line in text.own_lines(part.start) {
                let mut row = RawRow::for_table(table);
                row.clear(number);
                if is_hidden || finder.find(line).is_some() {
                    row.fault = take_json(line, table, &mut row).err();
                    row.refuse_zeros();
                    if sought.is(&row.cells[person]) {
                        rows.push(row);
                    }
                }
                number += 1;
            }
        }
        Ok(Some((rows, text.newlines())))
    };
    let found = parallel_map(parts(path, 0)?, in_part);
    Ok(together(found, 1)?.unwrap_or_default())
}

/// The parts of a text file.
fn parts(path: &Path, body: u64) -> Result<Vec<Range<u64>>, FileError> {
    let failed = |why| FileError::read(path, why);
    let bytes = std::fs::metadata(path).map_err(failed)?.len();
    let starts = (body..bytes).step_by(PART as usize);
    Ok(starts.map(|start| start..bytes.min(start + PART)).collect())
}

/// The rows of all parts with their lines in the file; `None` if one could not be read so.
fn together(
    parts: Vec<Result<InPart, FileError>>,
    first: u64,
) -> Result<Option<Vec<RawRow>>, FileError> {
    let (mut all, mut line) = (Vec::new(), first);
    for part in parts {
        let Some((rows, lines)) = part? else {
            return Ok(None);
        };
        all.extend(rows.into_iter().map(|mut row| {
            row.number += line;
            row
        }));
        line += lines;
    }
    Ok(Some(all))
}
