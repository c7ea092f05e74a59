//! The city of 40 people under two policies.

use domain::evidence::{ContactAnswer, Period, Ring, Symptoms};
use proptest::prelude::*;

use engine::trace::Span;

use super::count::Counts;
use super::*;
use crate::city::{self, new_policy, noon, old_policy, people_of};

fn counts(people: &People) -> Counts {
    let (old, new) = (old_policy(), new_policy());
    let before = Decided::new(&old, people, noon()).unwrap();
    let after = Decided::new(&new, people, noon()).unwrap();
    Counts::new(&before, &after, people, noon())
}

#[test]
fn every_change_is_counted_under_the_rule_that_makes_it() {
    let counts = counts(&people_of(&city::tables()));
    // From undeclared, green, yellow, red (rows) to the same (columns).
    assert_eq!(
        counts.moves,
        [[9, 0, 0, 0], [0, 0, 3, 0], [0, 15, 0, 0], [0, 0, 0, 13]]
    );
    let rules: Vec<_> = counts
        .rules
        .iter()
        .map(|rule| {
            let gives = rule
                .gives
                .map(|place| place.map_or("-", |place| STATUSES[place]));
            let figures = [
                rule.before,
                rule.after,
                rule.newly_restricted,
                rule.newly_freed,
            ];
            (rule.id.as_str(), gives, figures)
        })
        .collect();
    assert_eq!(
        rules,
        [
            ("household", ["red", "red"], [12, 12, 0, 0]),
            ("positive", ["red", "red"], [1, 1, 0, 0]),
            ("fever", ["-", "yellow"], [0, 3, 3, 0]),
            ("venue", ["yellow", "-"], [15, 0, 0, 15]),
        ]
    );
    assert_eq!(
        counts.met,
        Some([[0, 0], [15, 12]]),
        "15 of 27 true contacts would be missed"
    );
}

#[test]
fn person_days_run_from_the_decision_to_the_end() {
    let days = counts(&people_of(&city::tables())).days;
    let in_days = |sum: count::Sum| (sum.seconds as f64 / 86_400.0, sum.people);
    // Red from 18 February ends with 3 March, 12.5 days from noon of the 20th; yellow with the 25th.
    assert_eq!(in_days(days.before), (13.0 * 12.5 + 15.0 * 5.5, 28));
    assert_eq!(in_days(days.after), (13.0 * 12.5 + 3.0 * 5.5, 16));
    assert_eq!(in_days(days.added), (3.0 * 5.5, 3));
    assert_eq!(in_days(days.removed), (15.0 * 5.5, 15));
}

#[test]
fn the_report_tells_the_large_figures_and_hides_the_small_ones() {
    let diff = compare(
        &old_policy(),
        &new_policy(),
        &people_of(&city::tables()),
        noon(),
    )
    .unwrap();
    let json = diff.json();
    assert_eq!(json["people"], 40);
    assert_eq!(json["newly_freed"], 15);
    assert!(json["newly_restricted"].is_null());
    assert_eq!(json["before"]["red"], 13);
    assert!(json["before"]["undeclared"].is_null());
    assert_eq!(json["contacts"]["missed"], 15);
    assert!(json["person_days"]["added"].is_null(), "{json}");
    let province = &json["regions"][0];
    assert_eq!(
        (&province["group"][0], &province["people"]),
        (&"33".into(), &40.into())
    );

    let text = diff.page().to_string();
    assert!(
        text.contains("What would change: town v1 to town v2"),
        "{text}"
    );
    assert!(
        text.contains("newly restricted") && text.contains("* stands for"),
        "{text}"
    );
}

#[test]
fn who_met_a_case_is_taken_from_a_trace_where_no_contacts_are_recorded() {
    let met = |tables: &[(&str, String)]| {
        let on_the_18th = engine::trace::unix_seconds(noon()) - 2 * 86_400;
        let during = Span {
            from: on_the_18th,
            until: on_the_18th,
        };
        let p01 = city::number(tables, "p01").unwrap();
        counts(&people_of(tables).or_meetings(vec![(p01, during)])).met
    };
    let mut tables = city::tables();
    assert_eq!(met(&tables), Some([[0, 0], [15, 12]]));
    tables.retain(|(name, _)| *name != "contacts.csv");
    assert_eq!(met(&tables), Some([[1, 0], [0, 0]]));
}

