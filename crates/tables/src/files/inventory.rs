//! What lies in a folder and how large it is, before any of it is read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use domain::{Evidence, FactKind};
use engine::columns::row_bytes;
use parquet::file::metadata::ParquetMetaDataReader;

use super::dataset::{find_table, no_tables};
use super::error::FileError;
use super::parquet_source::check_magic;
use super::source::Format;
use super::table::{self, Table};

/// A person in memory: a name of usual length with its place among the others, what is decided, and
/// room to put everybody in order. A venue takes no more.
const PERSON: u64 = 128;
/// Lists double while they grow, so half of each may be empty.
const GROWTH: u64 = 2;

/// The tables of a folder.
#[derive(Debug)]
pub(crate) struct Inventory {
    dir: PathBuf,
    /// The tables of evidence, in the order of the kinds.
    pub(crate) facts: Vec<(FactKind, Listed)>,
    pub(crate) people: Option<Listed>,
    pub(crate) regions: Option<PathBuf>,
}

/// A file, and about how many rows it has.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) path: PathBuf,
    rows: u64,
}

impl Inventory {
    /// Looks which tables of evidence, people and regions are in `dir`.
    ///
    /// # Errors
    /// [`FileError`] if a table is there twice, if a file cannot be opened, or if there is none.
    pub(crate) fn of(dir: &Path) -> Result<Self, FileError> {
        let mut facts = Vec::new();
        for kind in FactKind::ALL {
            if let Some(table) = Table::of_kind(*kind)
                && let Some(path) = find_table(dir, table)?
            {
                facts.push((*kind, Listed::new(path)?));
            }
        }
        let people = find_table(dir, &table::PEOPLE)?
            .map(Listed::new)
            .transpose()?;
        if facts.is_empty() && people.is_none() {
            return Err(no_tables(dir));
        }
        Ok(Self {
            dir: dir.to_owned(),
            facts,
            people,
            regions: find_table(dir, &table::REGIONS)?,
        })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The memory that the evidence of some kinds takes as columns.
    pub(crate) fn as_columns(&self, wanted: impl Fn(FactKind) -> bool) -> u64 {
        let rows = self.facts.iter().filter(|(kind, _)| wanted(*kind));
        let tables: u64 = rows
            .map(|(kind, file)| file.rows * row_bytes(*kind) * GROWTH)
            .sum();
        // The largest table is put in order: a list of its rows, and one column twice.
        let most = self.facts.iter().filter(|(kind, _)| wanted(*kind));
        let most = most.map(|(_, file)| file.rows).max().unwrap_or(0);
        tables + most * 8 + self.people() * PERSON
    }

    /// The memory that a population takes in the policy lab: beside the columns, whom each contact
    /// was with, what groups people belong to, and two decisions.
    pub(crate) fn with_groups(&self, wanted: impl Fn(FactKind) -> bool) -> u64 {
        let contacts = self
            .facts
            .iter()
            .find(|(kind, _)| *kind == FactKind::Contact);
        let contacts = contacts.map_or(0, |(_, file)| file.rows);
        self.as_columns(wanted) + contacts * 64 + self.people() * 64
    }

    /// The memory that the evidence takes piece by piece.
    pub(crate) fn as_evidence(&self) -> u64 {
        let rows: u64 = self.facts.iter().map(|(_, file)| file.rows).sum();
        let piece = size_of::<Evidence>() as u64 * GROWTH;
        // Names are kept twice, and some facts hold a text of their own.
        rows * (piece + 32) + self.people() * PERSON * 3
    }

    /// About how many people are named. Who is in a table is in the table of people if there is one;
    /// where there is none, nobody can tell without reading it all: at most one a row in tables of
    /// which people have few rows, and one in four rows of visits, of which they have many.
    fn people(&self) -> u64 {
        let rows = |(kind, file): &(FactKind, Listed)| match kind {
            FactKind::Visit => file.rows / 4,
            _ => file.rows,
        };
        let named = || self.facts.iter().map(rows).max().unwrap_or(0);
        self.people.as_ref().map_or_else(named, |file| file.rows)
    }
}

impl Listed {
    pub(crate) fn new(path: PathBuf) -> Result<Self, FileError> {
        let rows = rows_of_table(&path)?;
        Ok(Self { path, rows })
    }

    /// The memory that a table of companions takes: the memberships as they come with the names of
    /// their people and groups, numbered, and in order of group and of person.
    pub(crate) fn as_memberships(&self) -> u64 {
        self.rows * (2 * 28 + 17 * GROWTH + 8 + 20 * GROWTH + 12)
    }

    /// The memory that a table of visits takes ready to be traced: the visits as they come and in
    /// order, and the names of people and venues.
    pub(crate) fn as_visits(&self) -> u64 {
        self.rows * (16 * GROWTH + 20) + self.rows / 4 * PERSON + self.rows / 8 * PERSON
    }
}

/// About how many rows a file has: those of Parquet are counted in the file,
/// those of text follow from the shortest lines of a few places.
fn rows_of_table(path: &Path) -> Result<u64, FileError> {
    let failed = |why| FileError::read(path, why);
    let mut file = File::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    if bytes == 0 {
        return Ok(0);
    }
    if Format::of(path)? != Format::Parquet {
        return text_rows(&mut file, bytes).map_err(failed);
    }
    check_magic(path, &mut file)?;
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&file);
    let metadata = metadata.map_err(|why| FileError::damaged(path, &why))?;
    let rows = metadata.file_metadata().num_rows();
    Ok(u64::try_from(rows).unwrap_or(0))
}

fn text_rows(file: &mut (impl Read + Seek), bytes: u64) -> io::Result<u64> {
    const WINDOW: u64 = 1 << 16;
    let mut window = Vec::new();
    let mut most = 0;
    for place in [0, bytes / 2, bytes.saturating_sub(WINDOW)] {
        file.seek(SeekFrom::Start(place))?;
        window.clear();
        file.by_ref().take(WINDOW).read_to_end(&mut window)?;
        let lines = window.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        let here = u128::from(bytes) * u128::from(lines) / (window.len().max(1) as u128);
        most = most.max(u64::try_from(here).unwrap_or(u64::MAX));
    }
    Ok(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_text_are_guessed_from_its_shortest_lines() {
        let short = "a,b\n".repeat(10_000);
        let long = format!("{},b\n", "a".repeat(100)).repeat(10_000);
        for (text, rows) in [
            (String::new(), 0..2),
            (short.clone(), 9_900..10_100),
            (long.clone(), 9_900..10_100),
            (long + &short, 100_000..400_000),
        ] {
            let bytes = text.len() as u64;
            let guessed = text_rows(&mut io::Cursor::new(text), bytes).unwrap();
            assert!(rows.contains(&guessed), "{guessed}");
        }
    }
}
