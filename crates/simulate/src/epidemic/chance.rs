//! Random numbers that follow from what they are for, and from nothing else.
//!
//! A draw is keyed by the seed, its purpose, whom it is about and when. It does not matter in which
//! order or on which thread draws are made, so any number of threads gives the same city.

/// What a draw decides. Draws for different purposes are independent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Town,
    Habits,
    Favourite,
    Day,
    Meeting,
    Infection,
    Course,
    Seeds,
    Sample,
    Trip,
    Visitor,
    Cold,
    Screening,
    Illness,
    Test,
    Tracing,
    Interview,
    Declaration,
    CheckIn,
}

/// A short stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    /// The stream for `purpose` about `who` at `when`.
    pub fn new(seed: u64, purpose: Purpose, who: u64, when: u64) -> Self {
        let purpose = (purpose as u64 + 1).wrapping_mul(GOLDEN);
        let state = mix(seed.wrapping_add(purpose));
        let state = mix(state.wrapping_add(who.wrapping_mul(GOLDEN)));
        Self(mix(
            state ^ when.wrapping_add(1).wrapping_mul(0xd6e8_feb8_6659_fd93)
        ))
    }

    /// 64 random bits (SplitMix64).
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number from 0 up to, but not including, 1.
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Yes, with this probability.
    pub fn is(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// A whole number from 0 up to, but not including, `count`; 0 if `count` is 0.
    pub fn below(&mut self, count: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(count)) >> 32) as u32
    }

    /// A whole number from `least` up to, but not including, `end`.
    pub fn between(&mut self, least: i32, end: i32) -> i32 {
        least + self.below(end.abs_diff(least)) as i32
    }

    /// A draw from the normal distribution with mean 0 and variance 1 (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// A draw from the log-normal distribution of this mean and dispersion (the factor of one
    /// standard deviation).
    pub fn log_normal(&mut self, mean: f64, dispersion: f64) -> f64 {
        let sigma = dispersion.ln();
        (mean.ln() - sigma * sigma / 2.0 + sigma * self.normal()).exp()
    }

    /// A draw from the gamma distribution of this shape and mean 1 (Marsaglia and Tsang).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        // Below shape 1 the method needs a detour over the next shape.
        let (larger, boost) = if shape < 1.0 {
            let uniform = 1.0 - self.share();
            (shape + 1.0, uniform.powf(1.0 / shape))
        } else {
            (shape, 1.0)
        };
        let d = larger - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v <= 0.0 {
                continue;
            }
            let uniform = 1.0 - self.share();
            if uniform.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v * boost / shape;
            }
        }
    }
}

/// The finaliser of SplitMix64: every bit of the input changes half of the output.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(mut draw: impl FnMut(&mut Chance) -> f64) -> f64 {
        let draws = 40_000;
        let total: f64 = (0..draws)
            .map(|who| draw(&mut Chance::new(5, Purpose::Sample, who, 0)))
            .sum();
        total / draws as f64
    }

    #[test]
    fn draws_of_neighbouring_keys_have_the_mean_they_should() {
        for (what, expected, found) in [
            ("share", 0.5, mean(Chance::share)),
            ("below ten", 4.5, mean(|c| f64::from(c.below(10)))),
            ("between", 1.5, mean(|c| f64::from(c.between(-2, 6)))),
            ("normal", 0.0, mean(Chance::normal)),
            ("log-normal", 5.2, mean(|c| c.log_normal(5.2, 1.52))),
            ("gamma of shape 2", 1.0, mean(|c| c.gamma(2.0))),
            ("gamma of shape 0.5", 1.0, mean(|c| c.gamma(0.5))),
        ] {
            assert!((found - expected).abs() < 0.05, "{what}: {found}");
        }
        let variance = mean(|c| c.gamma(0.5).powi(2)) - 1.0;
        assert!((variance - 2.0).abs() < 0.2, "{variance}");
    }

    #[test]
    fn a_draw_depends_on_every_part_of_its_key() {
        let first = |seed, purpose, who, when| Chance::new(seed, purpose, who, when).bits();
        let base = first(1, Purpose::Day, 2, 3);
        assert_eq!(base, first(1, Purpose::Day, 2, 3));
        for other in [
            first(2, Purpose::Day, 2, 3),
            first(1, Purpose::Meeting, 2, 3),
            first(1, Purpose::Day, 3, 3),
            first(1, Purpose::Day, 2, 4),
            first(1, Purpose::Day, 3, 2),
        ] {
            assert_ne!(base, other);
        }
    }
}
