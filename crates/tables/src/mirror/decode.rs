//! Values of a column of one row group, into a list.

use std::sync::Arc;

use engine::columns::NONE;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::file::serialized_reader::SerializedPageReader;

use super::file::MirrorFile;
use crate::files::FileError;

/// Numbers; NULL becomes [`NONE`].
pub(super) fn numbers(
    file: &MirrorFile,
    group: usize,
    column: usize,
    out: &mut [u32],
) -> Result<(), FileError> {
    if file.is_full(group, column) {
        let pages = file.pages(group, column)?;
        let mut rest = out;
        for page in pages {
            let count = usize::try_from(page.rows).unwrap_or(usize::MAX);
            if count > rest.len() {
                return Err(file.foreign("a page has more rows than its group"));
            }
            let (own, others) = rest.split_at_mut(count);
            file.read(&page, page.first, own)?;
            rest = others;
        }
        return match rest.len() {
            0 => Ok(()),
            _ => Err(file.foreign("pages are missing")),
        };
    }
    coded(file, group, column, out, NONE, |value| {
        let bytes = <[u8; 4]>::try_from(value).ok()?;
        Some(u32::from_le_bytes(bytes))
    })
}

/// Values of any kind, each put through `translate` once for each entry of the dictionary, or for
/// each row where there is none; NULL becomes `null`.
pub(super) fn coded<T: Copy>(
    file: &MirrorFile,
    group: usize,
    column: usize,
    out: &mut [T],
    null: T,
    mut translate: impl FnMut(&[u8]) -> Option<T>,
) -> Result<(), FileError> {
    let about = file.metadata().row_group(group).column(column);
    let descriptor = file
        .metadata()
        .file_metadata()
        .schema_descr()
        .column(column);
    let is_text = descriptor.physical_type() == Type::BYTE_ARRAY;
    let has_levels = descriptor.max_def_level() > 0;
    let damaged = |why: parquet::errors::ParquetError| FileError::damaged(file.path(), &why);
    let chunk = Arc::new(file.chunk(group, column)?);
    let mut pages = SerializedPageReader::new(chunk, about, out.len(), None).map_err(damaged)?;
    let mut dictionary = Vec::new();
    let mut rest = out;
    while let Some(page) = pages.get_next_page().map_err(damaged)? {
        match page {
            Page::DictionaryPage {
                buf, num_values, ..
            } => {
                let mut values = Plain {
                    bytes: &buf,
                    is_text,
                };
                for _ in 0..num_values {
                    let value = values.next().and_then(&mut translate);
                    dictionary.push(value.ok_or_else(|| unreadable(file, &descriptor))?);
                }
            }
            Page::DataPage {
                buf,
                num_values,
                encoding,
                ..
            } => {
                let count = num_values as usize;
                if count > rest.len() {
                    return Err(file.foreign("a page has more rows than its group"));
                }
                let (own, others) = rest.split_at_mut(count);
                rest = others;
                let (present, values) = match has_levels {
                    true => levels(&buf, count),
                    false => Some((None, &buf[..])),
                }
                .ok_or_else(|| file.foreign("a page is cut off"))?;
                let read = match encoding {
                    Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
                        from_dictionary(values, &dictionary, present, null, own)
                    }
                    Encoding::PLAIN => {
                        let mut values = Plain {
                            bytes: values,
                            is_text,
                        };
                        fill(own, present, null, || {
                            values.next().and_then(&mut translate)
                        })
                    }
                    other => return Err(file.foreign(format_args!("a page is encoded as {other}"))),
                };
                read.ok_or_else(|| unreadable(file, &descriptor))?;
            }
            Page::DataPageV2 { .. } => return Err(file.foreign("its pages are of version 2")),
        }
    }
    match rest.len() {
        0 => Ok(()),
        _ => Err(file.foreign("pages are missing")),
    }
}

fn unreadable(file: &MirrorFile, column: &parquet::schema::types::ColumnDescriptor) -> FileError {
    file.foreign(format_args!(
        "column {} holds a value that is none of its words",
        column.name()
    ))
}

/// Which values of a page are there; `None` if all are. And what follows.
type Levels<'a> = (Option<Vec<u16>>, &'a [u8]);

fn levels(page: &[u8], count: usize) -> Option<Levels<'_>> {
    let (length, rest) = page.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (levels, values) = rest.split_at_checked(length)?;
    let mut present = vec![0; count];
    runs(levels, 1, &mut present)?;
    Some((present.contains(&0).then_some(present), values))
}

