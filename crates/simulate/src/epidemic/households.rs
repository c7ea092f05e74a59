//! Who lives together: how many, and how old.

use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

/// Households of 1, 2, 3… people, in percent.
const SIZES: [u32; 6] = [16, 28, 26, 17, 9, 4];

/// Ages of a household: one or two adults, then children, then grandparents.
pub(crate) fn ages(rng: &mut Xoshiro256PlusPlus) -> Vec<i16> {
    let mut draw = rng.random_range(0..SIZES.iter().sum::<u32>());
    let mut size = 1;
    for (index, share) in SIZES.iter().enumerate() {
        size = index + 1;
        if draw < *share {
            break;
        }
        draw -= share;
    }
    let retired = size <= 2 && rng.random_bool(0.3);
    let first: i16 = match (retired, size) {
        (true, _) => rng.random_range(62..88),
        (false, 1 | 2) => rng.random_range(19..62),
        (false, _) => rng.random_range(26..52),
    };
    let mut ages = vec![first];
    while ages.len() < size {
        let age = match ages.len() {
            1 => (first + rng.random_range(-5..=5)).max(18),
            2 | 3 => rng.random_range(0..(first - 19).clamp(1, 24)),
            _ => (first + rng.random_range(22..34)).min(95),
        };
        ages.push(age);
    }
    ages
}
