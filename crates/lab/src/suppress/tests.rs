//! Nobody can compute what is hidden.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

#[test]
fn two_looks_at_a_number_that_grew_tell_no_small_growth() {
    let mut growths = BTreeMap::<_, BTreeSet<u64>>::new();
    for before in 0..60 {
        for after in before..60 {
            let shown = [before, after].map(rounded_unless_small);
            growths.entry(shown).or_default().insert(after - before);
        }
    }
    // That nobody is there is no small number.
    assert_eq!(
        growths.remove(&[Some(0), Some(0)]),
        Some(BTreeSet::from([0]))
    );
    for (shown, growths) in growths {
        assert!(growths.len() >= 9, "{shown:?} tell one of {growths:?}");
        assert!(shown.iter().flatten().all(|shown| !is_small(*shown)));
    }
    assert_eq!(rounded_unless_small(127), Some(120));
    assert_eq!(
        [0, 1, 9, 10].map(unless_small),
        [Some(0), None, None, Some(10)]
    );
}

/// A table with totals of rows, of columns, and of everything.
fn table(cells: &[Vec<u64>]) -> (LinkedFigures, Vec<Vec<FigureId>>) {
    let mut system = LinkedFigures::default();
    let width = cells[0].len();
    let mut places: Vec<Vec<FigureId>> = cells
        .iter()
        .map(|row| row.iter().map(|people| system.count(*people)).collect())
        .collect();
    let of_column = |column: usize| cells.iter().map(|row| row[column]).sum();
    let rows: Vec<FigureId> = cells
        .iter()
        .map(|row| system.count(row.iter().sum()))
        .collect();
    let columns: Vec<FigureId> = (0..width)
        .map(|column| system.count(of_column(column)))
        .collect();
    let all = system.count(cells.iter().flatten().sum());
    for (total, row) in rows.iter().zip(&places) {
        system.sum(*total, row.clone());
    }
    for (column, total) in columns.iter().enumerate() {
        system.sum(*total, places.iter().map(|row| row[column]));
    }
    system.sum(all, rows.clone());
    system.sum(all, columns.clone());
    for (row, total) in places.iter_mut().zip(rows) {
        row.push(total);
    }
    places.push(columns.into_iter().chain([all]).collect());
    (system, places)
}

/// What a reader sees: a star where a figure is hidden.
fn seen(system: &LinkedFigures, places: &[Vec<FigureId>]) -> Vec<String> {
    let cell = |place: &FigureId| {
        system
            .shown(*place)
            .map_or("*".to_owned(), |people| people.to_string())
    };
    let row = |row: &Vec<FigureId>| row.iter().map(cell).collect::<Vec<_>>().join(" ");
    places.iter().map(row).collect()
}

#[test]
fn a_small_number_takes_others_with_it_so_that_no_total_tells_it() {
    let hidden = |cells: &[Vec<u64>]| {
        let (mut system, places) = table(cells);
        system.hide();
        seen(&system, &places)
    };
    assert_eq!(
        hidden(&[vec![30, 20], vec![40, 50]]),
        ["30 20 50", "40 50 90", "70 70 140"],
        "nothing small, nothing hidden"
    );
    assert_eq!(
        hidden(&[vec![3, 20, 30], vec![40, 50, 60], vec![70, 80, 90]]),
        ["* * 30 53", "* * 60 150", "70 80 90 240", "113 150 180 443"],
        "the smallest in its row, in its column, and where the two meet"
    );
    assert_eq!(
        hidden(&[vec![0, 0], vec![0, 12]]),
        ["0 0 0", "0 12 12", "0 12 12"]
    );
}

#[test]
fn hidden_parts_of_a_small_sum_are_not_left_alone() {
    let mut system = LinkedFigures::default();
    let parts = [1, 1, 10].map(|people| system.count(people));
    let total = system.count(12);
    system.sum(total, parts);
    system.hide();
    // With the 10 shown, the others would have 2 between them: one each.
    assert_eq!(parts.map(|part| system.shown(part)), [None; 3]);
    assert_eq!(system.shown(total), Some(12));
}

#[test]
fn an_amount_of_a_few_people_is_hidden_with_its_counterparts() {
    let mut system = LinkedFigures::default();
    let [before, added, after, removed] =
        [(500, 40), (30, 3), (470, 41), (60, 20)].map(|(days, people)| system.amount(days, people));
    let both = system.implied_amount(530, 99);
    system.sum(both, [before, added]);
    system.sum(both, [after, removed]);
    system.hide();
    assert_eq!(system.shown(added), None);
    let shown = [before, after, removed]
        .into_iter()
        .filter(|place| system.shown(*place).is_some());
    assert_eq!(
        shown.count(),
        2,
        "one more is hidden, or the three others would tell"
    );
}

