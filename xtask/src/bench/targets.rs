//! What the design asks for, at the sizes it names.

use super::measured::{Question, Storage};

/// How fast a question is to be answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// At this many people or visits.
    pub size: u64,
    /// Within so many seconds on two cores.
    pub seconds: f64,
    /// So many times as fast as the best of the column engines.
    pub times_the_best: Option<f64>,
    /// So many times as fast as PostgreSQL.
    pub times_postgres: Option<f64>,
}

/// What the design asks for.
pub const fn target(question: Question, storage: Storage) -> Target {
    let (size, seconds, times_the_best, times_postgres) = match (question, storage) {
        (Question::Decide, Storage::Memory) => (10_000_000, 0.06, Some(6.0), None),
        (Question::Decide, Storage::Parquet) => (10_000_000, 0.35, Some(2.0), None),
        (Question::Ring1, Storage::Memory) => (100_000_000, 0.006, Some(25.0), Some(10.0)),
        (Question::Ring1, Storage::Parquet) => (100_000_000, 0.07, Some(10.0), None),
        (Question::Rings1And2, Storage::Memory) => (100_000_000, 0.07, Some(15.0), Some(10.0)),
        (Question::Rings1And2, Storage::Parquet) => (100_000_000, f64::INFINITY, None, None),
    };
    Target {
        size,
        seconds,
        times_the_best,
        times_postgres,
    }
}
