//! Other illnesses, which look like the disease.

use super::calendar::Minute;
use super::chance::{Chance, Purpose};
use super::scenario::Scenario;

/// An illness that is not the disease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cold {
    pub first: Minute,
    pub last: Minute,
}

/// The person's cold, if they have one in the days of the scenario. It follows from the seed and
/// the person.
pub(crate) fn of(scenario: &Scenario, person: u32) -> Option<Cold> {
    let days = i32::from(scenario.days);
    let mut chance = Chance::new(scenario.seed, Purpose::Cold, u64::from(person), 0);
    if !chance.is(scenario.testing.colds_per_day * f64::from(days)) {
        return None;
    }
    let first = Minute::of(chance.between(0, days), chance.between(0, 1440));
    let last = first.plus(chance.between(3 * 1440, 8 * 1440));
    Some(Cold { first, last })
}
