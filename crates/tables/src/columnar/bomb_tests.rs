//! A small file that unpacks to much is refused before it is unpacked.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use domain::FactKind;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::*;
use crate::files::{FileError, Inventory, ReadOptions, Reading, Table};
use crate::mirror::Memory;

/// A table of diagnoses in which every row names `person`.
fn diagnoses(dir: &Path, person: &str, rows: usize, has_words: bool) -> PathBuf {
    let path = dir.join("diagnoses.parquet");
    let column = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; rows])) };
    let batch = RecordBatch::try_from_iter([
        ("person", column(person)),
        ("status", column("confirmed")),
        ("at", column("1582156800")),
    ]);
    let batch = batch.unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(has_words)
        .set_compression(Compression::ZSTD(Default::default()));
    let file = File::create(&path).unwrap();
    let properties = Some(properties.build());
    let mut writer = ArrowWriter::try_new(file, batch.schema(), properties).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path
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
