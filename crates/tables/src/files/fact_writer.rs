//! Writes a table of evidence: the columns are the fields of its kind.

use std::convert::Infallible;
use std::fmt::{Display, Write as _};
use std::path::Path;

use domain::evidence::{Field, FieldValue, Sink};
use domain::{Fact, FactKind, PersonId, Timestamp, VenueId};

use super::error::FileError;
use super::source::Format;
use super::table::Table;
use super::writer::{ResultColumn, ResultWriter, Value};

/// A table of evidence being written. Dropped before [`FactWriter::finish`], it leaves no file.
pub struct FactWriter<N> {
    writer: ResultWriter,
    row: Row<N>,
    rows: u64,
}

/// What people and venues are called in files.
pub trait Naming {
    /// Writes what a person is called.
    fn person(&self, person: PersonId, name: &mut String);

    /// Writes what a venue is called.
    fn venue(&self, venue: VenueId, name: &mut String);
}

impl<N: Naming> FactWriter<N> {
    /// Begins the table of `kind` in `folder`. `None` for withdrawals, which no file holds.
    ///
    /// # Errors
    /// [`FileError`] if the file cannot be made.
    pub fn create(
        folder: &Path,
        kind: FactKind,
        format: Format,
        names: N,
    ) -> Option<Result<Self, FileError>> {
        let table = Table::of_kind(kind)?;
        let path = folder.join(table.name).with_extension(format.extension());
        let columns: Vec<ResultColumn> = table.columns.iter().map(ResultColumn::of).collect();
        let row = Row {
            names,
            cells: columns.iter().map(|_| Cell::default()).collect(),
            used: 0,
        };
        let writer = ResultWriter::create(&path, &columns);
        Some(writer.map(|writer| Self {
            writer,
            row,
            rows: 0,
        }))
    }

    /// Adds a fact, which is of the kind of the table, about somebody.
    ///
    /// # Errors
    /// [`FileError::Write`], for example when the disk is full.
    pub fn add(&mut self, person: PersonId, fact: &Fact) -> Result<(), FileError> {
        self.rows += 1;
        self.row.used = 0;
        self.row.name(|names, name| names.person(person, name));
        let Ok(()) = fact.write(&mut self.row);
        let cells = &self.row.cells[..self.row.used];
        let values: Vec<Value<'_>> = cells.iter().map(Cell::value).collect();
        self.writer.row(&values)
    }

    /// Puts the file in place, complete and on disk; the number of its rows.
    ///
    /// # Errors
    /// [`FileError::Write`]; a file of that name stays as it was.
    pub fn finish(self) -> Result<u64, FileError> {
        self.writer.finish()?;
        Ok(self.rows)
    }
}

/// The cells of a row. Texts are written into the same memory row after row.
struct Row<N> {
    names: N,
    cells: Vec<Cell>,
    used: usize,
}

#[derive(Default)]
struct Cell {
    holds: CellHolds,
    text: String,
}

#[derive(Clone, Copy, Default)]
enum CellHolds {
    #[default]
    Nothing,
    Text,
    Whole(u32),
    Time(Timestamp),
}

impl Cell {
    fn value(&self) -> Value<'_> {
        match self.holds {
            CellHolds::Nothing => Value::Empty,
            CellHolds::Text => Value::Text(&self.text),
            CellHolds::Whole(number) => Value::Whole(number.into()),
            CellHolds::Time(time) => Value::Timestamp(time),
        }
    }
}

impl<N: Naming> Row<N> {
    fn next(&mut self, holds: CellHolds) -> &mut String {
        let cell = &mut self.cells[self.used];
        self.used += 1;
        cell.holds = holds;
        cell.text.clear();
        &mut cell.text
    }

    fn name(&mut self, write: impl FnOnce(&N, &mut String)) {
        let place = self.used;
        self.next(CellHolds::Text);
        write(&self.names, &mut self.cells[place].text);
    }

    fn shown(&mut self, value: impl Display) {
        let text = self.next(CellHolds::Text);
        // Writing into memory does not fail.
        let _ = write!(text, "{value}");
    }

    /// Values one after another, separated as files separate them; nothing if there are none.
    fn list<'v>(&mut self, values: impl Iterator<Item = &'v str>) {
        let text = self.next(CellHolds::Text);
        for value in values {
            if !text.is_empty() {
                text.push(';');
            }
            text.push_str(value);
        }
        if text.is_empty() {
            self.cells[self.used - 1].holds = CellHolds::Nothing;
        }
    }
}

impl<N: Naming> Sink for Row<N> {
    type Error = Infallible;

    fn put(&mut self, _: &'static Field, value: FieldValue<'_>) -> Result<(), Infallible> {
        match value {
            FieldValue::Unknown => _ = self.next(CellHolds::Nothing),
            FieldValue::Time(time) => _ = self.next(CellHolds::Time(time)),
            FieldValue::Whole(number) => _ = self.next(CellHolds::Whole(number)),
            FieldValue::Text(text) => self.next(CellHolds::Text).push_str(text),
            FieldValue::Word(word) => self.next(CellHolds::Text).push_str(word),
            FieldValue::Degrees(degrees) => self.shown(degrees),
            FieldValue::Region(region) => self.shown(region),
            FieldValue::Evidence(id) => self.shown(id),
            FieldValue::Person(id) => self.name(|names, name| names.person(id, name)),
            FieldValue::Venue(id) => self.name(|names, name| names.venue(id, name)),
            FieldValue::Symptoms(symptoms) => {
                self.list(symptoms.iter().map(|symptom| symptom.as_str()));
            }
            FieldValue::Signatures(names) => self.list(names.iter().map(String::as_str)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::testing::any_fact;
    use proptest::prelude::*;

    use super::*;
    use crate::files::{ReadOptions, facts, person_id, venue_id};

    struct Hexadecimal;

    impl Naming for Hexadecimal {
        fn person(&self, person: PersonId, name: &mut String) {
            name.push_str(&person.to_string());
        }

        fn venue(&self, venue: VenueId, name: &mut String) {
            name.push_str(&venue.to_string());
        }
    }

    proptest! {
        #![proptest_config(domain::testing::property_cases(64))]

        #[test]
        fn what_is_written_is_read(fact in any_fact(), format in prop::sample::select(&Format::ALL)) {
            let dir = tempfile::tempdir().unwrap();
            let (kind, who) = (fact.kind(), PersonId::from_u128(7));
            let writer = FactWriter::create(dir.path(), kind, format, Hexadecimal);
            let mut writer = writer.unwrap().unwrap();
            writer.add(who, &fact).unwrap();
            prop_assert_eq!(writer.finish().unwrap(), 1);
            let name = Table::of_kind(kind).unwrap().name;
            let path = dir.path().join(name).with_extension(format.extension());
            let options = ReadOptions { now: None, keep_refused: false };
            let rows = facts(kind, &path, options).unwrap().unwrap();
            let (rows, report) = rows.read_all().unwrap();
            prop_assert_eq!(report.refused, 0, "{:?}", report.examples);
            prop_assert_eq!(person_id(&rows[0].person), who);
            if let Fact::Visit { venue, .. } = fact {
                prop_assert_eq!(venue_id(rows[0].venue.as_deref().unwrap()), venue);
            }
            prop_assert_eq!(&rows[0].fact, &fact);
        }
    }
}
