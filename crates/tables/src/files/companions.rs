//! The table of companions, and companions traced with the visits of their folder.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::Path;

use domain::Timestamp;
use domain::evidence::GroupKind;
use engine::columns::NONE;
use engine::parallel::parallel_map;
use engine::trace::{Case, Contact, GroupContacts, Placed, Search, Span};

use super::dataset::find_table;
use super::error::{Fault, FileError};
use super::fields::Fields;
use super::interned::{Interned, NameHasher};
use super::inventory::Listed;
use super::reader::{FileReport, ReadOptions, Reader};
use super::reading::Reading;
use super::room::Room;
use super::table::{Holds, PERSON, Table, column};
use super::visits::{ContactNames, FolderVisits};
use crate::columnar::{MembershipPart, NotRead, read_memberships};

/// Who shares a home, a building or a trip.
pub static COMPANIONS: Table = Table {
    name: "companions",
    about: "A person lived in a household or building, or rode in a vehicle, with the others of the \
            same group. Read by `healthcode trace` and `healthcode import`. One that nobody ended \
            still holds, however old; one that ends as it begins was a mistake.",
    kind: None,
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
    /// The first instant after, if it is over.
    pub until: Option<Timestamp>,
}

/// Opens a table of companions.
///
/// # Errors
/// [`FileError`] if the file as a whole cannot be read.
pub fn companions(path: &Path, options: ReadOptions) -> Result<Reader<MembershipRow>, FileError> {
    Reader::open(path, &[&COMPANIONS], membership, options)
}

