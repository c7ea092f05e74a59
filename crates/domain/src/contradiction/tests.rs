use proptest::prelude::*;

use super::*;
use crate::evidence::{ContactAnswer, Symptom, Symptoms};
use crate::testing::{any_evidence, any_levels, any_timestamp};
use crate::{AuthorityId, PersonId, RegionLevel};

fn policy(table: &str) -> Policy {
    let text = format!(
        "[policy]\nid = \"p\"\nversion = 1\nissuer = \"33\"\ntime_zone = \"Asia/Shanghai\"\n\
         effective = 2020-01-01T00:00:00Z\nlook_back = \"90d\"\nlanguages = [\"en\"]\n\
         contest.en = \"Ask.\"\n[declaration]\nlasts = \"14d\"\n{table}"
    );
    Policy::parse(&text).unwrap()
}

fn strict() -> Policy {
    policy("[contradictions]\nstays = \"medium\"\ntests = \"7d\"\nhear_within = \"48h\"\n")
}

fn at(day: i64, hour: i64) -> Timestamp {
    let start: Timestamp = "2020-02-01T00:00:00+08:00".parse().unwrap();
    start + SignedDuration::from_hours(24 * day + hour)
}

fn levels() -> RegionLevels {
    let level = |region: &str, level| RegionLevel {
        region: region.parse().unwrap(),
        level,
        from: at(-30, 0),
        until: None,
    };
    RegionLevels::new([level("4201", Level::High), level("3302", Level::Low)])
}

fn piece(number: u128, recorded_at: Timestamp, fact: Fact) -> Evidence {
    Evidence {
        id: EvidenceId::from_u128(number),
        person: PersonId::from_u128(7),
        authority: AuthorityId::from_u128(9),
        recorded_at,
        fact,
    }
}

fn stay(
    number: u128,
    region: &str,
    (from, until): (Timestamp, Option<Timestamp>),
    (mode, source): (StayMode, StaySource),
    said: Timestamp,
) -> Evidence {
    let period = OpenPeriod::new(from, until).unwrap();
    piece(
        number,
        said,
        Fact::stay(region.parse().unwrap(), period, mode, source),
    )
}

/// Said on day 12: at home in Hangzhou from day 0 on.
fn at_home(number: u128) -> Evidence {
    let declared = (StayMode::Resident, StaySource::Declared);
    stay(number, "3301", (at(0, 0), None), declared, at(12, 0))
}

/// The hotel's word for a night in a region.
fn night(number: u128, region: &str, day: i64) -> Evidence {
    let hotel = (StayMode::Stay, StaySource::Hotel);
    let night = (at(day, 20), Some(at(day + 1, 8)));
    stay(number, region, night, hotel, at(day + 1, 8))
}

fn found(policy: &Policy, evidence: &[Evidence]) -> Vec<(ContradictionAbout, u128, u128)> {
    let found = contradictions(policy, &levels(), evidence, at(20, 0));
    found
        .iter()
        .map(|one| (one.about, one.declared.as_u128(), one.recorded.as_u128()))
        .collect()
}

#[test]
fn a_night_where_nobody_said_to_have_been_contradicts_what_was_declared() {
    let (policy, home) = (strict(), at_home(1));
    let contradicted = [(ContradictionAbout::Stay, 1, 2)];
    let declared = (StayMode::Stay, StaySource::Declared);
    let in_wuhan = |from, until| stay(3, "42", (from, until), declared, at(12, 0));
    let table: [(&str, Vec<Evidence>, bool); 11] = [
        (
            "a night in Wuhan",
            vec![home.clone(), night(2, "4201", 5)],
            true,
        ),
        (
            "a part of Wuhan",
            vec![home.clone(), night(2, "420102", 5)],
            true,
        ),
        ("nothing was declared", vec![night(2, "4201", 5)], false),
        (
            "a region of low risk",
            vec![home.clone(), night(2, "3302", 5)],
            false,
        ),
        (
            "of no known risk",
            vec![home.clone(), night(2, "5101", 5)],
            false,
        ),
        (
            "the person named the province",
            vec![
                home.clone(),
                night(2, "4201", 5),
                in_wuhan(at(5, 0), Some(at(6, 0))),
            ],
            false,
        ),
        (
            "the person named a day beside it",
            vec![
                home.clone(),
                night(2, "4201", 5),
                in_wuhan(at(6, 12), Some(at(7, 0))),
            ],
            false,
        ),
        (
            "the person named another week",
            vec![
                home.clone(),
                night(2, "4201", 5),
                in_wuhan(at(9, 0), Some(at(10, 0))),
            ],
            true,
        ),
        (
            "after it was declared",
            vec![home.clone(), night(2, "4201", 13)],
            false,
        ),
        (
            "on the day it begins",
            vec![home.clone(), night(2, "4201", 0)],
            false,
        ),
        (
            "the train passed through",
            vec![
                home.clone(),
                stay(
                    2,
                    "4201",
                    (at(5, 8), Some(at(5, 9))),
                    (StayMode::Transit, StaySource::Rail),
                    at(5, 9),
                ),
            ],
            false,
        ),
    ];
    for (what, evidence, is_contradicted) in table {
        let expected: &[_] = if is_contradicted { &contradicted } else { &[] };
        assert_eq!(found(&policy, &evidence), expected, "{what}");
    }
}

