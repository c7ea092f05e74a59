//! The one place that hides small figures, and as many others as it takes that nobody can work them
//! out (invariant 13). Every report, the statistics of a day and what a proposal would change come
//! through here.
//!
//! Figures are linked by sums: a total and its parts ([`LinkedFigures`]). A figure about 1 to 9 people
//! is hidden. Then, as long as there is one that a reader could still compute, the smallest other
//! figure beside it is hidden too. A reader could compute it if
//!
//! - the linear equations of all sums, with the published figures put in, leave it only one value;
//!   or
//! - in one sum, what is left for the hidden parts is so little that they could not each be any
//!   number from 1 to 9: `k` hidden parts must have `k + 8` or more between them.
//!
//! Tests prove it by solving the equations of random figures once more, with fractions. Regions within
//! regions have too many sums for equations: `tree` keeps the same two conditions by rules that are
//! local to a group, and the same tests hold it to them.

pub(crate) mod tree;

/// Fewer people than this, but somebody, are never shown (invariant 13).
pub const FEWEST_SHOWN: u64 = 10;
/// Figures that are looked at again once they have grown are rounded down to multiples of this.
pub const ROUNDED_TO: u64 = 10;

/// Whether so many people must not be shown.
pub(crate) fn is_small(people: u64) -> bool {
    0 < people && people < FEWEST_SHOWN
}

/// A number of people that stands alone and does not change, unless it is small.
pub fn unless_small(people: u64) -> Option<u64> {
    (!is_small(people)).then_some(people)
}

/// A number of people that stands alone and grows while readers look at it, unless it is small: rounded
/// down, so that two looks do not tell that three more came in between. Between two that show the same,
/// none to nine came; between two that show the next ten, one to nineteen.
pub fn rounded_unless_small(people: u64) -> Option<u64> {
    unless_small(people).map(rounded)
}

/// A figure as it is shown to those who look again later.
pub(crate) const fn rounded(figure: u64) -> u64 {
    figure - figure % ROUNDED_TO
}

/// A figure among [`LinkedFigures`].
pub type FigureId = usize;

/// Figures and the sums that link them.
#[derive(Debug, Default)]
pub struct LinkedFigures {
    figures: Vec<Figure>,
    sums: Vec<Sum>,
}

#[derive(Clone, Copy, Debug)]
struct Figure {
    value: u64,
    /// How many people it is about.
    people: u64,
    /// Whether readers are to see it; if not it only links others.
    is_printed: bool,
    is_hidden: bool,
}

#[derive(Debug)]
struct Sum {
    total: FigureId,
    parts: Vec<FigureId>,
}

impl LinkedFigures {
    /// A number of people.
    pub fn count(&mut self, people: u64) -> FigureId {
        self.amount(people, people)
    }

    /// An amount that so many people add up to, such as their days.
    pub fn amount(&mut self, value: u64, people: u64) -> FigureId {
        self.add(value, people, true)
    }

    /// A number of people that is not printed, but that readers could compute from what is.
    pub fn implied(&mut self, people: u64) -> FigureId {
        self.add(people, people, false)
    }

    /// An amount that is not printed.
    pub fn implied_amount(&mut self, value: u64, people: u64) -> FigureId {
        self.add(value, people, false)
    }

    fn add(&mut self, value: u64, people: u64, is_printed: bool) -> FigureId {
        self.figures.push(Figure {
            value,
            people,
            is_printed,
            is_hidden: !is_printed || is_small(people),
        });
        self.figures.len() - 1
    }

    /// Says that `total` is the sum of `parts`.
    pub fn sum(&mut self, total: FigureId, parts: impl IntoIterator<Item = FigureId>) {
        let parts = parts.into_iter().collect();
        self.sums.push(Sum { total, parts });
    }

    /// Hides what must be hidden.
    pub fn hide(&mut self) {
        loop {
            let next = match self.sum_without_room() {
                Some(sum) => self.next_in([sum]),
                None => match self.determined_by_equations() {
                    Some(found) => match self.sum_with_one_hidden() {
                        Some(sum) => self.next_in([sum]),
                        None => self.next_to(found),
                    },
                    None => return,
                },
            };
            let Some(next) = next else {
                // Everything is hidden.
                return;
            };
            self.figures[next].is_hidden = true;
        }
    }

    /// The figure at `place`, unless it is hidden.
    pub fn shown(&self, place: FigureId) -> Option<u64> {
        let figure = &self.figures[place];
        (!figure.is_hidden).then_some(figure.value)
    }

    /// A sum that leaves too little room for a small part.
    fn sum_without_room(&self) -> Option<&Sum> {
        let is_hidden = |place: &FigureId| self.figures[*place].is_hidden;
        let of_people =
            |place: &FigureId| self.figures[*place].value == self.figures[*place].people;
        self.sums.iter().find(|sum| {
            let counts_people = of_people(&sum.total) && sum.parts.iter().all(of_people);
            let hidden = || sum.parts.iter().filter(|part| is_hidden(part));
            let mut people = hidden().map(|part| self.figures[*part].people);
            !is_hidden(&sum.total)
                && counts_people
                && people.any(is_small)
                && !has_room(hidden().map(|part| self.figures[*part].value))
        })
    }

