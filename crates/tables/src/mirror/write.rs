//! Writing a mirror: a folder that appears whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::UInt8Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float32Array, RecordBatch, StringArray, UInt8Array,
    UInt16Array, UInt32Array,
};
use arrow_schema::{DataType, Field as ArrowField, Schema};
use domain::FactKind;
use domain::evidence::Symptoms;
use engine::columns::{Columns, List, NONE, NONE_16};
use engine::parallel::parallel_map;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::layout::{Content, fields, table_name};
use super::{GROUP, PAGE, PEOPLE_KEY, TABLE_KEY, VERSION, VERSION_KEY};
use crate::files::FileError;

/// Writes a mirror into the folder `dir`, which is replaced as a whole if it is there. Kinds
/// without any row get no file.
///
/// # Errors
/// [`FileError::Write`]; a mirror that was there stays.
pub fn write_columns(columns: &Columns, dir: &Path) -> Result<(), FileError> {
    let folder = Folder::begin(dir)?;
    let kinds = FactKind::ALL.iter().copied();
    let kinds: Vec<FactKind> = kinds
        .filter(|kind| !columns.lists(*kind)[0].is_empty())
        .collect();
    // The declarations are there even if nobody declared anything: they make it a mirror.
    let always = (!kinds.contains(&FactKind::Declaration)).then_some(FactKind::Declaration);
    let written = parallel_map(kinds.into_iter().chain(always).collect(), |kind| {
        write_kind(&folder, columns, kind)
    });
    written.into_iter().collect::<Result<Vec<()>, _>>()?;
    folder.commit()
}

fn write_kind(folder: &Folder, columns: &Columns, kind: FactKind) -> Result<(), FileError> {
    let lists = columns.lists(kind);
    let mut table = TableWriter::new(table_name(kind), columns.people);
    for (group, list) in fields(kind).into_iter().zip(&lists) {
        for field in group {
            table.column(field.name, field.content, *list);
        }
    }
    table.write(folder, columns)
}

/// A table about to be written.
pub(super) struct TableWriter<'a> {
    name: &'static str,
    people: u32,
    columns: Vec<(&'static str, Content, List<'a>)>,
    notes: Vec<(&'static str, String)>,
}

