//! Stories: a file arrives, and somebody must learn what is wrong with it.

mod folders;
mod formats;
mod rows;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_array::{Date32Array, TimestampMicrosecondArray};
use domain::evidence::{OpenPeriod, Relation, Symptom, Symptoms};
use domain::{Fact, FactKind, Level, Timestamp};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

use super::*;

const KEEP: ReadOptions = ReadOptions {
    now: None,
    keep_refused: true,
};

/// A folder with one file of the given name and text.
fn folder(name: &str, text: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    (dir, path)
}

fn read(kind: FactKind, path: &Path) -> Result<(Vec<FactRow>, FileReport), FileError> {
    facts(kind, path, KEEP).unwrap()?.read_all()
}

/// The refusals of a file with these lines, as a person would read them.
fn refusals(kind: FactKind, name: &str, text: &str) -> Vec<String> {
    let (_dir, path) = folder(name, text);
    let (_, report) = read(kind, &path).unwrap();
    assert_eq!(report.refused, report.examples.len() as u64);
    report.examples.iter().map(ToString::to_string).collect()
}

fn parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn visit(person: &str, venue: &str, entered: &str, left: Option<&str>) -> FactRow {
    let fact = Fact::visit(
        venue_id(venue),
        None,
        OpenPeriod::new(time(entered), left.map(time)).unwrap(),
    );
    FactRow {
        row: 0,
        person: person.into(),
        venue: Some(venue.into()),
        with: None,
        fact,
    }
}

fn without_rows(rows: Vec<FactRow>) -> Vec<FactRow> {
    rows.into_iter()
        .map(|row| FactRow { row: 0, ..row })
        .collect()
}
