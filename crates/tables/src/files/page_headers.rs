//! The headers of the pages of a Parquet file, looked at before anything is unpacked.
//!
//! Room for a page is made by what its header says, so a header that says too much takes memory that
//! nobody asked for. A page cannot be larger than its whole column in the row group, whose size is in
//! the end of the file and has been held against the memory. Gzip goes on unpacking past what the header
//! says, so a page that could unpack to more than fits is unpacked once for nothing.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

use engine::parallel::threads;
use parquet::basic::Compression;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

use super::error::FileError;
use crate::mirror::Memory;

/// A header has hardly more than this; statistics may make it longer.
const USUAL: usize = 256;
/// No header is longer: its statistics hold two values of the page.
const LONGEST: usize = 16 << 20;
/// Gzip packs a byte of its own into no more than so many.
const MOST_OF_GZIP: u64 = 1032;
/// Structures within structures of a header.
const DEEPEST: u8 = 8;

/// What is held of a row group while its pages are read one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageSizes {
    /// Bytes of the pages, one of each column, and of the dictionaries.
    pub(crate) held: u64,
    /// Bytes of a row, at most and on average within a page.
    row: u64,
}

impl PageSizes {
    /// So many rows may be read at once, at most `usual`: long ones take too much together.
    pub(crate) fn rows_at_once(self, usual: usize) -> usize {
        const TOGETHER: u64 = 64 << 20;
        let fit = TOGETHER / self.row.max(1);
        usize::try_from(fit).unwrap_or(usual).clamp(1, usual)
    }

    /// The larger of each.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            held: self.held.max(other.held),
            row: self.row.max(other.row),
        }
    }
}

/// Looks at the pages of a row group, several of which are read at once, and refuses one with a page
/// that says it unpacks to more than its column, holds more words than bytes, or unpacks to more than it
/// says and `memory` has room for.
///
/// # Errors
/// [`FileError::Damaged`] with the place of the page; [`FileError::TooLarge`] if what must be held of the
/// pages does not fit into memory; [`FileError::Read`].
pub(crate) fn check_pages(
    path: &Path,
    group: &RowGroupMetaData,
    memory: Memory,
) -> Result<PageSizes, FileError> {
    let at_once = threads() as u64;
    let mut file = File::open(path).map_err(|why| FileError::read(path, why))?;
    let limit = memory.limit().unwrap_or(u64::MAX) / at_once;
    let mut sizes = PageSizes::default();
    for column in group.columns() {
        let rows = group.num_rows().max(column.num_values());
        let own = check_column(path, &mut file, column, rows, limit)?;
        sizes.held = sizes.held.saturating_add(own.held);
        sizes.row = sizes.row.saturating_add(own.row);
    }
    memory.check(path, sizes.held.saturating_mul(at_once))?;
    Ok(sizes)
}

fn check_column(
    path: &Path,
    file: &mut File,
    column: &ColumnChunkMetaData,
    rows: i64,
    limit: u64,
) -> Result<PageSizes, FileError> {
    let name = column.column_path().string();
    let wrong = |place: u64, why: &str| {
        let why = format!("the page of the column {name} at byte {place} {why}");
        Err(FileError::damaged(path, &why))
    };
    let start = column
        .dictionary_page_offset()
        .unwrap_or(column.data_page_offset());
    let (Ok(mut place), Ok(length), Ok(whole)) = (
        u64::try_from(start),
        u64::try_from(column.compressed_size()),
        u64::try_from(column.uncompressed_size()),
    ) else {
        return Err(FileError::damaged(
            path,
            &format!("the column {name} has a size below zero"),
        ));
    };
    let end = place.saturating_add(length);
    let (mut values, mut sizes, mut dictionary) = (0, PageSizes::default(), 0);
    while place < end && values < rows {
        let read = Header::read(file, place, end - place);
        let Some(header) = read.map_err(|why| FileError::read(path, why))? else {
            return wrong(place, "has no header that can be read");
        };
        let (Ok(packed), Ok(unpacked)) =
            (u64::try_from(header.packed), u64::try_from(header.unpacked))
        else {
            return wrong(place, "has a size below zero");
        };
        if unpacked > whole {
            let says = format!(
                "says that it unpacks to {unpacked} bytes, more than its whole column ({whole})"
            );
            return wrong(place, &says);
        }
        if header.words > header.unpacked {
            return wrong(place, "says that it holds more words than bytes");
        }
        let body = place + header.length;
        let is_gzip = matches!(column.compression(), Compression::GZIP(_));
        if is_gzip && packed.saturating_mul(MOST_OF_GZIP) > limit {
            let real = unpacked_length(file, body, packed, unpacked);
            if real.map_err(|why| FileError::read(path, why))? > unpacked {
                let says = format!("says that it unpacks to {unpacked} bytes, and there are more");
                return wrong(place, &says);
            }
        }
        let of_each = |count: i32| unpacked / u64::try_from(count).unwrap_or(0).max(1);
        if header.words > 0 {
            dictionary = unpacked;
            sizes.row = sizes.row.max(of_each(header.words));
        } else {
            sizes.held = sizes.held.max(unpacked + packed);
            sizes.row = sizes.row.max(of_each(header.values));
        }
        values += i64::from(header.values.max(0));
        place = body.saturating_add(packed);
    }
    sizes.held += dictionary;
    Ok(sizes)
}