impl<'a> TableWriter<'a> {
    pub(super) fn new(name: &'static str, people: u32) -> Self {
        Self {
            name,
            people,
            columns: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn column(&mut self, name: &'static str, content: Content, list: List<'a>) {
        self.columns.push((name, content, list));
    }

    pub(super) fn note(&mut self, key: &'static str, value: String) {
        self.notes.push((key, value));
    }

    /// Writes the file, complete and on disk.
    pub(super) fn write(self, folder: &Folder, names: &Columns) -> Result<(), FileError> {
        let path = folder.part.join(format!("{}.parquet", self.name));
        let written = File::create(&path).and_then(|file| {
            let file = self.write_to(file, names)?;
            file.sync_all()
        });
        written.map_err(|why| FileError::write(&path, why))
    }

    fn write_to(self, file: File, names: &Columns) -> io::Result<File> {
        let words = Words::new(names);
        let columns = self
            .columns
            .iter()
            .map(|(name, content, _)| (*name, *content));
        let mut table = OpenTable::begin(file, self.name, columns.collect())?;
        let lists: Vec<List<'_>> = self.columns.iter().map(|(_, _, list)| *list).collect();
        let rows = lists.first().map_or(0, List::len);
        let mut start = 0;
        while start < rows {
            let end = rows.min(start + PAGE);
            table.add(&words, &lists, start..end)?;
            start = end;
        }
        table.finish(self.people, self.notes)
    }
}

/// A file that takes rows until it is finished.
pub(super) struct OpenTable {
    columns: Vec<(&'static str, Content)>,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
}

impl OpenTable {
    pub(super) fn begin(
        file: File,
        name: &str,
        columns: Vec<(&'static str, Content)>,
    ) -> io::Result<Self> {
        let fields = columns
            .iter()
            .map(|(name, content)| arrow_field(name, *content));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let options = ArrowWriterOptions::new()
            .with_properties(properties(name, &columns))
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(file, Arc::clone(&schema), options)?;
        Ok(Self {
            columns,
            schema,
            writer,
        })
    }

    /// Adds some rows of the lists, which are in the order of the columns.
    pub(super) fn add(
        &mut self,
        words: &Words,
        lists: &[List<'_>],
        rows: std::ops::Range<usize>,
    ) -> io::Result<()> {
        let columns = self.columns.iter().zip(lists);
        let arrays = columns.map(|((_, content), list)| words.array(*content, *list, rows.clone()));
        let arrays = arrays.collect::<io::Result<Vec<ArrayRef>>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays);
        Ok(self.writer.write(&batch.map_err(io::Error::other)?)?)
    }

    /// Writes the end of the file.
    pub(super) fn finish(
        mut self,
        people: u32,
        notes: Vec<(&'static str, String)>,
    ) -> io::Result<File> {
        let people = [(PEOPLE_KEY, people.to_string())];
        for (key, value) in people.into_iter().chain(notes) {
            let note = KeyValue::new(key.to_owned(), value);
            self.writer.append_key_value_metadata(note);
        }
        Ok(self.writer.into_inner()?)
    }
}

fn properties(name: &str, columns: &[(&'static str, Content)]) -> WriterProperties {
    let note = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
    let notes = vec![note(VERSION_KEY, VERSION), note(TABLE_KEY, name)];
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::UNCOMPRESSED)
        .set_max_row_group_row_count(Some(GROUP))
        .set_data_page_row_count_limit(PAGE)
        .set_data_page_size_limit(PAGE * 8)
        .set_write_batch_size(PAGE)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(notes));
    for (name, content) in columns {
        let is_plain = matches!(
            content,
            Content::Numbers | Content::MaybeNumbers | Content::Celsius
        );
        let path = ColumnPath::from(*name);
        properties = properties.set_column_dictionary_enabled(path, !is_plain);
    }
    properties.build()
}

fn arrow_field(name: &str, content: Content) -> ArrowField {
    let (kind, nullable) = match content {
        Content::Numbers => (DataType::UInt32, false),
        Content::MaybeNumbers => (DataType::UInt32, true),
        Content::Celsius => (DataType::Float32, true),
        Content::SmallNumbers => (DataType::UInt8, false),
        _ => {
            let key = match content {
                Content::Words(_) | Content::LowWords(_) | Content::HighWords(_) => DataType::UInt8,
                _ => DataType::UInt16,
            };
            let text = DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8));
            (text, content == Content::Categories)
        }
    };
    ArrowField::new(name, kind, nullable)
}

/// The texts behind the numbers.
pub(super) struct Words {
    regions: ArrayRef,
    products: ArrayRef,
    categories: ArrayRef,
}

impl Words {
    pub(super) fn new(names: &Columns) -> Self {
        let regions = names.regions.values().iter().map(ToString::to_string);
        Self {
            regions: Arc::new(StringArray::from_iter_values(regions)),
            products: Arc::new(StringArray::from_iter_values(names.products.values())),
            categories: Arc::new(StringArray::from_iter_values(names.categories.values())),
        }
    }

    fn array(
        &self,
        content: Content,
        list: List<'_>,
        rows: std::ops::Range<usize>,
    ) -> io::Result<ArrayRef> {
        let known = |number: u32| (number != NONE).then_some(number);
        Ok(match (content, list) {
            (Content::MaybeNumbers, List::Wide(list)) => Arc::new(
                list[rows]
                    .iter()
                    .map(|number| known(*number))
                    .collect::<UInt32Array>(),
            ),
            (_, List::Wide(list)) => {
                Arc::new(UInt32Array::from_iter_values(list[rows].iter().copied()))
            }
            (Content::Celsius, List::Middle(list)) => {
                let degrees = |tenths: &u16| (*tenths != 0).then(|| f32::from(*tenths) / 10.0);
                Arc::new(list[rows].iter().map(degrees).collect::<Float32Array>())
            }
            (Content::Symptoms, List::Middle(list)) => symptoms(&list[rows])?,
            (Content::Regions, List::Middle(list)) => numbered(&list[rows], &self.regions)?,
            (Content::Products, List::Middle(list)) => numbered(&list[rows], &self.products)?,
            (_, List::Middle(list)) => numbered(&list[rows], &self.categories)?,
            (Content::Words(words), List::Narrow(list)) => {
                spelled(&list[rows], words, |word| word)?
            }
            (Content::LowWords(words), List::Narrow(list)) => {
                spelled(&list[rows], words, |word| word & 15)?
            }
            (Content::HighWords(words), List::Narrow(list)) => {
                spelled(&list[rows], words, |word| word >> 4)?
            }
            (_, List::Narrow(list)) => {
                Arc::new(UInt8Array::from_iter_values(list[rows].iter().copied()))
            }
        })
    }
}

fn spelled(
    list: &[u8],
    words: &'static [&'static str],
    part: impl Fn(u8) -> u8,
) -> io::Result<ArrayRef> {
    let keys = UInt8Array::from_iter_values(list.iter().map(|word| part(*word)));
    let words: ArrayRef = Arc::new(StringArray::from_iter_values(words));
    let array = DictionaryArray::<UInt8Type>::try_new(keys, words);
    Ok(Arc::new(array.map_err(io::Error::other)?))
}

fn numbered(list: &[u16], names: &ArrayRef) -> io::Result<ArrayRef> {
    let known = |number: &u16| (*number != NONE_16).then_some(*number);
    let keys: UInt16Array = list.iter().map(known).collect();
    let array = DictionaryArray::try_new(keys, Arc::clone(names));
    Ok(Arc::new(array.map_err(io::Error::other)?) as Arc<dyn Array>)
}

/// Each set of symptoms that occurs becomes one text.
fn symptoms(list: &[u16]) -> io::Result<ArrayRef> {
    let mut sets = list.to_vec();
    sets.sort_unstable();
    sets.dedup();
    let text = |bits: &u16| {
        let symptoms = Symptoms::from_bits(*bits);
        symptoms
            .iter()
            .map(|symptom| symptom.as_str())
            .collect::<Vec<_>>()
            .join(";")
    };
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(sets.iter().map(text)));
    let place = |bits: &u16| sets.partition_point(|set| set < bits) as u16;
    let keys = UInt16Array::from_iter_values(list.iter().map(place));
    let array = DictionaryArray::try_new(keys, texts);
    Ok(Arc::new(array.map_err(io::Error::other)?))
}

/// A folder written beside its place under another name.
pub(super) struct Folder {
    dir: PathBuf,
    part: PathBuf,
    old: PathBuf,
    is_done: bool,
}

impl Folder {
    pub(super) fn begin(dir: &Path) -> Result<Self, FileError> {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        let beside = |suffix: &str| dir.with_file_name(format!(".{name}.{suffix}"));
        let folder = Self {
            part: beside(&format!("{}.part", std::process::id())),
            old: beside("old"),
            dir: dir.to_owned(),
            is_done: false,
        };
        folder.recover().map_err(|why| FileError::write(dir, why))?;
        fs::create_dir_all(&folder.part).map_err(|why| FileError::write(dir, why))?;
        Ok(folder)
    }

    /// Puts the folder in place.
    pub(super) fn commit(mut self) -> Result<(), FileError> {
        let placed = self.place();
        self.is_done = placed.is_ok();
        placed.map_err(|why| FileError::write(&self.dir, why))
    }

    /// A crash between the two renames left the folder under its old name.
    fn recover(&self) -> io::Result<()> {
        match (self.dir.exists(), self.old.exists()) {
            (false, true) => fs::rename(&self.old, &self.dir),
            (true, true) => fs::remove_dir_all(&self.old),
            _ => Ok(()),
        }
    }

    fn place(&self) -> io::Result<()> {
        File::open(&self.part)?.sync_all()?;
        let is_there = self.dir.exists();
        if is_there {
            fs::rename(&self.dir, &self.old)?;
        }
        if let Err(why) = fs::rename(&self.part, &self.dir) {
            self.recover()?;
            return Err(why);
        }
        if let Some(parent) = self.dir.parent().filter(|parent| parent.is_dir()) {
            File::open(parent)?.sync_all()?;
        }
        if is_there {
            fs::remove_dir_all(&self.old)
        } else {
            Ok(())
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_done {
            // Nothing better can be done about a part that does not go away.
            let _ = fs::remove_dir_all(&self.part);
        }
    }
}
