//! How fast memory can be read at all: no scan of columns is faster than this.

use std::hint::black_box;
use std::num::NonZero;
use std::thread::{self, available_parallelism};
use std::time::Instant;

/// What each thread reads: far more than any cache holds.
const BYTES_EACH: usize = 512 << 20;

const RUNS: usize = 7;

/// Reads memory on every processor at once and says how fast that went.
#[expect(
    clippy::cast_precision_loss,
    reason = "one digit after the point is shown"
)]
pub fn measure() -> String {
    let threads = available_parallelism().map_or(1, NonZero::get);
    let parts: Vec<Vec<u64>> = (0..threads)
        .map(|_| vec![1; BYTES_EACH / size_of::<u64>()])
        .collect();
    let mut seconds: Vec<f64> = (0..RUNS).map(|_| read(&parts)).collect();
    seconds.sort_by(f64::total_cmp);
    let rate = |seconds: f64| (threads * BYTES_EACH) as f64 / seconds / 1e9;
    format!(
        "Memory is read at {:.1} GB/s on {threads} threads (median of {RUNS}; best {:.1} GB/s).",
        rate(seconds[RUNS / 2]),
        rate(seconds[0])
    )
}

/// Seconds to add up all numbers, each thread its own.
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]
fn read(parts: &[Vec<u64>]) -> f64 {
    let started = Instant::now();
    thread::scope(|scope| {
        for part in parts {
            scope.spawn(|| black_box(part.iter().fold(0_u64, |sum, n| sum.wrapping_add(*n))));
        }
    });
    started.elapsed().as_secs_f64()
}
