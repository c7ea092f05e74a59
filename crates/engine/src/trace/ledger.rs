//! Time together with one carrier, added up for each person and day.

use super::presence::Span;

const NONE: u32 = u32::MAX;

/// One person's time with the carrier on one day.
pub(super) struct Entry {
    pub(super) person: u32,
    pub(super) day: u32,
    pub(super) seconds: i64,
    pub(super) together: Span,
    latest_venue: u32,
    /// The same person's entry for another day.
    previous: u32,
}

/// Entries for one carrier at a time. A list by person makes each look-up a step or two; clearing
/// touches only who was met.
pub(super) struct Ledger {
    entries: Vec<Entry>,
    newest: Vec<u32>,
    places: Vec<(u32, u32)>,
}

impl Ledger {
    pub(super) fn for_people(count: usize) -> Self {
        Self {
            entries: Vec::new(),
            newest: vec![NONE; count],
            places: Vec::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        for entry in self.entries.drain(..) {
            self.newest[entry.person as usize] = NONE;
        }
        self.places.clear();
    }

    /// Adds time at a venue. All calls for one venue come together.
    pub(super) fn add(&mut self, person: u32, day: u32, venue: u32, together: Span) {
        let position = self
            .find(person, day)
            .unwrap_or_else(|| self.open(person, day, together));
        let entry = &mut self.entries[position as usize];
        entry.seconds += together.seconds();
        entry.together.from = entry.together.from.min(together.from);
        entry.together.until = entry.together.until.max(together.until);
        if entry.latest_venue != venue {
            entry.latest_venue = venue;
            self.places.push((position, venue));
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Each entry once for each venue.
    pub(super) fn places(&self) -> impl Iterator<Item = (&Entry, u32)> {
        self.places
            .iter()
            .map(|(entry, venue)| (&self.entries[*entry as usize], *venue))
    }

    fn find(&self, person: u32, day: u32) -> Option<u32> {
        let mut position = self.newest[person as usize];
        while position != NONE {
            let entry = &self.entries[position as usize];
            if entry.day == day {
                return Some(position);
            }
            position = entry.previous;
        }
        None
    }

    fn open(&mut self, person: u32, day: u32, together: Span) -> u32 {
        let position = u32::try_from(self.entries.len()).unwrap_or(NONE);
        let previous = std::mem::replace(&mut self.newest[person as usize], position);
        let entry = Entry {
            person,
            day,
            seconds: 0,
            together,
            latest_venue: NONE,
            previous,
        };
        self.entries.push(entry);
        position
    }
}
