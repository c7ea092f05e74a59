//! Whose number is which: row `n` of `persons.parquet` is person `n`.
//!
//! | column | type | holds |
//! |---|---|---|
//! | id | 16 bytes | the random identifier of the person in the database |
//! | revision | UINT64 | all evidence up to this revision of the person is there; 0 if some is not |

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::UInt64Type;
use arrow_array::{ArrayRef, FixedSizeBinaryArray, RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use domain::PersonId;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::{GROUP, PEOPLE_KEY, TABLE_KEY, VERSION, VERSION_KEY};
use crate::files::{FileError, check_magic};

/// The name of the file, without its extension.
pub(super) const PERSONS: &str = "persons";
/// People read together.
const AT_ONCE: usize = 1 << 16;

/// One person of a mirror.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MirroredPerson {
    /// Their number in the other files.
    pub number: u32,
    /// Who.
    pub id: PersonId,
    /// Whatever was committed up to this revision of the person is there; 0 if some of it does not
    /// fit the columns.
    pub revision: u64,
}

/// Everybody in a mirror, in order of number and of identifier.
pub struct Persons {
    path: PathBuf,
    batches: ParquetRecordBatchReader,
    batch: Vec<MirroredPerson>,
    place: usize,
    count: u32,
    people: u32,
    last: Option<PersonId>,
}

impl Persons {
    /// Opens the file in the folder `dir`.
    ///
    /// # Errors
    /// [`FileError`] if it is not there, is not part of a mirror or is damaged.
    pub fn open(dir: &Path) -> Result<Self, FileError> {
        let path = dir.join(format!("{PERSONS}.parquet"));
        let mut file = File::open(&path).map_err(|why| FileError::read(&path, why))?;
        check_magic(&path, &mut file)?;
        let damaged = |why| FileError::damaged(&path, &why);
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
        let refuse = |why: &str| FileError::NotMirror {
            path: path.clone(),
            why: why.to_owned(),
        };
        let notes = builder.metadata().file_metadata().key_value_metadata();
        let note = |key: &str| {
            let note = notes?.iter().find(|note| note.key == key)?;
            note.value.clone()
        };
        if note(VERSION_KEY).as_deref() != Some(VERSION)
            || note(TABLE_KEY).as_deref() != Some(PERSONS)
        {
            return Err(refuse("it was not written as part of a mirror"));
        }
        let people = note(PEOPLE_KEY).and_then(|people| people.parse().ok());
        let people = people.ok_or_else(|| refuse("it does not say how many people there are"))?;
        let types = builder.schema().fields().iter();
        let types: Vec<&DataType> = types.map(|field| field.data_type()).collect();
        if types != [&DataType::FixedSizeBinary(16), &DataType::UInt64] {
            return Err(refuse("its columns are not an identifier and a revision"));
        }
        let batches = builder.with_batch_size(AT_ONCE).build().map_err(damaged)?;
        Ok(Self {
            path,
            batches,
            batch: Vec::new(),
            place: 0,
            count: 0,
            people,
            last: None,
        })
    }

    /// How many people there are.
    pub fn people(&self) -> u32 {
        self.people
    }

    fn fill(&mut self) -> Result<bool, FileError> {
        let Some(batch) = self.batches.next() else {
            let same = self.count == self.people;
            let why = "it has another number of rows than it says";
            return same
                .then_some(false)
                .ok_or_else(|| FileError::damaged(&self.path, &why));
        };
        let batch = batch.map_err(|why| FileError::damaged(&self.path, &why))?;
        let ids = batch.column(0).as_fixed_size_binary();
        let revisions = batch.column(1).as_primitive::<UInt64Type>();
        self.batch.clear();
        self.place = 0;
        for (bytes, revision) in ids.iter().zip(revisions.values()) {
            let id = bytes.and_then(|bytes| PersonId::from_slice(bytes).ok());
            let id = id.filter(|id| self.last.is_none_or(|last| last < *id));
            let Some(id) = id else {
                return Err(FileError::Unsorted {
                    path: self.path.clone(),
                    row: u64::from(self.count) + 1,
                    order: "identifier",
                });
            };
            self.last = Some(id);
            self.batch.push(MirroredPerson {
                number: self.count,
                id,
                revision: *revision,
            });
            self.count += 1;
        }
        Ok(true)
    }
}

impl Iterator for Persons {
    type Item = Result<MirroredPerson, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.place == self.batch.len() {
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        self.place += 1;
        Some(Ok(self.batch[self.place - 1]))
    }
}

/// What to call the people of a mirror, by number.
pub(crate) fn person_names(dir: &Path, people: u32) -> Result<Vec<String>, FileError> {
    if !dir.join(format!("{PERSONS}.parquet")).exists() {
        return Ok((0..people).map(|number| number.to_string()).collect());
    }
    let persons = Persons::open(dir)?;
    if persons.people() != people {
        return Err(FileError::NotMirror {
            path: persons.path,
            why: format!(
                "it knows {} people, the other files {people}",
                persons.people
            ),
        });
    }
    persons.map(|person| Ok(person?.id.to_string())).collect()
}

/// The file while it is written.
pub(super) struct PersonsWriter {
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
}

impl PersonsWriter {
    pub(super) fn begin(file: File) -> io::Result<Self> {
        let schema = Arc::new(Schema::new(vec![
            Field::new("id", DataType::FixedSizeBinary(16), false),
            Field::new("revision", DataType::UInt64, false),
        ]));
        let note = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
        let notes = vec![note(VERSION_KEY, VERSION), note(TABLE_KEY, PERSONS)];
        let properties = WriterProperties::builder()
            .set_compression(Compression::UNCOMPRESSED)
            .set_max_row_group_row_count(Some(GROUP))
            .set_dictionary_enabled(false)
            .set_key_value_metadata(Some(notes))
            .build();
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(file, Arc::clone(&schema), options)?;
        Ok(Self { schema, writer })
    }

    pub(super) fn add(&mut self, people: &[(PersonId, u64)]) -> io::Result<()> {
        let ids = people.iter().map(|(id, _)| id.to_bytes());
        let ids = FixedSizeBinaryArray::try_from_iter(ids).map_err(io::Error::other)?;
        let revisions = people.iter().map(|(_, revision)| *revision);
        let revisions = UInt64Array::from_iter_values(revisions);
        let columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(revisions)];
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns);
        Ok(self.writer.write(&batch.map_err(io::Error::other)?)?)
    }

    pub(super) fn finish(mut self, people: u32) -> io::Result<File> {
        let note = KeyValue::new(PEOPLE_KEY.to_owned(), people.to_string());
        self.writer.append_key_value_metadata(note);
        Ok(self.writer.into_inner()?)
    }
}
