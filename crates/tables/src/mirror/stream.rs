//! Writing a mirror page by page. In memory are one page of people and the row group that is being
//! filled of each kind, whatever the number of people.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use domain::{EvidenceId, Fact, FactKind, PersonId, RegionLevel};
use engine::columns::{Columns, ColumnsBuilder, List, NONE};

use super::Memory;
use super::layout::{fields, table_name};
use super::levels;
use super::manifest::Manifest;
use super::persons::{PERSONS, PersonsWriter};
use super::visits_writer::VisitsWriter;
use super::write::{OpenTable, Words};
use crate::files::FileError;

/// All evidence about one person.
#[derive(Clone, Debug)]
pub struct PersonFacts<'a> {
    /// Who.
    pub person: PersonId,
    /// Whatever was committed up to this revision of the person is there.
    pub revision: u64,
    /// The evidence, in any order.
    pub evidence: &'a [(EvidenceId, Fact)],
}

/// A mirror that is being written.
///
/// The folder is a mirror only once [`Self::finish`] or [`VisitsWriter::finish`] has written its list of
/// files; give it its name after that.
pub struct MirrorWriter {
    dir: PathBuf,
    kinds: Vec<Kind>,
    persons: PersonsWriter,
    people: u32,
    last: Option<PersonId>,
    /// Words and regions so far; what does not fit their numbers cannot be read again.
    names: Columns,
    /// Files that are complete.
    written: Vec<String>,
    facts: u64,
    left_out: u64,
}

/// The file of one kind; there is none before its first row.
struct Kind {
    kind: FactKind,
    table: Option<OpenTable>,
    rows: u32,
}

impl MirrorWriter {
    /// What writing takes in memory at most, beside the page that is handed over: a row group of each
    /// kind.
    pub const MEMORY: u64 = 256 << 20;

    /// Begins a mirror in the folder `dir`, which is made.
    ///
    /// # Errors
    /// [`FileError::Write`], also if something is in the folder.
    pub fn begin(dir: &Path) -> Result<Self, FileError> {
        let begun = fs::create_dir(dir).and_then(|()| {
            let path = dir.join(format!("{PERSONS}.parquet"));
            PersonsWriter::begin(File::create_new(path)?)
        });
        let persons = begun.map_err(|why| FileError::write(dir, why))?;
        let kinds = FactKind::ALL.iter().map(|kind| Kind {
            kind: *kind,
            table: None,
            rows: 0,
        });
        Ok(Self {
            dir: dir.to_owned(),
            kinds: kinds.collect(),
            persons,
            people: 0,
            last: None,
            names: Columns::default(),
            written: Vec::new(),
            facts: 0,
            left_out: 0,
        })
    }

