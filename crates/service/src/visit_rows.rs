//! Visits as compact rows, found by venue and by person.
//!
//! 24 bytes a visit: sixteen under its venue, eight under its person; beside them about 80 bytes for
//! each person and each venue seen.
//!
//! A visit is known by venue, entry, person and 32 bits of its identifier. What is known of it only
//! ever grows: nothing, that it began, that it ended. So visits may arrive in any order and as often
//! as they like, and an old message undoes nothing.

use std::collections::HashMap;
use std::ops::Range;

use domain::{PersonId, Timestamp, VenueId};
use store::Visit;
use store::presences::Presence;

use crate::gathering::Seen;

/// The end of a visit that nobody ended.
const OPEN: u32 = u32::MAX;
/// An open visit counts as ended so many seconds after its entry.
const LONGEST_OPEN: u32 = Visit::LONGEST.as_secs() as u32;

/// Visits by venue and by person.
#[derive(Default)]
pub(crate) struct VisitRows {
    people: HashMap<PersonId, u32>,
    names: Vec<PersonId>,
    venues: HashMap<VenueId, u32>,
    /// By venue, in order of entry, person and tag.
    at: Vec<AtVenue>,
    /// By person, in order of entry and venue.
    of: Vec<Vec<Entry>>,
    len: usize,
}

struct AtVenue {
    venue: VenueId,
    rows: Vec<Row>,
    /// No visit here lasts longer, in seconds.
    longest: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    entered: u32,
    person: u32,
    /// A part of the visit's identifier.
    tag: u32,
    left: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    entered: u32,
    venue: u32,
}

impl VisitRows {
    /// How many visits.
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many venues or people there are, whichever are more: what [`Self::tidy`] goes through.
    pub fn extent(&self) -> usize {
        self.at.len().max(self.of.len())
    }

    /// Takes in what is known of a visit.
    pub fn learn(&mut self, visit: &Presence) {
        let person = self.number_of_person(visit.person);
        let venue = self.number_of_venue(visit.venue);
        let row = Row {
            entered: second(visit.entered),
            person,
            tag: tag(visit),
            left: visit.left.map_or(OPEN, second),
        };
        let at = &mut self.at[venue as usize];
        let key = (row.entered, row.person, row.tag);
        let place = at
            .rows
            .partition_point(|other| (other.entered, other.person, other.tag) < key);
        match at.rows.get_mut(place) {
            Some(known) if (known.entered, known.person, known.tag) == key => {
                // The first end wins in the record, so that no other one can follow.
                known.left = known.left.min(row.left);
            }
            _ => {
                at.rows.insert(place, row);
                self.len += 1;
            }
        }
        at.longest = at.longest.max(row.lasts());
        let entry = Entry {
            entered: row.entered,
            venue,
        };
        let own = &mut self.of[person as usize];
        if let Err(place) = own.binary_search(&entry) {
            own.insert(place, entry);
        }
    }

    /// Hands over a person's visits that touch `[from, until)`.
    pub fn visits_of(
        &self,
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
        mut each: impl FnMut(u128, Seen),
    ) {
        let Some(&number) = self.people.get(&person) else {
            return;
        };
        let (from, until) = (second(from), second(until));
        let entries = self.of[number as usize].iter();
        for entry in entries.take_while(|entry| entry.entered < until) {
            let at = &self.at[entry.venue as usize];
            let key = (entry.entered, number);
            let first = at
                .rows
                .partition_point(|row| (row.entered, row.person) < key);
            let same = at.rows[first..].iter();
            let same = same.take_while(|row| (row.entered, row.person) == key);
            for row in same.filter(|row| row.end() > from) {
                each(row.key(entry.venue), self.seen(at.venue, row));
            }
        }
    }

    /// Hands over the visits to a venue that touch `[from, until)`.
    pub fn visits_at(
        &self,
        venue: VenueId,
        from: Timestamp,
        until: Timestamp,
        mut each: impl FnMut(u128, Seen),
    ) {
        let Some(&number) = self.venues.get(&venue) else {
            return;
        };
        let (from, until) = (second(from), second(until));
        let at = &self.at[number as usize];
        let is_over = |row: &Row| row.entered.saturating_add(at.longest) <= from;
        let rows = at.rows[at.rows.partition_point(is_over)..].iter();
        let rows = rows.take_while(|row| row.entered < until);
        for row in rows.filter(|row| row.end() > from) {
            each(row.key(number), self.seen(venue, row));
        }
    }

    /// Forgets visits that ended at `limit` or before, and gives back memory, for the venues and the
    /// people with these numbers. Go through all venues and people once, then once more.
    pub fn tidy(&mut self, numbers: Range<usize>, limit: Timestamp) {
        let limit = second(limit);
        let cut = |range: Range<usize>, len: usize| range.start.min(len)..range.end.min(len);
        let range = cut(numbers.clone(), self.at.len());
        for at in &mut self.at[range] {
            let before = at.rows.len();
            at.rows.retain(|row| row.end() > limit);
            self.len -= before - at.rows.len();
            at.rows.shrink_to_fit();
        }
        let range = cut(numbers, self.of.len());
        for (number, own) in (0_u32..).skip(range.start).zip(&mut self.of[range]) {
            own.retain(|entry| {
                let rows = &self.at[entry.venue as usize].rows;
                let key = (entry.entered, number);
                rows.binary_search_by_key(&key, |row| (row.entered, row.person))
                    .is_ok()
            });
            own.shrink_to_fit();
        }
    }

