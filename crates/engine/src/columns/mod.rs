//! Evidence about a whole population as columns: one table for each kind, rows in order of person.
//!
//! People are numbered densely from 0; times are seconds since 1970 in 32 bits (until 2106); words
//! and regions are small numbers. 10 million people with 43 million facts take well under a
//! gigabyte. Within a person the rows of a table are in order of beginning, then of evidence
//! identifier, as `domain::decide` sorts them.

mod append;
mod build;
mod list;
mod person;
mod tables;

use append::Renumbering;
pub use build::{ColumnsBuilder, OutOfRange};
pub use list::{Held, List, ListMut, Named};
pub use tables::{
    Contacts, Contradictions, Declarations, Diagnoses, ForeignVerdicts, Orders, Stays, Tests,
    Vaccinations, Visits, Withdrawals, held, row_bytes,
};

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use domain::Region;

/// Seconds since 1970.
pub type Seconds = u32;

/// No time, no number, no word.
pub const NONE: u32 = u32::MAX;
/// No word, in columns of 16 bits.
pub const NONE_16: u16 = u16::MAX;

/// The evidence about everybody.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// How many people there are; their numbers are `0..people`.
    pub people: u32,
    /// The regions that stays and foreign verdicts name by number.
    pub regions: Dictionary<Region>,
    /// The products that vaccinations name by number.
    pub products: Dictionary<String>,
    /// The categories that visits name by number.
    pub categories: Dictionary<String>,
    /// Reports of health.
    pub declarations: Declarations,
    /// Findings.
    pub diagnoses: Diagnoses,
    /// Meetings.
    pub contacts: Contacts,
    /// Time in regions.
    pub stays: Stays,
    /// Samples.
    pub tests: Tests,
    /// Doses.
    pub vaccinations: Vaccinations,
    /// Time at venues, as evidence.
    pub visits: Visits,
    /// Orders.
    pub orders: Orders,
    /// Contradictions.
    pub contradictions: Contradictions,
    /// Verdicts of other issuers.
    pub foreign_verdicts: ForeignVerdicts,
    /// Withdrawals; a person who has one is decided piece by piece.
    pub withdrawals: Withdrawals,
}

/// Values numbered in order of first appearance.
#[derive(Clone, Debug)]
pub struct Dictionary<T> {
    values: Vec<T>,
    numbers: HashMap<T, u16>,
}

impl<T: Clone + Eq + Hash> Dictionary<T> {
    /// The number of `value`, new if it was not seen before; `None` when 65,535 are taken.
    pub fn number(&mut self, value: &T) -> Option<u16> {
        if let Some(number) = self.numbers.get(value) {
            return Some(*number);
        }
        let number = u16::try_from(self.values.len())
            .ok()
            .filter(|number| *number != NONE_16)?;
        self.values.push(value.clone());
        self.numbers.insert(value.clone(), number);
        Some(number)
    }

    /// The values in order of their numbers.
    pub fn values(&self) -> &[T] {
        &self.values
    }
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

/// The rows of the people `people` in a column that is sorted by person.
pub fn rows_of(person: &[u32], people: &Range<u32>) -> Range<usize> {
    let start = person.partition_point(|number| *number < people.start);
    let length = person[start..].partition_point(|number| *number < people.end);
    start..start + length
}

/// How many entries at the start of a sorted list `belong`, looked for from `guess` on outwards: few
/// places in memory, and close to each other.
pub(crate) fn partition_near(list: &[u32], guess: usize, belongs: impl Fn(u32) -> bool) -> usize {
    let mut step = 16;
    let (mut low, mut high) = (guess.min(list.len()), guess.min(list.len()));
    if low < list.len() && belongs(list[low]) {
        while high < list.len() && belongs(list[high]) {
            (low, high) = (high, (high + step).min(list.len()));
            step *= 2;
        }
    } else {
        while low > 0 && !belongs(list[low - 1]) {
            (low, high) = (low.saturating_sub(step), low);
            step *= 2;
        }
    }
    low + list[low..high].partition_point(|at| belongs(*at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(domain::testing::property_cases(256))]

        #[test]
        fn a_search_from_any_guess_finds_the_same_place(
            mut list in prop::collection::vec(0..500_u32, 0..300),
            guess in 0..400_usize,
            bound in 0..500_u32,
        ) {
            list.sort_unstable();
            let found = partition_near(&list, guess, |at| at <= bound);
            prop_assert_eq!(found, list.partition_point(|at| *at <= bound));
        }
    }
}
