//! Rows as text, whatever the format of the file.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::csv_records::{CsvRecords, LineCount};
use super::error::{Fault, FileError};
use super::header::{self, Positions};
use super::parquet_source::ParquetSource;
use super::table::Table;

/// The formats, by extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Ndjson, Self::Parquet];

    /// The extension of its files, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }

    /// The format of a file, by its name.
    ///
    /// # Errors
    /// [`FileError::Extension`] if the name does not tell.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        let extension = path
            .extension()
            .and_then(|e| e.to_str())
            .map(str::to_ascii_lowercase);
        let known = Self::ALL
            .into_iter()
            .find(|f| extension.as_deref() == Some(f.extension()));
        known.ok_or_else(|| FileError::Extension {
            path: path.to_owned(),
        })
    }
}

/// One row: a text for each column of the table, empty where there is none.
#[derive(Debug, Default)]
pub(crate) struct RawRow {
    pub(crate) number: u64,
    pub(crate) cells: Vec<String>,
    /// The bytes of cells that are no text, by their places.
    no_text: Vec<(usize, Vec<u8>)>,
    /// Why the row as a whole cannot be read.
    pub(crate) fault: Option<Fault>,
}

impl RawRow {
    pub(crate) fn for_table(table: &Table) -> Self {
        Self {
            number: 0,
            cells: vec![String::new(); table.columns.len()],
            no_text: Vec::new(),
            fault: None,
        }
    }

    /// Refuses a row with a zero byte, which no text has.
    pub(crate) fn refuse_zeros(&mut self) {
        if self.fault.is_none() && self.cells.iter().any(|cell| cell.contains('\0')) {
            self.fault = Some(Fault::of_row(
                "holds a zero byte, as a damaged file does",
                "write the row again",
            ));
        }
    }

    /// The cells as they stand in the file.
    pub(crate) fn bytes(&self) -> Vec<Vec<u8>> {
        let mut bytes: Vec<_> = self.cells.iter().map(|c| c.clone().into_bytes()).collect();
        for (place, cell) in &self.no_text {
            bytes[*place].clone_from(cell);
        }
        bytes
    }

    pub(crate) fn clear(&mut self, number: u64) {
        self.number = number;
        self.fault = None;
        self.no_text.clear();
        self.cells.iter_mut().for_each(String::clear);
    }
}

/// A file being read.
pub(crate) struct Source {
    path: PathBuf,
    table: &'static Table,
    /// The table's columns in the order of the file.
    order: Vec<usize>,
    rows: Rows,
}

enum Rows {
    Csv {
        reader: Box<CsvRecords<BufReader<File>>>,
        positions: Positions,
    },
    Ndjson {
        reader: BufReader<File>,
        line: Vec<u8>,
        number: u64,
        bytes: u64,
    },
    Parquet(Box<ParquetSource>),
}

