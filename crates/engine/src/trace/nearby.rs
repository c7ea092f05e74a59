//! The visits that matter to the first ring, picked out of visits in any order. To put all visits in
//! order takes ten times as long as to read them through once.

use super::index_cases::windows_of;
use super::sort::{range, starts};
use super::span::{Span, merge};
use super::venues::CaseVisit;
use super::{Case, VisitRows};
use crate::parallel::{parallel_map, pieces};

/// So many visits are read through by one thread at a time.
const TOGETHER: usize = 1 << 18;

/// The visits to where a case was, at the time when it was there within its windows; the cases' own are
/// among them. A search for ring 1 finds the same in them as in all, of which `parts` hold some each.
/// People are `0..people`, venues `0..venues`.
pub fn nearby(parts: &[VisitRows], cases: &[Case<u32>], people: u32, venues: u32) -> VisitRows {
    let case_intervals = CaseIntervals::of(parts, cases, people, venues);
    let near = in_pieces(parts, |rows, part| {
        let mut near = VisitRows::default();
        for row in part {
            let span = rows.span(row);
            if case_intervals.reaches(rows.venue[row], span) {
                near.person.push(rows.person[row]);
                near.venue.push(rows.venue[row]);
                near.entered.push(span.from);
                near.left.push(span.until);
            }
        }
        near
    });
    VisitRows::together(near)
}

fn in_pieces<T: Send>(
    parts: &[VisitRows],
    work: impl Fn(&VisitRows, std::ops::Range<usize>) -> T + Sync,
) -> Vec<T> {
    let of_part = |rows| {
        let pieces = pieces(VisitRows::len(rows), TOGETHER);
        pieces.into_iter().map(move |piece| (rows, piece))
    };
    let all = parts.iter().flat_map(of_part).collect();
    parallel_map(all, |(rows, piece)| work(rows, piece))
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
    is_visited: Bits,
    /// Where each venue's spans begin.
    starts: Vec<u32>,
    /// By venue, in order, without overlap.
    spans: Vec<Span>,
}

impl CaseIntervals {
    fn of(parts: &[VisitRows], cases: &[Case<u32>], people: u32, venues: u32) -> Self {
        let mut visits = case_visits(parts, cases, people);
        visits.sort_unstable();
        let (mut of_rows, mut spans) = (Vec::new(), Vec::new());
        let mut is_visited = Bits::new(venues);
        for at_venue in visits.chunk_by(|one, other| one.venue == other.venue) {
            let venue = at_venue[0].venue;
            is_visited.set(venue);
            spans.extend(merge(at_venue.iter().map(|visit| visit.span).collect()));
            of_rows.resize(spans.len(), venue);
        }
        Self {
            is_visited,
            starts: starts(venues, &of_rows),
            spans,
        }
    }

    fn reaches(&self, venue: u32, span: Span) -> bool {
        if !self.is_visited.has(venue) {
            return false;
        }
        let spans = &self.spans[range(&self.starts, venue)];
        let first = spans.partition_point(|own| own.until <= span.from);
        spans.get(first).is_some_and(|own| own.from < span.until)
    }
}

/// Where the cases were within their windows.
pub(super) fn case_visits(parts: &[VisitRows], cases: &[Case<u32>], people: u32) -> Vec<CaseVisit> {
    let cases = windows_of(cases);
    let mut is_case = Bits::new(people);
    for case in cases.iter().filter(|case| case.person < people) {
        is_case.set(case.person);
    }
    let found = in_pieces(parts, |rows, part| {
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
    });
    found.concat()
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
