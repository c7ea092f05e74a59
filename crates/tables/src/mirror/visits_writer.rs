//! Writing the visits of a mirror for tracing, page by page.
//!
//! They come in order of venue and entry and are written as they come. Whose number is which is
//! looked up among the identifiers of everybody in the mirror, which are in memory. The order by
//! person is made outside memory.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use domain::{PersonId, Timestamp, VenueId};
use engine::columns::{Columns, List, Seconds};
use engine::trace::{Span, Visit, span_of};

use super::layout::Content;
use super::manifest::Manifest;
use super::persons::Persons;
use super::runs::Runs;
use super::stream::Closed;
use super::visits::{
    BY_PERSON, BY_PERSON_INDEX, BY_VENUE, BY_VENUE_INDEX, FROM_KEY, UNTIL_KEY, VENUES_KEY,
};
use super::write::{OpenTable, Words};
use super::{Memory, PAGE};
use crate::files::FileError;

const VISITS: [&str; 4] = ["person", "venue", "entered", "left"];

/// The visits of a mirror whose evidence is written.
pub struct VisitsWriter {
    mirror: Closed,
    /// In order; the place is the number.
    people: Vec<PersonId>,
    by_venue: NumberTable<4>,
    venue_index: NumberTable<2>,
    runs: Runs,
    /// The venue whose visits are written, the first of them, and the longest so far.
    venue: Option<(VenueId, u32, Seconds)>,
    venues: u32,
    rows: u32,
    extent: Option<Span>,
    last: Option<(VenueId, Timestamp)>,
    left_out: u64,
}

impl VisitsWriter {
    /// What writing the visits takes in memory at most, for so many people.
    pub const fn memory(people: u64) -> u64 {
        // Each table keeps a page of its rows, and a row group as it will be written.
        people * 16 + Runs::MEMORY + (96 << 20)
    }

    pub(super) fn begin(mirror: Closed, memory: Memory) -> Result<Self, FileError> {
        let dir = mirror.dir.clone();
        let persons = Persons::open(&dir)?;
        memory.check(&dir, Self::memory(persons.people().into()))?;
        let mut people = Vec::with_capacity(persons.people() as usize);
        for person in persons {
            people.push(person?.id);
        }
        let failed = |why| FileError::write(&dir, why);
        Ok(Self {
            by_venue: NumberTable::begin(&dir, BY_VENUE, VISITS).map_err(failed)?,
            venue_index: NumberTable::begin(&dir, BY_VENUE_INDEX, ["first_row", "longest"])
                .map_err(failed)?,
            runs: Runs::begin(&dir.join(".runs")),
            mirror,
            people,
            venue: None,
            venues: 0,
            rows: 0,
            extent: None,
            last: None,
            left_out: 0,
        })
    }

