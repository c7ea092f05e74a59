//! The statistics of one day: people by region and colour, rules, checks; whole for those who work
//! with them, and in a form that anybody may see.
//!
//! What anybody may see is made in two steps. First figures from 1 to 9 are hidden with whatever
//! would tell them, as in every report of this crate. Then what is left is rounded down to tens, so
//! that two days held side by side do not show that one person more turned red.

use domain::{Colour, Region};

use super::groups::path;
use crate::suppress::tree::{FIGURES, Tree};
use crate::suppress::{LinkedFigures, hide_parts, rounded};

/// What was counted on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// People by where they live; `None` where that is not known.
    pub places: Vec<(Option<Region>, Residents)>,
    /// People whose colour a rule gives, by rule. Those of a colour add up to everybody who has it.
    pub rules: Vec<(Colour, u64)>,
    /// Checks by outcome.
    pub checks: Vec<u64>,
}

/// The people of one region, by status at the end of the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Residents {
    /// Without a valid declaration, and not restricted.
    pub undeclared: u64,
    /// Green.
    pub green: u64,
    /// Yellow.
    pub yellow: u64,
    /// Red.
    pub red: u64,
    /// Those who became known on the day.
    pub registered: u64,
}

/// The figures of a [`Census`]; `None` stands for what is kept back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CensusFigures {
    /// Everybody first; then each region followed by those inside it.
    pub places: Vec<PlaceFigures>,
    /// As [`Census::rules`].
    pub rules: Vec<Option<u64>>,
    /// As [`Census::checks`].
    pub checks: Vec<Option<u64>>,
    /// All checks.
    pub checks_in_all: Option<u64>,
}

/// The figures of one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceFigures {
    /// Where.
    pub place: Place,
    /// How many larger places stand around it.
    pub depth: u8,
    /// People who live there.
    pub people: Option<u64>,
    /// Those who are undeclared.
    pub undeclared: Option<u64>,
    /// Those who are green.
    pub green: Option<u64>,
    /// Those who are yellow.
    pub yellow: Option<u64>,
    /// Those who are red.
    pub red: Option<u64>,
    /// Those who became known on the day.
    pub registered: Option<u64>,
}

/// A place in the statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// All regions together.
    Everywhere,
    /// A province, city or county, or another country.
    Region(Region),
    /// Somewhere in the region, it is not known where; `None`: nothing is known.
    SomewhereIn(Option<Region>),
}

impl Census {
    /// Every figure as it is.
    pub fn exact(&self) -> CensusFigures {
        let (people, registered) = self.trees();
        CensusFigures {
            places: places(&people, &registered),
            rules: self.rules.iter().map(|(_, count)| Some(*count)).collect(),
            checks: self.checks.iter().copied().map(Some).collect(),
            checks_in_all: Some(self.checks.iter().sum()),
        }
    }

    /// What anybody may see (invariant 13).
    pub fn public(&self) -> CensusFigures {
        let mut figures = self.hidden();
        let round = |figure: &mut Option<u64>| {
            if let Some(figure) = figure {
                *figure = rounded(*figure);
            }
        };
        for place in &mut figures.places {
            let PlaceFigures {
                place: _,
                depth: _,
                people,
                undeclared,
                green,
                yellow,
                red,
                registered,
            } = place;
            for figure in [people, undeclared, green, yellow, red, registered] {
                round(figure);
            }
        }
        figures.rules.iter_mut().for_each(round);
        figures.checks.iter_mut().for_each(round);
        round(&mut figures.checks_in_all);
        figures
    }

    /// The figures with those hidden that are small or tell a small one; the others are exact.
    fn hidden(&self) -> CensusFigures {
        let (mut people, mut registered) = self.trees();
        let (everybody, mut rules) = self.hide_rules();
        people.hide(everybody);
        registered.hide([false; FIGURES]);
        let places = places(&people, &registered);
        // What the regions hide of everybody, the rules must not add up to.
        if let Some(all) = places.first() {
            for ((colour, _), figure) in self.rules.iter().zip(&mut rules) {
                let total = match colour {
                    Colour::Green => all.green,
                    Colour::Yellow => all.yellow,
                    Colour::Red => all.red,
                };
                *figure = figure.filter(|_| total.is_some());
            }
        }
        let (checks_in_all, checks) = hide_parts(&self.checks);
        CensusFigures {
            places,
            rules,
            checks,
            checks_in_all,
        }
    }

    /// People by status and the newly registered, each as groups within groups. Both have the same
    /// groups.
    fn trees(&self) -> (Tree, Tree) {
        let (mut people, mut registered) = (Tree::new(), Tree::new());
        for (region, residents) in &self.places {
            let mut nodes = (Tree::ROOT, Tree::ROOT);
            for label in path(*region) {
                nodes = (
                    people.child(nodes.0, &label),
                    registered.child(nodes.1, &label),
                );
            }
            let all = residents.undeclared + residents.green + residents.yellow + residents.red;
            // People who do not change in a tree are never printed there: here these are the green.
            let changes = [
                all,
                residents.undeclared,
                residents.yellow,
                residents.red,
                0,
            ];
            people.add(nodes.0, &changes);
            registered.add(nodes.1, &[residents.registered, 0, 0, 0, 0]);
        }
        (people, registered)
    }