#[test]
fn whoever_says_to_be_well_after_a_positive_result_is_asked_once() {
    let policy = strict();
    let test = |kind, result| {
        let period = OpenPeriod::new(at(5, 8), Some(at(6, 8))).unwrap();
        piece(1, at(6, 8), Fact::test(kind, result, period, None))
    };
    let says = |number, day, hour, symptoms| {
        let fact = Fact::declaration(at(day, hour), symptoms, None, ContactAnswer::None);
        piece(number, at(day, hour), fact)
    };
    let (well, ill) = (Symptoms::NONE, [Symptom::Cough].into_iter().collect());
    let positive = || test(TestKind::Pcr, TestResult::Positive);
    let asked = [(ContradictionAbout::Symptoms, 2, 1)];
    let table: [(&str, Vec<Evidence>, bool); 7] = [
        (
            "well on the next day",
            vec![positive(), says(2, 7, 8, well)],
            true,
        ),
        (
            "and on the day after",
            vec![positive(), says(3, 8, 8, well), says(2, 7, 8, well)],
            true,
        ),
        ("ill", vec![positive(), says(2, 7, 8, ill)], false),
        (
            "before the result was there",
            vec![positive(), says(2, 6, 7, well)],
            false,
        ),
        (
            "a week later",
            vec![positive(), says(2, 13, 1, well)],
            false,
        ),
        (
            "a negative result",
            vec![
                test(TestKind::Pcr, TestResult::Negative),
                says(2, 7, 8, well),
            ],
            false,
        ),
        (
            "antibodies",
            vec![
                test(TestKind::Antibody, TestResult::Positive),
                says(2, 7, 8, well),
            ],
            false,
        ),
    ];
    for (what, evidence, is_asked) in table {
        let expected: &[_] = if is_asked { &asked } else { &[] };
        assert_eq!(found(&policy, &evidence), expected, "{what}");
    }
}

#[test]
fn what_was_withdrawn_contradicts_nothing() {
    let (home, hotel) = (at_home(1), night(2, "4201", 5));
    for of in [home.id, hotel.id] {
        let taken_back = piece(3, at(14, 0), Fact::withdrawal(of, at(14, 0)));
        let evidence = [home.clone(), hotel.clone(), taken_back];
        assert_eq!(found(&strict(), &evidence), []);
    }
}

#[test]
fn a_policy_says_what_it_compares_and_how_long_the_person_has() {
    assert_eq!(policy("").contradictions(), None);
    let rule = strict().contradictions().unwrap();
    assert_eq!(rule.stays, Some(Level::Medium));
    assert_eq!(rule.tests, Some(Duration::Days(7)));
    assert_eq!(rule.hear_within, Duration::Hours(48));
    let evidence = [at_home(1), night(2, "4201", 5)];
    let tests = policy("[contradictions]\ntests = \"7d\"\nhear_within = \"48h\"\n");
    assert_eq!(found(&tests, &evidence), [], "stays are not asked for");
    assert_eq!(found(&policy(""), &evidence), []);
    let head = "[policy]\nid = \"p\"\nversion = 1\nissuer = \"33\"\ntime_zone = \"Asia/Shanghai\"\n\
                effective = 2020-01-01T00:00:00Z\nlook_back = \"90d\"\nlanguages = [\"en\"]\n\
                contest.en = \"Ask.\"\n[declaration]\nlasts = \"14d\"\n[contradictions]\n";
    for (wrong, complaint) in [
        ("stays = \"medium\"\n", "hear_within"),
        (
            "stays = \"bad\"\nhear_within = \"48h\"\n",
            "low, medium, high",
        ),
        ("stays = \"high\"\nhear_within = \"23h\"\n", "24h"),
        ("stays = \"high\"\nhear_within = \"15d\"\n", "14d"),
        ("hear_within = \"48h\"\n", "stays"),
    ] {
        let errors = Policy::parse(&format!("{head}{wrong}")).unwrap_err();
        assert!(
            errors[0].to_string().contains(complaint),
            "{wrong}: {errors:?}"
        );
    }
}

proptest! {
    #![proptest_config(crate::testing::property_cases(256))]

    #[test]
    fn what_is_found_is_there_was_declared_and_was_recorded_by_another(
        evidence in any_evidence(12),
        levels in any_levels(),
        now in any_timestamp(),
    ) {
        let of = |id: EvidenceId| evidence.iter().find(|piece| piece.id == id).unwrap();
        for one in contradictions(&strict(), &levels, &evidence, now) {
            let is_declared = matches!(
                of(one.declared).fact,
                Fact::Declaration { .. } | Fact::Stay { source: StaySource::Declared, .. }
            );
            let is_recorded = match &of(one.recorded).fact {
                Fact::Test { result, .. } => *result == TestResult::Positive,
                Fact::Stay { source, .. } => *source != StaySource::Declared,
                _ => false,
            };
            prop_assert!(is_declared && is_recorded, "{:?}", one);
        }
    }
}
