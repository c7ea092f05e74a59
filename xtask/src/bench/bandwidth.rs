//! How fast memory can be read at all: no scan of columns is faster than this.

use std::hint::black_box;
use std::num::NonZero;
use std::thread::{self, available_parallelism};
use std::time::Instant;

/// Two of these are what each thread reads: far more than any cache holds.
const BYTES: usize = 256 << 20;

const RUNS: usize = 7;

/// Reads memory on every processor at once and says how fast that went.
#[expect(
    clippy::cast_precision_loss,
    reason = "one digit after the point is shown"
)]
pub fn measure() -> String {
    let threads = available_parallelism().map_or(1, NonZero::get);
    let pairs: Vec<[Vec<u8>; 2]> = (0..threads)
        .map(|_| [vec![1; BYTES], vec![1; BYTES]])
        .collect();
    let mut seconds: Vec<f64> = (0..RUNS).map(|_| read(&pairs)).collect();
    seconds.sort_by(f64::total_cmp);
    let rate = |seconds: f64| (threads * 2 * BYTES) as f64 / seconds / 1e9;
    format!(
        "Memory is read at {:.1} GB/s on {threads} threads (median of {RUNS}; best {:.1} GB/s).",
        rate(seconds[RUNS / 2]),
        rate(seconds[0])
    )
}

/// Seconds to compare equal memory to the end, each thread its own: the C library does that as fast
/// as the machine can, in a build of any kind.
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the machine's clock"
)]
fn read(pairs: &[[Vec<u8>; 2]]) -> f64 {
    let started = Instant::now();
    thread::scope(|scope| {
        for [one, other] in pairs {
            scope.spawn(move || black_box(black_box(one) == black_box(other)));
        }
    });
    started.elapsed().as_secs_f64()
}
