//! Putting visits in order of venue and of person, on all processors.

use super::VisitRows;
use crate::parallel::{parallel_map, pieces, threads};

/// Deals the visits out to their venues, then sorts each venue's by entry.
pub(super) fn by_venue(rows: VisitRows, venue_starts: &[u32]) -> VisitRows {
    let count = rows.len();
    let mut sorted = VisitRows {
        person: vec![0; count],
        venue: Vec::new(),
        entered: vec![0; count],
        left: vec![0; count],
    };
    let mut next = venue_starts.to_vec();
    for (row, venue) in rows.venue.iter().enumerate() {
        let place = &mut next[*venue as usize];
        sorted.person[*place as usize] = rows.person[row];
        sorted.entered[*place as usize] = rows.entered[row];
        sorted.left[*place as usize] = rows.left[row];
        *place += 1;
    }
    sorted.venue = rows.venue;
    drop((rows.person, rows.entered, rows.left));
    let mut parts = Vec::new();
    let mut rest = (
        &mut sorted.person[..],
        &mut sorted.venue[..],
        &mut sorted.entered[..],
        &mut sorted.left[..],
    );
    let venues = venue_starts.len().saturating_sub(1);
    for venues in pieces(venues, venues / (threads() * 16) + 1) {
        let starts = &venue_starts[venues.start..=venues.end];
        let length = (starts[starts.len() - 1] - starts[0]) as usize;
        let (person, venue, entered, left) = rest;
        let (person, persons) = person.split_at_mut(length);
        let (venue, venues_left) = venue.split_at_mut(length);
        let (entered, entries) = entered.split_at_mut(length);
        let (left, ends) = left.split_at_mut(length);
        rest = (persons, venues_left, entries, ends);
        parts.push((venues.start, starts, person, venue, entered, left));
    }
    parallel_map(parts, |(first, starts, person, venue, entered, left)| {
        let mut visits = Vec::new();
        for (bounds, number) in starts.windows(2).zip(first as u32..) {
            let rows = (bounds[0] - starts[0]) as usize..(bounds[1] - starts[0]) as usize;
            visits.clear();
            visits.extend(
                rows.clone()
                    .map(|row| (entered[row], left[row], person[row])),
            );
            visits.sort_unstable();
            for (row, visit) in rows.zip(&visits) {
                (entered[row], left[row], person[row]) = *visit;
                venue[row] = number;
            }
        }
    });
    sorted
}

/// The rows in order of person. Each thread places the rows of its own people.
pub(super) fn by_person(person: &[u32], person_starts: &[u32]) -> Vec<u32> {
    let mut order = vec![0_u32; person.len()];
    let people = person_starts.len().saturating_sub(1);
    let mut parts = Vec::new();
    let mut rest = &mut order[..];
    for people in pieces(people, people.div_ceil(threads())) {
        let starts = &person_starts[people.start..=people.end];
        let (own, others) = rest.split_at_mut((starts[starts.len() - 1] - starts[0]) as usize);
        rest = others;
        parts.push((people.start as u32, starts, own));
    }
    parallel_map(parts, |(first, starts, own)| {
        let mut next: Vec<u32> = starts.iter().map(|start| start - starts[0]).collect();
        next.pop();
        for (row, person) in (0..).zip(person) {
            if let Some(place) = next.get_mut(person.wrapping_sub(first) as usize) {
                own[*place as usize] = row;
                *place += 1;
            }
        }
    });
    order
}

/// Where each key's rows begin in a list sorted by key, and where the last one's end.
pub(super) fn starts(keys: u32, of_rows: &[u32]) -> Vec<u32> {
    let mut starts = vec![0; keys as usize + 1];
    for key in of_rows {
        starts[*key as usize + 1] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    starts
}

/// The rows of a key; none of a key that is not there.
pub(super) fn range(starts: &[u32], key: u32) -> std::ops::Range<usize> {
    match starts.get(key as usize..key as usize + 2) {
        Some(bounds) => bounds[0] as usize..bounds[1] as usize,
        None => 0..0,
    }
}
