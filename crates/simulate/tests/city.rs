//! What everybody may rely on in a made-up city.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot make its city has failed"
)]

use std::collections::{HashMap, HashSet};

use domain::evidence::{Fact, FactKind};
use domain::{Document, DocumentKind, Timestamp};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use simulate::epidemic::Setting;
use simulate::{City, Plan};

fn plan(people: u32, days: u16, seed: u64) -> Plan {
    Plan {
        people,
        days,
        seed,
        // A Thursday noon in the city.
        now: "2020-02-20T04:00:00Z".parse().unwrap(),
        time_zone: TimeZone::get("Asia/Shanghai").unwrap(),
    }
}

fn city(people: u32, seed: u64) -> City {
    City::generate(&plan(people, 14, seed)).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_city_and_another_seed_another() {
    let show = |city: City| format!("{city:?}");
    assert_eq!(show(city(300, 7)), show(city(300, 7)));
    assert_ne!(show(city(300, 7)), show(city(300, 8)));
}

#[test]
fn every_document_number_is_valid_unique_and_belongs_to_no_real_place() {
    let mut seen = HashSet::new();
    for resident in city(5_000, 1).residents {
        let document = resident.identity.document;
        let number = document.number().expose();
        assert_eq!(
            Document::new(document.kind(), number).as_ref(),
            Ok(&document)
        );
        assert!(seen.insert(number.clone()), "{number} twice");
        match document.kind() {
            DocumentKind::IdentityCard => assert!(number.starts_with("99"), "{number}"),
            kind => assert_eq!((kind, &number[..4]), (DocumentKind::Passport, "ZZ99")),
        }
        for phone in &resident.identity.phones {
            assert!(phone.expose().starts_with("+999"));
        }
    }
}

#[test]
fn families_share_phones_and_some_people_have_two() {
    let city = city(3_000, 2);
    let mut owners: HashMap<&str, HashSet<usize>> = HashMap::new();
    let mut shared = 0;
    for resident in &city.residents {
        assert!(!resident.identity.phones.is_empty());
        for phone in &resident.identity.phones {
            let households = owners.entry(phone.expose()).or_default();
            shared += usize::from(households.contains(&resident.household));
            households.insert(resident.household);
        }
    }
    assert!(shared > 100, "{shared} shared phones");
    assert!(
        owners.values().all(|households| households.len() == 1),
        "only families share"
    );
    assert!(
        city.residents
            .iter()
            .any(|resident| resident.identity.phones.len() == 2)
    );
}

#[test]
fn a_city_of_twenty_thousand_looks_like_one() {
    let city = city(20_000, 3);
    assert_eq!(city.residents.len(), 20_000);
    let persons_a_household = city.residents.len() as f64 / city.households.len() as f64;
    assert!(
        (2.3..3.3).contains(&persons_a_household),
        "{persons_a_household}"
    );
    let is_public = |setting: &Setting| !matches!(setting, Setting::Home | Setting::Building);
    for setting in Setting::ALL.into_iter().filter(is_public) {
        let mut venues = city.venues.iter();
        assert!(
            venues.any(|venue| venue.setting == setting && venue.region.is_some()),
            "no {}",
            setting.as_str()
        );
    }
    let scans_a_day = city.visits.len() as f64 / city.residents.len() as f64 / 14.0;
    assert!((0.5..2.0).contains(&scans_a_day), "{scans_a_day}");
    for kind in [
        FactKind::Declaration,
        FactKind::Stay,
        FactKind::Test,
        FactKind::Diagnosis,
    ] {
        assert!(city.reports_of(kind).count() > 1, "{kind}");
    }
    let unknown = city.reports_of(FactKind::Stay).filter(|report| {
        matches!(report.fact, Fact::Stay { region, .. }
            if !city.levels.iter().any(|level| region.lies_within(level.region)))
    });
    assert!(unknown.count() > 0, "somebody went where no level is known");
}

#[test]
fn the_story_has_a_patient_and_somebody_who_met_them() {
    for seed in 0..5 {
        let plan = plan(3_000, 14, seed);
        let city = City::generate(&plan).unwrap();
        let cast = city.cast(plan.now).unwrap();
        let (patient, resident) = (
            &city.residents[cast.patient],
            &city.residents[cast.resident],
        );
        assert_ne!(patient.household, resident.household);
        assert!(cast.minutes >= 30);
        let restricts = |fact: &Fact| matches!(fact, Fact::Diagnosis { .. } | Fact::Contact { .. });
        assert!(!city.reports.iter().any(|report| {
            [patient.id, resident.id].contains(&report.person) && restricts(&report.fact)
        }));
    }
}

#[test]
fn the_patient_of_a_city_of_some_size_truly_has_the_disease() {
    for seed in 0..5 {
        let plan = plan(10_000, 14, seed);
        let city = City::generate(&plan).unwrap();
        let cast = city.cast(plan.now).unwrap();
        assert!(city.residents[cast.patient].is_undiscovered, "seed {seed}");
    }
}

#[test]
fn what_was_over_at_noon_is_the_same_in_the_evening() {
    let noon = plan(1_000, 14, 4);
    let evening = Plan {
        now: noon.now + jiff::SignedDuration::from_hours(8),
        ..noon.clone()
    };
    let [noon, evening] = [noon, evening].map(|plan| City::generate(&plan).unwrap());
    let over = |city: &City| -> HashSet<_> {
        let visits = city.visits.iter().filter(|visit| visit.left.is_some());
        visits
            .map(|visit| (visit.person, visit.venue, visit.entered, visit.left))
            .collect()
    };
    let (before, after) = (over(&noon), over(&evening));
    assert!(before.is_subset(&after) && before.len() < after.len());
    let facts = |city: &City| -> HashSet<String> {
        let declared = city.reports_of(FactKind::Declaration);
        declared
            .map(|report| format!("{} {:?}", report.person, report.fact))
            .collect()
    };
    assert!(facts(&noon).is_subset(&facts(&evening)));
}

#[test]
fn the_story_can_begin_at_any_hour_of_any_day_of_the_week() {
    // The least city that the demonstration makes, and a larger one.
    for (people, step) in [(500, 5), (3_000, 21)] {
        let noon_of_thursday = plan(people, 14, 20_200_211);
        for hours in (0..7 * 24).step_by(step) {
            let now = noon_of_thursday.now + jiff::SignedDuration::from_hours(hours);
            let plan = Plan {
                now,
                ..noon_of_thursday.clone()
            };
            let city = City::generate(&plan).unwrap();
            assert!(
                city.cast(now).is_some_and(|cast| cast.minutes >= 30),
                "{people} people at {now}"
            );
        }
    }
}

proptest! {
    #![proptest_config(domain::testing::property_cases(24))]

    #[test]
    fn nobody_is_in_two_places_at_once_and_nothing_happens_after_now(
        people in 100u32..600, days in 1u16..20, seed: u64, now in 1_500_000_000i64..1_900_000_000,
    ) {
        let now = Timestamp::from_second(now).unwrap();
        let city = City::generate(&Plan { now, ..plan(people, days, seed) }).unwrap();
        for pair in city.visits.windows(2) {
            if pair[0].person == pair[1].person {
                prop_assert!(pair[0].left.is_some_and(|left| left <= pair[1].entered));
            }
        }
        for visit in &city.visits {
            prop_assert!(visit.entered <= now);
            prop_assert!(visit.left.is_none_or(|left| visit.entered < left && left <= now));
        }
        let mut stays = HashMap::new();
        for report in &city.reports {
            prop_assert!(report.reported_at <= now && report.fact.begins() <= now);
            prop_assert!(report.by.may_submit(report.fact.kind()));
            if let Fact::Stay { period, .. } = report.fact {
                let left = period.end().unwrap_or(now);
                stays.insert(report.person, (period.begin(), left));
            }
        }
        for visit in &city.visits {
            if let Some((arrived, left)) = stays.get(&visit.person) {
                let until = visit.left.unwrap_or(now);
                prop_assert!(until <= *arrived || *left <= visit.entered);
            }
        }
    }
}
