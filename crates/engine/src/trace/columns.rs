//! Visits as columns: sorted by venue and entry, with an index by venue and one by person.

use super::sort::{by_person, by_venue, range, starts};
use super::source::Source;
use super::span::{Span, unix_seconds};
use super::{LONGEST_OPEN_VISIT, Visit};
use crate::columns::{Seconds, partition_near};

/// How many visits of a venue share one entry in the list of latest ends.
const BLOCK: usize = 64;

/// From here on it pays to look whether a block can be skipped.
const LONG: usize = 4 * BLOCK;

/// Visits in the order in which they came, one entry each in four lists.
#[derive(Clone, Debug, Default)]
pub struct VisitRows {
    /// Who, as a number.
    pub person: Vec<u32>,
    /// Where, as a number.
    pub venue: Vec<u32>,
    /// The first second.
    pub entered: Vec<Seconds>,
    /// The first second after.
    pub left: Vec<Seconds>,
}

impl VisitRows {
    /// Adds a visit; one that ends before it begins is left out. A visit that nobody ended ends
    /// [`LONGEST_OPEN_VISIT`] after its entry. Time before 1970 and after 2106 is cut off.
    pub fn push(&mut self, visit: Visit<u32, u32>) {
        let Span { from, until } = span_of(visit.entered, visit.left);
        if from < until {
            self.person.push(visit.person);
            self.venue.push(visit.venue);
            self.entered.push(from);
            self.left.push(until);
        }
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, visits: usize) {
        for list in [
            &mut self.person,
            &mut self.venue,
            &mut self.entered,
            &mut self.left,
        ] {
            list.reserve(visits);
        }
    }

    /// How many visits.
    pub fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }
}

/// When a visit begins and ends, by the rule for visits that nobody ended.
pub fn span_of(entered: jiff::Timestamp, left: Option<jiff::Timestamp>) -> Span {
    let longest = || entered.checked_add(LONGEST_OPEN_VISIT);
    let left = left.unwrap_or_else(|| longest().unwrap_or(jiff::Timestamp::MAX));
    Span {
        from: unix_seconds(entered),
        until: unix_seconds(left),
    }
}

/// Visits sorted by venue and entry, ready to be traced. People and venues are dense numbers.
///
/// Takes 20 bytes a visit, 4 a person and 8 a venue: 2.06 GB for 100 million visits of 10 million
/// people to 2 million venues.
#[derive(Clone, Debug, Default)]
pub struct VisitColumns {
    person: Vec<u32>,
    venue: Vec<u32>,
    entered: Vec<Seconds>,
    left: Vec<Seconds>,
    /// Where each venue's visits begin, and where the last one's end.
    venue_starts: Vec<u32>,
    /// No visit to the venue lasts longer.
    longest: Vec<Seconds>,
    /// For each [`BLOCK`] of visits the latest end among them.
    latest: Vec<Seconds>,
    /// The visits in order of person.
    by_person: Vec<u32>,
    person_starts: Vec<u32>,
    extent: Option<Span>,
}

impl VisitColumns {
    /// Sorts visits of people `0..people` to venues `0..venues`. Visits that are already in order of
    /// venue and entry stay where they are.
    ///
    /// # Panics
    /// If a number lies outside, if the lists differ in length, or if there are 2^32 visits or more.
    pub fn new(people: u32, venues: u32, rows: VisitRows) -> Self {
        let count = rows.len();
        assert!(
            u32::try_from(count).is_ok(),
            "2^32 visits or more do not fit one index"
        );
        let lengths = [rows.venue.len(), rows.entered.len(), rows.left.len()];
        assert!(
            lengths.iter().all(|length| *length == count),
            "the lists differ in length"
        );
        let venue_starts = starts(venues, &rows.venue);
        let rows = if Self::first_out_of_order(&rows).is_none() {
            rows
        } else {
            by_venue(rows, &venue_starts)
        };
        let mut columns = Self {
            person: rows.person,
            venue: rows.venue,
            entered: rows.entered,
            left: rows.left,
            venue_starts,
            ..Self::default()
        };
        columns.index(people);
        columns
    }

    /// The first row that comes before the one above it in the order of venue and entry.
    pub fn first_out_of_order(rows: &VisitRows) -> Option<usize> {
        let keys = || rows.venue.iter().zip(&rows.entered);
        let falls = |(above, below): (_, _)| above > below;
        keys()
            .zip(keys().skip(1))
            .position(falls)
            .map(|place| place + 1)
    }

    /// How many people there may be.
    pub fn people(&self) -> usize {
        self.person_starts.len().saturating_sub(1)
    }

    /// How many venues there may be.
    pub fn venues(&self) -> usize {
        self.venue_starts.len().saturating_sub(1)
    }

