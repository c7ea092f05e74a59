//! The table of companions, and companions traced with the visits of their folder.

use std::borrow::Cow;
use std::path::Path;

use domain::Timestamp;
use domain::evidence::GroupKind;
use engine::trace::{Case, Contact, GroupContacts, Membership, Placed, Search};

use super::dataset::find_table;
use super::error::{Fault, FileError};
use super::fields::Fields;
use super::interned::Interned;
use super::reader::{FileReport, ReadOptions, Reader};
use super::table::{Holds, PERSON, Table, column};
use super::visits::{ContactNames, FolderVisits};

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
            Holds::Timestamp,
            "the first moment after; empty while it holds, which a trip does not for ever",
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
    let (kind, from) = (row.parsed("relation")?, row.timestamp("from")?);
    let until = row.end("until", from, "from")?;
    if kind == GroupKind::Vehicle && until.is_none() {
        return Err(Fault {
            remedy: "write when the person got off".into(),
            ..row.fault("until", "is empty, and a trip ends")
        });
    }
    Ok(MembershipRow {
        row: row.row.number,
        person: row.text("person")?.to_owned(),
        group: row.text("group")?.to_owned(),
        kind,
        from,
        until,
    })
}

/// The visits of a folder and who belongs together, to be traced as one. People whom the visits name
/// have the numbers that they have there, the others come after.
#[derive(Debug)]
pub struct FolderGroupContacts<'v> {
    visits: &'v FolderVisits,
    others: Interned,
    companions: GroupContacts<u32, u32>,
    report: Option<FileReport>,
}

impl<'v> FolderGroupContacts<'v> {
    /// Reads the table of companions in `dir`; without one nobody has any.
    ///
    /// # Errors
    /// [`FileError`] if the table cannot be read as a whole, or is there twice.
    pub fn load(
        dir: &Path,
        options: ReadOptions,
        visits: &'v FolderVisits,
    ) -> Result<Self, FileError> {
        let mut folder = Self {
            visits,
            others: Interned::default(),
            companions: GroupContacts::new([]),
            report: None,
        };
        let Some(path) = find_table(dir, &COMPANIONS)? else {
            return Ok(folder);
        };
        let (mut groups, mut memberships) = (Interned::default(), Vec::new());
        let mut reader = companions(&path, options)?;
        for row in &mut reader {
            let row = row?;
            let person = match visits.number(&row.person)? {
                Some(person) => person,
                None => {
                    let other = folder.others.add(&row.person);
                    visits.people().saturating_add(other)
                }
            };
            memberships.push(Membership {
                person,
                group: groups.add(&row.group),
                kind: row.kind,
                from: row.from,
                until: row.until,
            });
        }
        folder.companions = GroupContacts::new(memberships);
        folder.report = Some(reader.finish()?);
        Ok(folder)
    }

    /// What became of the table.
    pub fn report(&self) -> Option<&FileReport> {
        self.report.as_ref()
    }

    /// The number of a person; `None` if neither a visit nor a group names them.
    ///
    /// # Errors
    /// [`FileError`] if a file of a mirror cannot be read.
    pub fn number(&self, name: &str) -> Result<Option<u32>, FileError> {
        let other = || Some(self.visits.people() + self.others.find(name)?);
        Ok(self.visits.number(name)?.or_else(other))
    }

    /// What to call the people of contacts that [`Self::trace`] found.
    ///
    /// # Errors
    /// [`FileError`] if a file of a mirror cannot be read.
    pub fn names(&self, contacts: &[Contact<u32>]) -> Result<GroupContactNames<'_>, FileError> {
        Ok(GroupContactNames {
            visitors: self.visits.names(contacts)?,
            people: self.visits.people(),
            others: &self.others,
        })
    }

    /// Finds the contacts of every case, in order of case, ring, person, day and relation.
    ///
    /// # Errors
    /// [`FileError`] if a file of a mirror cannot be read.
    pub fn trace(
        &self,
        cases: &[Case<u32>],
        search: &Search,
    ) -> Result<Vec<Contact<u32>>, FileError> {
        let by_venue = |search: &Search, placed: &[Placed<u32>]| {
            self.visits.trace_beside(cases, search, placed)
        };
        let mut contacts = self.companions.trace(cases, search, by_venue)?;
        if !self.others.is_empty() {
            let names = self.names(&contacts)?;
            contacts.sort_by_cached_key(|one| {
                let (case, person) = (names.of(one.case), names.of(one.person));
                (case, one.ring, person, one.day, one.relation)
            });
        }
        Ok(contacts)
    }
}

/// What to call the people of some contacts.
#[derive(Debug)]
pub struct GroupContactNames<'v> {
    visitors: ContactNames<'v>,
    people: u32,
    others: &'v Interned,
}

impl GroupContactNames<'_> {
    /// The name of a person.
    pub fn of(&self, person: u32) -> Cow<'_, str> {
        match person.checked_sub(self.people) {
            Some(place) => self.others.name(place).into(),
            None => self.visitors.of(person),
        }
    }
}
