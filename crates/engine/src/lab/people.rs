//! A population as the lab reads it.

use std::path::{Path, PathBuf};

use domain::{Fact, Region, RegionLevels, Timestamp};

use super::known::{self, Met};
use crate::columns::{Columns, NONE, OutOfRange, Seconds};
use crate::files::{
    CaseRow, FileError, FileReport, FolderVisits, Inventory, PEOPLE, Profile, ReadOptions, Reading,
    Roll, find_table, people,
};
use crate::mirror::{Scope, is_mirror};
use crate::population::{Listener, NotRead, Tables, levels_beside};
use crate::trace::{Case, Search};

/// A contact found by tracing spent at least so long with the case.
const TRACED_MINUTES: u32 = 15;
/// So many different words for sex are told apart; whatever else stands there is one group.
const MOST_SEXES: usize = 8;

/// A population: what rules read as columns, and beside it what only reports read.
#[derive(Debug, Default)]
pub struct People {
    /// The evidence.
    pub(super) columns: Columns,
    /// The region levels.
    pub(super) levels: RegionLevels,
    /// When each row of the contacts became known.
    pub(super) contact_known: Vec<Seconds>,
    /// What groups each person belongs to.
    pub(super) groups: Vec<Belonging>,
    /// The words for sex that [`Belonging::sex`] numbers.
    pub(super) sexes: Vec<String>,
    /// Who truly met a case, and when last.
    pub(super) meetings: Vec<Meeting>,
    names: Names,
    reports: Vec<FileReport>,
}

/// What people are called.
#[derive(Debug)]
enum Names {
    Roll(Roll),
    /// A mirror calls so many people by number.
    Numbers(u32),
}

impl Default for Names {
    fn default() -> Self {
        Self::Numbers(0)
    }
}

/// A folder that the lab cannot read.
#[derive(Debug, thiserror::Error)]
pub enum BadPeople {
    /// A file cannot be read as a whole, or the folder would not fit into memory.
    #[error(transparent)]
    File(#[from] FileError),
    /// The lab works on columns.
    #[error("{}: {why}", dir.display())]
    OutOfRange {
        /// The folder.
        dir: PathBuf,
        /// What they cannot hold.
        why: OutOfRange,
    },
}

/// What groups a person belongs to. No rule can read any of it (invariant 5).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Belonging {
    pub(super) region: Option<Region>,
    pub(super) birth_year: Option<u16>,
    pub(super) sex: Option<u8>,
}

/// Somebody met a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meeting {
    pub(super) person: u32,
    pub(super) first: Seconds,
    pub(super) last: Seconds,
}

impl People {
    /// Reads a folder of tables, or a mirror with the tables of regions and people beside it, whose
    /// people are called by their numbers.
    ///
    /// Who met a case are the contacts of ring 1 in the table of contacts; if it has none, those
    /// who shared venues with one of `cases` for 15 minutes in all.
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
        people.meetings = people.recorded_meetings();
        if people.meetings.is_empty() && !cases.is_empty() {
            people.meetings = people.traced_meetings(dir, cases, reading)?;
        }
        Ok(people)
    }

    fn of_tables(dir: &Path, reading: &mut Reading<'_>) -> Result<Self, BadPeople> {
        let inventory = Inventory::of(dir)?;
        reading.memory.check(dir, inventory.for_the_lab())?;
        let mut beside = Beside::default();
        let tables = Tables::read(&inventory, reading, &mut beside).map_err(|why| match why {
            NotRead::File(error) => BadPeople::File(error),
            NotRead::DoesNotFit(why) => {
                let dir = dir.to_owned();
                BadPeople::OutOfRange { dir, why }
            }
        })?;
        let with = beside.resolved(&tables.roll);
        let mut groups = beside.groups;
        groups.resize(tables.roll.len(), Belonging::default());
        Ok(Self {
            contact_known: known::of_contacts(&tables.columns, &with),
            columns: tables.columns,
            levels: tables.levels,
            groups,
            sexes: beside.sexes,
            names: Names::Roll(tables.roll),
            reports: tables.reports,
            ..Self::default()
        })
    }

    fn of_mirror(dir: &Path, reading: &Reading<'_>) -> Result<Self, FileError> {
        let (levels, mut reports) = levels_beside(dir, reading.options)?;
        let columns = Columns::read(dir, Scope::Everything, reading.memory)?;
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
        groups.resize(columns.people as usize, Belonging::default());
        Ok(Self {
            // With whom a contact was is not in a mirror.
            contact_known: columns.contacts.last.clone(),
            levels,
            groups,
            sexes: beside.sexes,
            names: Names::Numbers(columns.people),
            columns,
            reports,
            ..Self::default()
        })
    }

    /// What became of each file; nothing for those of a mirror.
    pub fn reports(&self) -> &[FileReport] {
        &self.reports
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Whether a table names somebody `name`.
    pub fn knows(&self, name: &str) -> bool {
        self.number(name).is_some()
    }

    /// When the last fact began; `None` if there is none.
    pub fn last_fact(&self) -> Option<Timestamp> {
        let last = self.columns.last_beginning()?;
        Timestamp::from_second(i64::from(last)).ok()
    }

    /// The number of the person whom the tables call `name`.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        match &self.names {
            Names::Roll(roll) => roll.find(name),
            Names::Numbers(people) => name.parse().ok().filter(|number| number < people),
        }
    }

    fn recorded_meetings(&self) -> Vec<Meeting> {
        let contacts = &self.columns.contacts;
        (0..contacts.len())
            .filter(|row| contacts.ring[*row] == 1)
            .map(|row| Meeting {
                person: contacts.person[row],
                first: contacts.first[row],
                last: contacts.last[row],
            })
            .collect()
    }

    fn traced_meetings(
        &self,
        dir: &Path,
        cases: &[CaseRow],
        reading: Reading<'_>,
    ) -> Result<Vec<Meeting>, FileError> {
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
        let meetings = contacts.iter().filter_map(|contact| {
            Some(Meeting {
                person: self.number(&names.of(contact.person))?,
                first: second(contact.first),
                last: second(contact.last),
            })
        });
        Ok(meetings.collect())
    }
}

/// What the lab keeps beside the columns.
#[derive(Default)]
struct Beside {
    groups: Vec<Belonging>,
    sexes: Vec<String>,
    /// Those whom others met, and who met them, in the order of the file.
    named: Roll,
    met: Vec<Met>,
}

impl Beside {
    /// With whom each contact was, in the order of the columns: a person's number, or `NONE`.
    fn resolved(&mut self, roll: &Roll) -> Vec<u32> {
        let people: Vec<u32> = (0..self.named.len() as u32)
            .map(|named| roll.find(self.named.name(named)).unwrap_or(NONE))
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
        self.met.push(Met {
            person,
            first: known::second(fact.begins()),
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
            self.groups.resize(place + 1, Belonging::default());
        }
        self.groups[place] = Belonging {
            region: profile.region,
            birth_year: profile.birth_year,
            sex,
        };
    }
}
