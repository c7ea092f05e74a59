//! When each request is due, fixed beforehand: people do not wait for each other's answers.

use std::time::Duration;

use super::city::Kind;

/// A request that is due at a time.
pub struct Arrival {
    /// After the start.
    pub at: Duration,
    /// What is asked.
    pub kind: Kind,
    /// A random number for it.
    pub draw: u64,
}

/// Random numbers from a seed (SplitMix64).
pub struct Random(u64);

impl Random {
    /// The same numbers from the same seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number in (0, 1].
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }
}

/// Arrivals at `rate` a second for `length`, independent of each other (a Poisson process), of kinds
/// in the proportions of `mix`.
pub fn poisson(mix: &[(Kind, u32)], rate: f64, length: Duration, seed: u64) -> Vec<Arrival> {
    let mut random = Random::new(seed);
    let parts: u32 = mix.iter().map(|(_, part)| part).sum();
    let mut at = 0.0;
    let mut arrivals = Vec::new();
    loop {
        at -= random.unit().ln() / rate;
        if at >= length.as_secs_f64() {
            return arrivals;
        }
        let mut place = (random.next() % u64::from(parts.max(1))) as u32;
        let kind = mix.iter().find(|(_, part)| {
            let is_it = place < *part;
            place = place.saturating_sub(*part);
            is_it
        });
        let Some((kind, _)) = kind else {
            return arrivals;
        };
        arrivals.push(Arrival {
            at: Duration::from_secs_f64(at),
            kind: *kind,
            draw: random.next(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_come_at_their_rate_in_their_proportions_and_in_no_rhythm() {
        let mix = [(Kind::Refresh, 9), (Kind::Register, 1)];
        let arrivals = poisson(&mix, 1000.0, Duration::from_secs(20), 7);
        let count = arrivals.len() as f64;
        assert!((count / 20_000.0 - 1.0).abs() < 0.05, "{count}");
        let registrations = arrivals.iter().filter(|one| one.kind == Kind::Register);
        let share = registrations.count() as f64 / count;
        assert!((share - 0.1).abs() < 0.02, "{share}");
        // Of gaps without a rhythm 1 - 1/e are shorter than the mean.
        let gaps = arrivals.windows(2).map(|pair| pair[1].at - pair[0].at);
        let short = gaps.filter(|gap| *gap < Duration::from_millis(1)).count() as f64 / count;
        assert!((short - 0.632).abs() < 0.02, "{short}");
    }
}
