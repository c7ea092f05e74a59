//! Nobody can compute what is hidden in groups within groups.

use proptest::prelude::*;

use super::*;
use crate::suppress::tests::determined_columns;

/// People by province, city and county, some of whom change.
fn tree(people: &[(u8, u8, u8, [u64; FIGURES])]) -> Tree {
    let mut tree = Tree::new();
    for (province, city, county, figures) in people {
        let province = tree.child(Tree::ROOT, &format!("{province}"));
        let city = tree.child(province, &format!("city {city}"));
        let county = tree.child(city, &format!("county {county}"));
        tree.add(county, figures);
    }
    tree
}

fn seen(tree: &Tree, figure: usize) -> Vec<String> {
    let shown = |node: &&Node| {
        let people = node
            .shown(figure)
            .map_or("*".to_owned(), |people| people.to_string());
        format!("{} {people}", node.label)
    };
    tree.in_order().iter().map(shown).collect()
}

#[test]
fn a_lonely_small_group_takes_the_next_smallest_with_it() {
    let restricted = |number: u64| [1000, number, 0, 0, 0];
    let mut tree = tree(&[
        (1, 1, 1, restricted(4)),
        (1, 1, 2, restricted(60)),
        (1, 1, 3, restricted(25)),
        (2, 1, 1, restricted(300)),
    ]);
    tree.hide([false; FIGURES]);
    assert_eq!(
        seen(&tree, 1),
        [
            "everybody 389",
            "1 89",
            "city 1 89",
            "county 1 *",
            "county 2 60",
            "county 3 *",
            "2 300",
            "city 1 300",
            "county 1 300",
        ]
    );
    assert!(
        seen(&tree, 0).iter().all(|row| !row.contains('*')),
        "the people are many"
    );
}

#[test]
fn the_few_who_do_not_change_cannot_be_computed_from_those_who_do() {
    // 95 of 100 are newly restricted: five are not.
    let mut tree = tree(&[
        (1, 1, 1, [100, 95, 0, 0, 0]),
        (2, 1, 1, [5000, 100, 0, 0, 0]),
    ]);
    tree.hide([false; FIGURES]);
    assert_eq!(
        seen(&tree, 1),
        [
            "everybody 195",
            "1 *",
            "city 1 *",
            "county 1 *",
            "2 *",
            "city 1 *",
            "county 1 *"
        ]
    );
}

#[test]
fn a_few_people_from_elsewhere_do_not_hide_a_whole_province() {
    let restricted = |number: u64| [1000, number, 0, 0, 0];
    let mut tree = tree(&[
        (1, 1, 1, restricted(60)),
        (1, 1, 2, restricted(25)),
        (1, 2, 1, restricted(300)),
        (1, 2, 2, restricted(400)),
        (2, 1, 1, [3, 3, 0, 0, 0]),
    ]);
    tree.hide([false; FIGURES]);
    assert_eq!(
        seen(&tree, 1),
        [
            "everybody 788",
            "1 *",
            "city 1 *",
            "county 1 60",
            "county 2 *",
            "city 2 700",
            "county 1 300",
            "county 2 400",
            "2 *",
            "city 1 *",
            "county 1 *",
        ]
    );
}

#[test]
fn a_figure_hidden_for_its_row_is_not_told_by_the_group_around_it() {
    // Of the second city 3 do not change, which the third change hides; the first city has none of
    // it, so that the province alone would tell it.
    let mut tree = tree(&[
        (1, 1, 1, [20, 0, 10, 0, 10]),
        (1, 2, 1, [15, 0, 0, 1, 11]),
        (1, 2, 2, [34, 0, 24, 10, 0]),
        (2, 1, 1, [100, 0, 0, 10, 17]),
    ]);
    tree.hide([false; FIGURES]);
    let shown = seen(&tree, 3);
    assert!(shown.contains(&"city 2 *".to_owned()), "{shown:?}");
    assert!(
        shown[1] == "1 *" || shown.contains(&"city 1 *".to_owned()),
        "{shown:?}"
    );
}