pub(crate) fn membership(row: &Fields<'_>) -> Result<MembershipRow, Fault> {
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
    /// Reads the table of companions in `dir`; without one nobody has any. With `around` only the groups
    /// of the people with these names are kept, which is enough to find ring 1 around them.
    ///
    /// # Errors
    /// [`FileError`] if the table cannot be read as a whole, is there twice, or would not fit into memory
    /// beside the visits.
    pub fn load(
        dir: &Path,
        visits: &'v FolderVisits,
        mut reading: Reading<'_>,
        around: Option<&[String]>,
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
        let needed = Listed::new(path.clone())?.as_memberships();
        reading.memory.check(&path, needed)?;
        let (parts, report) = read_memberships(&path, &mut reading).map_err(|why| match why {
            NotRead::File(error) => error,
            // Time outside that of the columns is cut off, so all memberships fit.
            NotRead::DoesNotFit(why) => FileError::damaged(&path, &why),
        })?;
        folder.report = Some(report);
        let wanted = around.map(|people| groups_of(&parts, people));
        let kept = parallel_map(parts.iter().collect(), |part| {
            KeptRows::of(part, wanted.as_ref(), visits)
        });
        let mut groups = Interned::default();
        let mut all = Vec::new();
        for (part, kept) in parts.iter().zip(kept) {
            let KeptRows { rows, people } = kept?;
            let mut numbers_of_people = vec![NONE; part.people.len()];
            let mut numbers_of_groups = vec![NONE; part.groups.len()];
            let others = &mut folder.others;
            for row in rows {
                let place = part.rows.person[row] as usize;
                let person = numbered(&mut numbers_of_people[place], || {
                    people[place].unwrap_or_else(|| {
                        let other = others.add(part.people.name(place));
                        visits.people().saturating_add(other)
                    })
                });
                let place = part.rows.group[row] as usize;
                let name = part.groups.name(place);
                let group = numbered(&mut numbers_of_groups[place], || groups.add(name));
                let kind = GroupKind::ALL[usize::from(part.rows.kind[row])];
                let (from, until) = (part.rows.from[row], part.rows.until[row]);
                all.push((person, kind, group, Span { from, until }));
            }
        }
        folder.companions = GroupContacts::of_spans(all);
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
    /// [`FileError`] if a file of a mirror cannot be read, or if they take more than the room there is
    /// beside the visits and the companions.
    pub fn trace(
        &self,
        cases: &[Case<u32>],
        search: &Search,
        room: &Room,
    ) -> Result<Vec<Contact<u32>>, FileError> {
        const CONTACT: usize = size_of::<Contact<u32>>();
        let own = self.companions.bytes() + self.others.bytes();
        let by_venue = |search: &Search, placed: &[Placed<u32>]| {
            // Each is a contact too, and one of a set.
            let of_groups = placed.len() * (size_of::<Placed<u32>>() + CONTACT + 24);
            let room = room.beside((own + of_groups) as u64);
            self.visits.trace_beside(cases, search, placed, &room)
        };
        let mut contacts = self.companions.trace(cases, search, by_venue)?;
        // They are put in order case by case, and then into one list.
        let ordered = contacts.capacity() * CONTACT + 2 * contacts.len() * CONTACT;
        let held = own + ordered + self.visits.bytes_of_names(contacts.len());
        room.beside(self.visits.bytes()).check(held as u64)?;
        if self.others.is_empty() {
            return Ok(contacts);
        }
        if let Some(places) = self.places() {
            let place = |person: u32| match person.checked_sub(self.visits.people()) {
                Some(other) => places[other as usize],
                None => (person, u32::MAX),
            };
            // They come in order of case, by number.
            let of_cases = contacts.chunk_by(|one, other| one.case == other.case);
            let of_cases = of_cases.map(<[_]>::to_vec).collect();
            let mut of_cases = parallel_map(of_cases, |mut contacts: Vec<Contact<u32>>| {
                contacts.sort_by_key(|one| (one.ring, place(one.person), one.day, one.relation));
                contacts
            });
            of_cases.sort_by_key(|contacts| contacts.first().map(|one| place(one.case)));
            return Ok(of_cases.concat());
        }
        let names = self.names(&contacts)?;
        contacts.sort_by_cached_key(|one| {
            let (case, person) = (names.of(one.case), names.of(one.person));
            (case, one.ring, person, one.day, one.relation)
        });
        Ok(contacts)
    }

    /// For each of those whom no visit names how many visitors come before them in order of name, and
    /// their place among themselves; `None` if visitors are not in that order.
    fn places(&self) -> Option<Vec<(u32, u32)>> {
        let mut places = vec![(0, 0); self.others.len()];
        for (place, other) in (0..).zip(self.others.in_order()) {
            let visitors = self.visits.before(self.others.name(other))?;
            places[other as usize] = (visitors, place);
        }
        Some(places)
    }
}

/// A number that is looked for once.
fn numbered(number: &mut u32, find: impl FnOnce() -> u32) -> u32 {
    if *number == NONE {
        *number = find();
    }
    *number
}

/// Some groups.
struct Groups<'p> {
    /// By the place of their kind and their name.
    groups: HashSet<(u8, &'p str), NameHasher>,
    /// The names alone: few others have one of them, whatever their kind.
    names: HashSet<&'p str, NameHasher>,
}

/// The groups of some people.
fn groups_of<'p>(parts: &'p [MembershipPart], people: &[String]) -> Groups<'p> {
    let people: HashSet<&str, NameHasher> = people.iter().map(String::as_str).collect();
    let of_part = |part: &'p MembershipPart| {
        let is_sought = part.people.map(|name| people.contains(name));
        let rows = part.rows.person.iter().enumerate();
        let own = rows.filter(|(_, person)| is_sought[**person as usize]);
        own.map(|(row, _)| group_of(part, row)).collect::<Vec<_>>()
    };
    let found = parallel_map(parts.iter().collect(), of_part).concat();
    Groups {
        names: found.iter().map(|(_, name)| *name).collect(),
        groups: found.into_iter().collect(),
    }
}

fn group_of(part: &MembershipPart, row: usize) -> (u8, &str) {
    let name = part.groups.name(part.rows.group[row] as usize);
    (part.rows.kind[row], name)
}

/// The rows of a part that are kept, and the numbers of those of their people whom the visits name.
struct KeptRows {
    rows: Vec<usize>,
    people: Vec<Option<u32>>,
}

impl KeptRows {
    fn of(
        part: &MembershipPart,
        wanted: Option<&Groups<'_>>,
        visits: &FolderVisits,
    ) -> Result<Self, FileError> {
        let all = 0..part.rows.person.len();
        let rows: Vec<usize> = match wanted {
            None => all.collect(),
            Some(wanted) => {
                let may_be = part.groups.map(|name| wanted.names.contains(name));
                let is_wanted = |row: &usize| {
                    may_be[part.rows.group[*row] as usize]
                        && wanted.groups.contains(&group_of(part, *row))
                };
                all.filter(is_wanted).collect()
            }
        };
        let mut is_needed = vec![false; part.people.len()];
        for row in &rows {
            is_needed[part.rows.person[*row] as usize] = true;
        }
        let people = is_needed
            .into_iter()
            .enumerate()
            .map(|(place, is_needed)| match is_needed {
                true => visits.number(part.people.name(place)),
                false => Ok(None),
            });
        Ok(Self {
            people: people.collect::<Result<_, _>>()?,
            rows,
        })
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
