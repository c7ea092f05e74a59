//! Counts of people that are kept back because they are small.

/// The count, unless it is from 1 to 9: small cells point at people (invariant 13).
pub(crate) fn unless_small(count: u64) -> Option<u64> {
    (!(1..=9).contains(&count)).then_some(count)
}