    /// What is hidden of everybody, in the order of a tree's figures, and the rules.
    fn hide_rules(&self) -> ([bool; FIGURES], Vec<Option<u64>>) {
        let sum = |of: fn(&Residents) -> u64| {
            let residents = self.places.iter().map(|(_, residents)| of(residents));
            residents.sum::<u64>()
        };
        let mut figures = LinkedFigures::default();
        let undeclared = figures.count(sum(|r| r.undeclared));
        let green = figures.count(sum(|r| r.green));
        let yellow = figures.count(sum(|r| r.yellow));
        let red = figures.count(sum(|r| r.red));
        let people = figures.count(sum(|r| r.undeclared + r.green + r.yellow + r.red));
        figures.sum(people, [undeclared, green, yellow, red]);
        let rules: Vec<_> = self
            .rules
            .iter()
            .map(|(_, count)| figures.count(*count))
            .collect();
        for (colour, total) in [(Colour::Yellow, yellow), (Colour::Red, red)] {
            let of_colour = self.rules.iter().zip(&rules);
            let of_colour = of_colour.filter(|((gives, _), _)| *gives == colour);
            let parts: Vec<_> = of_colour.map(|(_, place)| *place).collect();
            if !parts.is_empty() {
                figures.sum(total, parts);
            }
        }
        figures.hide();
        let is_hidden = |place| figures.shown(place).is_none();
        let everybody = [
            is_hidden(people),
            is_hidden(undeclared),
            is_hidden(yellow),
            is_hidden(red),
            false,
        ];
        (
            everybody,
            rules.into_iter().map(|rule| figures.shown(rule)).collect(),
        )
    }
}

