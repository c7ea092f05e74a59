//! Numbers that look random and are the same every time.

/// SplitMix64 (Steele, Lea and Flood 2014).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// From 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, count: u32) -> u32 {
        ((u128::from(self.bits()) * u128::from(count)) >> 64) as u32
    }

    /// Popular things have small numbers (Zipf and Mandelbrot).
    pub fn popular(&mut self, count: u32, flat: f64) -> u32 {
        let spread = ((f64::from(count) + flat) / flat).ln();
        let place = flat * ((self.unit() * spread).exp() - 1.0);
        (place as u32).min(count - 1)
    }

    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    pub fn poisson(&mut self, mean: f64) -> u32 {
        let (limit, mut product, mut count) = ((-mean).exp(), self.unit(), 0);
        while product > limit {
            product *= self.unit();
            count += 1;
        }
        count
    }

    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = ((1.0 - self.unit()).ln() * -2.0, self.unit());
        radius.sqrt() * (angle * std::f64::consts::TAU).cos()
    }

    /// `0..count` in some order.
    pub fn permutation(&mut self, count: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count).collect();
        for place in (1..count).rev() {
            order.swap(place as usize, self.below(place + 1) as usize);
        }
        order
    }
}