impl Source {
    /// Opens a file that holds one of `tables`.
    pub(crate) fn open(path: &Path, tables: &[&'static Table]) -> Result<Self, FileError> {
        let format = Format::of(path)?;
        let mut file = File::open(path).map_err(|source| FileError::read(path, source))?;
        let about = file
            .metadata()
            .map_err(|source| FileError::read(path, source))?;
        if about.len() == 0 {
            let table = tables.first().copied().unwrap_or(&super::table::VISITS);
            return Err(FileError::Empty {
                path: path.to_owned(),
                table,
            });
        }
        match format {
            Format::Parquet => {
                let source = ParquetSource::open(path, &mut file, tables)?;
                let (table, positions) = (source.table(), source.positions());
                Ok(Self::new(
                    path,
                    table,
                    positions.to_vec(),
                    Rows::Parquet(Box::new(source)),
                ))
            }
            Format::Csv => Self::open_csv(path, text_of(path, file)?, tables),
            Format::Ndjson => Self::open_ndjson(path, text_of(path, file)?, tables),
        }
    }

    fn new(path: &Path, table: &'static Table, positions: Positions, rows: Rows) -> Self {
        let order = positions.into_iter().flatten().collect();
        Self {
            path: path.to_owned(),
            table,
            order,
            rows,
        }
    }

    fn open_csv(
        path: &Path,
        text: BufReader<File>,
        tables: &[&'static Table],
    ) -> Result<Self, FileError> {
        let mut reader = CsvRecords::new(text, 1);
        let read = reader.read_header();
        let read = read.map_err(|why| FileError::read(path, why))?;
        if read.is_none() {
            let table = tables.first().copied().unwrap_or(&super::table::VISITS);
            return Err(FileError::Empty {
                path: path.to_owned(),
                table,
            });
        }
        let name =
            |cell: Cow<'_, [u8]>| std::str::from_utf8(&cell).map(|name| name.trim().to_owned());
        let names = reader.values().map(name).collect::<Result<Vec<_>, _>>();
        let names = names.map_err(|_| FileError::NotUtf8 {
            path: path.to_owned(),
        })?;
        let (table, positions) = fit(path, &names, tables)?;
        let rows = Rows::Csv {
            reader: Box::new(reader),
            positions: positions.clone(),
        };
        Ok(Self::new(path, table, positions, rows))
    }

    /// NDJSON has no header; the first line tells the table, and each row is held against it.
    fn open_ndjson(
        path: &Path,
        mut text: BufReader<File>,
        tables: &[&'static Table],
    ) -> Result<Self, FileError> {
        let first = text
            .fill_buf()
            .map_err(|source| FileError::read(path, source))?;
        let line = first.split(|b| *b == b'\n').next().unwrap_or_default();
        let names: Vec<String> = serde_json::from_slice::<Map<String, Value>>(line)
            .map(|object| object.into_iter().map(|(name, _)| name).collect())
            .unwrap_or_default();
        let table = header::fit(&names, tables).map_or_else(|(table, _)| table, |(table, _)| table);
        let all = (0..table.columns.len()).map(Some).collect();
        let rows = Rows::Ndjson {
            reader: text,
            line: Vec::new(),
            number: 0,
            bytes: 0,
        };
        Ok(Self::new(path, table, all, rows))
    }

    pub(crate) fn table(&self) -> &'static Table {
        self.table
    }

    /// The table's columns in the order of the file.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// For each column of the file its place in the table.
    pub(crate) fn positions(&self) -> Positions {
        match &self.rows {
            Rows::Csv { positions, .. } => positions.clone(),
            Rows::Parquet(source) => source.positions().clone(),
            Rows::Ndjson { .. } => self.order.iter().copied().map(Some).collect(),
        }
    }

    /// About how many bytes of the file have been read.
    pub(crate) fn bytes_read(&self) -> u64 {
        match &self.rows {
            Rows::Csv { reader, .. } => reader.bytes_read(),
            Rows::Ndjson { bytes, .. } => *bytes,
            Rows::Parquet(source) => source.bytes_read(),
        }
    }

    /// Reads the next row; `false` at the end.
    pub(crate) fn next_row(&mut self, row: &mut RawRow) -> Result<bool, FileError> {
        let path = &self.path;
        match &mut self.rows {
            Rows::Csv { reader, positions } => {
                let line = reader.read().map_err(|why| FileError::read(path, why))?;
                let Some(line) = line else {
                    return Ok(false);
                };
                row.clear(line);
                take_record(reader, positions, row);
                Ok(true)
            }
            Rows::Ndjson {
                reader,
                line,
                number,
                bytes,
            } => loop {
                line.clear();
                let read = reader.read_until(b'\n', line);
                let read = read.map_err(|source| FileError::read(path, source))?;
                if read == 0 {
                    return Ok(false);
                }
                *bytes += read as u64;
                *number += 1;
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                row.clear(*number);
                row.fault = take_json(line, self.table, row).err();
                row.refuse_zeros();
                return Ok(true);
            },
            Rows::Parquet(source) => {
                let number = row.number + 1;
                row.clear(number);
                let is_there = source.next_row(path, &mut row.cells)?;
                row.refuse_zeros();
                Ok(is_there)
            }
        }
    }
}

/// Finds the table that a header fits, or says all that is wrong with it.
pub(crate) fn fit(
    path: &Path,
    names: &[String],
    tables: &[&'static Table],
) -> Result<(&'static Table, Positions), FileError> {
    header::fit(names, tables).map_err(|(table, problems)| FileError::Header {
        path: path.to_owned(),
        table,
        problems,
    })
}

/// A text file from its first letter on: skips the mark with which some programs begin UTF-8 files.
fn text_of(path: &Path, file: File) -> Result<BufReader<File>, FileError> {
    let mut text = BufReader::with_capacity(1 << 16, file);
    let start = text
        .fill_buf()
        .map_err(|source| FileError::read(path, source))?;
    if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
        return Err(FileError::NotUtf8 {
            path: path.to_owned(),
        });
    }
    if start.starts_with(&[0xEF, 0xBB, 0xBF]) {
        text.consume(3);
    }
    Ok(text)
}

/// Fills a row with the record that was read last. What goes over several lines is refused, whatever it
/// holds: a quotation mark that is not closed takes the rows after it for text. Tells whether it does.
pub(crate) fn take_record<R: BufRead>(
    records: &CsvRecords<R>,
    positions: &Positions,
    row: &mut RawRow,
) -> bool {
    take_csv(records.values(), positions, row);
    let mut inside = LineCount::default();
    let mut ends_line = false;
    for value in records.values() {
        inside.add(&value);
        ends_line = matches!(value.last(), Some(b'\n' | b'\r'));
    }
    let is_unclosed = records.is_unclosed();
    if inside.ends == 0 && !is_unclosed {
        return false;
    }
    // The last line of a file has an end, too.
    let lines = inside.ends + u64::from(!(is_unclosed && ends_line));
    let reason = match is_unclosed {
        true => format!("opens a quotation that only the end of the file ends ({lines} lines)"),
        false => {
            format!("has a line break inside quotation marks ({lines} lines are this one row)")
        }
    };
    let remedy = "look for a quotation mark that is not closed: the lines after it are no rows of their \
                  own; write each row on one line";
    row.fault = Some(Fault::of_row(reason, remedy));
    true
}

/// Fills a row with the values of a record.
pub(crate) fn take_csv(
    values: impl ExactSizeIterator<Item = impl AsRef<[u8]>>,
    positions: &Positions,
    row: &mut RawRow,
) {
    let count = values.len();
    let mut positions_left = positions.iter();
    for cell in values {
        let cell = cell.as_ref();
        let Some(position) = positions_left.next() else {
            continue;
        };
        let Some(position) = *position else { continue };
        match std::str::from_utf8(cell) {
            Ok(text) => row.cells[position].push_str(text),
            Err(_) => {
                row.no_text.push((position, cell.to_vec()));
                row.cells[position].push_str(&String::from_utf8_lossy(cell));
            }
        }
    }
    if count != positions.len() {
        let remedy = "put values that hold a comma into quotation marks";
        let counts = format!("has {} values, the header has {}", count, positions.len());
        row.fault = Some(Fault::of_row(counts, remedy));
    } else if !row.no_text.is_empty() {
        row.fault = Some(Fault::of_row("is not UTF-8 text", "save the file as UTF-8"));
    } else {
        row.refuse_zeros();
    }
}

/// The members of an object in order of their names, also of one that has a name twice.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                members.sort_by(|(one, _): &(String, Value), (other, _)| one.cmp(other));
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// Fills a row with the members of an object.
pub(crate) fn take_json(line: &[u8], table: &'static Table, row: &mut RawRow) -> Result<(), Fault> {
    let Members(object) = serde_json::from_slice(line).map_err(|why| {
        let place = format!("is not a JSON object (column {} of the line)", why.column());
        Fault::of_row(place, "write one object a line, as in {\"person\":\"p1\"}")
    })?;
    let names: Vec<String> = object.iter().map(|(name, _)| name.clone()).collect();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    let twice = twice.map(|pair| {
        let reason = format!("has `{}` twice", pair[0]);
        Fault::of_row(reason, "write each name once")
    });
    let mut fault = None;
    for (name, value) in object {
        let Some(position) = table.position(&name) else {
            let problems = header::fit(&names, &[table])
                .err()
                .map(|(_, problems)| problems);
            let problem = problems.and_then(|problems| problems.into_iter().next());
            fault = Some(Fault::of_row(
                problem.unwrap_or_default(),
                "correct the name",
            ));
            continue;
        };
        let cell = &mut row.cells[position];
        match value {
            Value::Null => {}
            Value::String(text) => *cell = text,
            Value::Number(number) => *cell = number.to_string(),
            Value::Bool(truth) => *cell = truth.to_string(),
            Value::Array(words) if words.iter().all(Value::is_string) => {
                let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                *cell = words.join(";");
            }
            Value::Array(_) | Value::Object(_) => {
                let column = &table.columns[position];
                fault = Some(Fault {
                    field: Some(column.name),
                    value: None,
                    reason: "is a list or an object".into(),
                    remedy: format!("write {}", column.holds.expected()),
                });
            }
        }
    }
    twice.or(fault).map_or(Ok(()), Err)
}
