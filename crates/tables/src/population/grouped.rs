//! A population with what reports group it by, which no rule reads.

use std::path::{Path, PathBuf};

use domain::{Region, RegionLevels, Timestamp};
use engine::columns::{Columns, NONE, OutOfRange, Seconds};
use engine::trace::{Case, Search, Span};

use super::folder::levels_beside;
use super::tables::{Extent, Tables};
use crate::columnar::{Beside, NotRead, Profiled};
use crate::files::{
    CaseRow, FileError, FileReport, FolderVisits, Inventory, PEOPLE, PersonIndex, ReadOptions,
    Reading, Room, VISITS, find_table, people,
};
use crate::mirror::{Scope, is_mirror, read_columns};

/// A contact found by tracing spent at least so long with the case.
const TRACED_MINUTES: u32 = 15;
/// So many different words for sex are kept apart; every other word is one group.
const MOST_SEXES: usize = 8;

/// A population: what rules read as columns, and beside it what only reports read.
#[derive(Debug)]
pub struct Grouped {
    /// The evidence.
    pub columns: Columns,
    /// The region levels.
    pub levels: RegionLevels,
    /// With whom each row of the contacts was, a person's number or `NONE`; `None` for a mirror, which
    /// does not say it.
    pub contact_with: Option<Vec<u32>>,
    /// What groups each person belongs to.
    pub groups: Vec<Groups>,
    /// The words for sex that [`Groups::sex`] numbers.
    pub sexes: Vec<String>,
    /// Who met a case and when, traced from visits if the table of contacts has none of ring 1.
    pub traced: Vec<(u32, Span)>,
    names: Names,
    reports: Vec<FileReport>,
}

/// What groups a person belongs to. No rule can read any of it (invariant 5).
#[derive(Clone, Copy, Debug, Default)]
pub struct Groups {
    /// Where they live.
    pub region: Option<Region>,
    /// The year of their birth.
    pub birth_year: Option<u16>,
    /// A place in [`Grouped::sexes`], or the one after them for every other word.
    pub sex: Option<u8>,
}

/// What people are called.
#[derive(Debug)]
enum Names {
    PersonIndex(PersonIndex),
    /// A mirror calls so many people by number.
    Numbers(u32),
}

/// A folder that cannot be read as a population in columns.
#[derive(Debug, thiserror::Error)]
pub enum BadPeople {
    /// A file cannot be read as a whole, or the folder would not fit into memory.
    #[error(transparent)]
    File(#[from] FileError),
    /// Columns cannot hold it.
    #[error("{}: {why}", dir.display())]
    OutOfRange {
        /// The folder.
        dir: PathBuf,
        /// What they cannot hold.
        why: OutOfRange,
    },
}

impl Grouped {
    /// Reads a folder of tables, or a mirror with the tables of regions and people beside it, whose
    /// people are called by their numbers.
    ///
    /// If the table of contacts has none of ring 1, those are traced who shared venues with one of
    /// `cases` for 15 minutes in all.
    ///
    /// # Errors
    /// [`BadPeople`].
    pub fn load(
        dir: &Path,
        cases: &[CaseRow],
        extent: Extent<'_>,
        mut reading: Reading<'_>,
    ) -> Result<Self, BadPeople> {
        let mut people = if is_mirror(dir)? {
            Self::of_mirror(dir, &reading)?
        } else {
            Self::of_tables(dir, extent, &mut reading)?
        };
        if !people.columns.contacts.ring.contains(&1) && !cases.is_empty() {
            people.traced = people.trace(dir, cases, reading)?;
        }
        Ok(people)
    }

    fn of_tables(
        dir: &Path,
        extent: Extent<'_>,
        reading: &mut Reading<'_>,
    ) -> Result<Self, BadPeople> {
        let inventory = Inventory::of(dir)?;
        let needed = inventory.with_groups(|kind| extent.reads(kind, &inventory));
        reading.memory.check(dir, needed)?;
        let tables = Tables::read(&inventory, extent, reading).map_err(|why| match why {
            NotRead::File(error) => BadPeople::File(error),
            NotRead::DoesNotFit(why) => {
                let dir = dir.to_owned();
                BadPeople::OutOfRange { dir, why }
            }
        })?;
        let with = contact_with(&tables.beside, &tables.person_index);
        let (groups, sexes) = groups_of(&tables.beside, tables.person_index.len());
        Ok(Self {
            contact_with: Some(with),
            columns: tables.columns,
            levels: tables.levels,
            groups,
            sexes,
            traced: Vec::new(),
            names: Names::PersonIndex(tables.person_index),
            reports: tables.reports,
        })
    }