#[test]
fn what_is_not_printed_still_links_what_is() {
    // 14 freed, 11 of them contacts: the 3 others can be read off.
    let mut system = LinkedFigures::default();
    let (freed, contacts, others) = (system.count(14), system.count(11), system.implied(3));
    system.sum(freed, [contacts, others]);
    system.hide();
    assert!(system.shown(freed).is_none() || system.shown(contacts).is_none());
}

/// Fractions, for an audit that shares nothing with the code under test.
#[derive(Clone, Copy, PartialEq)]
struct Fraction(i128, i128);

impl Fraction {
    fn new(over: i128, under: i128) -> Self {
        let (mut a, mut b) = (over.abs(), under.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = under.signum() / a.max(1);
        Self(over * sign, under * sign)
    }
}

/// Which unknowns (columns) the equations (rows) leave only one value: those whose unit vector is a
/// combination of rows, that is, stands alone in the reduced form.
pub(crate) fn determined_columns(rows: &[Vec<i128>]) -> Vec<bool> {
    let fractions = |row: &Vec<i128>| row.iter().map(|n| Fraction(*n, 1)).collect();
    let mut rows: Vec<Vec<Fraction>> = rows.iter().map(fractions).collect();
    let width = rows.first().map_or(0, Vec::len);
    let mut rank = 0;
    for column in 0..width {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column].0 != 0) else {
            continue;
        };
        rows.swap(rank, pivot);
        let top = rows[rank].clone();
        for (number, row) in rows.iter_mut().enumerate() {
            let (a, b) = (row[column], top[column]);
            if number == rank || a.0 == 0 {
                continue;
            }
            let factor = Fraction::new(a.0 * b.1, a.1 * b.0);
            for (value, above) in row.iter_mut().zip(&top).filter(|(_, above)| above.0 != 0) {
                let product = Fraction::new(factor.0 * above.0, factor.1 * above.1);
                let over = value.0 * product.1 - product.0 * value.1;
                *value = Fraction::new(over, value.1 * product.1);
            }
        }
        rank += 1;
    }
    let mut determined = vec![false; width];
    for row in &rows[..rank] {
        let mut there = (0..width).filter(|column| row[*column].0 != 0);
        if let (Some(column), None) = (there.next(), there.next()) {
            determined[column] = true;
        }
    }
    determined
}

#[test]
fn the_audit_finds_what_can_be_computed() {
    // a + b = 10, b + c = 7, c = 3: everything; d + e = 5: nothing.
    let rows = [
        vec![1, 1, 0, 0, 0],
        vec![0, 1, 1, 0, 0],
        vec![0, 0, 1, 0, 0],
        vec![0, 0, 0, 1, 1],
    ];
    assert_eq!(determined_columns(&rows), [true, true, true, false, false]);
    let halves = [vec![1, 1], vec![1, -1]];
    assert_eq!(determined_columns(&halves), [true, true]);
}

/// The sums as equations of the hidden figures, and which column each hidden figure has.
fn equations(system: &LinkedFigures) -> (Vec<Vec<i128>>, Vec<FigureId>) {
    let hidden: Vec<FigureId> = (0..system.figures.len())
        .filter(|place| system.shown(*place).is_none())
        .collect();
    let column = |place: FigureId| hidden.iter().position(|other| *other == place);
    let equation = |sum: &Sum| {
        let mut row = vec![0; hidden.len()];
        for (place, factor) in sum
            .parts
            .iter()
            .map(|part| (*part, 1))
            .chain([(sum.total, -1)])
        {
            if let Some(column) = column(place) {
                row[column] += factor;
            }
        }
        row
    };
    (system.sums.iter().map(equation).collect(), hidden)
}

fn cell() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(0_u64), 3 => 1..10_u64, 3 => 10..30_u64, 1 => 30..5000_u64]
}

fn cells() -> impl Strategy<Value = Vec<Vec<u64>>> {
    (1..6_usize, 1..6_usize).prop_flat_map(|(height, width)| {
        prop::collection::vec(prop::collection::vec(cell(), width), height)
    })
}

proptest! {
    #![proptest_config(domain::testing::property_cases(256))]

    #[test]
    fn invariant_13_no_small_figure_is_shown_or_determined_by_sums(cells in cells()) {
        let (mut system, places) = table(&cells);
        system.hide();
        for figure in &system.figures {
            prop_assert!(figure.is_hidden || !is_small(figure.people));
        }
        let (rows, hidden) = equations(&system);
        let determined = determined_columns(&rows);
        for (column, place) in hidden.iter().enumerate() {
            if is_small(system.figures[*place].people) {
                prop_assert!(
                    !determined[column],
                    "figure {place} of {:#?}", seen(&system, &places)
                );
            }
        }
    }

    #[test]
    fn a_table_without_small_figures_is_shown_whole(
        cells in prop::collection::vec(prop::collection::vec(10..99_u64, 4), 1..5)
    ) {
        let (mut system, places) = table(&cells);
        system.hide();
        prop_assert!(places.iter().flatten().all(|place| system.shown(*place).is_some()));
    }
}
