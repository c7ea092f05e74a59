//! The table of companions, and companions numbered as the visits of their folder are.

use std::collections::HashMap;
use std::path::Path;

use domain::Timestamp;
use domain::evidence::GroupKind;

use super::dataset::find_table;
use super::error::{Fault, FileError};
use super::fields::Fields;
use super::reader::{FileReport, ReadOptions, Reader};
use super::table::{Holds, PERSON, Table, column};
use crate::trace::{Companions, Membership};

/// Who shares a home, a building or a trip.
pub static COMPANIONS: Table = Table {
    name: "companions",
    about: "A person lived in a household or building, or rode in a vehicle, with the others of the \
            same group. Read by `healthcode trace` and `healthcode import`. One that nobody ended \
            still holds, however old; one that ends as it begins was a mistake.",
    columns: &[
        PERSON,
        column(
            "group",
            Holds::Text,
            "which household, building or trip; any text that is unique among those of its relation, \
             and no address",
        )
        .personal(),
        column(
            "relation",
            Holds::Word(GroupKind::WORDS),
            "what the members share; each trip of a vehicle is a group of its own",
        ),
        column("from", Holds::Past, "from when"),
        column(
            "until",
            Holds::Moment,
            "the first moment after; empty while it holds",
        )
        .optional(),
    ],
};

/// A person in a group, as a file tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipRow {
    /// The row in the file, as in [`super::Refusal::row`].
    pub row: u64,
    /// Who, as written.
    pub person: String,
    /// Which group of its kind, as written.
    pub group: String,
    /// What its members share.
    pub kind: GroupKind,
    /// From when.
    pub from: Timestamp,
    /// The first moment after, if it is over.
    pub until: Option<Timestamp>,
}

/// Opens a table of companions.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read.
pub fn companions(path: &Path, options: ReadOptions) -> Result<Reader<MembershipRow>, FileError> {
    Reader::open(path, &[&COMPANIONS], membership, options)
}

fn membership(row: &Fields<'_>) -> Result<MembershipRow, Fault> {
    let from = row.moment("from")?;
    Ok(MembershipRow {
        row: row.row.number,
        person: row.text("person")?.to_owned(),
        group: row.text("group")?.to_owned(),
        kind: row.parsed("relation")?,
        from,
        until: row.end("until", from, "from")?,
    })
}

/// The companions of a folder. People whom its visits name have the numbers that they have there,
/// the others come after.
#[derive(Debug)]
pub struct FolderCompanions {
    /// How many people the visits name.
    visitors: u32,
    others: Vec<String>,
    numbers: HashMap<String, u32>,
    companions: Companions<u32, u32>,
    report: Option<FileReport>,
}

impl FolderCompanions {
    /// Reads the table of companions in `dir`; without one nobody has any. `number` says which of
    /// `visitors` people a name means in the visits.
    ///
    /// # Errors
    /// [`FileError`] if the table cannot be read as a whole, or is there twice.
    pub fn load(
        dir: &Path,
        options: ReadOptions,
        visitors: u32,
        number: impl Fn(&str) -> Option<u32>,
    ) -> Result<Self, FileError> {
        let mut folder = Self {
            visitors,
            others: Vec::new(),
            numbers: HashMap::new(),
            companions: Companions::new([]),
            report: None,
        };
        let Some(path) = find_table(dir, &COMPANIONS)? else {
            return Ok(folder);
        };
        let mut groups = HashMap::<String, u32>::new();
        let mut memberships = Vec::new();
        let mut reader = companions(&path, options)?;
        for row in &mut reader {
            let row = row?;
            let next = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            memberships.push(Membership {
                person: number(&row.person).unwrap_or_else(|| folder.add(row.person)),
                group: *groups.entry(row.group).or_insert(next),
                kind: row.kind,
                from: row.from,
                until: row.until,
            });
        }
        folder.companions = Companions::new(memberships);
        folder.report = Some(reader.finish()?);
        Ok(folder)
    }

    /// Who belongs together.
    pub fn companions(&self) -> &Companions<u32, u32> {
        &self.companions
    }

    /// What became of the table.
    pub fn report(&self) -> Option<&FileReport> {
        self.report.as_ref()
    }

    /// The number of somebody whom no visit names; `None` if no group has them either.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name of somebody whom no visit names; `None` if a visit does.
    pub fn name(&self, person: u32) -> Option<&str> {
        let place = person.checked_sub(self.visitors)?;
        self.others.get(place as usize).map(String::as_str)
    }

    fn add(&mut self, name: String) -> u32 {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let place = u32::try_from(self.others.len()).unwrap_or(u32::MAX);
        let number = self.visitors.saturating_add(place);
        self.others.push(name.clone());
        self.numbers.insert(name, number);
        number
    }
}