    fn of_mirror(dir: &Path, reading: &Reading<'_>) -> Result<Self, FileError> {
        let (levels, mut reports) = levels_beside(dir, reading.options)?;
        let columns = read_columns(dir, Scope::Everything, reading.memory)?;
        let mut beside = Beside::default();
        if let Some(path) = find_table(dir, &PEOPLE)? {
            let mut rows = people(&path, reading.options)?;
            for profile in &mut rows {
                let profile = profile?;
                let number = profile.person.parse().ok();
                if let Some(number) = number.filter(|number| *number < columns.people) {
                    let sex = profile.sex.as_deref().map(|sex| beside.sexes.add(sex));
                    beside.profiles.push(Profiled {
                        person: number,
                        region: profile.region,
                        birth_year: profile.birth_year,
                        sex: sex.unwrap_or(NONE),
                    });
                }
            }
            reports.push(rows.finish()?);
        }
        let (groups, sexes) = groups_of(&beside, columns.people as usize);
        Ok(Self {
            contact_with: None,
            levels,
            groups,
            sexes,
            traced: Vec::new(),
            names: Names::Numbers(columns.people),
            columns,
            reports,
        })
    }

    /// What became of each file; nothing for those of a mirror.
    pub fn reports(&self) -> &[FileReport] {
        &self.reports
    }

    /// When the last fact began; `None` if there is none.
    pub fn last_fact(&self) -> Option<Timestamp> {
        let last = self.columns.last_beginning()?;
        Timestamp::from_second(i64::from(last)).ok()
    }

    /// The number of the person whom the tables call `name`.
    pub fn number(&self, name: &str) -> Option<u32> {
        match &self.names {
            Names::PersonIndex(person_index) => person_index.find(name),
            Names::Numbers(people) => name.parse().ok().filter(|number| number < people),
        }
    }

    fn trace(
        &mut self,
        dir: &Path,
        cases: &[CaseRow],
        reading: Reading<'_>,
    ) -> Result<Vec<(u32, Span)>, FileError> {
        // What is refused of the table of visits has been said and kept if it was read as evidence.
        let was_read = self
            .reports
            .iter()
            .any(|report| report.table.name == VISITS.name);
        let options = ReadOptions {
            keep_refused: reading.options.keep_refused && !was_read,
            ..reading.options
        };
        let room = Room::new(dir, reading.memory);
        let Some(visits) = FolderVisits::find(dir, Reading { options, ..reading })? else {
            return Ok(Vec::new());
        };
        if !was_read {
            self.reports.extend_from_slice(visits.reports());
        }
        let mut seen = Vec::new();
        for case in cases {
            if let Some(person) = visits.number(&case.person)? {
                seen.push(Case {
                    person,
                    from: case.from,
                    until: case.until,
                });
            }
        }
        let search = Search {
            minutes: TRACED_MINUTES,
            rings: 1,
            by_day: None,
        };
        // Visits outside 1970 to 2106 do not count in a trace, so these timestamps fit.
        let second = |at: Timestamp| Seconds::try_from(at.as_second()).unwrap_or_default();
        let contacts = visits.trace(&seen, &search, &room)?;
        let names = visits.names(&contacts)?;
        let met = contacts.iter().filter_map(|contact| {
            let during = Span {
                from: second(contact.first),
                until: second(contact.last),
            };
            Some((self.number(&names.of(contact.person))?, during))
        });
        Ok(met.collect())
    }
}

/// With whom each contact was, in the order of the columns: a person's number, or `NONE`.
fn contact_with(beside: &Beside, person_index: &PersonIndex) -> Vec<u32> {
    let people: Vec<u32> = (0..beside.named.len() as u32)
        .map(|named| person_index.find(beside.named.name(named)).unwrap_or(NONE))
        .collect();
    let mut met = beside.met.clone();
    met.sort_by_key(|met| (met.person, met.first));
    let with = met.iter();
    with.map(|met| people.get(met.with as usize).copied().unwrap_or(NONE))
        .collect()
}

/// The groups of so many people, and the words for sex. Of two rows about one person the later one
/// counts.
fn groups_of(beside: &Beside, people: usize) -> (Vec<Groups>, Vec<String>) {
    let mut groups = vec![Groups::default(); people];
    for profile in &beside.profiles {
        let sex = (profile.sex != NONE).then_some((profile.sex as usize).min(MOST_SEXES) as u8);
        groups[profile.person as usize] = Groups {
            region: profile.region,
            birth_year: profile.birth_year,
            sex,
        };
    }
    let words = (0..beside.sexes.len().min(MOST_SEXES) as u32).map(|word| beside.sexes.name(word));
    (groups, words.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests;