    /// Adds the region levels, in the order in which they were published; with none there is no file.
    /// Once only.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn add_levels(&mut self, levels: &[RegionLevel]) -> Result<(), FileError> {
        if !levels.is_empty() {
            self.written.push(levels::write(&self.dir, levels)?);
        }
        Ok(())
    }

    /// Adds a page of people, who come in order of identifier. A person who has a fact that the columns
    /// cannot hold is marked: their evidence must be looked up elsewhere.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn add(&mut self, page: &[PersonFacts<'_>]) -> Result<(), FileError> {
        let added = self.try_add(page);
        added.map_err(|why| FileError::write(&self.dir, why))
    }

    fn try_add(&mut self, page: &[PersonFacts<'_>]) -> io::Result<()> {
        let mut builder = ColumnsBuilder::new(0);
        let mut persons = Vec::with_capacity(page.len());
        for one in page {
            if self.last.is_some_and(|last| last >= one.person) {
                return Err(io::Error::other("people must come in order of identifier"));
            }
            self.last = Some(one.person);
            let mut is_whole = true;
            for (id, fact) in one.evidence {
                let fits = self.has_number_for(fact);
                if fits && builder.push(self.people, *id, fact).is_ok() {
                    self.facts += 1;
                } else {
                    self.left_out += 1;
                    is_whole = false;
                }
            }
            persons.push((one.person, if is_whole { one.revision } else { 0 }));
            let next = self.people.checked_add(1).filter(|next| *next != NONE);
            self.people = next.ok_or_else(|| io::Error::other("too many people"))?;
        }
        let mut columns = builder.finish();
        self.renumber(&mut columns)?;
        let words = Words::new(&columns);
        for kind in &mut self.kinds {
            kind.add(&self.dir, &columns, &words)?;
        }
        self.persons.add(&persons)
    }

    /// Whether the words of a fact have numbers, which are shared by the whole mirror.
    fn has_number_for(&mut self, fact: &Fact) -> bool {
        let names = &mut self.names;
        let number = match fact {
            Fact::Stay { region, .. } => names.regions.number(region),
            Fact::ForeignVerdict { issuer, .. } => names.regions.number(issuer),
            Fact::Vaccination { product, .. } => names.products.number(product),
            Fact::Visit {
                category: Some(category),
                ..
            } => names.categories.number(category),
            _ => return true,
        };
        number.is_some()
    }

    /// Withdrawals name rows of the page; in the file those follow the rows of earlier pages.
    fn renumber(&self, columns: &mut Columns) -> io::Result<()> {
        let withdrawals = &mut columns.withdrawals;
        for (row, kind) in withdrawals.row.iter_mut().zip(&withdrawals.kind) {
            if *row != NONE {
                let before = self.kinds[usize::from(*kind)].rows;
                let place = row.checked_add(before).filter(|place| *place != NONE);
                *row = place.ok_or_else(too_many_rows)?;
            }
        }
        Ok(())
    }

    /// Writes the ends of all files and the list of them, all on disk when this returns. The list, and
    /// its hash.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn finish(self) -> Result<(Manifest, [u8; 32]), FileError> {
        self.close()?.list()
    }

    /// Writes the ends of the files, and goes on with the visits of these people for tracing.
    ///
    /// # Errors
    /// [`FileError::Write`], or [`FileError::TooLarge`] if [`VisitsWriter::memory`] is not there.
    pub fn then_visits(self, memory: Memory) -> Result<VisitsWriter, FileError> {
        VisitsWriter::begin(self.close()?, memory)
    }

    fn close(mut self) -> Result<Closed, FileError> {
        let dir = self.dir.clone();
        let failed = |why| FileError::write(&dir, why);
        // The declarations are there even if nobody declared anything: they make it a mirror.
        let declarations = self.kinds.iter_mut();
        let mut declarations = declarations.filter(|kind| kind.kind == FactKind::Declaration);
        if let Some(kind) = declarations.next() {
            kind.open(&dir).map_err(failed)?;
        }
        let mut names = self.written;
        for kind in self.kinds {
            let Some(table) = kind.table else { continue };
            let file = table.finish(self.people, Vec::new()).map_err(failed)?;
            file.sync_all().map_err(failed)?;
            names.push(format!("{}.parquet", table_name(kind.kind)));
        }
        let file = self.persons.finish(self.people).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        names.push(format!("{PERSONS}.parquet"));
        let manifest = Manifest {
            people: self.people.into(),
            facts: self.facts,
            left_out: self.left_out,
            files: Vec::new(),
        };
        Ok(Closed {
            dir,
            names,
            manifest,
        })
    }
}

/// A mirror whose evidence is complete, and not yet its list of files.
pub(super) struct Closed {
    pub(super) dir: PathBuf,
    /// The files so far.
    pub(super) names: Vec<String>,
    manifest: Manifest,
}

impl Closed {
    pub(super) fn list(mut self) -> Result<(Manifest, [u8; 32]), FileError> {
        self.names.sort_unstable();
        let hash = self.manifest.write(&self.dir, &self.names)?;
        let synced = sync_folder(&self.dir);
        synced.map_err(|why| FileError::write(&self.dir, why))?;
        Ok((self.manifest, hash))
    }
}

impl Kind {
    fn add(&mut self, dir: &Path, columns: &Columns, words: &Words) -> io::Result<()> {
        let grouped = columns.lists(self.kind);
        let rows = grouped.first().map_or(0, List::len);
        if rows == 0 {
            return Ok(());
        }
        let added = u32::try_from(rows).ok();
        let sum = added.and_then(|added| self.rows.checked_add(added));
        let sum = sum.ok_or_else(too_many_rows)?;
        // Two columns of words may lie in one list.
        let columns = fields(self.kind).into_iter().zip(&grouped);
        let lists: Vec<List<'_>> = columns
            .flat_map(|(fields, list)| fields.into_iter().map(|_| *list))
            .collect();
        self.open(dir)?.add(words, &lists, 0..rows)?;
        self.rows = sum;
        Ok(())
    }

    fn open(&mut self, dir: &Path) -> io::Result<&mut OpenTable> {
        let name = table_name(self.kind);
        let table = match self.table.take() {
            Some(table) => table,
            None => {
                let file = File::create_new(dir.join(format!("{name}.parquet")))?;
                let fields = fields(self.kind).into_iter().flatten();
                let columns = fields.map(|field| (field.name, field.content));
                OpenTable::begin(file, name, columns.collect())?
            }
        };
        Ok(self.table.insert(table))
    }
}

fn too_many_rows() -> io::Error {
    io::Error::other("there are more rows of one kind than 32 bits count")
}

/// Makes the names in a folder durable. Only Unix opens folders.
fn sync_folder(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}