#[test]
fn when_all_is_hidden_and_still_tells_the_group_itself_is_hidden() {
    // Twelve groups of one: their sum would tell each.
    let people: Vec<_> = (0..12)
        .map(|county| (1, 1, county, [100, 1, 0, 0, 0]))
        .collect();
    let mut tree = tree(&people);
    tree.hide([false; FIGURES]);
    assert!(seen(&tree, 1).iter().all(|row| row.ends_with('*')));
    assert!(seen(&tree, 0).iter().all(|row| !row.ends_with('*')));
}

#[test]
fn what_is_hidden_of_everybody_is_not_told_by_its_groups() {
    let mut tree = tree(&[
        (1, 1, 1, [100, 20, 0, 0, 30]),
        (2, 1, 1, [100, 30, 0, 0, 40]),
    ]);
    tree.hide([false, false, false, false, true]);
    assert_eq!(
        seen(&tree, 4),
        [
            "everybody *",
            "1 *",
            "city 1 *",
            "county 1 *",
            "2 40",
            "city 1 40",
            "county 1 40"
        ]
    );
    assert_eq!(seen(&tree, 1)[0], "everybody 50");
}

/// All sums that a reader knows, over the hidden figures: down the columns, and along the rows with
/// the unchanged, who are never printed.
fn equations(tree: &Tree) -> (Vec<Vec<i128>>, Vec<(usize, usize)>) {
    let unchanged = FIGURES;
    let hidden: Vec<(usize, usize)> = (0..tree.nodes.len())
        .flat_map(|node| (0..=FIGURES).map(move |figure| (node, figure)))
        .filter(|(node, figure)| *figure == unchanged || tree.nodes[*node].hidden[*figure])
        .collect();
    let column = |cell: (usize, usize)| hidden.binary_search(&cell).ok();
    let equation = |total: (usize, usize), parts: Vec<(usize, usize)>| {
        let mut row = vec![0; hidden.len()];
        let parts = parts.into_iter().map(|part| (part, 1));
        for (cell, factor) in parts.chain([(total, -1)]) {
            if let Some(column) = column(cell) {
                row[column] += factor;
            }
        }
        row
    };
    let mut rows = Vec::new();
    for (place, node) in tree.nodes.iter().enumerate() {
        rows.push(equation(
            (place, 0),
            (1..=FIGURES).map(|figure| (place, figure)).collect(),
        ));
        for figure in (0..=FIGURES).filter(|_| !node.children.is_empty()) {
            let parts = node.children.iter().map(|child| (*child, figure));
            rows.push(equation((place, figure), parts.collect()));
        }
    }
    (rows, hidden)
}

fn figures() -> impl Strategy<Value = [u64; FIGURES]> {
    let number = || prop_oneof![4 => Just(0_u64), 3 => 1..10_u64, 2 => 10..60_u64];
    let unchanged = prop_oneof![1 => 0..10_u64, 2 => 10..900_u64];
    (unchanged, number(), number(), number(), number())
        .prop_map(|(same, a, b, c, d)| [same + a + b + c + d, a, b, c, d])
}

proptest! {
    #![proptest_config(domain::testing::property_cases(2000))]

    #[test]
    fn invariant_13_no_small_group_is_shown_or_determined_by_sums(
        people in prop::collection::vec((0..3_u8, 0..2_u8, 0..3_u8, figures()), 1..10)
    ) {
        let mut tree = tree(&people);
        tree.hide([false; FIGURES]);
        for node in &tree.nodes {
            for figure in 0..FIGURES {
                prop_assert!(node.hidden[figure] || !is_small(node.figures[figure]));
            }
        }
        let (rows, hidden) = equations(&tree);
        let determined = determined_columns(&rows);
        for (column, (node, figure)) in hidden.iter().enumerate() {
            let node = &tree.nodes[*node];
            let value = match node.figures.get(*figure) {
                Some(value) => *value,
                None => node.figures[0] - node.figures[1..].iter().sum::<u64>(),
            };
            if *figure == FIGURES && node.depth == 0 {
                // Linked and hidden with the figures about everybody.
                continue;
            }
            if is_small(value) {
                prop_assert!(
                    !determined[column],
                    "figure {figure} of {} in {:#?}",
                    node.label,
                    (0..FIGURES).map(|figure| seen(&tree, figure)).collect::<Vec<_>>()
                );
            }
        }
    }
}
