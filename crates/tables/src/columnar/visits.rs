//! A table of visits as lists, to be traced.

use std::path::Path;

use engine::trace::VisitRows;

use super::piece::{As, Piece};
use super::read::{NotRead, TableFile, Taker, read_files};
use crate::files::{FileReport, Interned, NameHasher, Reading, VISITS};

/// Visits in the order of the file. People and venues have numbers in order of appearance.
#[derive(Debug, Default)]
pub(crate) struct ReadVisits {
    pub(crate) people: Interned,
    pub(crate) venues: Interned,
    pub(crate) rows: VisitRows,
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
    visits.rows.reserve(file.rows().unwrap_or(0));
    let mut reports = read_files(path, &[file], &mut visits, reading)?;
    Ok((visits, reports.pop().unwrap_or(report)))
}

impl Taker for ReadVisits {
    fn hashers(&self) -> [NameHasher; 2] {
        [self.people.hasher(), self.venues.hasher()]
    }

    fn take(&mut self, _: usize, piece: Piece) -> Result<(), NotRead> {
        let people = piece.people.numbered(&mut self.people);
        let venues = piece.others.numbered(&mut self.venues);
        let (own, rows) = (piece.visits, &mut self.rows);
        rows.person
            .extend(own.person.iter().map(|place| people[*place as usize]));
        rows.venue
            .extend(own.venue.iter().map(|place| venues[*place as usize]));
        rows.entered.extend(own.entered);
        rows.left.extend(own.left);
        Ok(())
    }

    fn memory(&self) -> u64 {
        // Putting them in order takes as much again.
        let rows = self.rows.len() * 40;
        (rows + self.people.bytes() + self.venues.bytes()) as u64
    }
}
