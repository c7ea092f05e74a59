//! An answer in a few numbers that differ when any part of it differs, as the peers in
//! `benches/peers` count them.

use std::collections::BTreeMap;

use engine::columns::NONE;
use engine::decide::Decisions;
use engine::trace::Contact;

use crate::k1::START;

/// For each outcome (0 undeclared, 1 green, then the rules): outcome, people, sums of since and of
/// until from the start of the data, sum of the people's numbers.
pub fn decided(decisions: &Decisions) -> Vec<[u64; 5]> {
    let mut rows = BTreeMap::<u16, [u64; 5]>::new();
    let from_start = |second: u32| match second {
        NONE => 0,
        second => u64::from(second).wrapping_sub(START.into()),
    };
    let times = decisions.since.iter().zip(&decisions.until);
    for ((person, outcome), (since, until)) in (0..).zip(&decisions.outcome).zip(times) {
        let row = rows.entry(*outcome).or_default();
        let more = [0, 1, from_start(*since), from_start(*until), person];
        for (sum, more) in row.iter_mut().zip(more) {
            *sum = sum.wrapping_add(more);
        }
        row[0] = u64::from(*outcome);
    }
    rows.into_values().collect()
}

/// For each ring: ring, contacts, sums of minutes, venues, first and last timestamps, and a number
/// in which case, person and minutes of each contact belong together.
pub fn traced(contacts: &[Contact<u32>]) -> Vec<[u64; 7]> {
    let mut rows = BTreeMap::<u8, [u64; 7]>::new();
    let timestamp = |at: jiff::Timestamp| at.as_second().unsigned_abs() % 1_000_003;
    for contact in contacts {
        let (case, person) = (u64::from(contact.case), u64::from(contact.person));
        let minutes = u64::from(contact.minutes);
        let more = [
            0,
            1,
            minutes,
            contact.venues.into(),
            timestamp(contact.first),
            timestamp(contact.last),
            (person % 10_007) * (case % 10_007) + minutes * (person % 1_009),
        ];
        let row = rows.entry(contact.ring).or_default();
        for (sum, more) in row.iter_mut().zip(more) {
            *sum += more;
        }
        row[0] = contact.ring.into();
    }
    rows.into_values().collect()
}
