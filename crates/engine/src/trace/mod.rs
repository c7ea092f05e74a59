//! Contact tracing: who shared venues with a case, and who shared them with those.
//!
//! **Visit interval.** A person is at a venue from `entered` up to, not including, `left`. Visits of one
//! person to one venue that overlap count once. A visit that nobody ended counts as ended
//! [`LONGEST_OPEN_VISIT`] after its entry, or at the end of the case's window if that is sooner. A
//! visit that ends before it begins counts for nothing. Of a person who is at two venues at once
//! (a shop inside a station) the time counts at both.
//!
//! **Ring 1.** Everybody whose time, venue by venue, overlaps that of the case inside the case's
//! window for at least [`Search::minutes`] in all.
//!
//! **Ring n.** Everybody who in the same way met *one* person of ring n-1, counting only from that
//! person's own first shared time on and up to the end of the case's window. Nobody is in two rings
//! of one case, and somebody who is a case is in ring 1 of another case or in none.
//!
//! **Groups.** Members of a household, tenants of a building and passengers of a vehicle do not
//! check in at it. Those who know say who belongs together, and [`GroupContacts`] finds those too:
//! in ring 1 everybody who shared any time of the case's window, and how they are related. They are
//! followed like those who shared a venue, except that nobody is followed from a building.
//!
//! **By day.** With [`Search::by_day`] the minimum must be reached within one local day, and there
//! is one contact for each pair and day that reaches it.
//!
//! [`VisitColumns`] holds visits as sorted columns; [`Visits`] puts names on them.

mod columns;
mod days;
mod groups;
mod held;
mod index_cases;
mod nearby;
mod rings;
mod settle;
mod slots;
mod sort;
mod source;
mod span;
#[cfg(test)]
mod tests;
mod venues;

use std::collections::HashMap;
use std::hash::Hash;

use domain::evidence::{GroupKind, Relation};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use columns::{VisitColumns, VisitRows, span_of};
pub use groups::{GroupContacts, Membership};
pub use nearby::nearby;
use rings::Method;
pub use source::Source;
pub use span::{Span, unix_seconds};
pub use venues::{SharedVenue, shared_venues, shared_venues_of};

/// A visit that nobody ended counts as ended so long after its entry.
pub const LONGEST_OPEN_VISIT: SignedDuration = SignedDuration::from_hours(12);

/// A person at a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit<P, V> {
    /// Who.
    pub person: P,
    /// Where.
    pub venue: V,
    /// From when.
    pub entered: Timestamp,
    /// The first instant after, if somebody ended the visit.
    pub left: Option<Timestamp>,
}

/// A person who may have infected others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case<P> {
    /// Who. A person listed twice is one case with two windows.
    pub person: P,
    /// Start of the infectious window.
    pub from: Timestamp,
    /// The first instant after the infectious window.
    pub until: Timestamp,
}

/// What counts as a contact, and how far to look.
#[derive(Clone, Debug)]
pub struct Search {
    /// The least time together, in minutes; 0 means any shared instant.
    pub minutes: u32,
    /// How many rings: 1 finds those who met a case, 2 also those who met them.
    pub rings: u8,
    /// Count each local day of this zone by itself.
    pub by_day: Option<TimeZone>,
}

/// Somebody who met a case, or met somebody who did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact<P> {
    /// The case it leads back to.
    pub case: P,
    /// 1 met the case, 2 met ring 1, and so on.
    pub ring: u8,
    /// Who.
    pub person: P,
    /// How they met.
    pub relation: Relation,
    /// Whom of the ring before they met for longest (the smaller identifier of equals); the case
    /// itself in ring 1.
    pub through: P,
    /// The local day, with [`Search::by_day`].
    pub day: Option<Date>,
    /// Whole minutes together with [`Self::through`].
    pub minutes: u32,
    /// The first instant together with anybody of the ring before whom they met for long enough.
    pub first: Timestamp,
    /// The first instant after their last time together with any of those.
    pub last: Timestamp,
    /// At how many venues they met any of those; 0 for a contact of a group.
    pub venues: u32,
}

/// Somebody who is in a ring of a case for another reason than shared venues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed<P> {
    /// The case.
    pub case: P,
    /// Which ring.
    pub ring: u8,
    /// Who.
    pub person: P,
    /// Since when.
    pub from: Timestamp,
    /// Whether those whom they met from then on are in the next ring.
    pub is_followed: bool,
}

/// Finds contacts from whatever holds visits, where some people may be in a ring already.
///
/// # Errors
/// What the source returns.
pub fn search<S: Source>(
    source: &S,
    cases: &[Case<u32>],
    search: &Search,
    placed: &[Placed<u32>],
) -> Result<Vec<Contact<u32>>, S::Error> {
    rings::trace(source, cases, search, placed, Method::Cheaper)
}

impl VisitColumns {
    /// Finds the contacts of every case, in order of case, ring, person and day.
    pub fn trace(&self, cases: &[Case<u32>], search: &Search) -> Vec<Contact<u32>> {
        self.trace_beside(cases, search, &[])
    }

