//! Visits kept ready while they arrive.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::Hash;

use jiff::Timestamp;

use super::columns::span_of;
use super::source::Source;
use super::span::{Span, second};
use super::{Case, Contact, Search, Visit, VisitColumns, VisitRows, number};
use crate::columns::Seconds;

/// So many new visits are searched beside the sorted ones without cost worth mentioning.
const FEW: usize = 1 << 16;

/// The visits of the last days, in memory and up to date.
///
/// New visits go to a short list with an index of its own; [`VisitIndex::merge`] moves them in among
/// the sorted ones and forgets the old ones. A search sees both, so nothing waits for the merge.
/// Beside the memory of [`VisitColumns`] it takes a table entry for every person and venue that it
/// has seen.
#[derive(Debug)]
pub struct VisitIndex<P, V> {
    people: Numbers<P>,
    venues: Numbers<V>,
    sorted: VisitColumns,
    recent: Recent,
    forgotten: Seconds,
}

/// Visits that came since the last merge.
#[derive(Debug, Default)]
struct Recent {
    rows: VisitRows,
    of_venue: HashMap<u32, Vec<u32>>,
    of_person: HashMap<u32, Vec<u32>>,
    extent: Option<Span>,
}

/// Names in order of first appearance.
#[derive(Debug)]
struct Numbers<T> {
    numbers: HashMap<T, u32>,
    names: Vec<T>,
}

impl<P: Copy + Ord + Hash + Sync, V: Copy + Eq + Hash + Sync> VisitIndex<P, V> {
    /// Starts with these visits, in any order.
    pub fn new(visits: impl IntoIterator<Item = Visit<P, V>>) -> Self {
        let (mut people, mut venues) = (Numbers::new(), Numbers::new());
        let mut rows = VisitRows::default();
        for Visit {
            person,
            venue,
            entered,
            left,
        } in visits
        {
            let (person, venue) = (people.add(person), venues.add(venue));
            rows.push(Visit {
                person,
                venue,
                entered,
                left,
            });
        }
        Self {
            sorted: VisitColumns::new(people.len(), venues.len(), rows),
            recent: Recent::default(),
            forgotten: 0,
            people,
            venues,
        }
    }

    /// Takes a visit: a new one, or one that is known by person, venue and entry and has another end
    /// now. The same visit may come more than once.
    pub fn add(&mut self, visit: Visit<P, V>) {
        let Visit { entered, left, .. } = visit;
        let (person, venue) = (self.people.add(visit.person), self.venues.add(visit.venue));
        let Span { from, until } = span_of(entered, left);
        let sorted = self.sorted.rows_of(person).iter().map(|row| *row as usize);
        let known = |(_, at, span): (u32, u32, Span)| at == venue && span.from == from;
        if let Some(row) = sorted.into_iter().find(|row| known(self.sorted.row(*row))) {
            self.sorted.end(row, until);
        } else {
            self.recent.add(person, venue, Span { from, until });
        }
    }

    /// How many visits it holds.
    pub fn len(&self) -> usize {
        self.sorted.len() + self.recent.rows.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the sorted visits in memory.
    pub fn bytes(&self) -> usize {
        self.sorted.bytes()
    }

    /// Whether so many visits came since the last merge that another one pays.
    pub fn is_due(&self) -> bool {
        self.recent.rows.len() > FEW.max(self.sorted.len() / 16)
    }

    /// Moves new visits in among the sorted ones, and forgets those that ended at `limit` or before.
    /// Takes seconds for a hundred million visits, and for that time twice the memory.
    pub fn merge(&mut self, limit: Timestamp) {
        self.forgotten = self.forgotten.max(second(limit));
        let recent = std::mem::take(&mut self.recent);
        let (people, venues) = (self.people.len(), self.venues.len());
        self.sorted = self
            .sorted
            .merged(people, venues, recent.rows, self.forgotten);
    }

    /// Finds the contacts of every case, in order of case, ring, person and day.
    pub fn trace(&self, cases: &[Case<P>], search: &Search) -> Vec<Contact<P>> {
        let numbered = |case: &Case<P>| Some(case.of(*self.people.numbers.get(&case.person)?));
        let numbered: Vec<_> = cases.iter().filter_map(numbered).collect();
        let contacts = match super::search(self, &numbered, search, &[]) {
            Ok(contacts) => contacts,
            Err(never) => match never {},
        };
        let named = |contact: Contact<u32>| contact.map(|one| self.people.names[one as usize]);
        let mut contacts: Vec<_> = contacts.into_iter().map(named).collect();
        contacts.sort_by_key(|contact| (contact.case, contact.ring, contact.person, contact.day));
        contacts
    }
}

impl<P: Copy + Ord + Hash + Sync, V: Copy + Eq + Hash + Sync> Source for VisitIndex<P, V> {
    type Error = Infallible;
    type Scratch = ();

