//! The tables of a folder as the columns of a population.

use domain::{FactKind, Region};
use engine::columns::{ColumnsBuilder, NONE, Seconds};

use super::piece::{As, Piece};
use super::read::{NotRead, TableFile, Taker, read_files};
use crate::files::{
    FileReport, Interned, Inventory, NameHasher, PEOPLE, PersonIndex, Reading, Table,
};

/// What the tables say, as columns. People are numbered in order of appearance.
#[derive(Default)]
pub(crate) struct Population {
    pub(crate) roll: PersonIndex,
    pub(crate) facts: ColumnsBuilder,
    /// What only reports read, if somebody asked for it.
    pub(crate) beside: Option<Beside>,
}

/// What only reports read.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Who met whom, in the order of the file.
    pub(crate) met: Vec<Met>,
    /// Whom the others met, as the file names them.
    pub(crate) named: PersonIndex,
    pub(crate) profiles: Vec<Profiled>,
    /// The words for sex.
    pub(crate) sexes: Interned,
}

/// Who met whom, and when first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Met {
    pub(crate) person: u32,
    pub(crate) first: Seconds,
    /// A number in [`Beside::named`], or `NONE`.
    pub(crate) with: u32,
}

/// What groups a person belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profiled {
    pub(crate) person: u32,
    pub(crate) region: Option<Region>,
    pub(crate) birth_year: Option<u16>,
    /// A number in [`Beside::sexes`], or `NONE`.
    pub(crate) sex: u32,
}

/// Reads the tables of evidence of the kinds that are `wanted`, and the table of people.
///
/// # Errors
/// [`NotRead`].
pub(crate) fn read_population(
    inventory: &Inventory,
    wanted: impl Fn(FactKind) -> bool,
    has_beside: bool,
    reading: &mut Reading<'_>,
) -> Result<(Population, Vec<FileReport>), NotRead> {
    let now = reading.options.now;
    let mut files = Vec::new();
    for (kind, file) in inventory.facts.iter().filter(|(kind, _)| wanted(*kind)) {
        if let Some(table) = Table::of_kind(*kind) {
            files.push(TableFile::open(&file.path, table, As::Facts(*kind), now)?);
        }
    }
    if let Some(file) = &inventory.people {
        files.push(TableFile::open(&file.path, &PEOPLE, As::Profiles, now)?);
    }
    let mut population = Population {
        beside: has_beside.then(Beside::default),
        ..Population::default()
    };
    let reports = read_files(inventory.dir(), &files, &mut population, reading)?;
    let people = u32::try_from(population.roll.len()).unwrap_or(u32::MAX);
    population.facts.set_people(people);
    Ok((population, reports))
}

impl Taker for Population {
    fn hashers(&self) -> [NameHasher; 2] {
        let others = self
            .beside
            .as_ref()
            .map_or_else(NameHasher::default, |beside| beside.named.hasher());
        [self.roll.hasher(), others]
    }

    fn take(&mut self, _: usize, mut piece: Piece) -> Result<(), NotRead> {
        let people = piece.people.numbered(&mut self.roll);
        let of_row = |person: &u32| people[*person as usize];
        match piece.read_as {
            As::Facts(kind) => {
                let columns = piece.facts.columns_mut();
                for person in columns.person_mut(kind) {
                    *person = of_row(person);
                }
                if let Some(beside) = self.beside.as_mut().filter(|_| kind == FactKind::Contact) {
                    let named = piece.others.numbered(&mut beside.named);
                    let rows = columns.contacts.person.iter().zip(&columns.contacts.first);
                    beside
                        .met
                        .extend(rows.zip(&piece.with).map(|((person, first), with)| Met {
                            person: *person,
                            first: *first,
                            with: named.get(*with as usize).copied().unwrap_or(NONE),
                        }));
                }
                self.facts.add(piece.facts)?;
            }
            As::Profiles => {
                if let Some(beside) = &mut self.beside {
                    let sexes = piece.others.added(&mut beside.sexes);
                    let own = &piece.profiles;
                    let groups = own.region.iter().zip(&own.birth_year).zip(&own.sex);
                    let rows = own.person.iter().zip(groups);
                    beside
                        .profiles
                        .extend(rows.map(|(person, ((region, year), sex))| Profiled {
                            person: of_row(person),
                            region: *region,
                            birth_year: (*year != u16::MAX).then_some(*year),
                            sex: sexes.get(*sex as usize).copied().unwrap_or(NONE),
                        }));
                }
            }
            As::Visits | As::Memberships => {}
        }
        Ok(())
    }

    fn memory(&self) -> u64 {
        let beside = self.beside.as_ref().map_or(0, |beside| {
            beside.met.capacity() * size_of::<Met>()
                + beside.named.bytes()
                + beside.profiles.capacity() * size_of::<Profiled>()
        });
        (self.roll.bytes() + self.facts.bytes() + beside) as u64
    }
}
