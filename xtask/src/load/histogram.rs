//! Latencies, counted in buckets that are as wide as a sixty-fourth of what they hold.

use std::time::Duration;

/// So many buckets for each doubling: a percentile is off by at most 1.6 %.
const PARTS: u64 = 64;
const DOUBLINGS: usize = 40;

/// How many answers took how long, in microseconds.
#[derive(Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// One without answers.
    pub fn new() -> Self {
        Self {
            counts: vec![0; DOUBLINGS * PARTS as usize],
            total: 0,
        }
    }

    /// Counts an answer.
    pub fn add(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let last = self.counts.len() - 1;
        self.counts[bucket(micros).min(last)] += 1;
        self.total += 1;
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// How many answers.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The time within which this many of a thousand were answered.
    pub fn per_mille(&self, of_thousand: u64) -> Duration {
        let wanted = (self.total * of_thousand).div_ceil(1000).max(1);
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_micros(highest(index));
            }
        }
        Duration::ZERO
    }
}

/// The bucket of a number: numbers below 64 have their own, others share by their seven highest bits.
fn bucket(micros: u64) -> usize {
    if micros < PARTS {
        return micros as usize;
    }
    let shift = u64::from(micros.ilog2()) - 6;
    ((shift + 1) * PARTS + (micros >> shift) - PARTS) as usize
}

/// The highest number that falls into a bucket.
const fn highest(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < PARTS {
        return bucket;
    }
    let shift = bucket / PARTS - 1;
    ((bucket % PARTS + PARTS + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_no_wider_than_a_sixty_fourth() {
        for micros in (0..10_000).chain([1 << 20, (1 << 20) + 1, 9_999_999, 1 << 30]) {
            let high = highest(bucket(micros));
            assert!(high >= micros, "{micros} {high}");
            assert!(high - micros <= micros / PARTS, "{micros} {high}");
        }
    }

    #[test]
    fn percentiles_are_those_of_the_answers() {
        let mut all = Histogram::new();
        for half in 0..2 {
            let mut part = Histogram::new();
            for millis in 1..=500 {
                part.add(Duration::from_millis(half * 500 + millis));
            }
            all.merge(&part);
        }
        assert_eq!(all.total(), 1000);
        for (of_thousand, millis) in [(500, 500.0), (990, 990.0), (999, 999.0)] {
            let found = all.per_mille(of_thousand).as_secs_f64() * 1000.0;
            assert!((found / millis - 1.0).abs() < 0.02, "{of_thousand} {found}");
        }
    }
}
