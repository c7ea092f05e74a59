//! A population with what reports group it by, which no rule reads.

use std::path::{Path, PathBuf};

use domain::{Fact, Region, RegionLevels, Timestamp};
use engine::columns::{Columns, NONE, OutOfRange, Seconds};
use engine::trace::{Case, Search, Span};

use super::folder::levels_beside;
use super::tables::{Listener, NotRead, Tables};
use crate::files::{
    CaseRow, FileError, FileReport, FolderVisits, Inventory, PEOPLE, PersonIndex, Profile,
    ReadOptions, Reading, find_table, people,
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
        mut reading: Reading<'_>,
    ) -> Result<Self, BadPeople> {
        let mut people = if is_mirror(dir)? {
            Self::of_mirror(dir, &reading)?
        } else {
            Self::of_tables(dir, &mut reading)?
        };
        if !people.columns.contacts.ring.contains(&1) && !cases.is_empty() {
            people.traced = people.trace(dir, cases, reading)?;
        }
        Ok(people)
    }

    fn of_tables(dir: &Path, reading: &mut Reading<'_>) -> Result<Self, BadPeople> {
        let inventory = Inventory::of(dir)?;
        reading.memory.check(dir, inventory.with_groups())?;
        let mut beside = Beside::default();
        let tables = Tables::read(&inventory, reading, &mut beside).map_err(|why| match why {
            NotRead::File(error) => BadPeople::File(error),
            NotRead::DoesNotFit(why) => {
                let dir = dir.to_owned();
                BadPeople::OutOfRange { dir, why }
            }
        })?;
        let with = beside.resolved(&tables.person_index);
        let mut groups = beside.groups;
        groups.resize(tables.person_index.len(), Groups::default());
        Ok(Self {
            contact_with: Some(with),
            columns: tables.columns,
            levels: tables.levels,
            groups,
            sexes: beside.sexes,
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
                    beside.belongs(number, &profile);
                }
            }
            reports.push(rows.finish()?);
        }
        let mut groups = beside.groups;
        groups.resize(columns.people as usize, Groups::default());
        Ok(Self {
            contact_with: None,
            levels,
            groups,
            sexes: beside.sexes,
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
        &self,
        dir: &Path,
        cases: &[CaseRow],
        reading: Reading<'_>,
    ) -> Result<Vec<(u32, Span)>, FileError> {
        // What is refused of the table of visits has been said and kept when it was read as evidence.
        let options = ReadOptions {
            keep_refused: false,
            ..reading.options
        };
        let Some(visits) = FolderVisits::find(dir, Reading { options, ..reading })? else {
            return Ok(Vec::new());
        };
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
        // Visits outside 1970 to 2106 do not count in a trace, so these moments fit.
        let second = |at: Timestamp| Seconds::try_from(at.as_second()).unwrap_or_default();
        let contacts = visits.trace(&seen, &search)?;
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

/// What is kept beside the columns.
#[derive(Default)]
struct Beside {
    groups: Vec<Groups>,
    sexes: Vec<String>,
    /// Those whom others met, and who met them, in the order of the file.
    named: PersonIndex,
    met: Vec<Met>,
}

/// Who met whom, and when first.
#[derive(Clone, Copy)]
struct Met {
    person: u32,
    first: Seconds,
    /// A number that stands for a name, or `NONE`.
    with: u32,
}

impl Beside {
    /// With whom each contact was, in the order of the columns: a person's number, or `NONE`.
    fn resolved(&mut self, person_index: &PersonIndex) -> Vec<u32> {
        let people: Vec<u32> = (0..self.named.len() as u32)
            .map(|named| person_index.find(self.named.name(named)).unwrap_or(NONE))
            .collect();
        let mut met = std::mem::take(&mut self.met);
        met.sort_by_key(|met| (met.person, met.first));
        let with = met.iter();
        with.map(|met| people.get(met.with as usize).copied().unwrap_or(NONE))
            .collect()
    }
}

impl Listener for Beside {
    fn contact(&mut self, person: u32, with: &str, fact: &Fact) {
        let with = match with {
            "" => NONE,
            with => self.named.add(with),
        };
        // Facts outside 1970 to 2106 have been refused before.
        let first = Seconds::try_from(fact.begins().as_second()).unwrap_or_default();
        self.met.push(Met {
            person,
            first,
            with,
        });
    }

    /// Of two rows about one person the later one counts.
    fn belongs(&mut self, person: u32, profile: &Profile) {
        let sex = profile.sex.as_deref().map(|word| {
            let known = self.sexes.iter().position(|other| other == word);
            let place = known.unwrap_or_else(|| {
                if self.sexes.len() < MOST_SEXES {
                    self.sexes.push(word.to_owned());
                    self.sexes.len() - 1
                } else {
                    MOST_SEXES
                }
            });
            place as u8
        });
        let place = person as usize;
        if self.groups.len() <= place {
            self.groups.resize(place + 1, Groups::default());
        }
        self.groups[place] = Groups {
            region: profile.region,
            birth_year: profile.birth_year,
            sex,
        };
    }
}

#[cfg(test)]
mod tests;