    /// Bytes in memory, about.
    pub fn bytes(&self) -> usize {
        let rows = self.at.iter().map(|at| at.rows.capacity() * 16);
        let entries = self.of.iter().map(|own| own.capacity() * 8);
        let people = self.names.capacity() * 40 + self.people.capacity() * 21;
        let venues = self.at.capacity() * 48 + self.venues.capacity() * 21;
        rows.sum::<usize>() + entries.sum::<usize>() + people + venues
    }

    fn seen(&self, venue: VenueId, row: &Row) -> Seen {
        Seen {
            person: self.names[row.person as usize],
            venue,
            entered: moment(row.entered),
            left: (row.left != OPEN).then(|| moment(row.left)),
        }
    }

    fn number_of_person(&mut self, person: PersonId) -> u32 {
        let next = count(self.names.len());
        let number = *self.people.entry(person).or_insert(next);
        if number == next {
            self.names.push(person);
            self.of.push(Vec::new());
        }
        number
    }

    fn number_of_venue(&mut self, venue: VenueId) -> u32 {
        let next = count(self.at.len());
        let number = *self.venues.entry(venue).or_insert(next);
        if number == next {
            self.at.push(AtVenue {
                venue,
                rows: Vec::new(),
                longest: LONGEST_OPEN,
            });
        }
        number
    }
}

impl Row {
    /// When it ended or counts as ended.
    fn end(&self) -> u32 {
        if self.left == OPEN {
            self.entered.saturating_add(LONGEST_OPEN)
        } else {
            self.left
        }
    }

    fn lasts(&self) -> u32 {
        self.end().saturating_sub(self.entered)
    }

    /// One number for each visit.
    fn key(&self, venue: u32) -> u128 {
        [venue, self.entered, self.person, self.tag]
            .into_iter()
            .fold(0, |key, part| key << 32 | u128::from(part))
    }
}

fn tag(visit: &Presence) -> u32 {
    let id = visit.visit.as_u128();
    (id ^ id >> 32 ^ id >> 64 ^ id >> 96) as u32
}

/// Seconds since 1970; time before that and after 2106 is cut off.
fn second(at: Timestamp) -> u32 {
    u32::try_from(at.as_second().clamp(0, i64::from(OPEN) - 1)).unwrap_or(OPEN - 1)
}

fn moment(second: u32) -> Timestamp {
    Timestamp::from_second(second.into()).unwrap_or(Timestamp::MAX)
}

/// Four billion people or venues are more than there are.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use domain::EvidenceId;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn visit(number: u128, person: u128, entered: i64, left: Option<i64>) -> Presence {
        Presence {
            visit: EvidenceId::from_u128(number),
            person: PersonId::from_u128(person),
            venue: VenueId::from_u128(7),
            entered: at(entered),
            left: left.map(at),
        }
    }

    fn found(rows: &VisitRows, from: i64, until: i64) -> Vec<(u128, i64, Option<i64>)> {
        let mut at_venue = Vec::new();
        let venue = VenueId::from_u128(7);
        rows.visits_at(venue, at(from), at(until), |_, seen| {
            let left = seen.left.map(Timestamp::as_second);
            at_venue.push((seen.person.as_u128(), seen.entered.as_second(), left));
        });
        at_venue
    }

    #[test]
    fn a_visit_is_known_as_far_as_any_message_told_whatever_their_order() {
        let steps = [
            visit(1, 5, 100, None),
            visit(1, 5, 100, Some(200)),
            visit(2, 5, 100, None),
        ];
        for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0]] {
            let mut rows = VisitRows::default();
            for step in order.into_iter().chain(order) {
                rows.learn(&steps[step]);
            }
            assert_eq!(rows.len(), 2, "two visits of one second stay two");
            assert_eq!(
                found(&rows, 150, 160),
                [(5, 100, Some(200)), (5, 100, None)]
            );
            assert_eq!(found(&rows, 200, 300), [(5, 100, None)]);
            let mut own = 0;
            rows.visits_of(PersonId::from_u128(5), at(150), at(160), |_, _| own += 1);
            assert_eq!(own, 2);
        }
    }

    #[test]
    fn a_visit_is_found_however_long_it_lasts() {
        let mut rows = VisitRows::default();
        rows.learn(&visit(1, 5, 1000, Some(1_000_000)));
        rows.learn(&visit(2, 6, 900_000, None));
        rows.learn(&visit(3, 7, 900_000, Some(900_010)));
        assert_eq!(
            found(&rows, 900_010, 900_020),
            [(5, 1000, Some(1_000_000)), (6, 900_000, None)]
        );
        assert_eq!(found(&rows, 943_199, 943_200).len(), 2);
        assert_eq!(found(&rows, 943_200, 943_201).len(), 1);
        assert_eq!(found(&rows, 0, 1000), []);
    }

    #[test]
    fn what_ended_before_the_limit_is_forgotten() {
        let mut rows = VisitRows::default();
        for number in 0..100 {
            let left = (number % 3 != 0).then_some(number + 50);
            rows.learn(&visit(number as u128, number as u128 % 7, number, left));
        }
        for _ in 0..2 {
            for number in 0..rows.extent() {
                rows.tidy(number..number + 1, at(120));
            }
        }
        assert_eq!(found(&rows, 0, 200).len(), rows.len());
        assert_eq!(rows.len(), 34 + 19, "the open ones, and those after 70");
        let mut own = 0;
        for person in 0..7 {
            rows.visits_of(PersonId::from_u128(person), at(0), at(200), |_, _| own += 1);
        }
        assert_eq!(own, rows.len());
    }
}