    fn extent(&self) -> Option<Span> {
        let both = [self.sorted.extent(), self.recent.extent];
        both.into_iter().flatten().reduce(Span::hull)
    }

    fn rows(&self) -> usize {
        self.len()
    }

    fn visits_of(
        &self,
        scratch: &mut (),
        person: u32,
        during: Span,
        mut each: impl FnMut(u32, Span),
    ) -> Result<(), Infallible> {
        self.sorted.visits_of(scratch, person, during, &mut each)?;
        for row in self.recent.of_person.get(&person).into_iter().flatten() {
            let row = *row as usize;
            each(self.recent.rows.venue[row], self.recent.span(row));
        }
        Ok(())
    }

    fn present_at(
        &self,
        scratch: &mut (),
        venue: u32,
        during: Span,
        mut each: impl FnMut(u32, Span),
    ) -> Result<(), Infallible> {
        self.sorted.present_at(scratch, venue, during, &mut each)?;
        for row in self.recent.of_venue.get(&venue).into_iter().flatten() {
            let row = *row as usize;
            if let Some(span) = self.recent.span(row).overlap(during) {
                each(self.recent.rows.person[row], span);
            }
        }
        Ok(())
    }

    fn announce_people(&self, people: &mut dyn Iterator<Item = u32>) {
        self.sorted.announce_people(people);
    }

    fn announce_venues(&self, presences: &mut dyn Iterator<Item = (u32, Seconds)>) {
        self.sorted.announce_venues(presences);
    }

    fn precedes(&self, person: u32, other: u32) -> bool {
        self.people.names[person as usize] < self.people.names[other as usize]
    }
}

impl Recent {
    fn add(&mut self, person: u32, venue: u32, span: Span) {
        let own = self.of_person.entry(person).or_default();
        let known = own
            .iter()
            .map(|row| *row as usize)
            .find(|row| self.rows.venue[*row] == venue && self.rows.entered[*row] == span.from);
        if let Some(row) = known {
            self.rows.left[row] = span.until;
        } else if span.from < span.until {
            let row = number(self.rows.len());
            own.push(row);
            self.of_venue.entry(venue).or_default().push(row);
            self.rows.person.push(person);
            self.rows.venue.push(venue);
            self.rows.entered.push(span.from);
            self.rows.left.push(span.until);
        }
        if span.from < span.until {
            self.extent = Some(self.extent.map_or(span, |extent| extent.hull(span)));
        }
    }

    fn span(&self, row: usize) -> Span {
        Span {
            from: self.rows.entered[row],
            until: self.rows.left[row],
        }
    }
}

impl<T: Copy + Eq + Hash> Numbers<T> {
    fn new() -> Self {
        Self {
            numbers: HashMap::new(),
            names: Vec::new(),
        }
    }

    fn add(&mut self, name: T) -> u32 {
        let next = number(self.names.len());
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.names.push(name);
        }
        number
    }

    fn len(&self) -> u32 {
        number(self.names.len())
    }
}