fn from_dictionary<T: Copy>(
    values: &[u8],
    dictionary: &[T],
    present: Option<Vec<u16>>,
    null: T,
    out: &mut [T],
) -> Option<()> {
    let count = present.as_ref().map_or(out.len(), |present| {
        present.iter().filter(|level| **level != 0).count()
    });
    let (width, packed) = values.split_first()?;
    let mut places = vec![0; count];
    runs(packed, u32::from(*width), &mut places)?;
    if present.is_none() {
        // One check for all makes the loop short.
        let greatest = usize::from(places.iter().copied().max().unwrap_or(0));
        let dictionary = dictionary.get(..=greatest)?;
        for (out, place) in out.iter_mut().zip(&places) {
            *out = dictionary[usize::from(*place)];
        }
        return Some(());
    }
    let mut places = places.into_iter();
    fill(out, present, null, || {
        dictionary.get(usize::from(places.next()?)).copied()
    })
}

fn fill<T: Copy>(
    out: &mut [T],
    present: Option<Vec<u16>>,
    null: T,
    mut next: impl FnMut() -> Option<T>,
) -> Option<()> {
    match present {
        None => {
            for out in out {
                *out = next()?;
            }
        }
        Some(present) => {
            for (out, level) in out.iter_mut().zip(present) {
                *out = if level == 0 { null } else { next()? };
            }
        }
    }
    Some(())
}

/// Values one after another: four bytes each, or text with its length before it.
struct Plain<'a> {
    bytes: &'a [u8],
    is_text: bool,
}

impl<'a> Iterator for Plain<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if !self.is_text {
            let (value, rest) = self.bytes.split_at_checked(4)?;
            self.bytes = rest;
            return Some(value);
        }
        let (length, rest) = self.bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (value, rest) = rest.split_at_checked(length)?;
        self.bytes = rest;
        Some(value)
    }
}

/// Small numbers of `width` bits, as runs of equal ones and stretches of packed ones.
///
/// <https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE>
fn runs(mut bytes: &[u8], width: u32, out: &mut [u16]) -> Option<()> {
    if width > 16 {
        return None;
    }
    let mut out = out;
    while !out.is_empty() {
        let header = number(&mut bytes)?;
        let count = usize::try_from(header >> 1).ok()?;
        if header & 1 == 0 {
            let (value, rest) = bytes.split_at_checked(width.div_ceil(8) as usize)?;
            let value = value
                .iter()
                .rev()
                .fold(0, |value, byte| value << 8 | u16::from(*byte));
            let count = count.min(out.len());
            if count == 0 {
                return None;
            }
            out[..count].fill(value);
            (out, bytes) = (&mut out[count..], rest);
        } else {
            let length = count.checked_mul(width as usize)?;
            // The last stretch may be cut short.
            let (packed, rest) = bytes.split_at(length.min(bytes.len()));
            let count = count.checked_mul(8)?.min(out.len());
            if count == 0 {
                return None;
            }
            unpack(packed, width, &mut out[..count])?;
            (out, bytes) = (&mut out[count..], rest);
        }
    }
    Some(())
}

/// Eight numbers lie in `width` bytes.
fn unpack(packed: &[u8], width: u32, out: &mut [u16]) -> Option<()> {
    if width == 0 {
        out.fill(0);
        return Some(());
    }
    let step = width as usize;
    let mask = u128::from(u16::MAX >> (16 - width));
    let mut eights = out.chunks_mut(8);
    let mut at = 0;
    for eight in &mut eights {
        let mut bits = [0; 16];
        if let Some(window) = packed.get(at..at + 16) {
            bits.copy_from_slice(window);
        } else {
            let left = packed.get(at..)?;
            let needed = (eight.len() * step).div_ceil(8);
            if left.len() < needed {
                return None;
            }
            let length = left.len().min(16);
            bits[..length].copy_from_slice(&left[..length]);
        }
        if width <= 8 {
            let mut word = u64::from_le_bytes(*bits.first_chunk()?);
            for value in eight {
                *value = (word & mask as u64) as u16;
                word >>= width;
            }
        } else {
            let mut word = u128::from_le_bytes(bits);
            for value in eight {
                *value = (word & mask) as u16;
                word >>= width;
            }
        }
        at += step;
    }
    Some(())
}

/// A number of seven bits a byte, the lowest first.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_and_packed_numbers_come_out_as_written() {
        // 5 three times, then 0 to 7 in three bits each (the example of the format's page).
        let bytes = [6, 5, 3, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        let mut out = [0; 11];
        runs(&bytes, 3, &mut out).unwrap();
        assert_eq!(out, [5, 5, 5, 0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_stretch_that_is_cut_off_is_noticed() {
        let mut out = [0; 16];
        assert_eq!(runs(&[5, 0, 0, 0], 3, &mut out), None);
        assert_eq!(runs(&[0, 1], 3, &mut out), None);
        assert_eq!(runs(&[], 3, &mut out), None);
        assert_eq!(runs(&[0x80, 0x80], 3, &mut out), None);
        assert_eq!(runs(&[6, 0, 0, 0, 1], 17, &mut out), None);
    }
}
