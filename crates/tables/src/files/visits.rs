//! The visits of a folder, ready to be traced: a table of them, or the sorted files of a mirror.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use domain::PersonId;
use engine::trace::{
    Case, Contact, Placed, Search, SharedVenue, Source, VisitColumns, VisitRows, nearby,
    shared_venues, shared_venues_of,
};
use jiff::tz::TimeZone;

use super::companions::COMPANIONS;
use super::dataset::find_table;
use super::error::FileError;
use super::interned::Interned;
use super::inventory::Listed;
use super::reader::FileReport;
use super::reading::Reading;
use super::room::{Room, Within};
use super::table::VISITS;
use crate::columnar::{NotRead, ReadVisits, read_visits};
use crate::mirror::visits::VisitFiles;
use crate::mirror::{PersonFinder, has_visits, was_mirrored};

/// The visits of a folder. People are numbers in order of name.
#[derive(Debug)]
pub enum FolderVisits {
    /// Read into memory from a table.
    Table(Box<VisitTable>),
    /// The sorted files of a mirror, of which a search reads only the pages that it needs. People
    /// are called by their identifiers, or by number if it does not say whose they are.
    Mirror(Box<MirrorVisits>),
}

/// The sorted files of a mirror, and whose number is which.
#[derive(Debug)]
pub struct MirrorVisits {
    files: VisitFiles,
    people: Option<PersonFinder>,
}

/// What to call the people of some contacts.
#[derive(Debug)]
pub enum ContactNames<'v> {
    /// As the table calls them.
    Table(&'v VisitTable),
    /// By these names; others by number.
    Mirror(BTreeMap<u32, String>),
}

impl FolderVisits {
    /// Opens the sorted files of visits in `dir`, or reads the table of visits. Where there are only
    /// companions nobody has a visit.
    ///
    /// # Errors
    /// [`FileError`] if there is nothing to trace, if they cannot be read as a whole, or if the table would
    /// not fit into memory.
    pub fn load(dir: &Path, reading: Reading<'_>) -> Result<Self, FileError> {
        if let Some(visits) = Self::find(dir, reading)? {
            return Ok(visits);
        }
        if find_table(dir, &COMPANIONS)?.is_some() {
            return Ok(Self::Table(Box::new(VisitTable::empty())));
        }
        Err(FileError::NoTables {
            dir: dir.to_owned(),
            expected: "visits.csv, visits.ndjson, visits.parquet or companions.csv".into(),
        })
    }

    /// As [`Self::load`]; `None` if there is neither.
    pub(crate) fn find(dir: &Path, reading: Reading<'_>) -> Result<Option<Self>, FileError> {
        if has_visits(dir)? {
            return MirrorVisits::open(dir).map(|visits| Some(Self::Mirror(Box::new(visits))));
        }
        let table = find_table(dir, &VISITS)?;
        // The evidence of visits in a mirror does not say where they were.
        let table = table.filter(|path| !was_mirrored(path));
        table
            .map(|path| VisitTable::read(&path, reading).map(|table| Self::Table(Box::new(table))))
            .transpose()
    }

    /// What became of the table.
    pub fn reports(&self) -> &[FileReport] {
        match self {
            Self::Table(table) => table.report.as_slice(),
            Self::Mirror(_) => &[],
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Table(table) => table.bytes() as u64,
            Self::Mirror(_) => 0,
        }
    }

    /// How many people the visits name; their numbers are smaller.
    pub fn people(&self) -> u32 {
        match self {
            Self::Table(table) => table.count(),
            Self::Mirror(mirror) => mirror.files.people(),
        }
    }