    /// The same, where some people are in a ring already.
    pub fn trace_beside(
        &self,
        cases: &[Case<u32>],
        search: &Search,
        placed: &[Placed<u32>],
    ) -> Vec<Contact<u32>> {
        match self::search(self, cases, search, placed) {
            Ok(contacts) => contacts,
            Err(never) => match never {},
        }
    }
}

/// Visits of people with names of any kind, ready to be searched. Build once, trace as often as you
/// like.
pub struct Visits<P> {
    /// In order; the place is the number.
    people: Vec<P>,
    columns: VisitColumns,
}

impl<P: Copy + Ord + Hash> Visits<P> {
    /// Takes visits in any order. The same visit may come more than once. Time before 1970 and after
    /// 2106 does not count.
    pub fn new<V: Hash + Eq>(visits: impl IntoIterator<Item = Visit<P, V>>) -> Self {
        let (mut numbers, mut venues) = (HashMap::new(), HashMap::new());
        let mut rows = VisitRows::default();
        for visit in visits {
            let next = number(numbers.len());
            let person = *numbers.entry(visit.person).or_insert(next);
            let next = number(venues.len());
            let venue = *venues.entry(visit.venue).or_insert(next);
            let (entered, left) = (visit.entered, visit.left);
            rows.push(Visit {
                person,
                venue,
                entered,
                left,
            });
        }
        let mut people: Vec<(P, u32)> = numbers.into_iter().collect();
        people.sort_unstable();
        let mut ranks = vec![0; people.len()];
        for (rank, (_, number)) in (0..).zip(&people) {
            ranks[*number as usize] = rank;
        }
        for person in &mut rows.person {
            *person = ranks[*person as usize];
        }
        Self {
            columns: VisitColumns::new(number(people.len()), number(venues.len()), rows),
            people: people.into_iter().map(|(person, _)| person).collect(),
        }
    }

    /// How many people were seen.
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// How many venues were seen.
    pub fn venues(&self) -> usize {
        self.columns.venues()
    }

    /// Finds the contacts of every case, in order of case, ring, person and day.
    pub fn trace(&self, cases: &[Case<P>], search: &Search) -> Vec<Contact<P>> {
        self.trace_beside(cases, search, &[])
    }

    /// The same, where some people are in a ring already.
    pub fn trace_beside(
        &self,
        cases: &[Case<P>],
        search: &Search,
        placed: &[Placed<P>],
    ) -> Vec<Contact<P>> {
        // A case that was nowhere is still followed through those who are in its rings already.
        let is_stranger = |person: &P| self.people.binary_search(person).is_err();
        let cases_alone = cases.iter().map(|case| case.person);
        let mut strangers: Vec<P> = cases_alone.filter(is_stranger).collect();
        strangers.sort_unstable();
        strangers.dedup();
        let find = |person: P| match self.people.binary_search(&person) {
            Ok(place) => Some(number(place)),
            Err(_) => Some(number(
                self.people.len() + strangers.binary_search(&person).ok()?,
            )),
        };
        let cases = cases
            .iter()
            .filter_map(|case| Some(case.of(find(case.person)?)));
        let placed = placed
            .iter()
            .filter_map(|one| Some(one.of(find(one.case)?, find(one.person)?)));
        let (cases, placed): (Vec<_>, Vec<_>) = (cases.collect(), placed.collect());
        let contacts = self.columns.trace_beside(&cases, search, &placed);
        let name = |person: u32| {
            let place = person as usize;
            let stranger = || strangers[place - self.people.len()];
            self.people.get(place).copied().unwrap_or_else(stranger)
        };
        let contacts = contacts.into_iter();
        let mut contacts: Vec<_> = contacts.map(|contact| contact.map(name)).collect();
        if !strangers.is_empty() {
            contacts.sort_by_key(|one| (one.case, one.ring, one.person, one.day));
        }
        contacts
    }
}

impl<P> Case<P> {
    fn of<Q>(&self, person: Q) -> Case<Q> {
        Case {
            person,
            from: self.from,
            until: self.until,
        }
    }
}

impl<P> Placed<P> {
    fn of<Q>(&self, case: Q, person: Q) -> Placed<Q> {
        Placed {
            case,
            ring: self.ring,
            person,
            from: self.from,
            is_followed: self.is_followed,
        }
    }
}

impl<P> Contact<P> {
    /// Whether those whom they met afterwards are in the next ring. Not so for the tenants of a
    /// building: that they live near says little about whether they met.
    pub fn is_followed(&self) -> bool {
        self.relation != GroupKind::Building.relation()
    }

    /// The same contact with other names for people.
    pub fn map<Q>(self, name: impl Fn(P) -> Q) -> Contact<Q> {
        Contact {
            case: name(self.case),
            ring: self.ring,
            person: name(self.person),
            relation: self.relation,
            through: name(self.through),
            day: self.day,
            minutes: self.minutes,
            first: self.first,
            last: self.last,
            venues: self.venues,
        }
    }
}

/// Positions are 32 bits wide: 4 billion people or venues are more than there are.
fn number(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
