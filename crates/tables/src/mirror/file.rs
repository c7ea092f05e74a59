//! One file of a mirror: is it what it should be, and where are its values.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, Encoding, LogicalType, Repetition, Type};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::statistics::Statistics;
use zerocopy::IntoBytes;

use super::layout::{Content, Field};
use super::{PEOPLE_KEY, TABLE_KEY, VERSION, VERSION_KEY};
use crate::files::{FileError, check_magic};

/// A file of a mirror, open.
#[derive(Debug)]
pub(super) struct MirrorFile {
    path: PathBuf,
    file: File,
    metadata: ParquetMetaData,
    people: u32,
}

/// Values one after another in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// The first row, counted from the first of the file.
    pub(super) first: u64,
    pub(super) rows: u64,
    /// Where its first value begins.
    values_at: u64,
}

impl MirrorFile {
    /// Opens the file of table `name`, if it is there.
    pub(super) fn open(dir: &Path, name: &str) -> Result<Option<Self>, FileError> {
        let path = dir.join(format!("{name}.parquet"));
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(FileError::read(&path, why)),
        };
        check_magic(&path, &mut file)?;
        let metadata = ParquetMetaDataReader::new()
            .with_column_index_policy(PageIndexPolicy::Skip)
            .with_offset_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(&file)
            .map_err(|why| FileError::damaged(&path, &why))?;
        let mut opened = Self {
            path,
            file,
            metadata,
            people: 0,
        };
        opened.people = opened.check_origin(name)?;
        Ok(Some(opened))
    }

    /// How many people the mirror knows.
    pub(super) fn people(&self) -> u32 {
        self.people
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many rows each row group has.
    pub(super) fn groups(&self) -> Vec<usize> {
        let groups = self.metadata.row_groups().iter();
        groups
            .map(|group| usize::try_from(group.num_rows()).unwrap_or(0))
            .collect()
    }

    /// A note in the file's metadata.
    pub(super) fn note(&self, key: &str) -> Option<&str> {
        let notes = self.metadata.file_metadata().key_value_metadata()?;
        notes.iter().find(|note| note.key == key)?.value.as_deref()
    }

    fn check_origin(&self, name: &str) -> Result<u32, FileError> {
        match self.note(VERSION_KEY) {
            None => return Err(self.refusal("it was not written as part of a mirror")),
            Some(VERSION) => {}
            Some(other) => {
                let why = format!("its layout is version {other}, this program reads {VERSION}");
                return Err(self.refusal(why));
            }
        }
        if let Some(other) = self.note(TABLE_KEY).filter(|table| *table != name) {
            return Err(self.refusal(format!("it holds {other}, not {name}")));
        }
        let people = self.note(PEOPLE_KEY).and_then(|people| people.parse().ok());
        people.ok_or_else(|| self.refusal("it does not say how many people there are"))
    }

    /// The position of a column, which must have the type that its content asks for.
    pub(super) fn column(&self, field: &Field) -> Result<usize, FileError> {
        let schema = self.metadata.file_metadata().schema_descr();
        let columns = schema.columns();
        let position = columns
            .iter()
            .position(|column| column.name() == field.name);
        let Some(position) = position else {
            return Err(self.refusal(format!("it lacks the column {}", field.name)));
        };
        let column = &columns[position];
        let unsigned = matches!(
            column.logical_type_ref(),
            Some(LogicalType::Integer(about)) if !about.is_signed
        ) || matches!(
            column.converted_type(),
            ConvertedType::UINT_32 | ConvertedType::UINT_8
        );
        let is_text = matches!(column.logical_type_ref(), Some(LogicalType::String))
            || column.converted_type() == ConvertedType::UTF8;
        let (physical, fits) = match field.content {
            Content::Numbers | Content::MaybeNumbers | Content::SmallNumbers => {
                (Type::INT32, unsigned)
            }
            Content::Celsius => (Type::FLOAT, true),
            _ => (Type::BYTE_ARRAY, is_text),
        };
        let may_be_null = matches!(
            field.content,
            Content::MaybeNumbers | Content::Celsius | Content::Categories
        );
        let is_null = column.self_type().get_basic_info().repetition() != Repetition::REQUIRED;
        let is_flat = column.max_rep_level() == 0 && column.max_def_level() <= 1;
        if column.physical_type() == physical && fits && is_flat && (may_be_null || !is_null) {
            return Ok(position);
        }
        let kind = match physical {
            Type::INT32 => "unsigned 32-bit whole numbers",
            Type::FLOAT => "32-bit fractions",
            _ => "text",
        };
        let repetition = if is_null { "optional" } else { "required" };
        Err(FileError::ColumnType {
            path: self.path.clone(),
            column: field.name,
            expected: if may_be_null {
                kind.into()
            } else {
                format!("{kind} without NULL")
            },
            found: match column.logical_type_ref() {
                Some(logical) => format!("{repetition} {} {logical:?}", column.physical_type()),
                None => format!("{repetition} {}", column.physical_type()),
            },
        })
    }

    /// The greatest value of a column in a row group, and whether it has NULLs. `None` if the file
    /// does not say.
    pub(super) fn greatest(&self, group: usize, column: usize) -> Option<(Option<u32>, bool)> {
        match self.metadata.row_group(group).column(column).statistics()? {
            // Unsigned numbers are kept in the bits of signed ones.
            Statistics::Int32(about) => {
                let greatest = about.max_opt().map(|greatest| greatest.cast_unsigned());
                Some((greatest, about.null_count_opt()? > 0))
            }
            _ => None,
        }
    }

    /// Whether a column surely has no NULL in a row group.
    pub(super) fn is_full(&self, group: usize, column: usize) -> bool {
        let descriptor = self.metadata.file_metadata().schema_descr().column(column);
        let statistics = self.metadata.row_group(group).column(column).statistics();
        descriptor.max_def_level() == 0
            || statistics.and_then(Statistics::null_count_opt) == Some(0)
    }

    /// The pages of a column of 32-bit values without NULL.
    ///
    /// A page is a header, then levels, then the values: those are its last bytes.
    pub(super) fn pages(&self, group: usize, column: usize) -> Result<Vec<Page>, FileError> {
        let chunk = self.metadata.row_group(group).column(column);
        let plain = |encoding: Encoding| matches!(encoding, Encoding::PLAIN | Encoding::RLE);
        if chunk.compression() != Compression::UNCOMPRESSED || !chunk.encodings().all(plain) {
            return Err(self.foreign("a column of numbers is compressed or encoded"));
        }
        let index = self.metadata.page_index();
        let Some(index) = index.and_then(|index| index.offset_index(group, column)) else {
            return Err(self.foreign("it has no index of its pages"));
        };
        let rows = u64::try_from(self.metadata.row_group(group).num_rows()).unwrap_or(0);
        let groups = self.metadata.row_groups()[..group].iter();
        let before: u64 = groups
            .map(|group| u64::try_from(group.num_rows()).unwrap_or(0))
            .sum();
        let locations = index.page_locations();
        let firsts = locations
            .iter()
            .map(|page| u64::try_from(page.first_row_index).unwrap_or(0));
        let ends = firsts.clone().skip(1).chain([rows]);
        let (start, length) = chunk.byte_range();
        let pages = locations
            .iter()
            .zip(firsts.zip(ends))
            .map(|(location, (first, end))| {
                let rows = end.checked_sub(first)?;
                let at = u64::try_from(location.offset).ok()?;
                let size = u64::try_from(location.compressed_page_size).ok()?;
                let header = size.checked_sub(rows.checked_mul(4)?)?;
                let is_inside = at >= start && at.checked_add(size)? <= start + length;
                // A header takes some ten bytes; with statistics and levels it may take more.
                (is_inside && header >= 8).then_some(Page {
                    first: before + first,
                    rows,
                    values_at: at + header,
                })
            });
        let pages: Option<Vec<Page>> = pages.collect();
        pages.ok_or_else(|| self.foreign("the index of its pages does not fit the pages"))
    }

    /// Reads values of a page straight into place: those of the rows from `first` on.
    pub(super) fn read(&self, page: &Page, first: u64, out: &mut [u32]) -> Result<(), FileError> {
        let at = page.values_at + (first - page.first) * 4;
        read_at(&self.file, out.as_mut_bytes(), at)
            .map_err(|why| FileError::read(&self.path, why))?;
        if cfg!(target_endian = "big") {
            out.iter_mut()
                .for_each(|value| *value = u32::from_le(*value));
        }
        Ok(())
    }

    /// A column of a row group as it lies in the file.
    pub(super) fn chunk(&self, group: usize, column: usize) -> Result<Chunk, FileError> {
        let (start, length) = self.metadata.row_group(group).column(column).byte_range();
        let length = usize::try_from(length).map_err(|_| self.foreign("a column is too long"))?;
        let mut bytes = vec![0; length];
        read_at(&self.file, &mut bytes, start).map_err(|why| FileError::read(&self.path, why))?;
        Ok(Chunk {
            start,
            bytes: bytes.into(),
        })
    }

    pub(super) fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }

    /// The file does not keep to the layout that its metadata promises.
    pub(super) fn foreign(&self, why: impl std::fmt::Display) -> FileError {
        FileError::damaged(&self.path, &format_args!("{why}, unlike a mirror's"))
    }

    fn refusal(&self, why: impl Into<String>) -> FileError {
        FileError::NotMirror {
            path: self.path.clone(),
            why: why.into(),
        }
    }
}

/// The bytes of a column, addressed as in the file.
pub(super) struct Chunk {
    start: u64,
    bytes: Bytes,
}

impl Chunk {
    fn range(&self, start: u64, length: Option<usize>) -> parquet::errors::Result<Range<usize>> {
        let from = start
            .checked_sub(self.start)
            .and_then(|from| usize::try_from(from).ok());
        let range = from.and_then(|from| {
            let until = length.map_or(Some(self.bytes.len()), |length| from.checked_add(length))?;
            (from <= until && until <= self.bytes.len()).then_some(from..until)
        });
        let outside = || parquet::errors::ParquetError::EOF("outside of the column".into());
        range.ok_or_else(outside)
    }
}

impl parquet::file::reader::Length for Chunk {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl parquet::file::reader::ChunkReader for Chunk {
    type T = io::Cursor<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(io::Cursor::new(self.bytes.slice(self.range(start, None)?)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        Ok(self.bytes.slice(self.range(start, Some(length))?))
    }
}

/// Fills `bytes` from a place in the file. Threads do not disturb each other.
#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

/// Fills `bytes` from a place in the file. Threads do not disturb each other.
#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}