    /// What to call the people of contacts that [`Self::trace`] found.
    ///
    /// # Errors
    /// [`FileError`] if a file of a mirror cannot be read.
    pub fn names(&self, contacts: &[Contact<u32>]) -> Result<ContactNames<'_>, FileError> {
        match self {
            Self::Table(table) => Ok(ContactNames::Table(table)),
            Self::Mirror(mirror) => mirror.names(contacts).map(ContactNames::Mirror),
        }
    }

    /// The most bytes that [`Self::names`] takes for so many contacts.
    pub(crate) fn bytes_of_names(&self, contacts: usize) -> usize {
        /// An identifier as text, and its place in a map.
        const NAME: usize = 128;
        match self {
            Self::Table(_) => 0,
            Self::Mirror(mirror) => {
                let named = 3 * contacts;
                named * size_of::<u32>() + named.min(mirror.files.people() as usize) * NAME
            }
        }
    }

    /// The number of a person; `None` if no visit names them. In a mirror people may also be named by
    /// number.
    ///
    /// # Errors
    /// [`FileError`] if a file of a mirror cannot be read.
    pub fn number(&self, name: &str) -> Result<Option<u32>, FileError> {
        match self {
            Self::Table(table) => Ok(table.number(name)),
            Self::Mirror(mirror) => mirror.number(name),
        }
    }

    /// How many people have a name that comes before this one; `None` if they are not in order of
    /// name.
    pub(crate) fn before(&self, name: &str) -> Option<u32> {
        match self {
            Self::Table(table) => u32::try_from(table.before(name)).ok(),
            Self::Mirror(_) => None,
        }
    }

    /// The venues where two or more cases were, those with most cases first, then in order of name. A
    /// mirror calls venues by number. Days are those of `zone`.
    ///
    /// # Errors
    /// [`FileError`] if a file of a mirror cannot be read, or if the visits of the cases take more than
    /// the room there is beside the others.
    pub fn shared_venues(
        &self,
        cases: &[Case<u32>],
        zone: &TimeZone,
        room: &Room,
    ) -> Result<Vec<SharedVenue<String>>, FileError> {
        let shared = match self {
            Self::Table(table) => table.shared_venues(cases, zone, room)?,
            Self::Mirror(mirror) => {
                let (source, room) = (&mirror.files, room.beside(0));
                shared_venues(&Within { source, room }, cases, zone)?
            }
        };
        let name = |venue: u32| match self {
            Self::Table(table) => table.venues.name(venue).to_owned(),
            Self::Mirror(_) => venue.to_string(),
        };
        let mut shared: Vec<_> = shared.into_iter().map(|one| one.map(name)).collect();
        if let Self::Table(_) = self {
            shared.sort_by(|a, b| (b.cases, &a.venue).cmp(&(a.cases, &b.venue)));
        }
        Ok(shared)
    }

    /// Finds the contacts of every case, in order of case, ring, person and day.
    ///
    /// # Errors
    /// [`FileError`] if a file of a mirror cannot be read, or if they take more than the room there is
    /// beside the visits.
    pub fn trace(
        &self,
        cases: &[Case<u32>],
        search: &Search,
        room: &Room,
    ) -> Result<Vec<Contact<u32>>, FileError> {
        self.trace_beside(cases, search, &[], room)
    }

    /// The same, where some people are in a ring already.
    ///
    /// # Errors
    /// As [`Self::trace`].
    pub fn trace_beside(
        &self,
        cases: &[Case<u32>],
        search: &Search,
        placed: &[Placed<u32>],
        room: &Room,
    ) -> Result<Vec<Contact<u32>>, FileError> {
        match self {
            Self::Table(table) => table.trace_beside(cases, search, placed, room),
            Self::Mirror(mirror) => search_within(&mirror.files, cases, search, placed, room, 0),
        }
    }
}

impl MirrorVisits {
    fn open(dir: &Path) -> Result<Self, FileError> {
        let files = VisitFiles::open(dir)?;
        let people = PersonFinder::open(dir)?;
        if let Some(people) = people.as_ref().filter(|one| one.people() != files.people()) {
            return Err(FileError::NotMirror {
                path: dir.to_owned(),
                why: format!(
                    "its files of visits know {} people, its file of people {}; they were not written together",
                    files.people(),
                    people.people()
                ),
            });
        }
        Ok(Self { files, people })
    }

    fn number(&self, name: &str) -> Result<Option<u32>, FileError> {
        match (&self.people, name.parse::<PersonId>()) {
            (Some(people), Ok(id)) => people.number(id),
            _ => Ok(name
                .parse()
                .ok()
                .filter(|number| *number < self.files.people())),
        }
    }

    fn names(&self, contacts: &[Contact<u32>]) -> Result<BTreeMap<u32, String>, FileError> {
        let Some(people) = &self.people else {
            return Ok(BTreeMap::new());
        };
        let named = contacts
            .iter()
            .flat_map(|one| [one.case, one.person, one.through]);
        let known = |number: &u32| *number < self.files.people();
        let mut numbers: Vec<u32> = named.filter(known).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let ids = people.ids(&numbers)?.into_iter().map(|id| id.to_string());
        Ok(numbers.into_iter().zip(ids).collect())
    }
}

impl ContactNames<'_> {
    /// The name of a person.
    pub fn of(&self, person: u32) -> Cow<'_, str> {
        match self {
            Self::Table(table) => table.name(person).into(),
            Self::Mirror(names) => match names.get(&person) {
                Some(name) => name.into(),
                None => person.to_string().into(),
            },
        }
    }
}

/// A table of visits in memory. People are numbers in order of name, venues in any order.
///
/// The first ring is found among the visits as they came; a search for more puts them in order once.
#[derive(Debug)]
pub struct VisitTable {
    people: Interned,
    /// By number the order of appearance, which the names have, and the other way round.
    appearance: Vec<u32>,
    numbers: Vec<u32>,
    venues: Interned,
    /// As they came, people in order of appearance. None once they are in order.
    rows: Mutex<Vec<VisitRows>>,
    in_order: OnceLock<VisitColumns>,
    /// What became of the file; `None` if there is none.
    report: Option<FileReport>,
}

impl VisitTable {
    fn empty() -> Self {
        Self {
            people: Interned::default(),
            appearance: Vec::new(),
            numbers: Vec::new(),
            venues: Interned::default(),
            rows: Mutex::default(),
            in_order: OnceLock::new(),
            report: None,
        }
    }

