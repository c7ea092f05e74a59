//! How often property tests of the workspace draw, and from which seed.

use proptest::test_runner::{Config, RngSeed};

/// The seed unless another is asked for: the same cases on every machine, so that a test that fails
/// was failed by the change.
const SEED: u64 = 20_200_211;

/// How every property test runs: `cases` cases from one fixed seed.
///
/// `HEALTHCODE_PROPERTY_SEED` names another seed, `HEALTHCODE_PROPERTY_PERCENT` how many of the
/// cases; `cargo xtask test` and `cargo xtask soak` set them. A case that fails is printed and its
/// seed kept in `proptest-regressions`, to be committed with the remedy.
///
/// # Panics
/// If a variable holds no number, as a typing error there must not pass for a test.
pub fn property_cases(cases: u32) -> Config {
    let percent = variable("HEALTHCODE_PROPERTY_PERCENT").unwrap_or(100);
    let drawn = u64::from(cases) * percent / 100;
    let cases = u32::try_from(drawn).unwrap_or(u32::MAX).max(1);
    Config {
        cases,
        // Many a random policy does not load.
        max_global_rejects: cases.saturating_mul(64).max(1 << 16),
        rng_seed: RngSeed::Fixed(variable("HEALTHCODE_PROPERTY_SEED").unwrap_or(SEED)),
        ..Config::default()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "only tests read it, and a test has no other parameters"
)]
fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("{name} is {text:?}; give a whole number"),
    }
}
