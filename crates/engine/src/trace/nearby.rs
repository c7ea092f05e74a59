//! The visits that matter to the first ring, picked out of visits in any order. To put all visits in
//! order takes ten times as long as to read them through once.

use std::sync::atomic::{AtomicU64, Ordering};

use super::index_cases::windows_of;
use super::slots::Slots;
use super::sort::{range, starts};
use super::span::{Span, merge};
use super::venues::CaseVisit;
use super::{Case, VisitRows};
use crate::parallel::{parallel_map, pieces};

/// So many visits are read through by one thread at a time.
const TOGETHER: usize = 1 << 18;

/// A visit among others takes so many bytes.
const ROW: usize = 16;

/// The visits to where a case was, at the time when it was there within its windows; the cases' own are
/// among them. A search for ring 1 finds the same in them as in all, of which `parts` hold some each.
/// People are `0..people`, venues `0..venues`. `may_hold` says whether so many bytes may be held beside
/// the visits.
///
/// # Errors
/// What `may_hold` returns.
pub fn nearby<E: Send>(
    parts: &[VisitRows],
    cases: &[Case<u32>],
    people: u32,
    venues: u32,
    may_hold: &(impl Fn(u64) -> Result<(), E> + Sync),
) -> Result<VisitRows, E> {
    let intervals = CaseIntervals::of(parts, cases, people, venues, may_hold)?;
    let own = intervals.bytes();
    let may_hold = |bytes: u64| may_hold(own + bytes);
    let bytes = |near: &VisitRows| near.person.capacity() * ROW;
    let near = in_pieces(parts, bytes, &may_hold, |rows, part| {
        let mut near = VisitRows::default();
        for row in part {
            let span = rows.span(row);
            if intervals.reaches(rows.venue[row], span) {
                near.person.push(rows.person[row]);
                near.venue.push(rows.venue[row]);
                near.entered.push(span.from);
                near.left.push(span.until);
            }
        }
        near
    })?;
    let (held, rows) = near.iter().fold((0, 0), |(held, rows), near| {
        (held + bytes(near), rows + near.len())
    });
    may_hold((held + rows * ROW) as u64)?;
    Ok(VisitRows::together(near))
}

/// What `work` makes of each piece, as long as it may be held; `bytes` says how large it is.
fn in_pieces<T: Send, E: Send>(
    parts: &[VisitRows],
    bytes: impl Fn(&T) -> usize + Sync,
    may_hold: &(impl Fn(u64) -> Result<(), E> + Sync),
    work: impl Fn(&VisitRows, std::ops::Range<usize>) -> T + Sync,
) -> Result<Vec<T>, E> {
    let of_part = |rows| {
        let pieces = pieces(VisitRows::len(rows), TOGETHER);
        pieces.into_iter().map(move |piece| (rows, piece))
    };
    let all = parts.iter().flat_map(of_part).collect();
    let held = AtomicU64::new(0);
    let found = parallel_map(all, |(rows, piece)| {
        // Once there is too much, nothing is added.
        may_hold(held.load(Ordering::Relaxed))?;
        let found = work(rows, piece);
        let more = bytes(&found) as u64;
        may_hold(held.fetch_add(more, Ordering::Relaxed) + more)?;
        Ok(found)
    });
    found.into_iter().collect()
}

impl VisitRows {
    /// The visits of all parts, one after the other.
    pub fn together(parts: Vec<Self>) -> Self {
        let mut all = Self::default();
        all.reserve(parts.iter().map(Self::len).sum());
        for part in parts {
            all.person.extend(part.person);
            all.venue.extend(part.venue);
            all.entered.extend(part.entered);
            all.left.extend(part.left);
        }
        all
    }

    fn span(&self, row: usize) -> Span {
        Span {
            from: self.entered[row],
            until: self.left[row],
        }
    }
}

/// When any case was at each venue.
struct CaseIntervals {
    slots: Slots,
    /// Where each venue's spans begin.
    starts: Vec<u32>,
    /// By venue, in order, without overlap.
    spans: Vec<Span>,
}

impl CaseIntervals {
    fn of<E: Send>(
        parts: &[VisitRows],
        cases: &[Case<u32>],
        people: u32,
        venues: u32,
        may_hold: &(impl Fn(u64) -> Result<(), E> + Sync),
    ) -> Result<Self, E> {
        let mut visits = case_visits(parts, cases, people, may_hold)?;
        // The spans and their venues, in lists that double while they grow.
        may_hold((visits.len() * (size_of::<CaseVisit>() + 2 * (size_of::<Span>() + 4))) as u64)?;
        visits.sort_unstable();
        let (mut of_rows, mut spans) = (Vec::new(), Vec::new());
        for at_venue in visits.chunk_by(|one, other| one.venue == other.venue) {
            let venue = at_venue[0].venue;
            spans.extend(merge(at_venue.iter().map(|visit| visit.span).collect()));
            of_rows.resize(spans.len(), venue);
        }
        let all = spans.iter().copied().reduce(Span::cover);
        let mut slots = Slots::new(venues, all.unwrap_or(Span { from: 0, until: 0 }));
        for (venue, span) in of_rows.iter().zip(&spans) {
            slots.set(*venue, *span);
        }
        Ok(Self {
            slots,
            starts: starts(venues, &of_rows),
            spans,
        })
    }

    fn bytes(&self) -> u64 {
        let exact = self.starts.capacity() * 4 + self.spans.capacity() * size_of::<Span>();
        (exact + self.slots.bytes()) as u64
    }

    fn reaches(&self, venue: u32, span: Span) -> bool {
        if !self.slots.may_overlap(venue, span) {
            return false;
        }
        let spans = &self.spans[range(&self.starts, venue)];
        let first = spans.partition_point(|own| own.until <= span.from);
        spans.get(first).is_some_and(|own| own.from < span.until)
    }
}

/// Where the cases were within their windows.
///
/// # Errors
/// What `may_hold` returns.
pub(super) fn case_visits<E: Send>(
    parts: &[VisitRows],
    cases: &[Case<u32>],
    people: u32,
    may_hold: &(impl Fn(u64) -> Result<(), E> + Sync),
) -> Result<Vec<CaseVisit>, E> {
    let cases = windows_of(cases);
    let mut is_case = Bits::new(people);
    for case in cases.iter().filter(|case| case.person < people) {
        is_case.set(case.person);
    }
    let bytes = |found: &Vec<CaseVisit>| found.capacity() * size_of::<CaseVisit>();
    let found = in_pieces(parts, bytes, may_hold, |rows, part| {
        let mut found = Vec::new();
        for (row, person) in part.clone().zip(&rows.person[part]) {
            if !is_case.has(*person) {
                continue;
            }
            let place = cases.binary_search_by_key(person, |case| case.person);
            let windows = place.map_or(&[][..], |place| &cases[place].windows);
            let spans = windows
                .iter()
                .filter_map(|window| rows.span(row).overlap(*window));
            found.extend(spans.map(|span| CaseVisit {
                venue: rows.venue[row],
                person: *person,
                span,
            }));
        }
        found
    })?;
    let (held, visits) = found.iter().fold((0, 0), |(held, visits), found| {
        (held + bytes(found), visits + found.len())
    });
    may_hold((held + visits * size_of::<CaseVisit>()) as u64)?;
    Ok(found.concat())
}

/// One bit for each number.
struct Bits(Vec<u64>);

impl Bits {
    fn new(numbers: u32) -> Self {
        Self(vec![0; numbers as usize / 64 + 1])
    }

    fn set(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    fn has(&self, number: u32) -> bool {
        self.0[number as usize / 64] >> (number % 64) & 1 != 0
    }
}