    /// Reads a table of visits.
    ///
    /// # Errors
    /// [`FileError`] if it cannot be read as a whole, or would not fit into memory.
    pub fn read(path: &Path, reading: Reading<'_>) -> Result<Self, FileError> {
        let mut reading = reading;
        reading.memory = reading.memory.fixed();
        let file = Listed::new(path.to_owned())?;
        reading.memory.check(path, file.as_visits())?;
        let read = read_visits(path, &mut reading).map_err(|why| match why {
            NotRead::File(error) => error,
            // Time outside that of the columns is cut off, so all visits fit.
            NotRead::DoesNotFit(why) => FileError::damaged(path, &why),
        });
        let (
            ReadVisits {
                people,
                venues,
                rows,
                ..
            },
            report,
        ) = read?;
        let appearance = people.in_order();
        let mut numbers = vec![0; appearance.len()];
        for (number, appeared) in (0..).zip(&appearance) {
            numbers[*appeared as usize] = number;
        }
        Ok(Self {
            people,
            appearance,
            numbers,
            venues,
            rows: Mutex::new(rows),
            in_order: OnceLock::new(),
            report: Some(report),
        })
    }

    fn trace_beside(
        &self,
        cases: &[Case<u32>],
        search: &Search,
        placed: &[Placed<u32>],
        room: &Room,
    ) -> Result<Vec<Contact<u32>>, FileError> {
        let all = match self.in_order.get() {
            None if search.rings < 2 => {
                /// Of a visit that came near, as it is found and in order.
                const NEAR: usize = 40;
                let own = self.as_appeared(cases);
                let beside = room.beside(self.bytes() as u64);
                let may_hold = |bytes| beside.check(bytes);
                let venues = count(&self.venues);
                let near = nearby(&self.rows(), &own, self.count(), venues, &may_hold)?;
                may_hold((near.len() * NEAR) as u64)?;
                let near = self.put_in_order(near);
                let taken = (self.bytes() + near.bytes()) as u64;
                return search_within(&near, cases, search, placed, room, taken);
            }
            None => self.in_order.get_or_init(|| {
                let rows = std::mem::take(&mut *self.rows());
                self.put_in_order(VisitRows::together(rows))
            }),
            Some(all) => all,
        };
        search_within(all, cases, search, placed, room, self.bytes() as u64)
    }

    fn put_in_order(&self, mut rows: VisitRows) -> VisitColumns {
        for person in &mut rows.person {
            *person = self.numbers[*person as usize];
        }
        VisitColumns::new(self.count(), count(&self.venues), rows)
    }

    fn shared_venues(
        &self,
        cases: &[Case<u32>],
        zone: &TimeZone,
        room: &Room,
    ) -> Result<Vec<SharedVenue<u32>>, FileError> {
        let room = room.beside(self.bytes() as u64);
        match self.in_order.get() {
            Some(source) => shared_venues(&Within { source, room }, cases, zone),
            None => {
                let own = self.as_appeared(cases);
                let may_hold = |bytes| room.check(bytes);
                shared_venues_of(&self.rows(), &own, self.count(), zone, &may_hold)
            }
        }
    }

    /// The cases whom a visit names, by order of appearance.
    fn as_appeared(&self, cases: &[Case<u32>]) -> Vec<Case<u32>> {
        let as_appeared = |case: &Case<u32>| {
            let person = *self.appearance.get(case.person as usize)?;
            Some(Case { person, ..*case })
        };
        cases.iter().filter_map(as_appeared).collect()
    }

    fn rows(&self) -> MutexGuard<'_, Vec<VisitRows>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self) -> u32 {
        count(&self.people)
    }

    /// The name of a person.
    pub fn name(&self, person: u32) -> &str {
        let number = self.appearance.get(person as usize);
        number.map_or("", |number| self.people.name(*number))
    }

    /// The number of a person; `None` if no visit names them.
    pub fn number(&self, name: &str) -> Option<u32> {
        let appeared = self.people.find(name)?;
        self.numbers.get(appeared as usize).copied()
    }

    fn bytes(&self) -> usize {
        let rows = self.rows();
        let rows = rows.iter().map(|rows| rows.person.capacity() * 16);
        let ordered = self.in_order.get().map_or(0, VisitColumns::bytes);
        let names = self.people.bytes() + self.venues.bytes();
        rows.sum::<usize>() + ordered + names + self.people.len() * 8
    }

    fn before(&self, name: &str) -> usize {
        let name_of = |appeared: &u32| self.people.name(*appeared);
        self.appearance
            .partition_point(|appeared| name_of(appeared) < name)
    }
}

/// Searches visits that take `taken` bytes.
fn search_within<S: Source>(
    source: &S,
    cases: &[Case<u32>],
    search: &Search,
    placed: &[Placed<u32>],
    room: &Room,
    taken: u64,
) -> Result<Vec<Contact<u32>>, FileError>
where
    FileError: From<S::Error>,
{
    let room = room.beside(taken);
    engine::trace::search(&Within { source, room }, cases, search, placed)
}

fn count(names: &Interned) -> u32 {
    u32::try_from(names.len()).unwrap_or(u32::MAX)
}
