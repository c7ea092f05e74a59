//! A folder of tables: everything that is known about a population.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use domain::{
    Authority, AuthorityId, AuthorityKind, Evidence, EvidenceId, FactKind, PersonId, Policy,
    RegionLevel, RegionLevels,
};

use super::error::FileError;
use super::names::Names;
use super::reader::{FileReport, ReadOptions, Reader, Refusals};
use super::rows::{self, FactRow, Profile};
use super::source::{Format, RawRow};
use super::table::{self, Table};
use crate::columnar::{Sought, rows_of_person};
use crate::mirror::Memory;

/// What the tables of a folder say.
///
/// People keep the names that the files give them. Identifiers follow from names and rows alone, so
/// the same files give the same identifiers on every machine.
#[derive(Debug, Default)]
pub struct DataSet {
    names: Names,
    /// By person, then oldest first.
    evidence: Vec<Evidence>,
    of_person: HashMap<PersonId, Range<usize>>,
    levels: RegionLevels,
    profiles: Vec<Profile>,
    reports: Vec<FileReport>,
}

/// Which row of which table a piece of evidence came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The table.
    pub table: &'static Table,
    /// The row, as in [`super::Refusal::row`].
    pub row: u64,
}

impl DataSet {
    /// Reads whichever tables of evidence, people and regions are in `dir`, each in any format.
    ///
    /// # Errors
    /// [`FileError`] if a file as a whole cannot be read, if a table is there twice, or if there is
    /// none at all.
    pub fn load(dir: &Path, options: ReadOptions) -> Result<Self, FileError> {
        let mut data = Self::default();
        for kind in FactKind::ALL {
            let Some(table) = Table::of_kind(*kind) else {
                continue;
            };
            let Some(path) = find_table(dir, table)? else {
                continue;
            };
            if let Some(reader) = rows::facts(*kind, &path, options) {
                data.add_facts(*kind, reader?)?;
            }
        }
        if let Some(path) = find_table(dir, &table::PEOPLE)? {
            let (profiles, report) = rows::people(&path, options)?.read_all()?;
            for profile in &profiles {
                data.names.add(&profile.person);
            }
            data.profiles = profiles;
            data.reports.push(report);
        }
        if data.reports.is_empty() {
            return Err(no_tables(dir));
        }
        if let Some(path) = find_table(dir, &table::REGIONS)? {
            let (levels, report) = read_levels(&path, options)?;
            data.levels = RegionLevels::new(levels);
            data.reports.push(report);
        }
        data.sort();
        Ok(data)
    }