/// How many bytes a page of Gzip unpacks to, counted to one more than `most`. What cannot be unpacked
/// is left to the reader to refuse.
fn unpacked_length(file: &mut File, place: u64, packed: u64, most: u64) -> io::Result<u64> {
    file.seek(SeekFrom::Start(place))?;
    let page = io::BufReader::new(Read::take(file, packed));
    let mut unpacked = flate2::bufread::MultiGzDecoder::new(page).take(most + 1);
    Ok(io::copy(&mut unpacked, &mut io::sink()).unwrap_or(0))
}

/// What matters of the header of a page, and its length.
#[derive(Debug, Default, PartialEq, Eq)]
struct Header {
    length: u64,
    unpacked: i32,
    packed: i32,
    /// Values of a page of data.
    values: i32,
    /// Words of a dictionary.
    words: i32,
}

impl Header {
    /// Reads the header at a place with at most so many bytes; `None` if it is none.
    fn read(file: &mut File, place: u64, rest: u64) -> io::Result<Option<Self>> {
        let mut size = USUAL;
        loop {
            file.seek(SeekFrom::Start(place))?;
            let mut bytes = Vec::with_capacity(size);
            Read::take(&mut *file, rest.min(size as u64)).read_to_end(&mut bytes)?;
            if let Some(header) = Self::parse(&bytes) {
                return Ok(Some(header));
            }
            if bytes.len() < size || size >= LONGEST {
                return Ok(None);
            }
            size *= 16;
        }
    }

    /// Reads a header in the compact protocol of Thrift, in which Parquet writes them.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut thrift = Thrift { rest: bytes };
        let mut header = Self::default();
        thrift.fields(|thrift, field, kind| {
            match (field, kind) {
                (2, Kind::Number) => header.unpacked = thrift.number()?,
                (3, Kind::Number) => header.packed = thrift.number()?,
                // Both forms of pages of data have their values first, and so have dictionaries.
                (5 | 7 | 8, Kind::Structure) => {
                    let mut count = 0;
                    thrift.fields(|thrift, field, kind| match (field, kind) {
                        (1, Kind::Number) => {
                            count = thrift.number()?;
                            Some(())
                        }
                        _ => thrift.skip(kind, 0),
                    })?;
                    match field {
                        7 => header.words = count,
                        _ => header.values = count,
                    }
                }
                _ => thrift.skip(kind, 0)?,
            }
            Some(())
        })?;
        header.length = (bytes.len() - thrift.rest.len()) as u64;
        Some(header)
    }
}

/// Types of the compact protocol, as far as they differ in how they are skipped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boolean,
    Byte,
    Number,
    Double,
    Text,
    List,
    Structure,
}

impl Kind {
    fn of(code: u8) -> Option<Self> {
        Some(match code {
            1 | 2 => Self::Boolean,
            3 => Self::Byte,
            4..=6 => Self::Number,
            7 => Self::Double,
            8 => Self::Text,
            9 | 10 => Self::List,
            12 => Self::Structure,
            _ => return None,
        })
    }
}

/// Bytes in the compact protocol. Everything is `None` if they end too early or mean nothing.
struct Thrift<'b> {
    rest: &'b [u8],
}

impl Thrift<'_> {
    /// Goes through the fields of a structure; `each` reads the value of every one.
    fn fields(&mut self, mut each: impl FnMut(&mut Self, i16, Kind) -> Option<()>) -> Option<()> {
        let mut field = 0_i16;
        loop {
            let byte = self.byte()?;
            if byte == 0 {
                return Some(());
            }
            field = match byte >> 4 {
                0 => i16::try_from(self.zigzag()?).ok()?,
                step => field.checked_add(i16::from(step))?,
            };
            each(self, field, Kind::of(byte & 15)?)?;
        }
    }

    fn skip(&mut self, kind: Kind, depth: u8) -> Option<()> {
        match kind {
            // The value is in the type.
            Kind::Boolean => Some(()),
            Kind::Byte => self.take(1),
            Kind::Number => self.varint().map(drop),
            Kind::Double => self.take(8),
            Kind::Text => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.take(length)
            }
            Kind::List => {
                let byte = self.byte()?;
                let length = match byte >> 4 {
                    15 => self.varint()?,
                    length => u64::from(length),
                };
                let kind = Kind::of(byte & 15)?;
                for _ in 0..length {
                    match kind {
                        Kind::Boolean => self.take(1)?,
                        kind => self.nested(kind, depth)?,
                    }
                }
                Some(())
            }
            Kind::Structure => self.nested(kind, depth),
        }
    }

    fn nested(&mut self, kind: Kind, depth: u8) -> Option<()> {
        if depth == DEEPEST {
            return None;
        }
        match kind {
            Kind::Structure => self.fields(|thrift, _, kind| thrift.skip(kind, depth + 1)),
            kind => self.skip(kind, depth + 1),
        }
    }

    fn number(&mut self) -> Option<i32> {
        i32::try_from(self.zigzag()?).ok()
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 127) << shift;
            if byte & 128 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, bytes: usize) -> Option<()> {
        self.rest = self.rest.get(bytes..)?;
        Some(())
    }
}
