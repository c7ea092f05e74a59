//! A table of visits as lists, to be traced.

use std::path::Path;

use engine::parallel::parallel_map;
use engine::trace::VisitRows;

use super::piece::{As, Piece};
use super::read::{NotRead, TableFile, Taker, read_files};
use crate::files::{FileReport, Interned, NameHasher, Reading, VISITS};

/// Visits in the order of the file. People and venues have numbers in order of appearance.
#[derive(Debug, Default)]
pub(crate) struct ReadVisits {
    pub(crate) people: Interned,
    pub(crate) venues: Interned,
    pub(crate) rows: Vec<VisitRows>,
    /// By part of the rows the numbers of its people and venues, until they are put in.
    numbers: Vec<[Vec<u32>; 2]>,
}

/// Reads a table of visits.
///
/// # Errors
/// [`NotRead`].
pub(crate) fn read_visits(
    path: &Path,
    reading: &mut Reading<'_>,
) -> Result<(ReadVisits, FileReport), NotRead> {
    let file = TableFile::open(path, &VISITS, As::Visits, reading.options.now)?;
    let mut visits = ReadVisits::default();
    let report = file.nothing_read(reading);
    let mut reports = read_files(path, &[file], &mut visits, reading)?;
    let numbers = std::mem::take(&mut visits.numbers);
    let parts = visits.rows.iter_mut().zip(numbers).collect();
    parallel_map(parts, |(rows, [people, venues]): (&mut VisitRows, _)| {
        for (names, numbers) in [(&mut rows.person, people), (&mut rows.venue, venues)] {
            for name in names {
                *name = numbers[*name as usize];
            }
        }
    });
    Ok((visits, reports.pop().unwrap_or(report)))
}

impl Taker for ReadVisits {
    fn hashers(&self) -> [NameHasher; 2] {
        [self.people.hasher(), self.venues.hasher()]
    }

    fn take(&mut self, _: usize, piece: Piece) -> Result<(), NotRead> {
        let people = piece.people.numbered(&mut self.people);
        let venues = piece.others.numbered(&mut self.venues);
        self.numbers.push([people, venues]);
        self.rows.push(piece.visits);
        Ok(())
    }

    fn memory(&self) -> u64 {
        // Putting them in order takes as much again.
        let rows: usize = self
            .rows
            .iter()
            .map(|rows| rows.person.capacity() * 40)
            .sum();
        (rows + self.people.bytes() + self.venues.bytes()) as u64
    }
}