    /// Reads what the folder `dir` says about the person called `name`, as far as `policy` reads it:
    /// only their rows. Nobody is in [`Self::names`] if no table names them.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_person(
        dir: &Path,
        name: &str,
        policy: &Policy,
        options: ReadOptions,
    ) -> Result<Self, FileError> {
        // Bad rows of one person are reported, and kept by the reader of the whole.
        let options = ReadOptions {
            keep_refused: false,
            ..options
        };
        let (sought, memory) = (Sought::new(name), Memory::Available.fixed());
        let mut data = Self::default();
        let mut left_out = Vec::new();
        for kind in FactKind::ALL {
            let Some(table) = Table::of_kind(*kind) else {
                continue;
            };
            let Some(path) = find_table(dir, table)? else {
                continue;
            };
            if !policy.reads(*kind) {
                left_out.push((path, table));
                continue;
            }
            let rows = rows_of_person(&path, table, &sought, memory)?;
            let mut refusals = Refusals::new(&path, table, Vec::new(), false);
            for row in rows {
                let cells = row.cells.clone();
                match rows::fact_row(table, row, options.now) {
                    Ok(row) => {
                        refusals.report.read += 1;
                        data.add_fact(*kind, row);
                    }
                    Err(refusal) => refusals.add(&cells, refusal)?,
                }
            }
            data.reports.push(refusals.finish()?);
        }
        if let Some(path) = find_table(dir, &table::PEOPLE)? {
            left_out.push((path, &table::PEOPLE));
        }
        if data.reports.is_empty() && left_out.is_empty() {
            return Err(no_tables(dir));
        }
        for (path, table) in left_out {
            let is_named = data.names.find(name).is_some();
            let names = |row: &RawRow| row.cells.iter().any(|cell| cell.trim() == name);
            if !is_named
                && rows_of_person(&path, table, &sought, memory)?
                    .iter()
                    .any(names)
            {
                data.names.add(name);
            }
        }
        if let Some(path) = find_table(dir, &table::REGIONS)? {
            let (levels, report) = read_levels(&path, options)?;
            data.levels = RegionLevels::new(levels);
            data.reports.push(report);
        }
        data.sort();
        Ok(data)
    }

    /// The same data with other region levels.
    pub fn with_levels(self, levels: RegionLevels) -> Self {
        Self { levels, ..self }
    }

    /// Everybody whom a table of evidence or the table of people names.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// What is known about a person, oldest first.
    pub fn evidence_of(&self, person: PersonId) -> &[Evidence] {
        self.of_person
            .get(&person)
            .map_or(&[], |range| &self.evidence[range.clone()])
    }

    /// All the evidence, by person.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// The region levels.
    pub fn levels(&self) -> &RegionLevels {
        &self.levels
    }

    /// The groups that people belong to.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// What became of each file.
    pub fn reports(&self) -> &[FileReport] {
        &self.reports
    }

    /// Where a piece of this data set's evidence came from.
    pub fn origin(&self, evidence: EvidenceId) -> Option<Origin> {
        let kind = usize::try_from(evidence.as_u128() >> 64)
            .ok()?
            .checked_sub(1)?;
        let table = FactKind::ALL
            .get(kind)
            .and_then(|kind| Table::of_kind(*kind))?;
        let row = u64::try_from(evidence.as_u128() & u128::from(u64::MAX)).ok()?;
        Some(Origin { table, row })
    }

    /// Who submitted a piece of this data set's evidence: files do not say, so the file stands for
    /// its authority.
    pub fn authority(&self, id: AuthorityId) -> Option<Authority> {
        let position = usize::try_from(id.as_u128()).ok()?.checked_sub(1)?;
        let kind = *FactKind::ALL.get(position)?;
        let name = format!("the table {}", Table::of_kind(kind)?.name);
        let body = AuthorityKind::ALL
            .into_iter()
            .find(|body| body.may_submit(kind))?;
        Some(Authority {
            id,
            kind: body,
            name,
            region: "CN".parse().ok()?,
        })
    }

    fn add_facts(&mut self, kind: FactKind, mut reader: Reader<FactRow>) -> Result<(), FileError> {
        for row in &mut reader {
            self.add_fact(kind, row?);
        }
        self.reports.push(reader.finish()?);
        Ok(())
    }

    fn add_fact(&mut self, kind: FactKind, row: FactRow) {
        let table = number_of(kind);
        self.evidence.push(Evidence {
            id: EvidenceId::from_u128(table << 64 | u128::from(row.row)),
            person: self.names.add(&row.person),
            authority: AuthorityId::from_u128(table),
            recorded_at: row.fact.begins(),
            fact: row.fact,
        });
    }

    fn sort(&mut self) {
        self.evidence
            .sort_by_key(|piece| (piece.person, piece.fact.begins(), piece.id));
        let mut start = 0;
        for pieces in self.evidence.chunk_by(|a, b| a.person == b.person) {
            let end = start + pieces.len();
            self.of_person.insert(pieces[0].person, start..end);
            start = end;
        }
    }
}

/// Reads a table of region levels; figures that are no levels (`scope` is `total`) are left out.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read.
pub fn read_levels(
    path: &Path,
    options: ReadOptions,
) -> Result<(Vec<RegionLevel>, FileReport), FileError> {
    let (rows, report) = rows::levels(path, options)?.read_all()?;
    let own = rows.into_iter().filter(|row| !row.is_total);
    Ok((own.map(|row| row.level).collect(), report))
}

/// The file in `dir` that holds a table, whatever its format.
///
/// # Errors
/// [`FileError::TwoFiles`] if there is more than one.
pub fn find_table(dir: &Path, table: &Table) -> Result<Option<PathBuf>, FileError> {
    let path = |format: Format| dir.join(format!("{}.{}", table.name, format.extension()));
    let mut found = Format::ALL
        .map(path)
        .into_iter()
        .filter(|path| path.is_file());
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => Err(FileError::TwoFiles { first, second }),
        (Some(first), None) => Ok(Some(first)),
        (None, _) => {
            let parts = Format::ALL
                .map(path)
                .into_iter()
                .chain([dir.join(table.name)]);
            match parts.into_iter().find(|path| path.is_dir()) {
                None => Ok(None),
                Some(path) => Err(FileError::Folder {
                    path,
                    expected: format!("{}.parquet", table.name),
                }),
            }
        }
    }
}

/// A kind of evidence as a number from 1.
fn number_of(kind: FactKind) -> u128 {
    kind as u128 + 1
}

pub(super) fn no_tables(dir: &Path) -> FileError {
    let tables = FactKind::ALL
        .iter()
        .filter_map(|kind| Table::of_kind(*kind));
    let names: Vec<String> = tables.map(|table| format!("{}.csv", table.name)).collect();
    FileError::NoTables {
        dir: dir.to_owned(),
        expected: names.join(", "),
    }
}
