//! Which groups people belong to: region, age band, sex.

use std::collections::HashMap;

use domain::Region;

use super::people::People;
use crate::suppress::tree::{CHANGES, FIGURES, Tree};

/// Age bands: the first age of each, and what it is called.
const AGES: [(u16, &str); 5] = [
    (0, "0 to 17"),
    (18, "18 to 39"),
    (40, "40 to 59"),
    (60, "60 to 79"),
    (80, "80 and over"),
];

/// How each person's colour changes: the place of the change, or [`UNCHANGED`].
pub(super) type Change = u8;

/// No change that is counted by group.
pub(super) const UNCHANGED: Change = CHANGES as u8;

/// Everybody by province, city and county. People of a country other than China stand under the
/// country; those of whom only a larger region is known, under it.
pub(super) fn by_region(people: &People, changes: &[Change]) -> Tree {
    let mut tree = Tree::new();
    let mut leaves = HashMap::<Option<Region>, usize>::new();
    let mut figures = Vec::<[u64; FIGURES]>::new();
    for (belonging, change) in people.groups.iter().zip(changes) {
        let next = leaves.len();
        let leaf = *leaves.entry(belonging.region).or_insert(next);
        if leaf == figures.len() {
            figures.push([0; FIGURES]);
        }
        count(&mut figures[leaf], *change);
    }
    for (region, leaf) in leaves {
        let mut node = Tree::ROOT;
        for label in path(region) {
            node = tree.child(node, &label);
        }
        tree.add(node, &figures[leaf]);
    }
    tree
}

/// Everybody by age in the year `year`.
pub(super) fn by_age(people: &People, year: i16, changes: &[Change]) -> Tree {
    let band = |birth_year: u16| {
        let age = u16::try_from(year).unwrap_or(0).saturating_sub(birth_year);
        AGES.iter().rposition(|(first, _)| *first <= age)
    };
    let label = |place: usize| AGES[place].1.to_owned();
    by_number(
        people,
        changes,
        AGES.len(),
        label,
        "no year of birth",
        |number| people.groups[number].birth_year.and_then(band),
    )
}

/// Everybody by sex as registered.
pub(super) fn by_sex(people: &People, changes: &[Change]) -> Tree {
    let label = |place: usize| match people.sexes.get(place) {
        Some(word) => word.clone(),
        None => "other words".to_owned(),
    };
    by_number(
        people,
        changes,
        people.sexes.len() + 1,
        label,
        "no sex given",
        |number| people.groups[number].sex.map(usize::from),
    )
}

fn by_number(
    people: &People,
    changes: &[Change],
    groups: usize,
    label: impl Fn(usize) -> String,
    unknown: &str,
    group: impl Fn(usize) -> Option<usize>,
) -> Tree {
    let mut figures = vec![[0; FIGURES]; groups + 1];
    for (number, change) in changes.iter().enumerate().take(people.len()) {
        count(&mut figures[group(number).unwrap_or(groups)], *change);
    }
    let mut tree = Tree::new();
    for (place, figures) in figures
        .iter()
        .enumerate()
        .filter(|(_, figures)| figures[0] > 0)
    {
        let label = if place == groups {
            unknown.to_owned()
        } else {
            label(place)
        };
        let node = tree.child(Tree::ROOT, &label);
        tree.add(node, figures);
    }
    tree
}

fn count(figures: &mut [u64; FIGURES], change: Change) {
    figures[0] += 1;
    if change != UNCHANGED {
        figures[1 + usize::from(change)] += 1;
    }
}

/// Province, city and county of a region; what is not known ends the path with a remainder.
pub(super) fn path(region: Option<Region>) -> Vec<String> {
    const REMAINDERS: [&str; 3] = ["no region given", "no city given", "no county given"];
    let mut path: Vec<String> = match region {
        None => Vec::new(),
        Some(region) if region.parent().is_none() && region.to_string() != "CN" => {
            return vec![region.to_string()];
        }
        Some(region) => region
            .chain()
            .map(|region| region.to_string())
            .filter(|code| code != "CN" && code.len() < 9)
            .collect(),
    };
    path.reverse();
    if let Some(remainder) = REMAINDERS.get(path.len()) {
        path.push((*remainder).to_owned());
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_stands_under_its_county_city_and_province() {
        for (region, expected) in [
            ("330106109", vec!["33", "3301", "330106"]),
            ("330106", vec!["33", "3301", "330106"]),
            ("3301", vec!["33", "3301", "no county given"]),
            ("33", vec!["33", "no city given"]),
            ("CN", vec!["no region given"]),
            ("IT", vec!["IT"]),
        ] {
            assert_eq!(path(region.parse().ok()), expected, "{region}");
        }
        assert_eq!(path(None), ["no region given"]);
    }
}
