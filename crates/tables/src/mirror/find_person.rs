//! Who is who in a mirror, looked up without reading everybody.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray as _;
use domain::PersonId;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::PageIndexPolicy;

use super::persons::{PERSONS, Persons};
use crate::files::FileError;

/// The file of people, searched where it lies: only the pages that are looked at are read.
#[derive(Debug)]
pub(crate) struct PersonFinder {
    path: PathBuf,
    file: File,
    metadata: ArrowReaderMetadata,
    people: u32,
}

impl PersonFinder {
    /// Opens the file in the folder `dir`, if it is there.
    pub(crate) fn open(dir: &Path) -> Result<Option<Self>, FileError> {
        let path = dir.join(format!("{PERSONS}.parquet"));
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(FileError::read(&path, why)),
        };
        let people = Persons::open(dir)?.people();
        let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options);
        Ok(Some(Self {
            metadata: metadata.map_err(|why| FileError::damaged(&path, &why))?,
            path,
            file,
            people,
        }))
    }

    pub(crate) fn people(&self) -> u32 {
        self.people
    }

    /// The number of a person; `None` if they are not in the mirror.
    pub(crate) fn number(&self, id: PersonId) -> Result<Option<u32>, FileError> {
        let (mut first, mut end) = (0, self.people);
        while first < end {
            let middle = first + (end - first) / 2;
            match self.ids(&[middle])?.first().map(|found| found.cmp(&id)) {
                Some(std::cmp::Ordering::Equal) => return Ok(Some(middle)),
                Some(std::cmp::Ordering::Less) => first = middle + 1,
                _ => end = middle,
            }
        }
        Ok(None)
    }

    /// Who has these numbers, which go up.
    pub(crate) fn ids(&self, numbers: &[u32]) -> Result<Vec<PersonId>, FileError> {
        let damaged = |why: &dyn std::fmt::Display| FileError::damaged(&self.path, why);
        let file = self.file.try_clone();
        let file = file.map_err(|why| FileError::read(&self.path, why))?;
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let ranges = numbers
            .iter()
            .map(|number| *number as usize..*number as usize + 1);
        let rows = RowSelection::from_consecutive_ranges(ranges, self.people as usize);
        let column = ProjectionMask::leaves(builder.parquet_schema(), [0]);
        let batches = builder
            .with_projection(column)
            .with_row_selection(rows)
            .build();
        let mut found = Vec::with_capacity(numbers.len());
        for batch in batches.map_err(|why| damaged(&why))? {
            let batch = batch.map_err(|why| damaged(&why))?;
            for bytes in batch.column(0).as_fixed_size_binary().iter() {
                let id = bytes.and_then(|bytes| PersonId::from_slice(bytes).ok());
                found.push(id.ok_or_else(|| damaged(&"it holds something else than people"))?);
            }
        }
        if found.len() == numbers.len() {
            Ok(found)
        } else {
            Err(damaged(&"it has fewer rows than it says"))
        }
    }
}
