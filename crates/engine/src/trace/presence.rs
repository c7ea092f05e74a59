//! Who was where: visits merged, numbered, and sorted by person and by venue and entry.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use super::{LONGEST_OPEN_VISIT, Visit};

/// How many presences of a venue share one entry in the list of latest ends.
const BLOCK: usize = 64;

/// From one second up to, not including, another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) until: i64,
}

impl Span {
    /// The time in both; `None` if there is none.
    pub(super) fn overlap(self, other: Self) -> Option<Self> {
        let both = Self {
            from: self.from.max(other.from),
            until: self.until.min(other.until),
        };
        (both.from < both.until).then_some(both)
    }

    pub(super) fn seconds(self) -> i64 {
        self.until - self.from
    }
}

/// Spans in order, those that touch or overlap made one, empty ones left out.
pub(super) fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.from < span.until);
    spans.sort_unstable();
    let mut merged = Vec::<Span>::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => merged.push(span),
        }
    }
    merged
}

/// One person at one venue without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Presence {
    pub(super) person: u32,
    pub(super) venue: u32,
    pub(super) span: Span,
}

/// Visits, ready to be searched. Build once, trace as often as you like.
pub struct Visits<P> {
    people: Vec<P>,
    numbers: HashMap<P, u32>,
    venues: usize,
    /// From the first moment anybody was anywhere to the last.
    extent: Span,
    /// By person, venue and time.
    by_person: Vec<Presence>,
    person_starts: Vec<usize>,
    /// By venue and time.
    by_venue: Vec<Presence>,
    venue_starts: Vec<usize>,
    /// For each block of [`BLOCK`] entries of `by_venue`, the latest end among them.
    latest: Vec<i64>,
}

impl<P: Copy + Ord + Hash> Visits<P> {
    /// Takes visits in any order. The same visit may come more than once.
    pub fn new<V: Hash + Eq>(visits: impl IntoIterator<Item = Visit<P, V>>) -> Self {
        let (mut people, mut numbers, mut venues) = (Vec::new(), HashMap::new(), HashMap::new());
        let mut presences = Vec::new();
        for visit in visits {
            let person = *numbers.entry(visit.person).or_insert_with(|| {
                people.push(visit.person);
                number(people.len() - 1)
            });
            let next = number(venues.len());
            let venue = *venues.entry(visit.venue).or_insert(next);
            let from = visit.entered.as_second();
            let longest = from.saturating_add(LONGEST_OPEN_VISIT.as_secs());
            let until = visit.left.map_or(longest, |left| left.as_second());
            if from < until {
                presences.push(Presence {
                    person,
                    venue,
                    span: Span { from, until },
                });
            }
        }
        let by_person = merge_presences(presences);
        let mut by_venue = by_person.clone();
        by_venue.sort_unstable_by_key(|p| (p.venue, p.span, p.person));
        let block_end = |block: &[Presence]| block.iter().map(|p| p.span.until).max();
        let latest: Vec<i64> = by_venue.chunks(BLOCK).filter_map(block_end).collect();
        let from = by_person.iter().map(|p| p.span.from).min().unwrap_or(0);
        Self {
            person_starts: starts(people.len(), by_person.iter().map(|p| p.person)),
            venue_starts: starts(venues.len(), by_venue.iter().map(|p| p.venue)),
            extent: Span {
                from,
                until: latest.iter().copied().max().unwrap_or(from),
            },
            latest,
            people,
            numbers,
            venues: venues.len(),
            by_person,
            by_venue,
        }
    }

    /// How many people were seen.
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// How many venues were seen.
    pub fn venues(&self) -> usize {
        self.venues
    }

    pub(super) fn number_of(&self, person: &P) -> Option<u32> {
        self.numbers.get(person).copied()
    }

    pub(super) fn person(&self, number: u32) -> P {
        self.people[number as usize]
    }

    /// From the first moment anybody was anywhere to the last.
    pub(super) fn extent(&self) -> Span {
        self.extent
    }

    /// A person's presences, venue by venue.
    pub(super) fn presences_of(&self, person: u32) -> &[Presence] {
        &self.by_person[range(&self.person_starts, person)]
    }

    /// Everybody at `venue` during `span`, each with the time of it they were there.
    pub(super) fn present_at(&self, venue: u32, span: Span) -> impl Iterator<Item = (u32, Span)> {
        let at_venue = range(&self.venue_starts, venue);
        let start = at_venue.start;
        let entered = self.by_venue[at_venue].partition_point(|p| p.span.from < span.until);
        let end = start + entered;
        let first_block = start / BLOCK;
        let blocks = first_block..end.div_ceil(BLOCK).max(first_block);
        blocks
            .filter(move |block| self.latest[*block] > span.from)
            .flat_map(move |block| {
                let (from, until) = ((block * BLOCK).max(start), ((block + 1) * BLOCK).min(end));
                &self.by_venue[from..until.max(from)]
            })
            .filter_map(move |p| Some((p.person, p.span.overlap(span)?)))
    }
}

fn merge_presences(mut presences: Vec<Presence>) -> Vec<Presence> {
    presences.sort_unstable();
    presences.dedup_by(|next, kept| {
        let same = (next.person, next.venue) == (kept.person, kept.venue);
        let joins = same && next.span.from <= kept.span.until;
        if joins {
            kept.span.until = kept.span.until.max(next.span.until);
        }
        joins
    });
    presences
}

/// Where each key's rows begin in a list sorted by key, and where the last one's end.
fn starts(keys: usize, sorted: impl Iterator<Item = u32>) -> Vec<usize> {
    let mut starts = vec![0; keys + 1];
    for key in sorted {
        starts[key as usize + 1] += 1;
    }
    for key in 0..keys {
        starts[key + 1] += starts[key];
    }
    starts
}

fn range(starts: &[usize], key: u32) -> Range<usize> {
    starts[key as usize]..starts[key as usize + 1]
}

/// Positions are 32 bits wide: 4 billion people or venues are more than there are.
fn number(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
