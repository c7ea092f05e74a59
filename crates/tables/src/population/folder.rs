//! Decides everybody in a folder: tables, or a mirror.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{Policy, RegionLevels, Status, Timestamp};
use engine::columns::{Columns, NONE, OutOfRange, Seconds};
use engine::decide::{Decisions, decide_columns};

use super::tables::{Extent, Tables};
use super::{Decision, DecisionRef, decide_population};
use crate::columnar::NotRead;
use crate::files::{
    DataSet, FileError, FileReport, Inventory, PersonIndex, REGIONS, ReadOptions, Reading,
    ResultWriter, Value, find_table, read_levels,
};
use crate::mirror::{Scope, is_mirror, person_names, read_columns};

/// Everybody decided, to be written.
#[derive(Debug)]
pub struct Decided<'p> {
    policy: &'p Policy,
    pub(super) found: Found,
    reports: Vec<FileReport>,
    unread: Vec<&'static str>,
    has_levels: bool,
}

#[derive(Debug)]
pub(super) enum Found {
    /// By number, and the numbers in order of name.
    ByColumns(Decisions, Box<People>),
    OneByOne(Vec<Decision>),
}

/// What people are called.
#[derive(Debug)]
pub(super) enum People {
    Named(PersonIndex, Vec<u32>),
    /// In a mirror, by number.
    Mirrored(Vec<String>),
}

/// Decides everybody in the folder `dir` at `at`, in order of name.
///
/// Each decision is that of [`domain::decide`] (invariant 1). The folder holds tables, or is a mirror,
/// whose people are called by their identifiers, or by number if it does not say whose they are; region levels lie beside
/// either in the table of regions. Tables that columns cannot hold (a time before 1970 or after 2106,
/// more than 65,535 different products) are decided person by person, which takes more memory.
///
/// # Errors
/// [`FileError`] if a file cannot be read as a whole, or if the data would not fit into memory.
pub fn decide_folder<'p>(
    policy: &'p Policy,
    dir: &Path,
    at: Timestamp,
    mut reading: Reading<'_>,
) -> Result<Decided<'p>, FileError> {
    if is_mirror(dir)? {
        return decide_mirror(policy, dir, at, &reading);
    }
    let inventory = Inventory::of(dir)?;
    match by_columns(policy, &inventory, at, &mut reading) {
        Ok(decided) => Ok(decided),
        Err(NotRead::File(error)) => Err(error),
        Err(NotRead::DoesNotFit(_)) => one_by_one(policy, &inventory, at, &reading),
    }
}

fn by_columns<'p>(
    policy: &'p Policy,
    inventory: &Inventory,
    at: Timestamp,
    reading: &mut Reading<'_>,
) -> Result<Decided<'p>, NotRead> {
    let decide = |levels: &RegionLevels, columns: &Columns| {
        decide_columns(policy, levels, columns, at).map_err(|_| OutOfRange::Time(at))
    };
    // A timestamp that columns cannot hold either is known before they are read.
    decide(&RegionLevels::default(), &Columns::default())?;
    let tables = Tables::read(inventory, Extent::Decide(policy), reading)?;
    let decisions = decide(&tables.levels, &tables.columns)?;
    drop(tables.columns);
    let order = tables.person_index.in_order();
    Ok(Decided {
        policy,
        found: Found::ByColumns(
            decisions,
            Box::new(People::Named(tables.person_index, order)),
        ),
        reports: tables.reports,
        unread: tables.unread,
        has_levels: !tables.levels.is_empty(),
    })
}

fn one_by_one<'p>(
    policy: &'p Policy,
    inventory: &Inventory,
    at: Timestamp,
    reading: &Reading<'_>,
) -> Result<Decided<'p>, FileError> {
    let memory = reading.memory;
    memory.check(inventory.dir(), inventory.as_evidence())?;
    let data = DataSet::load(inventory.dir(), reading.options)?;
    Ok(Decided {
        policy,
        found: Found::OneByOne(decide_population(policy, data.levels(), &data, at)),
        reports: data.reports().to_vec(),
        unread: Vec::new(),
        has_levels: !data.levels().is_empty(),
    })
}

