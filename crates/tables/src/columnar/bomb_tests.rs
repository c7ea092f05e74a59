//! A small file that unpacks to much is refused before it is unpacked.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use domain::{FactKind, Policy};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::*;
use crate::files::{FileError, Inventory, ReadOptions, Reading, Table};
use crate::mirror::Memory;

/// A table of diagnoses in which every row names `person`.
fn diagnoses(dir: &Path, person: &str, rows: usize, has_words: bool) -> PathBuf {
    let codec = Compression::ZSTD(Default::default());
    diagnoses_in(dir, person, rows, has_words, codec)
}

fn diagnoses_in(
    dir: &Path,
    person: &str,
    rows: usize,
    has_words: bool,
    codec: Compression,
) -> PathBuf {
    let path = dir.join("diagnoses.parquet");
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(has_words)
        // Everything is one page.
        .set_data_page_size_limit(1 << 30)
        .set_write_batch_size(rows)
        .set_compression(codec);
    write(&path, person, rows, properties.build());
    path
}

fn write(path: &Path, person: &str, rows: usize, properties: WriterProperties) {
    let column = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; rows])) };
    let batch = RecordBatch::try_from_iter([
        ("person", column(person)),
        ("status", column("confirmed")),
        ("at", column("1582156800")),
    ]);
    let batch = batch.unwrap();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn read(dir: &Path, bytes: u64) -> Result<u64, FileError> {
    let mut reading = Reading {
        options: ReadOptions {
            now: None,
            keep_refused: false,
        },
        memory: Memory::AtMost(bytes),
        watch: &mut |_, _| {},
    };
    let inventory = Inventory::of(dir).unwrap();
    match read_population(&inventory, |_| true, false, &mut reading) {
        Ok((_, reports)) => Ok(reports[0].read),
        Err(NotRead::File(why)) => Err(why),
        Err(NotRead::DoesNotFit(why)) => panic!("{why}"),
    }
}

#[test]
fn a_few_kilobytes_that_unpack_to_many_megabytes_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = diagnoses(dir.path(), &"a".repeat(40_000), 1_000, false);
    assert!(fs::metadata(&path).unwrap().len() < 100_000);
    let refused = read(dir.path(), 16 << 20).unwrap_err();
    assert!(matches!(refused, FileError::TooLarge { .. }), "{refused}");
    assert_eq!(read(dir.path(), 1 << 30).unwrap(), 1_000);
}

/// The place and the bytes of the first page header of the column `person`, and the place where its
/// size unpacked stands in them.
fn header_of_person(bytes: &[u8]) -> (usize, usize) {
    // The first column begins behind the magic letters. Its header begins with the type of the page and
    // goes on with the size unpacked as the next field: a variable length of sevens of bits.
    let start = 4;
    assert_eq!(
        (bytes[start], bytes[start + 2]),
        (0x15, 0x15),
        "two numbers"
    );
    (start, start + 3)
}

/// A table of diagnoses of which the first page says that it unpacks to `size` bytes, in as many bytes
/// as it said before.
fn that_lies(dir: &Path, size: u64, codec: Compression) -> PathBuf {
    let path = diagnoses_in(dir, &"a".repeat(40_000), 1_000, false, codec);
    let mut bytes = fs::read(&path).unwrap();
    let (_, mut place) = header_of_person(&bytes);
    let mut rest = size << 1;
    loop {
        let goes_on = bytes[place] & 128;
        bytes[place] = (rest & 127) as u8 | goes_on;
        rest >>= 7;
        if goes_on == 0 {
            break;
        }
        place += 1;
    }
    assert_eq!(rest, 0, "{size} needs more bytes");
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_page_that_says_it_is_larger_than_its_column_is_refused_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    that_lies(dir.path(), 100 << 20, Compression::ZSTD(Default::default()));
    let refused = read(dir.path(), 1 << 30).unwrap_err();
    assert!(matches!(refused, FileError::Damaged { .. }), "{refused}");
    let said = refused.to_string();
    for part in [
        "diagnoses.parquet",
        "the page of the column person at byte 4 says that it unpacks to 104857600 bytes, more than \
         its whole column",
        "Write the file again",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_page_that_unpacks_to_more_than_it_says_is_refused_before_it_is() {
    let dir = tempfile::tempdir().unwrap();
    // The reader of rows takes it for what it is too, but only when it has unpacked it all.
    that_lies(
        dir.path(),
        20_000_000,
        Compression::GZIP(Default::default()),
    );
    let refused = read(dir.path(), 64 << 20).unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("says that it unpacks to 20000000 bytes, and there are more"),
        "{said}"
    );
}

#[test]
fn a_column_larger_than_the_memory_is_read_page_by_page() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("diagnoses.parquet");
    // 40 MB of one name in pages of 400 kB; in memory it is there once.
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_write_batch_size(10)
        .set_data_page_row_count_limit(10)
        .set_compression(Compression::ZSTD(Default::default()));
    write(&path, &"a".repeat(40_000), 1_000, properties.build());
    assert_eq!(read(dir.path(), 32 << 20).unwrap(), 1_000);
}

#[test]
fn a_small_table_with_many_rows_is_refused_before_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = diagnoses(dir.path(), "p1", 400_000, true);
    assert!(fs::metadata(&path).unwrap().len() < 20_000);
    let policy = Policy::parse(include_str!("../../examples/kernels/k1.toml")).unwrap();
    let ask = |bytes| {
        let reading = Reading {
            options: ReadOptions {
                now: None,
                keep_refused: false,
            },
            memory: Memory::AtMost(bytes),
            watch: &mut |done, _| assert_eq!(done, 0, "nothing is read"),
        };
        let at = "2020-03-01T00:00:00Z".parse().unwrap();
        crate::population::decide_folder(&policy, dir.path(), at, reading).map(drop)
    };
    let refused = ask(1 << 20).unwrap_err();
    assert!(refused.to_string().contains("would take"), "{refused}");
}

#[test]
fn a_person_with_more_rows_than_fit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = diagnoses(dir.path(), "p1", 100_000, true);
    let table = Table::of_kind(FactKind::Diagnosis).unwrap();
    let rows = |bytes| rows_of_person(&path, table, &Sought::new("p1"), Memory::AtMost(bytes));
    let refused = rows(16 << 20).unwrap_err();
    assert!(matches!(refused, FileError::TooLarge { .. }), "{refused}");
    assert_eq!(rows(1 << 30).unwrap().len(), 100_000);
}
