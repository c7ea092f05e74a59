//! A folder of tables read into columns.

use domain::{FactKind, Policy, RegionLevels};
use engine::columns::Columns;

use crate::columnar::{Beside, NotRead, read_population};
use crate::files::{FileReport, Inventory, PersonIndex, Reading, Table, read_levels};

/// What the tables of a folder say, as columns. People are numbered in order of appearance.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) person_index: PersonIndex,
    pub(crate) columns: Columns,
    pub(crate) levels: RegionLevels,
    pub(crate) reports: Vec<FileReport>,
    /// The tables that were not read.
    pub(crate) unread: Vec<&'static str>,
    /// What only reports read.
    pub(crate) beside: Beside,
}

/// What of a folder is read.
#[derive(Clone, Copy, Debug)]
pub enum Extent<'p> {
    /// What it takes to decide under a policy.
    Decide(&'p Policy),
    /// What it takes to decide under policies, contacts, and what only reports read.
    Compare(&'p [&'p Policy]),
    /// Everything, and what only reports read.
    Everything,
}

impl Extent<'_> {
    /// Whether a table of an inventory is read. Where no table says who the people are, every table
    /// does.
    pub(crate) fn reads(self, kind: FactKind, inventory: &Inventory) -> bool {
        match self {
            Self::Decide(policy) => policy.reads(kind) || inventory.people.is_none(),
            Self::Compare(policies) => {
                policies.iter().any(|policy| policy.reads(kind))
                    || kind == FactKind::Contact
                    || inventory.people.is_none()
            }
            Self::Everything => true,
        }
    }
}

impl Tables {
    /// Reads the tables of an inventory.
    pub(crate) fn read(
        inventory: &Inventory,
        extent: Extent<'_>,
        reading: &mut Reading<'_>,
    ) -> Result<Self, NotRead> {
        reading.memory = reading.memory.fixed();
        let needed = inventory.as_columns(|kind| extent.reads(kind, inventory));
        reading.memory.check(inventory.dir(), needed)?;
        let has_beside = !matches!(extent, Extent::Decide(_));
        let wanted = |kind| extent.reads(kind, inventory);
        let (population, mut reports) = read_population(inventory, wanted, has_beside, reading)?;
        let mut levels = RegionLevels::default();
        if let Some(path) = &inventory.regions {
            let (rows, report) = read_levels(path, reading.options)?;
            levels = RegionLevels::new(rows);
            reports.push(report);
        }
        let unread = inventory.facts.iter().filter(|(kind, _)| !wanted(*kind));
        let unread = unread.filter_map(|(kind, _)| Table::of_kind(*kind));
        Ok(Self {
            unread: unread.map(|table| table.name).collect(),
            person_index: population.roll,
            columns: population.facts.finish(),
            levels,
            reports,
            beside: population.beside.unwrap_or_default(),
        })
    }
}