fn decide_mirror<'p>(
    policy: &'p Policy,
    dir: &Path,
    at: Timestamp,
    reading: &Reading<'_>,
) -> Result<Decided<'p>, FileError> {
    let (levels, reports) = levels_beside(dir, reading.options)?;
    let columns = read_columns(dir, Scope::Decide(policy, at), reading.memory)?;
    let names = person_names(dir, columns.people)?;
    let found = match decide_columns(policy, &levels, &columns, at) {
        Ok(decisions) => Found::ByColumns(decisions, Box::new(People::Mirrored(names))),
        Err(_) => Found::OneByOne(from_columns(policy, &levels, &columns, at, names)),
    };
    Ok(Decided {
        policy,
        found,
        reports,
        unread: Vec::new(),
        has_levels: !levels.is_empty(),
    })
}

/// A timestamp that columns cannot hold.
fn from_columns(
    policy: &Policy,
    levels: &RegionLevels,
    columns: &Columns,
    at: Timestamp,
    names: Vec<String>,
) -> Vec<Decision> {
    let decision = |(person, name): (u32, String)| {
        let evidence = columns.evidence_of(person);
        Decision::of(name, domain::decide(policy, levels, &evidence, at))
    };
    (0..).zip(names).map(decision).collect()
}

/// The region levels that lie beside a mirror, and what became of their file.
pub(super) fn levels_beside(
    dir: &Path,
    options: ReadOptions,
) -> Result<(RegionLevels, Vec<FileReport>), FileError> {
    let Some(path) = find_table(dir, &REGIONS)? else {
        return Ok((RegionLevels::default(), Vec::new()));
    };
    let (levels, report) = read_levels(&path, options)?;
    Ok((RegionLevels::new(levels), vec![report]))
}

impl Decided<'_> {
    /// What became of each file; nothing for those of a mirror.
    pub fn reports(&self) -> &[FileReport] {
        &self.reports
    }

    /// The tables that are there and were not read, since no rule reads them and the table of people
    /// says who there is.
    pub fn unread(&self) -> &[&'static str] {
        &self.unread
    }

    /// Whether any region has a level.
    pub fn has_levels(&self) -> bool {
        self.has_levels
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        match &self.found {
            Found::ByColumns(decisions, _) => decisions.outcome.len(),
            Found::OneByOne(decisions) => decisions.len(),
        }
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many people have each status, by its word.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        let mut count = |status: Status, people: usize| {
            *counts.entry(status.as_str()).or_default() += people;
        };
        match &self.found {
            Found::ByColumns(decisions, _) => {
                for person in 0..decisions.outcome.len() as u32 {
                    count(decisions.status(self.policy, person), 1);
                }
            }
            Found::OneByOne(decisions) => {
                decisions
                    .iter()
                    .for_each(|decision| count(decision.status, 1));
            }
        }
        counts
    }

    /// Writes everybody in [`COLUMNS`](super::COLUMNS); `watch` hears how many are written.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn write(
        &self,
        writer: &mut ResultWriter,
        watch: impl FnMut(u64),
    ) -> Result<(), FileError> {
        match &self.found {
            Found::OneByOne(decisions) => {
                let row = |place: usize, take: &mut dyn FnMut(&[Value<'_>])| {
                    take(&decisions[place].as_ref().values());
                };
                writer.rows(decisions.len(), row, watch)
            }
            Found::ByColumns(decisions, people) => {
                let count = match people.as_ref() {
                    People::Named(_, order) => order.len(),
                    People::Mirrored(names) => names.len(),
                };
                let row = |place: usize, take: &mut dyn FnMut(&[Value<'_>])| {
                    let (number, name) = match people.as_ref() {
                        People::Named(person_index, order) => {
                            (order[place], person_index.name(order[place]))
                        }
                        People::Mirrored(names) => (place as u32, names[place].as_str()),
                    };
                    take(&self.decision(decisions, number, name).values());
                };
                writer.rows(count, row, watch)
            }
        }
    }

    fn decision<'d>(
        &'d self,
        decisions: &Decisions,
        number: u32,
        person: &'d str,
    ) -> DecisionRef<'d> {
        let place = number as usize;
        DecisionRef {
            person,
            status: decisions.status(self.policy, number),
            rule: decisions.rule(self.policy, number),
            since: timestamp(decisions.since[place]),
            until: timestamp(decisions.until[place]),
            next_change: timestamp(decisions.next_change[place]),
        }
    }
}

fn timestamp(unix_seconds: Seconds) -> Option<Timestamp> {
    match unix_seconds {
        NONE => None,
        unix_seconds => Timestamp::from_second(i64::from(unix_seconds)).ok(),
    }
}