fn places(people: &Tree, registered: &Tree) -> Vec<PlaceFigures> {
    let mut around: Vec<Option<Region>> = Vec::new();
    let rows = people.in_order().into_iter().zip(registered.in_order());
    let row = rows.map(|(node, registered)| {
        around.truncate(usize::from(node.depth));
        let region: Option<Region> = node.label.parse().ok();
        let place = match region {
            _ if node.depth == 0 => Place::Everywhere,
            Some(region) => Place::Region(region),
            None => Place::SomewhereIn(around.last().copied().flatten()),
        };
        around.push(region);
        let [all, undeclared, yellow, red] = [0, 1, 2, 3].map(|figure| node.shown(figure));
        let green = match (all, undeclared, yellow, red) {
            (Some(all), Some(undeclared), Some(yellow), Some(red)) => {
                all.checked_sub(undeclared + yellow + red)
            }
            _ => None,
        };
        PlaceFigures {
            place,
            depth: node.depth,
            people: all,
            undeclared,
            green,
            yellow,
            red,
            registered: registered.shown(0),
        }
    });
    row.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::suppress::is_small;

    fn living(region: &str, green: u64, yellow: u64, red: u64) -> (Option<Region>, Residents) {
        let residents = Residents {
            green,
            yellow,
            red,
            ..Residents::default()
        };
        (region.parse().ok(), residents)
    }

    fn lines(figures: &CensusFigures) -> Vec<String> {
        let number = |figure: Option<u64>| figure.map_or("*".to_owned(), |f| f.to_string());
        let rows = figures.places.iter().map(|row| {
            let place = match row.place {
                Place::Everywhere => "all".to_owned(),
                Place::Region(region) => region.to_string(),
                Place::SomewhereIn(None) => "unknown".to_owned(),
                Place::SomewhereIn(Some(region)) => format!("in {region}"),
            };
            let figures = [row.people, row.green, row.yellow, row.red].map(number);
            format!("{place} {}", figures.join(" "))
        });
        rows.collect()
    }

    fn census() -> Census {
        Census {
            places: vec![
                living("330106", 1_234, 25, 4),
                living("330108", 2_000, 0, 61),
                living("3301", 87, 0, 0),
                living("", 400, 0, 0),
            ],
            rules: vec![(Colour::Yellow, 25), (Colour::Red, 65)],
            checks: vec![5_000, 3, 40],
        }
    }

    #[test]
    fn regions_add_up_and_those_whose_county_is_unknown_stand_apart() {
        assert_eq!(
            lines(&census().exact()),
            [
                "all 3811 3721 25 65",
                "33 3411 3321 25 65",
                "3301 3411 3321 25 65",
                "330106 1263 1234 25 4",
                "330108 2061 2000 0 61",
                "in 3301 87 87 0 0",
                "unknown 400 400 0 0",
            ]
        );
    }

    #[test]
    fn anybody_sees_tens_and_no_small_figure_nor_what_would_tell_it() {
        let figures = census().public();
        assert_eq!(
            lines(&figures),
            [
                "all 3810 3720 20 60",
                "33 3410 3320 20 60",
                "3301 3410 3320 20 60",
                // 4 are red; 61 in the county beside would tell it, and green the rest of a row.
                "330106 1260 * 20 *",
                "330108 2060 * 0 *",
                "in 3301 80 80 0 0",
                "unknown 400 400 0 0",
            ]
        );
        assert_eq!(figures.rules, [Some(20), Some(60)]);
        assert_eq!(figures.checks, [Some(5_000), None, None]);
        assert_eq!(figures.checks_in_all, Some(5_040));
    }

    #[test]
    fn a_rule_that_few_are_under_hides_another_of_its_colour() {
        let mut census = census();
        census.rules = vec![
            (Colour::Yellow, 25),
            (Colour::Red, 5),
            (Colour::Red, 20),
            (Colour::Red, 40),
        ];
        let figures = census.hidden();
        assert_eq!(figures.rules, [Some(25), None, None, Some(40)]);
    }

    #[test]
    fn a_colour_that_few_have_hides_what_its_rules_add_up_to() {
        let census = Census {
            places: vec![living("330106", 1_000, 12, 3)],
            rules: vec![(Colour::Yellow, 12), (Colour::Red, 3)],
            checks: Vec::new(),
        };
        let figures = census.hidden();
        let all = &figures.places[0];
        assert_eq!((all.people, all.red), (Some(1_015), None));
        assert_eq!(figures.rules[1], None);
        assert_eq!(all.yellow.is_some(), figures.rules[0].is_some());
    }

    #[test]
    fn a_day_without_anybody_is_all_zeros() {
        let figures = Census::default().public();
        assert_eq!(lines(&figures), ["all 0 0 0 0"]);
        assert_eq!(figures.checks_in_all, Some(0));
    }

    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![3 => Just(0_u64), 3 => 1..10_u64, 2 => 10..80_u64]
    }

    fn some_residents() -> impl Strategy<Value = Residents> {
        (number(), number(), number(), number(), number()).prop_map(
            |(undeclared, green, yellow, red, registered)| Residents {
                undeclared,
                green,
                yellow,
                red,
                registered,
            },
        )
    }

    fn some_census() -> impl Strategy<Value = Census> {
        let region = prop::sample::select(vec![
            "", "33", "3301", "330106", "330108", "330205", "4201", "420102", "IT",
        ]);
        let places = prop::collection::btree_map(region, some_residents(), 1..9);
        (places, 0..100_u64, prop::collection::vec(number(), 0..6)).prop_map(
            |(places, share, checks)| {
                let places: Vec<_> = places
                    .into_iter()
                    .map(|(region, residents)| (region.parse().ok(), residents))
                    .collect();
                let mut rules = Vec::new();
                let sums: [(Colour, u64); 2] = [
                    (Colour::Yellow, places.iter().map(|(_, r)| r.yellow).sum()),
                    (Colour::Red, places.iter().map(|(_, r)| r.red).sum()),
                ];
                for (colour, sum) in sums {
                    let first = sum * share / 100;
                    rules.extend([(colour, first), (colour, sum - first)]);
                }
                Census {
                    places,
                    rules,
                    checks,
                }
            },
        )
    }

    proptest! {
        #![proptest_config(domain::testing::property_cases(256))]

        #[test]
        fn invariant_13_public_statistics_show_no_cell_of_1_to_9(census in some_census()) {
            let (hidden, public) = (census.hidden(), census.public());
            let exact = census.exact();
            let cells = |figures: &CensusFigures| -> Vec<Option<u64>> {
                let places = figures.places.iter().flat_map(|row| {
                    [row.people, row.undeclared, row.green, row.yellow, row.red, row.registered]
                });
                places
                    .chain(figures.rules.iter().copied())
                    .chain(figures.checks.iter().copied())
                    .chain([figures.checks_in_all])
                    .collect()
            };
            let all = cells(&exact).into_iter().zip(cells(&hidden)).zip(cells(&public));
            for ((exact, hidden), public) in all {
                if let Some(shown) = hidden {
                    prop_assert!(!is_small(shown), "{shown}");
                    prop_assert_eq!(Some(shown), exact);
                }
                prop_assert_eq!(public, hidden.map(|shown| shown - shown % 10));
            }
        }

        #[test]
        fn invariant_13_rules_and_everybody_do_not_tell_each_other(census in some_census()) {
            let figures = census.hidden();
            let all = figures.places[0];
            for (colour, total) in [(Colour::Yellow, all.yellow), (Colour::Red, all.red)] {
                let of_colour = census.rules.iter().zip(&figures.rules);
                let hidden: Vec<u64> = of_colour
                    .filter(|((gives, _), figure)| *gives == colour && figure.is_none())
                    .map(|((_, count), _)| *count)
                    .collect();
                let shown = hidden.is_empty();
                // All rules of a colour are shown only with their sum, and one is never hidden alone
                // beside it.
                prop_assert!(total.is_some() || !shown);
                prop_assert!(total.is_none() || hidden.len() != 1);
            }
            let row = [all.people, all.undeclared, all.green, all.yellow, all.red];
            let hidden = row.iter().filter(|figure| figure.is_none());
            prop_assert!(hidden.count() != 1, "{all:?}");
        }
    }
}
