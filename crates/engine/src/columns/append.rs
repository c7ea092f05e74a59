//! Columns after columns.

use std::hash::Hash;

use super::{Columns, Dictionary, NONE_16, OutOfRange};

impl Columns {
    /// Puts the rows of `other` after these. People keep their numbers; what dictionaries number is
    /// numbered anew.
    pub(super) fn append(&mut self, mut other: Self) -> Result<(), OutOfRange> {
        let regions = renumbered(&mut self.regions, &other.regions, "regions")?;
        renumber(&mut other.stays.region, &regions);
        renumber(&mut other.foreign_verdicts.issuer, &regions);
        let products = renumbered(&mut self.products, &other.products, "products")?;
        renumber(&mut other.vaccinations.product, &products);
        let categories = renumbered(&mut self.categories, &other.categories, "categories")?;
        renumber(&mut other.visits.category, &categories);
        self.declarations.append(other.declarations);
        self.diagnoses.append(other.diagnoses);
        self.contacts.append(other.contacts);
        self.stays.append(other.stays);
        self.tests.append(other.tests);
        self.vaccinations.append(other.vaccinations);
        self.visits.append(other.visits);
        self.orders.append(other.orders);
        self.contradictions.append(other.contradictions);
        self.foreign_verdicts.append(other.foreign_verdicts);
        self.withdrawals.append(other.withdrawals);
        Ok(())
    }
}

/// The numbers that the values of `other` have in `all`; none if they are the same.
fn renumbered<T: Clone + Eq + Hash>(
    all: &mut Dictionary<T>,
    other: &Dictionary<T>,
    what: &'static str,
) -> Result<Option<Vec<u16>>, OutOfRange> {
    let numbers = other.values().iter().map(|value| all.number(value));
    let numbers: Option<Vec<u16>> = numbers.collect();
    let numbers = numbers.ok_or(OutOfRange::Words(what))?;
    let is_same = (0..).zip(&numbers).all(|(own, number)| own == *number);
    Ok((!is_same).then_some(numbers))
}

fn renumber(column: &mut [u16], numbers: &Option<Vec<u16>>) {
    let Some(numbers) = numbers else { return };
    for value in column.iter_mut().filter(|value| **value != NONE_16) {
        *value = numbers[usize::from(*value)];
    }
}
