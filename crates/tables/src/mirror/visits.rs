//! Visits in files, to be traced without reading them all.
//!
//! | file | columns | order |
//! |---|---|---|
//! | `visits_by_venue` | person, venue, entered, left | venue, entered |
//! | `visits_by_venue_index` | first_row, longest | one row a venue from 0, and one more |
//! | `visits_by_person` | person, venue, entered, left | person |
//! | `visits_by_person_index` | first_row | one row a person from 0, and one more |
//!
//! All are numbers; `entered` and `left` are Unix seconds. A visit that nobody ended has the end that
//! [`engine::trace`] gives it. `first_row` counts rows of the file from 0; `longest` is the length of
//! the longest visit to the venue in seconds.
//!
//! A search reads the index entries, entries and ends that it looks at, and nothing else. Where a row
//! lies in the file follows from the index of pages, because the values are neither compressed nor
//! encoded.

use std::path::Path;

use engine::columns::{Columns, List, Seconds};
use engine::parallel::parallel_map;
use engine::trace::{self, Case, Contact, Placed, Search, Source, Span, VisitColumns, VisitRows};

use super::Memory;
use super::decode::numbers;
use super::file::{MirrorFile, Page};
use super::layout::{Content, Field};
use super::write::{Folder, TableWriter};
use crate::files::FileError;

pub(super) const BY_VENUE: &str = "visits_by_venue";
pub(super) const BY_VENUE_INDEX: &str = "visits_by_venue_index";
pub(super) const BY_PERSON: &str = "visits_by_person";
pub(super) const BY_PERSON_INDEX: &str = "visits_by_person_index";
pub(super) const VENUES_KEY: &str = "healthcode.venues";
pub(super) const FROM_KEY: &str = "healthcode.from";
pub(super) const UNTIL_KEY: &str = "healthcode.until";

/// Writes the four files into the folder `dir`, which is replaced as a whole if it is there.
///
/// # Errors
/// [`FileError::Write`]; a folder that was there stays.
pub fn write_visits(visits: &VisitColumns, dir: &Path) -> Result<(), FileError> {
    let folder = Folder::begin(dir)?;
    let people = u32::try_from(visits.people()).unwrap_or(u32::MAX);
    let (first_row, longest) = visits.venue_index();
    // The last row of the index only says where the last venue ends.
    let longest: Vec<Seconds> = longest.iter().copied().chain([0]).collect();
    let of_person: [Vec<u32>; 4] = visits.lists().map(|list| {
        visits
            .by_person()
            .iter()
            .map(|row| list[*row as usize])
            .collect()
    });
    let no_names = Columns::default();
    let table = |name, lists: [&[u32]; 4]| {
        let extent = visits.extent().unwrap_or(Span { from: 0, until: 0 });
        let mut table = TableWriter::new(name, people);
        for (name, list) in ["person", "venue", "entered", "left"]
            .into_iter()
            .zip(lists)
        {
            table.column(name, Content::Numbers, List::Wide(list));
        }
        table.note(VENUES_KEY, visits.venues().to_string());
        table.note(FROM_KEY, extent.from.to_string());
        table.note(UNTIL_KEY, extent.until.to_string());
        table.write(&folder, &no_names)
    };
    let index = |name, first_row, longest: Option<&[u32]>| {
        let mut table = TableWriter::new(name, people);
        table.column("first_row", Content::Numbers, List::Wide(first_row));
        if let Some(longest) = longest {
            table.column("longest", Content::Numbers, List::Wide(longest));
        }
        table.write(&folder, &no_names)
    };
    table(BY_VENUE, visits.lists())?;
    index(BY_VENUE_INDEX, first_row, Some(&longest))?;
    table(BY_PERSON, of_person.each_ref().map(Vec::as_slice))?;
    index(BY_PERSON_INDEX, visits.person_index(), None)?;
    folder.commit()
}

