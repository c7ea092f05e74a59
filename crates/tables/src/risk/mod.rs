//! Region levels from case counts, by the State Council's guidance of February 2020:
//!
//! | level | when |
//! |---|---|
//! | low | no case, or none new in 14 days |
//! | medium | new cases in 14 days and at most 50 in all, or more than 50 without a cluster |
//! | high | more than 50 in all and a cluster in 14 days |
//!
//! Counts carry no mark for clusters; [`CLUSTER`] or more new cases in 14 days count as one.
//!
//! **New cases in 14 days** are the count of the day less the last count of 14 days before or
//! earlier, and never less than none: a correction may make counts fall, and then the report says so.
//! Of a region without a count by then
//!
//! - the count under its name serves, whatever code or none the name had, because codes are changed;
//! - else it had none if the larger region had none itself;
//! - else, if the table counted its neighbours (other regions directly inside the same larger one),
//!   it may have been in what the larger region had and none of its parts counted: so many cases
//!   serve, at most the earliest count of the region. If there are none, all its cases are new;
//! - else the table did not reach back so far, and the earliest count it has serves.
//!
//! So missing data never makes a level worse (invariant 3), and the report says each of these.
//! A region without a count on the day itself gets no level, nor does one whose count is set to 0 after
//! it was more: counts of all cases do not end.
//!
//! **Totals.** A region whose parts the table counts one by one (a country by provinces, a province
//! by cities) gets a level too, from its own row and not from the sum of its parts. But it is marked
//! as a total and is not a level of anybody's stay: otherwise a city without a single case would be
//! high because its province is (invariant 3). The mark needs parts that tell at least half of the
//! region's own count. Where the sums disagree the report gives the figures.
//!
//! **Rows without a code** give no level. One that stands for a larger place tells only what the rows of
//! its parts leave, and one that lists a larger region again as its own only part tells nothing.

mod counts;
mod notes;
mod report;
#[cfg(test)]
mod tests;

pub use counts::CaseCounts;
pub use notes::RiskNote;
pub use report::{COLUMNS, RegionRisk, RiskError, RiskReport};

/// So many new cases in 14 days count as a cluster.
pub const CLUSTER: u64 = 5;
