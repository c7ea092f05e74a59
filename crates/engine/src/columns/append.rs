//! Columns after columns.

use std::hash::Hash;

use super::{Columns, Dictionary, NONE_16, OutOfRange};

impl Columns {
    /// Puts the rows of `other` after these. People keep their numbers; what dictionaries number is
    /// numbered anew.
    pub(super) fn append(&mut self, other: Self) -> Result<(), OutOfRange> {
        let numbers = Renumbering {
            regions: Numbers::new(&mut self.regions, &other.regions, "regions")?,
            products: Numbers::new(&mut self.products, &other.products, "products")?,
            categories: Numbers::new(&mut self.categories, &other.categories, "categories")?,
        };
        self.append_rows(other, &numbers);
        Ok(())
    }
}

/// What the numbers of other columns are here.
pub(super) struct Renumbering {
    pub(super) regions: Numbers,
    pub(super) products: Numbers,
    pub(super) categories: Numbers,
}

/// The numbers that the values of another dictionary have here; none if they are the same.
pub(super) struct Numbers(Option<Vec<u16>>);

impl Numbers {
    fn new<T: Clone + Eq + Hash>(
        all: &mut Dictionary<T>,
        other: &Dictionary<T>,
        what: &'static str,
    ) -> Result<Self, OutOfRange> {
        let numbers = other.values().iter().map(|value| all.number(value));
        let numbers: Option<Vec<u16>> = numbers.collect();
        let numbers = numbers.ok_or(OutOfRange::Words(what))?;
        let is_same = (0..).zip(&numbers).all(|(own, number)| own == *number);
        Ok(Self((!is_same).then_some(numbers)))
    }

    pub(super) fn apply(&self, column: &mut [u16]) {
        let Some(numbers) = &self.0 else { return };
        for value in column.iter_mut().filter(|value| **value != NONE_16) {
            *value = numbers[usize::from(*value)];
        }
    }
}