/// Reads all visits into memory.
///
/// # Errors
/// [`FileError`] if a file is not part of a mirror, is not in order or is damaged, or if the
/// visits would take more than `memory`.
pub fn read_visits(dir: &Path, memory: Memory) -> Result<VisitColumns, FileError> {
    let file = open(dir, BY_VENUE)?;
    let columns = columns_of(&file, ["person", "venue", "entered", "left"])?;
    let groups = file.groups();
    let count: usize = groups.iter().sum();
    let venues = venues(&file)?;
    let (people, venues_wide) = (u64::from(file.people()), u64::from(venues));
    memory.check(dir, count as u64 * 20 + people * 8 + venues_wide * 12)?;
    let mut rows = VisitRows {
        person: vec![0; count],
        venue: vec![0; count],
        entered: vec![0; count],
        left: vec![0; count],
    };
    let mut tasks = Vec::new();
    let lists = [
        &mut rows.person,
        &mut rows.venue,
        &mut rows.entered,
        &mut rows.left,
    ];
    for (column, list) in columns.into_iter().zip(lists) {
        let mut rest = &mut list[..];
        for (group, rows) in groups.iter().enumerate() {
            let (own, others) = rest.split_at_mut(*rows);
            rest = others;
            tasks.push((group, column, own));
        }
    }
    let read = parallel_map(tasks, |(group, column, list)| {
        numbers(&file, group, column, list)
    });
    read.into_iter().collect::<Result<Vec<()>, _>>()?;
    let outside = |list: &[u32], count: u32| list.iter().copied().max().is_some_and(|n| n >= count);
    if outside(&rows.person, file.people()) || outside(&rows.venue, venues) {
        return Err(file.foreign("it names a person or venue beyond the last"));
    }
    if let Some(row) = VisitColumns::first_out_of_order(&rows) {
        return Err(unsorted(&file, row as u64 + 1));
    }
    Ok(VisitColumns::new(file.people(), venues, rows))
}
/// The visits of a folder, searched where they lie.
#[derive(Debug)]
pub struct VisitFiles {
    by_venue: Numbers<4>,
    venue_index: Numbers<2>,
    by_person: Numbers<4>,
    person_index: Numbers<1>,
    extent: Option<Span>,
    rows: usize,
}

impl VisitFiles {
    /// Opens the four files in the folder `dir`.
    ///
    /// # Errors
    /// [`FileError`] if one is missing, is not part of a mirror or is damaged.
    pub fn open(dir: &Path) -> Result<Self, FileError> {
        let visits = ["person", "venue", "entered", "left"];
        let by_venue = Numbers::open(open(dir, BY_VENUE)?, visits)?;
        let by_person = Numbers::open(open(dir, BY_PERSON)?, visits)?;
        let venue_index = Numbers::open(open(dir, BY_VENUE_INDEX)?, ["first_row", "longest"])?;
        let person_index = Numbers::open(open(dir, BY_PERSON_INDEX)?, ["first_row"])?;
        let (people, venues) = (u64::from(by_venue.file.people()), venues(&by_venue.file)?);
        let together = by_person.rows == by_venue.rows
            && venue_index.rows == u64::from(venues) + 1
            && person_index.rows == people + 1;
        if !together {
            return Err(FileError::NotMirror {
                path: dir.to_owned(),
                why: "its files of visits have different lengths; they were not written together"
                    .into(),
            });
        }
        let note = |key| {
            by_venue
                .file
                .note(key)
                .and_then(|text| text.parse::<Seconds>().ok())
        };
        let (Some(from), Some(until)) = (note(FROM_KEY), note(UNTIL_KEY)) else {
            return Err(by_venue
                .file
                .foreign("it does not say from when to when it reaches"));
        };
        Ok(Self {
            extent: (from < until).then_some(Span { from, until }),
            rows: usize::try_from(by_venue.rows).unwrap_or(usize::MAX),
            by_venue,
            venue_index,
            by_person,
            person_index,
        })
    }

    /// How many people there are; their numbers are below this.
    pub fn people(&self) -> u32 {
        self.by_venue.file.people()
    }

    /// Finds the contacts of every case, in order of case, ring, person and day.
    ///
    /// # Errors
    /// [`FileError`] if a file cannot be read or is not in order where it was looked at.
    pub fn trace(
        &self,
        cases: &[Case<u32>],
        search: &Search,
    ) -> Result<Vec<Contact<u32>>, FileError> {
        self.trace_beside(cases, search, &[])
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
    ) -> Result<Vec<Contact<u32>>, FileError> {
        trace::search(self, cases, search, placed)
    }
}

/// Room to read into.
#[derive(Debug, Default)]
pub struct Scratch {
    lists: [Vec<u32>; 3],
}

impl Source for VisitFiles {
    type Error = FileError;
    type Scratch = Scratch;