    /// How many visits.
    pub fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let lists = [
            &self.person,
            &self.venue,
            &self.entered,
            &self.left,
            &self.venue_starts,
            &self.longest,
            &self.latest,
            &self.by_person,
            &self.person_starts,
        ];
        lists.iter().map(|list| list.capacity() * 4).sum()
    }

    /// The visits in order of venue and entry: person, venue, entered, left.
    pub fn lists(&self) -> [&[u32]; 4] {
        [&self.person, &self.venue, &self.entered, &self.left]
    }

    /// The visits in order of person.
    pub fn by_person(&self) -> &[u32] {
        &self.by_person
    }

    /// Where each venue's visits begin in order of venue, and the longest of each.
    pub fn venue_index(&self) -> (&[u32], &[Seconds]) {
        (&self.venue_starts, &self.longest)
    }

    /// Where each person's visits begin in order of person.
    pub fn person_index(&self) -> &[u32] {
        &self.person_starts
    }

    /// The rows of a person, in no order that means anything.
    pub(super) fn rows_of(&self, person: u32) -> &[u32] {
        &self.by_person[range(&self.person_starts, person)]
    }

    /// About where a timestamp lies among `count` entries, if they are spread evenly.
    fn guess(&self, count: usize, at: Seconds) -> usize {
        let Some(Span { from, until }) = self.extent else {
            return 0;
        };
        let part = u64::from(at.clamp(from, until) - from) * count as u64;
        (part / u64::from((until - from).max(1))) as usize
    }

    fn index(&mut self, people: u32) {
        let stays = self.entered.iter().zip(&self.left);
        let from = self.entered.iter().min();
        let until = self.left.iter().max();
        self.extent = from.zip(until).map(|(from, until)| Span {
            from: *from,
            until: *until,
        });
        let mut longest = vec![0; self.venue_starts.len().saturating_sub(1)];
        for (venue, (entered, left)) in self.venue.iter().zip(stays) {
            let length = left.saturating_sub(*entered);
            let longest: &mut Seconds = &mut longest[*venue as usize];
            *longest = (*longest).max(length);
        }
        self.longest = longest;
        let block_end = |block: &[Seconds]| block.iter().max().copied();
        self.latest = self.left.chunks(BLOCK).filter_map(block_end).collect();
        self.person_starts = starts(people, &self.person);
        self.by_person = by_person(&self.person, &self.person_starts);
    }
}

impl Source for VisitColumns {
    type Error = std::convert::Infallible;
    type Scratch = ();

    fn extent(&self) -> Option<Span> {
        self.extent
    }

    fn rows(&self) -> usize {
        self.len()
    }

    fn visits_of(
        &self,
        (): &mut (),
        person: u32,
        during: Span,
        mut each: impl FnMut(u32, Span),
    ) -> Result<(), Self::Error> {
        for row in self.rows_of(person) {
            let row = *row as usize;
            let span = Span {
                from: self.entered[row],
                until: self.left[row],
            };
            if span.from < during.until && span.until > during.from {
                each(self.venue[row], span);
            }
        }
        Ok(())
    }

    fn announce_people(&self, people: &mut dyn Iterator<Item = u32>) {
        let people: Vec<u32> = people.collect();
        let rows: Vec<&[u32]> = people.iter().map(|person| self.rows_of(*person)).collect();
        touch(rows.iter().filter_map(|rows| rows.first().copied()));
        let rows = || rows.iter().copied().flatten().map(|row| *row as usize);
        touch(rows().map(|row| self.entered[row]));
        touch(rows().map(|row| self.left[row]));
        touch(rows().map(|row| self.venue[row]));
    }

    fn announce_venues(&self, intervals: &mut dyn Iterator<Item = (u32, Seconds)>) {
        let intervals: Vec<(u32, Seconds)> = intervals.collect();
        let rows = intervals.iter().map(|(venue, from)| {
            let at_venue = range(&self.venue_starts, *venue);
            let gone = from.saturating_sub(self.longest.get(*venue as usize).copied().unwrap_or(0));
            at_venue.start + self.guess(at_venue.len(), gone)
        });
        let rows: Vec<usize> = rows.filter(|row| *row < self.len()).collect();
        touch(rows.iter().map(|row| self.entered[*row]));
        touch(rows.iter().map(|row| self.left[*row]));
        touch(rows.iter().map(|row| self.person[*row]));
    }

    fn present_at(
        &self,
        (): &mut (),
        venue: u32,
        during: Span,
        mut each: impl FnMut(u32, Span),
    ) -> Result<(), Self::Error> {
        let at_venue = range(&self.venue_starts, venue);
        let Some(longest) = self.longest.get(venue as usize) else {
            return Ok(());
        };
        // A visitor who entered so early has left by the time it begins.
        let gone = during.from.checked_sub(*longest);
        let entered = &self.entered[at_venue.clone()];
        let first = gone.map_or(0, |gone| {
            partition_near(entered, self.guess(entered.len(), gone), |at| at <= gone)
        });
        let count = partition_near(&entered[first..], 0, |at| at < during.until);
        let (first, end) = (at_venue.start + first, at_venue.start + first + count);
        // Most have left before. Those who have not are picked out without a branch first.
        let mut look_at = |rows: std::ops::Range<usize>| {
            for start in rows.clone().step_by(BLOCK) {
                let (mut there, mut count) = ([0_usize; BLOCK], 0);
                for row in start..rows.end.min(start + BLOCK) {
                    there[count] = row;
                    count += usize::from(self.left[row] > during.from);
                }
                for row in &there[..count] {
                    let visit = Span {
                        from: self.entered[*row],
                        until: self.left[*row],
                    };
                    if let Some(span) = visit.overlap(during) {
                        each(self.person[*row], span);
                    }
                }
            }
        };
        if count <= LONG {
            look_at(first..end);
            return Ok(());
        }
        for block in first / BLOCK..end.div_ceil(BLOCK) {
            if self.latest[block] > during.from {
                look_at((block * BLOCK).max(first)..((block + 1) * BLOCK).min(end));
            }
        }
        Ok(())
    }
}

/// Reads values only so that they are near when they are needed.
fn touch(values: impl Iterator<Item = u32>) {
    std::hint::black_box(values.fold(0, u32::wrapping_add));
}