    /// Adds a page of visits, which come in order of venue and entry. Visits of people whom the
    /// mirror does not know are left out, and so are those that end before they begin.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn add(&mut self, page: &[Visit<PersonId, VenueId>]) -> Result<(), FileError> {
        let added = page.iter().try_for_each(|visit| self.try_add(visit));
        added.map_err(|why| FileError::write(&self.mirror.dir, why))
    }

    fn try_add(&mut self, visit: &Visit<PersonId, VenueId>) -> io::Result<()> {
        let place = (visit.venue, visit.entered);
        if self.last.is_some_and(|last| last > place) {
            return Err(io::Error::other(
                "visits must come in order of venue and entry",
            ));
        }
        self.last = Some(place);
        let Ok(person) = self.people.binary_search(&visit.person) else {
            self.left_out += 1;
            return Ok(());
        };
        let span = span_of(visit.entered, visit.left);
        if span.from >= span.until {
            return Ok(());
        }
        let longest = match self.venue {
            Some((venue, _, longest)) if venue == visit.venue => longest,
            _ => {
                self.end_venue()?;
                self.venues = self.venues.checked_add(1).ok_or_else(too_many)?;
                0
            }
        };
        let first = match self.venue {
            Some((_, first, _)) => first,
            None => self.rows,
        };
        let longest = longest.max(span.until - span.from);
        self.venue = Some((visit.venue, first, longest));
        let person = u32::try_from(person).map_err(io::Error::other)?;
        let row = [person, self.venues - 1, span.from, span.until];
        self.by_venue.push(row)?;
        self.runs.push(row)?;
        self.rows = self.rows.checked_add(1).ok_or_else(too_many)?;
        self.extent = Some(self.extent.map_or(span, |extent| extent.cover(span)));
        Ok(())
    }

    fn end_venue(&mut self) -> io::Result<()> {
        match self.venue.take() {
            Some((_, first, longest)) => self.venue_index.push([first, longest]),
            None => Ok(()),
        }
    }

    /// How many visits were left out because the mirror does not know whose they are.
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Writes the visits in order of person, the ends of all files and the list of them, all on disk
    /// when this returns. The list, and its hash.
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn finish(mut self) -> Result<(Manifest, [u8; 32]), FileError> {
        let written = self.write_rest();
        written.map_err(|why| FileError::write(&self.mirror.dir, why))?;
        let mut mirror = self.mirror;
        for name in [BY_VENUE, BY_VENUE_INDEX, BY_PERSON, BY_PERSON_INDEX] {
            mirror.names.push(format!("{name}.parquet"));
        }
        mirror.list()
    }

    fn write_rest(&mut self) -> io::Result<()> {
        let dir = self.mirror.dir.clone();
        let people = u32::try_from(self.people.len()).map_err(io::Error::other)?;
        self.people = Vec::new();
        self.end_venue()?;
        // The last row of the index only says where the last venue ends.
        self.venue_index.push([self.rows, 0])?;
        let extent = self.extent.unwrap_or(Span { from: 0, until: 0 });
        let notes = || {
            vec![
                (VENUES_KEY, self.venues.to_string()),
                (FROM_KEY, extent.from.to_string()),
                (UNTIL_KEY, extent.until.to_string()),
            ]
        };
        self.by_venue.finish(people, notes())?;
        self.venue_index.finish(people, Vec::new())?;

        let mut by_person = NumberTable::begin(&dir, BY_PERSON, VISITS)?;
        let mut index = NumberTable::begin(&dir, BY_PERSON_INDEX, ["first_row"])?;
        let (mut next, mut rows) = (0, 0);
        let runs = std::mem::replace(&mut self.runs, Runs::begin(&dir.join(".runs")));
        runs.merge(|row| {
            while next <= row[0] {
                index.push([rows])?;
                next += 1;
            }
            rows += 1;
            by_person.push(row)
        })?;
        while next <= people {
            index.push([rows])?;
            next += 1;
        }
        by_person.finish(people, notes())?;
        index.finish(people, Vec::new())
    }
}

/// A file with columns of numbers that takes rows until it is finished.
struct NumberTable<const N: usize> {
    path: PathBuf,
    /// `None` once it is finished.
    table: Option<OpenTable>,
    lists: [Vec<u32>; N],
    words: Words,
}

impl<const N: usize> NumberTable<N> {
    fn begin(dir: &Path, name: &'static str, columns: [&'static str; N]) -> io::Result<Self> {
        let path = dir.join(format!("{name}.parquet"));
        let columns = columns.map(|column| (column, Content::Numbers));
        let table = OpenTable::begin(File::create_new(&path)?, name, columns.into())?;
        Ok(Self {
            path,
            table: Some(table),
            lists: [const { Vec::new() }; N],
            words: Words::new(&Columns::default()),
        })
    }

    fn push(&mut self, row: [u32; N]) -> io::Result<()> {
        for (list, number) in self.lists.iter_mut().zip(row) {
            list.push(number);
        }
        if self.lists[0].len() == PAGE {
            self.write_page()?;
        }
        Ok(())
    }

    fn write_page(&mut self) -> io::Result<()> {
        let rows = self.lists[0].len();
        if let Some(table) = self.table.as_mut().filter(|_| rows > 0) {
            let lists = self.lists.each_ref().map(|list| List::Wide(list));
            table.add(&self.words, &lists, 0..rows)?;
        }
        self.lists.iter_mut().for_each(Vec::clear);
        Ok(())
    }

    fn finish(&mut self, people: u32, notes: Vec<(&'static str, String)>) -> io::Result<()> {
        self.write_page()?;
        match self.table.take() {
            Some(table) => table.finish(people, notes)?.sync_all(),
            None => Err(io::Error::other(format!(
                "{} was finished before",
                self.path.display()
            ))),
        }
    }
}

fn too_many() -> io::Error {
    io::Error::other("there are more visits or venues than 32 bits count")
}