#[test]
fn without_contacts_and_cases_nothing_is_said_about_true_contacts() {
    let mut tables = city::tables();
    tables.retain(|(name, _)| *name != "contacts.csv");
    let diff = compare(&old_policy(), &new_policy(), &people_of(&tables), noon()).unwrap();
    assert!(diff.json()["contacts"].is_null());
}

#[test]
fn invariant_5_groups_reach_no_rule() {
    let with = counts(&people_of(&city::tables()));
    let without_groups = city::tables().into_iter().map(|(name, text)| match name {
        "people.csv" => {
            let first = |row: &str| row.split(',').next().unwrap_or_default().to_owned();
            (name, text.lines().map(first).collect::<Vec<_>>().join("\n"))
        }
        _ => (name, text),
    });
    let without = counts(&people_of(&without_groups.collect::<Vec<_>>()));
    assert_eq!(with.moves, without.moves);
    let other_groups = city::tables().into_iter().map(|(name, text)| match name {
        "people.csv" => (name, text.replace("330106", "42").replace(",19", ",20")),
        _ => (name, text),
    });
    let other = counts(&people_of(&other_groups.collect::<Vec<_>>()));
    assert_eq!(with.moves, other.moves);
}

#[test]
fn nobody_gives_an_empty_report() {
    let people = People::default();
    let diff = compare(&old_policy(), &new_policy(), &people, noon()).unwrap();
    assert_eq!(diff.json()["people"], 0);
    assert_eq!(diff.json()["newly_restricted"], 0);
}

/// A city in which person n declares, has a fever, or met a case, as drawn.
fn any_city() -> impl Strategy<Value = Vec<(u8, u8)>> {
    prop::collection::vec((0..4_u8, 0..6_u8), 0..120)
}

fn drawn(city: &[(u8, u8)]) -> People {
    use domain::evidence::{Relation, Symptom};
    use domain::{EvidenceId, Fact, Region, RegionLevels};
    use engine::columns::ColumnsBuilder;

    let at = noon() - jiff::SignedDuration::from_hours(24);
    let mut builder = ColumnsBuilder::new(city.len() as u32);
    for (person, (what, _)) in city.iter().enumerate() {
        let contact = |relation| {
            Fact::contact(
                None,
                relation,
                Ring::FIRST,
                Period::new(at, at).unwrap(),
                None,
            )
        };
        let fact = match what {
            0 => continue,
            1 => Fact::declaration(
                at,
                Symptoms::from_iter([Symptom::Fever]),
                None,
                ContactAnswer::None,
            ),
            2 => contact(Relation::Venue),
            _ => contact(Relation::Household),
        };
        builder
            .push(person as u32, EvidenceId::from_u128(person as u128), &fact)
            .unwrap();
    }
    let mut groups = Vec::new();
    let regions = ["330106", "330108", "3302", "42", "420102"].map(|code| code.parse::<Region>());
    for (_, home) in city {
        groups.push(crate::people::Belonging {
            region: regions
                .get(usize::from(*home))
                .and_then(|region| region.clone().ok()),
            birth_year: Some(1940 + 15 * u16::from(*home)),
            sex: None,
        });
    }
    People::new(builder.finish(), RegionLevels::default(), None).with_groups(groups, Vec::new())
}

/// Every number of people in a report, wherever it stands.
fn numbers(value: &serde_json::Value, found: &mut Vec<u64>) {
    match value {
        serde_json::Value::Number(number) => found.extend(number.as_u64()),
        serde_json::Value::Array(values) => values.iter().for_each(|value| numbers(value, found)),
        serde_json::Value::Object(fields) => {
            let figures = fields.iter().filter(|(name, _)| *name != "person_days");
            figures.for_each(|(_, value)| numbers(value, found));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(domain::testing::property_cases(256))]

    #[test]
    fn invariant_13_no_report_holds_a_number_from_1_to_9(city in any_city()) {
        let people = drawn(&city);
        let diff = compare(&old_policy(), &new_policy(), &people, noon()).unwrap();
        let mut found = Vec::new();
        numbers(&diff.json(), &mut found);
        prop_assert!(found.iter().all(|number| *number == 0 || *number >= 10), "{}", diff.json());
    }
}
