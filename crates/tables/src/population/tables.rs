//! A folder of tables read row by row into columns.

use std::path::Path;

use domain::{Fact, FactKind, RegionLevels};
use engine::columns::{Columns, ColumnsBuilder, OutOfRange};

use crate::files::{
    FileError, FileReport, Inventory, PersonIndex, Profile, Reader, Reading, STEP, Table,
    bare_facts, people, read_levels,
};
use crate::mirror::Memory;

/// What the tables of a folder say, as columns. People are numbered in order of appearance.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) person_index: PersonIndex,
    pub(crate) columns: Columns,
    pub(crate) levels: RegionLevels,
    pub(crate) reports: Vec<FileReport>,
}

/// Why a folder did not become columns.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRead {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    DoesNotFit(#[from] OutOfRange),
}

/// Hears what the columns do not keep.
pub(crate) trait Listener {
    /// A contact of a person with whom the text names, or nobody.
    fn contact(&mut self, _person: u32, _with: &str, _fact: &Fact) {}
    /// What groups a person belongs to.
    fn belongs(&mut self, _person: u32, _profile: &Profile) {}
}

impl Listener for () {}

impl Tables {
    /// Reads the tables of an inventory.
    pub(crate) fn read(
        inventory: &Inventory,
        reading: &mut Reading<'_>,
        listener: &mut impl Listener,
    ) -> Result<Self, NotRead> {
        let memory = reading.memory.fixed();
        memory.check(inventory.dir(), inventory.as_columns())?;
        let mut read = Read {
            person_index: PersonIndex::default(),
            builder: ColumnsBuilder::default(),
            dir: inventory.dir(),
            memory,
            before: 0,
            total: inventory.bytes(),
        };
        let mut reports = Vec::new();
        for (kind, file) in &inventory.facts {
            if let Some(reader) = bare_facts(*kind, &file.path, reading.options) {
                reports.push(read.facts(*kind, reader?, reading.watch, listener)?);
                read.before += file.bytes;
            }
        }
        if let Some(file) = &inventory.people {
            let reader = people(&file.path, reading.options)?;
            reports.push(read.profiles(reader, reading.watch, listener)?);
        }
        let mut levels = RegionLevels::default();
        if let Some(path) = &inventory.regions {
            let (rows, report) = read_levels(path, reading.options)?;
            levels = RegionLevels::new(rows);
            reports.push(report);
        }
        let Read {
            person_index,
            mut builder,
            ..
        } = read;
        builder.set_people(u32::try_from(person_index.len()).unwrap_or(u32::MAX));
        Ok(Self {
            person_index,
            columns: builder.finish(),
            levels,
            reports,
        })
    }
}

struct Read<'d> {
    person_index: PersonIndex,
    builder: ColumnsBuilder,
    dir: &'d Path,
    memory: Memory,
    /// The bytes of the files before this one, and of all.
    before: u64,
    total: u64,
}

impl Read<'_> {
    fn facts(
        &mut self,
        kind: FactKind,
        mut reader: Reader<Fact>,
        watch: &mut dyn FnMut(u64, u64),
        listener: &mut impl Listener,
    ) -> Result<FileReport, NotRead> {
        let position = |name| Table::of_kind(kind).and_then(|table| table.position(name));
        let (person_at, with_at) = (position("person").unwrap_or(0), position("with"));
        let mut rows = 0_u64;
        while let Some(fact) = reader.next() {
            let fact = fact?;
            let person = self.person_index.add(reader.text(person_at));
            self.builder.append(person, &fact)?;
            if let Some(with_at) = with_at {
                listener.contact(person, reader.text(with_at), &fact);
            }
            rows += 1;
            if rows.is_multiple_of(STEP) {
                self.look(reader.bytes_read(), watch)?;
            }
        }
        self.look(reader.bytes_read(), watch)?;
        Ok(reader.finish()?)
    }

    fn profiles(
        &mut self,
        mut reader: Reader<Profile>,
        watch: &mut dyn FnMut(u64, u64),
        listener: &mut impl Listener,
    ) -> Result<FileReport, NotRead> {
        let mut rows = 0_u64;
        while let Some(profile) = reader.next() {
            let profile = profile?;
            let person = self.person_index.add(&profile.person);
            listener.belongs(person, &profile);
            rows += 1;
            if rows.is_multiple_of(STEP) {
                self.look(reader.bytes_read(), watch)?;
            }
        }
        self.look(reader.bytes_read(), watch)?;
        Ok(reader.finish()?)
    }

    fn look(&self, bytes_read: u64, watch: &mut dyn FnMut(u64, u64)) -> Result<(), FileError> {
        watch(self.before + bytes_read, self.total);
        let taken = self.builder.bytes() + self.person_index.bytes();
        self.memory.check(self.dir, taken as u64)
    }
}