    fn extent(&self) -> Option<Span> {
        self.extent
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn visits_of(
        &self,
        scratch: &mut Scratch,
        person: u32,
        during: Span,
        mut each: impl FnMut(u32, Span),
    ) -> Result<(), FileError> {
        let Some(rows) = self.person_index.rows_of(person)? else {
            return Ok(());
        };
        let [venues, entered, left] = &mut scratch.lists;
        self.by_person.read(1, rows.clone(), venues)?;
        self.by_person.read(2, rows.clone(), entered)?;
        self.by_person.read(3, rows, left)?;
        for ((venue, from), until) in venues.iter().zip(entered).zip(left) {
            if *from < during.until && *until > during.from {
                let (from, until) = (*from, *until);
                each(*venue, Span { from, until });
            }
        }
        Ok(())
    }

    fn present_at(
        &self,
        scratch: &mut Scratch,
        venue: u32,
        during: Span,
        mut each: impl FnMut(u32, Span),
    ) -> Result<(), FileError> {
        let Some(rows) = self.venue_index.rows_of(venue)? else {
            return Ok(());
        };
        let [people, entered, left] = &mut scratch.lists;
        let own = u64::from(venue);
        self.venue_index.read(1, own..own + 1, left)?;
        let gone = left
            .first()
            .and_then(|longest| during.from.checked_sub(*longest));
        self.by_venue.read(2, rows.clone(), entered)?;
        if !entered.is_sorted() {
            let place = entered
                .windows(2)
                .position(|pair| pair[0] > pair[1])
                .unwrap_or(0);
            return Err(unsorted(&self.by_venue.file, rows.start + place as u64 + 2));
        }
        let first = gone.map_or(0, |gone| entered.partition_point(|at| *at <= gone));
        let count = entered[first..].partition_point(|at| *at < during.until);
        let start = rows.start + first as u64;
        let rows = start..start + count as u64;
        self.by_venue.read(3, rows.clone(), left)?;
        self.by_venue.read(0, rows, people)?;
        for ((person, entered), left) in people.iter().zip(&entered[first..]).zip(left) {
            let visit = Span {
                from: *entered,
                until: *left,
            };
            if let Some(span) = visit.overlap(during) {
                each(*person, span);
            }
        }
        Ok(())
    }
}

/// Columns of numbers in a file, read row by row.
#[derive(Debug)]
struct Numbers<const N: usize> {
    file: MirrorFile,
    rows: u64,
    columns: [Vec<Page>; N],
}

impl<const N: usize> Numbers<N> {
    fn open(file: MirrorFile, names: [&'static str; N]) -> Result<Self, FileError> {
        let groups = file.groups();
        let mut columns = names.map(|_| Vec::new());
        for (column, pages) in columns_of(&file, names)?.into_iter().zip(&mut columns) {
            for group in 0..groups.len() {
                pages.extend(file.pages(group, column)?);
            }
        }
        let rows = groups.iter().map(|rows| *rows as u64).sum();
        Ok(Self {
            file,
            rows,
            columns,
        })
    }

    /// Fills `out` with the values of some rows.
    fn read(
        &self,
        column: usize,
        rows: std::ops::Range<u64>,
        out: &mut Vec<u32>,
    ) -> Result<(), FileError> {
        let outside = || self.file.foreign("an index points beyond the last row");
        if rows.end > self.rows || rows.start > rows.end {
            return Err(outside());
        }
        let count = usize::try_from(rows.end - rows.start).map_err(|_| outside())?;
        // What stays from before is written over.
        out.resize(count, 0);
        let pages = &self.columns[column];
        let mut place = pages.partition_point(|page| page.first + page.rows <= rows.start);
        let (mut first, mut rest) = (rows.start, &mut out[..]);
        while !rest.is_empty() {
            let page = pages.get(place).ok_or_else(outside)?;
            let here = usize::try_from(page.first + page.rows - first).unwrap_or(usize::MAX);
            let (own, others) = rest.split_at_mut(here.min(rest.len()));
            self.file.read(page, first, own)?;
            first += own.len() as u64;
            rest = others;
            place += 1;
        }
        Ok(())
    }

    /// The rows that an index gives to a number; `None` if it does not know the number.
    fn rows_of(&self, number: u32) -> Result<Option<std::ops::Range<u64>>, FileError> {
        let number = u64::from(number);
        if number + 1 >= self.rows {
            return Ok(None);
        }
        let mut bounds = Vec::with_capacity(2);
        self.read(0, number..number + 2, &mut bounds)?;
        Ok(Some(u64::from(bounds[0])..u64::from(bounds[1])))
    }
}

fn open(dir: &Path, name: &'static str) -> Result<MirrorFile, FileError> {
    let file = MirrorFile::open(dir, name)?;
    file.ok_or_else(|| FileError::NoTables {
        dir: dir.to_owned(),
        expected: format!("{name}.parquet, written as part of a mirror"),
    })
}

fn columns_of<const N: usize>(
    file: &MirrorFile,
    names: [&'static str; N],
) -> Result<[usize; N], FileError> {
    let mut columns = [0; N];
    for (column, name) in columns.iter_mut().zip(names) {
        let content = Content::Numbers;
        *column = file.column(&Field { name, content })?;
    }
    Ok(columns)
}

fn venues(file: &MirrorFile) -> Result<u32, FileError> {
    let venues = file.note(VENUES_KEY).and_then(|venues| venues.parse().ok());
    venues.ok_or_else(|| file.foreign("it does not say how many venues there are"))
}

fn unsorted(file: &MirrorFile, row: u64) -> FileError {
    FileError::Unsorted {
        path: file.path().to_owned(),
        row,
        order: "venue, then entry",
    }
}