    /// A sum that tells a figure outright. Figures that are neither printed nor small may be computed.
    fn sum_with_one_hidden(&self) -> Option<&Sum> {
        self.sums.iter().find(|sum| {
            let figures = sum.parts.iter().chain([&sum.total]);
            let mut hidden = figures
                .map(|place| &self.figures[*place])
                .filter(|f| f.is_hidden);
            let first = hidden.next().filter(|_| hidden.next().is_none());
            first.is_some_and(|figure| figure.is_printed || is_small(figure.people))
        })
    }

    /// A small figure that the equations leave only one value.
    fn determined_by_equations(&self) -> Option<FigureId> {
        let figures = &self.figures;
        let unknown: Vec<FigureId> = (0..figures.len())
            .filter(|place| figures[*place].is_hidden)
            .collect();
        let number = |place: FigureId| unknown.binary_search(&place).ok();
        let equations = self.sums.iter().map(|sum| {
            let mut equation = vec![0; unknown.len()];
            if let Some(total) = number(sum.total) {
                equation[total] = subtract(equation[total], 1);
            }
            for part in sum.parts.iter().filter_map(|part| number(*part)) {
                equation[part] = add(equation[part], 1);
            }
            equation
        });
        let solved = determined(equations.collect());
        solved
            .into_iter()
            .map(|column| unknown[column])
            .find(|place| is_small(figures[*place].people))
    }

    /// The figure to hide beside `found`: one that shares a sum with it, else any.
    fn next_to(&self, found: FigureId) -> Option<FigureId> {
        let beside = self.sums.iter();
        let beside = beside.filter(|sum| sum.total == found || sum.parts.contains(&found));
        self.next_in(beside).or_else(|| self.next_in(&self.sums))
    }

    /// The smallest figure of these sums that is shown: parts before totals, anything before 0.
    fn next_in<'s>(&self, sums: impl IntoIterator<Item = &'s Sum>) -> Option<FigureId> {
        let figures = sums.into_iter().flat_map(|sum| {
            let parts = sum.parts.iter().map(|part| (*part, false));
            parts.chain([(sum.total, true)])
        });
        let shown = figures.filter(|(place, _)| !self.figures[*place].is_hidden);
        let smallest = shown.min_by_key(|(place, is_total)| {
            let value = self.figures[*place].value;
            (value == 0, *is_total, value, *place)
        });
        smallest.map(|(place, _)| place)
    }
}

/// A total and its parts, with what is small hidden and what would tell it.
pub(crate) fn hide_parts(parts: &[u64]) -> (Option<u64>, Vec<Option<u64>>) {
    let mut figures = LinkedFigures::default();
    let places: Vec<_> = parts.iter().map(|part| figures.count(*part)).collect();
    let total = figures.count(parts.iter().sum());
    figures.sum(total, places.clone());
    figures.hide();
    let shown = places.into_iter().map(|place| figures.shown(place));
    (figures.shown(total), shown.collect())
}

/// Whether hidden numbers with this sum could each be any number from 1 to 9, as far as the sum tells.
pub(crate) fn has_room(hidden: impl Iterator<Item = u64>) -> bool {
    let (mut count, mut sum) = (0, 0);
    for value in hidden {
        count += 1;
        sum += value;
    }
    count >= 2 && sum >= count + FEWEST_SHOWN - 2
}

/// A prime: arithmetic modulo it stands for that of fractions. The determinants of these small sums
/// of ones are far below it, so none vanishes that should not.
const PRIME: u64 = (1 << 61) - 1;

fn add(a: u64, b: u64) -> u64 {
    (a + b) % PRIME
}

fn subtract(a: u64, b: u64) -> u64 {
    (a + PRIME - b) % PRIME
}

fn multiply(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

/// `1 / a`, by Fermat's little theorem.
fn inverse(a: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, a, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    result
}

/// The unknowns (columns) that a system of linear equations (rows) leaves only one value: those that
/// stand alone in a row of the reduced row echelon form.
fn determined(mut rows: Vec<Vec<u64>>) -> Vec<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    let mut done = 0;
    for column in 0..columns {
        let Some(pivot) = (done..rows.len()).find(|row| rows[*row][column] != 0) else {
            continue;
        };
        rows.swap(done, pivot);
        let scale = inverse(rows[done][column]);
        for value in &mut rows[done] {
            *value = multiply(*value, scale);
        }
        let pivot = rows[done].clone();
        for (number, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if number != done && factor != 0 {
                for (value, above) in row.iter_mut().zip(&pivot) {
                    *value = subtract(*value, multiply(factor, *above));
                }
            }
        }
        done += 1;
    }
    let alone = |row: &Vec<u64>| {
        let mut there = (0..columns).filter(|column| row[*column] != 0);
        there.next().filter(|_| there.next().is_none())
    };
    rows.iter().take(done).filter_map(alone).collect()
}

#[cfg(test)]
pub(super) mod tests;
