//! What everybody may rely on in a simulated epidemic.
#![expect(
    clippy::unwrap_used,
    reason = "a test whose scenario is refused has failed"
)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroUsize;

use domain::evidence::{DiagnosisStatus, StayMode, TestResult};
use domain::{Level, Timestamp};
use simulate::epidemic::{
    BadScenario, Epidemic, Exposure, Infection, Measures, Origin, Person, Scenario, Setting,
};

fn simulate(scenario: Scenario) -> Epidemic {
    Epidemic::simulate(scenario, |_| {}).unwrap()
}

/// Nobody does anything, nobody travels, and a few hundred people begin to infect others.
fn unhindered(people: u32, days: u16) -> Scenario {
    let mut scenario = Scenario::new(people, days, 20);
    scenario.threads = NonZeroUsize::new(2).unwrap();
    scenario.measures = Measures::none();
    scenario.travel.trips_per_day = 0.0;
    scenario
}

fn every_row(epidemic: &Epidemic) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        epidemic.people().collect::<Vec<_>>(),
        epidemic.all_visits().collect::<Vec<_>>(),
        epidemic.declarations().collect::<Vec<_>>(),
        epidemic.stays().collect::<Vec<_>>(),
        epidemic.tests(),
        epidemic.diagnoses(),
        epidemic.contacts(),
        epidemic.cases(),
        epidemic.levels(),
        epidemic.case_counts(),
        epidemic.infections().collect::<Vec<_>>(),
        epidemic.exposures().collect::<Vec<_>>(),
        epidemic.truth().collect::<Vec<_>>(),
    )
}

fn secondary_cases(epidemic: &Epidemic) -> HashMap<Person, Vec<Infection>> {
    let mut by_source = HashMap::<Person, Vec<Infection>>::new();
    for infection in epidemic.infections() {
        if let Origin::Person(source, _) = infection.origin {
            by_source.entry(source).or_default().push(infection);
        }
    }
    by_source
}

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} instead of {expected} ± {tolerance}"
    );
}

#[test]
fn the_same_seed_gives_the_same_rows_on_any_number_of_threads() {
    let rows = |seed, threads| {
        let mut scenario = Scenario::new(3_000, 12, seed);
        scenario.threads = NonZeroUsize::new(threads).unwrap();
        every_row(&simulate(scenario))
    };
    let one = rows(7, 1);
    assert!(one == rows(7, 1));
    assert!(one == rows(7, 2));
    assert!(one == rows(7, 5));
    assert!(one != rows(8, 1));
}

#[test]
fn a_seed_case_infects_as_many_as_the_scenario_says_while_nobody_does_anything() {
    for (wanted, seed_cases) in [(1.2, 600), (2.5, 300)] {
        let mut scenario = unhindered(30_000, 24);
        scenario.disease.seed_cases = seed_cases;
        // Chance would play a larger part if a few infected most.
        scenario.disease.individual_shape = 20.0;
        scenario.disease.reproduction_number = wanted;
        let epidemic = simulate(scenario);
        let by_source = secondary_cases(&epidemic);
        let mut seeds = 0.0;
        let mut infected = 0.0;
        for infection in epidemic.infections() {
            if infection.origin == Origin::Seed {
                seeds += 1.0;
                infected += by_source.get(&infection.person).map_or(0, Vec::len) as f64;
            }
        }
        // A few of those whom a seed case would have infected were infected by others before.
        let measured: f64 = infected / seeds;
        assert!(
            (0.85 * wanted..1.1 * wanted).contains(&measured),
            "{measured} instead of {wanted}"
        );
    }
}

#[test]
fn households_are_infected_and_infect_before_symptoms_as_the_literature_says() {
    let mut scenario = unhindered(24_000, 22);
    scenario.disease.seed_cases = 500;
    // Otherwise too many are infected elsewhere before their household could infect them.
    scenario.disease.reproduction_number = 1.0;
    let epidemic = simulate(scenario);
    let by_source = secondary_cases(&epidemic);
    let onsets: HashMap<Person, Timestamp> = epidemic
        .infections()
        .filter_map(|infection| Some((infection.person, infection.onset?)))
        .collect();
    let (mut all, mut before) = (0.0, 0.0);
    for (source, infected) in &by_source {
        if let Some(onset) = onsets.get(source) {
            all += infected.len() as f64;
            before += infected.iter().filter(|one| one.at < *onset).count() as f64;
        }
    }
    near(before / all, 0.44, 0.08);

    let housemates: HashSet<(Person, Person)> = epidemic
        .exposures()
        .filter(|exposure| exposure.setting == Setting::Home)
        .map(|exposure| (exposure.source, exposure.person))
        .collect();
    let seeds: HashSet<Person> = epidemic
        .infections()
        .filter(|infection| infection.origin == Origin::Seed)
        .map(|infection| infection.person)
        .collect();
    let at_risk = housemates
        .iter()
        .filter(|pair| seeds.contains(&pair.0))
        .count() as f64;
    let infected = epidemic
        .exposures()
        .filter(|one| one.infected && one.setting == Setting::Home && seeds.contains(&one.source));
    near(infected.count() as f64 / at_risk, 0.17, 0.04);
}

#[test]
fn the_epidemic_grows_without_measures_and_more_slowly_with_them() {
    let by_week = |measures: Measures| {
        let mut scenario = unhindered(20_000, 28);
        scenario.disease.seed_cases = 30;
        scenario.measures = measures;
        let epidemic = simulate(scenario);
        let first = epidemic.infections().map(|one| one.at).min().unwrap();
        let mut weeks = [0u32; 5];
        for infection in epidemic.infections() {
            let days = infection.at.duration_since(first).as_hours() / 24;
            weeks[days as usize / 7] += 1;
        }
        weeks
    };
    let free = by_week(Measures::none());
    assert!(
        free[1] < free[2] && 2 * free[2] < 3 * free[3] && free[3] > 100,
        "{free:?}"
    );
    let hindered = by_week(Measures {
        quarantine: 1.0,
        stay_home_when_ill: 1.0,
        names_contacts: 0.9,
        ..Measures::default()
    });
    assert!(3 * hindered[3] < 2 * free[3], "{hindered:?} after {free:?}");
}

#[test]
fn everybody_infected_was_near_somebody_infectious_or_is_an_outside_case() {
    let epidemic = simulate(Scenario::new(10_000, 30, 4));
    let infections: HashMap<Person, Infection> = epidemic
        .infections()
        .map(|infection| (infection.person, infection))
        .collect();
    let infecting: HashMap<Person, Exposure> = epidemic
        .exposures()
        .filter(|exposure| exposure.infected)
        .map(|exposure| (exposure.person, exposure))
        .collect();
    let mut seeds = 0;
    for truth in epidemic.truth() {
        assert!(truth.infected_at.is_none_or(|at| truth.exposed_at <= at));
        let Some(infection) = infections.get(&truth.person) else {
            assert_eq!(truth.infected_at, None);
            continue;
        };
        assert_eq!(truth.infected_at, Some(infection.at));
        match infection.origin {
            Origin::Seed => seeds += 1,
            Origin::Elsewhere => {}
            Origin::Person(source, setting) => {
                let exposure = &infecting[&truth.person];
                assert_eq!((exposure.source, exposure.setting), (source, setting));
                let minutes = infection.at.duration_since(exposure.first).as_mins();
                assert!((0..i64::from(exposure.minutes)).contains(&minutes));
                // At least the latent period lies between.
                let since = infection.at.duration_since(infections[&source].at);
                assert!(since.as_hours() >= 11, "{since}");
            }
        }
    }
    assert_eq!(seeds, 10);
    assert!(infecting.len() > 50, "{} infected", infecting.len());
}

#[test]
fn nobody_is_in_two_places_at_once_and_nothing_lies_after_the_end() {
    let mut scenario = Scenario::new(4_000, 15, 6);
    scenario.records.visits_per_day = 1.5;
    scenario.travel.trips_per_day = 0.02;
    let epidemic = simulate(scenario);
    let end: Timestamp = "2020-03-03T16:00:00Z".parse().unwrap();
    let mut away = HashMap::<Person, Vec<(Timestamp, Timestamp)>>::new();
    for stay in epidemic.stays() {
        assert!(
            stay.arrived < end
                && stay
                    .left
                    .is_none_or(|left| stay.arrived < left && left <= end)
        );
        let city = stay.region.to_string().starts_with("9901");
        if !city && stay.mode != StayMode::Resident {
            let time = (stay.arrived, stay.left.unwrap_or(Timestamp::MAX));
            away.entry(stay.person).or_default().push(time);
        }
    }
    assert!(away.len() > 200, "{} travelled", away.len());
    let visits: Vec<_> = epidemic.all_visits().collect();
    for pair in visits.windows(2) {
        assert!((pair[0].person, pair[0].entered) < (pair[1].person, pair[1].entered));
        if pair[0].person == pair[1].person {
            assert!(pair[0].left.is_none_or(|left| left <= pair[1].entered));
        }
    }
    for visit in &visits {
        let left = visit.left.unwrap_or(visit.entered);
        assert!(visit.entered <= left && left < end && visit.venue.0 < epidemic.venues());
        for (from, until) in away.get(&visit.person).into_iter().flatten() {
            assert!(left <= *from || *until <= visit.entered, "{visit:?}");
        }
    }
    let a_day = visits.len() as f64 / 4_000.0 / 15.0;
    near(a_day, 1.5, 0.15);
    let tests = epidemic.tests().iter();
    assert!(tests.clone().all(|test| test.sampled < end));
    assert!(
        tests
            .clone()
            .all(|test| test.reported.is_none_or(|at| test.sampled < at && at < end))
    );
    assert!(epidemic.diagnoses().iter().all(|one| one.at < end));
    assert!(epidemic.declarations().all(|one| one.at < end));
}

#[test]
fn tests_miss_the_infected_as_often_as_the_scenario_says() {
    let mut scenario = unhindered(20_000, 20);
    scenario.disease.seed_cases = 2_000;
    scenario.testing.screening_per_day = 0.4;
    scenario.testing.inconclusive = 0.1;
    scenario.testing.false_positive = 0.01;
    let table = scenario.testing.false_negative.clone();
    let epidemic = simulate(scenario);
    let infected: HashMap<Person, Timestamp> = epidemic
        .infections()
        .map(|infection| (infection.person, infection.at))
        .collect();
    let mut by_day = BTreeMap::<i64, (f64, f64)>::new();
    let (mut healthy, mut wrong, mut repeated, mut all) = (0.0, 0.0, 0.0, 0.0);
    for test in epidemic.tests() {
        all += 1.0;
        match test.result {
            TestResult::Inconclusive => repeated += 1.0,
            TestResult::Positive | TestResult::Negative => {
                let positive = f64::from(u8::from(test.result == TestResult::Positive));
                match infected.get(&test.person).filter(|at| **at <= test.sampled) {
                    Some(at) => {
                        let days = test.sampled.duration_since(*at).as_hours() / 24;
                        let (tests, missed) = by_day.entry(days).or_default();
                        *tests += 1.0;
                        *missed += 1.0 - positive;
                    }
                    None => {
                        healthy += 1.0;
                        wrong += positive;
                    }
                }
            }
            TestResult::Pending => all -= 1.0,
        }
    }
    for day in [0, 2, 4, 5, 6, 8, 10] {
        let (tests, missed) = by_day[&day];
        assert!(tests > 150.0, "{tests} tests on day {day}");
        near(missed / tests, table[day as usize], 0.1);
    }
    near(wrong / healthy, 0.01, 0.003);
    near(repeated / all, 0.1, 0.01);
}

#[test]
fn liars_never_declare_symptoms_and_the_honest_do() {
    let declared_ill = |lying: f64| {
        let mut scenario = unhindered(10_000, 20);
        scenario.disease.seed_cases = 500;
        scenario.records.lying = lying;
        scenario.records.forgetful = 0.0;
        let epidemic = simulate(scenario);
        let ill = epidemic
            .declarations()
            .filter(|one| one.symptoms.count() > 0);
        let ill: HashSet<Person> = ill.map(|one| one.person).collect();
        // People who fall ill in the last days may not have come to declare it.
        let late: Timestamp = "2020-03-04T16:00:00Z".parse().unwrap();
        let sick = epidemic
            .infections()
            .filter(|one| one.onset.is_some_and(|onset| onset < late));
        let all: Vec<_> = sick.map(|one| one.person).collect();
        all.iter().filter(|person| ill.contains(person)).count() as f64 / all.len() as f64
    };
    assert_eq!(declared_ill(1.0), 0.0);
    let honest = declared_ill(0.0);
    assert!(honest > 0.6, "{honest}");
}

#[test]
fn every_kind_of_evidence_occurs_and_fits_together() {
    let mut scenario = Scenario::new(20_000, 36, 12);
    scenario.testing.false_positive = 0.003;
    scenario.travel.list_residents = true;
    let epidemic = simulate(scenario);
    let statuses: HashSet<_> = epidemic.diagnoses().iter().map(|one| one.status).collect();
    for status in [
        DiagnosisStatus::Suspected,
        DiagnosisStatus::Confirmed,
        DiagnosisStatus::Asymptomatic,
        DiagnosisStatus::Recovered,
        DiagnosisStatus::Excluded,
    ] {
        assert!(statuses.contains(&status), "nobody is {status}");
    }
    let cases: HashSet<Person> = epidemic.cases().iter().map(|case| case.person).collect();
    assert_eq!(cases.len(), epidemic.cases().len());
    let mut relations = HashSet::new();
    for contact in epidemic.contacts() {
        relations.insert(contact.relation.as_str());
        assert!(cases.contains(&contact.with) && contact.person != contact.with);
        assert!(contact.first <= contact.last);
    }
    for relation in ["household", "building", "close", "vehicle"] {
        assert!(relations.contains(relation), "no {relation} contact");
    }
    let levels = epidemic.levels();
    let in_city = levels
        .iter()
        .filter(|level| level.region.to_string().starts_with("9901"));
    let seen: HashSet<Level> = in_city.map(|level| level.level).collect();
    assert!(
        seen.contains(&Level::Low) && seen.contains(&Level::Medium),
        "{seen:?}"
    );
    let counted: u32 = epidemic
        .case_counts()
        .iter()
        .rev()
        .take(3)
        .map(|count| count.confirmed)
        .sum();
    assert_eq!(counted as usize, cases.len());
    let living = epidemic
        .stays()
        .filter(|stay| stay.mode == StayMode::Resident);
    assert_eq!(living.count(), 20_000, "everybody lives somewhere");
    let modes: HashSet<_> = epidemic
        .stays()
        .map(|stay| (stay.mode, stay.source))
        .collect();
    for (mode, source) in [
        ("transit", "rail"),
        ("transit", "air"),
        ("stay", "rail"),
        ("stay", "air"),
    ] {
        let found = modes
            .iter()
            .any(|(m, s)| (m.as_str(), s.as_str()) == (mode, source));
        assert!(found, "no {mode} by {source}");
    }
}

#[test]
fn a_known_scenario_gives_known_counts() {
    let epidemic = simulate(Scenario::new(20_000, 21, 1));
    let truth: Vec<_> = epidemic.truth().collect();
    let counts = [
        ("visits", epidemic.all_visits().count()),
        ("declarations", epidemic.declarations().count()),
        ("stays", epidemic.stays().count()),
        ("tests", epidemic.tests().len()),
        ("diagnoses", epidemic.diagnoses().len()),
        ("contacts", epidemic.contacts().len()),
        ("cases", epidemic.cases().len()),
        ("levels", epidemic.levels().len()),
        ("infected", epidemic.infections().count()),
        ("exposed", truth.len()),
    ];
    assert_eq!(
        counts,
        [
            ("visits", 417697),
            ("declarations", 76158),
            ("stays", 2076),
            ("tests", 1360),
            ("diagnoses", 159),
            ("contacts", 3729),
            ("cases", 46),
            ("levels", 10),
            ("infected", 452),
            ("exposed", 3210),
        ]
    );
}

#[test]
fn a_scenario_that_cannot_be_is_refused_with_the_remedy() {
    let refused = |change: fn(&mut Scenario)| {
        let mut scenario = Scenario::new(1_000, 3, 1);
        change(&mut scenario);
        Epidemic::simulate(scenario, |_| {}).err().unwrap()
    };
    let shown = refused(|scenario| scenario.days = 0).to_string();
    assert_eq!(
        shown,
        "days is 0, but must lie between 1 and 366; correct it"
    );
    let shown = refused(|scenario| scenario.records.lying = f64::NAN).to_string();
    assert!(shown.starts_with("lying is NaN"), "{shown}");
    let too_many = refused(|scenario| scenario.records.visits_per_day = 19.0);
    assert!(matches!(too_many, BadScenario::TooManyVisits { .. }));
    let household = refused(|scenario| scenario.disease.reproduction_number = 0.1);
    assert!(matches!(household, BadScenario::HouseholdAboveAll { .. }));
    let lonely = refused(|scenario| {
        scenario
            .settings
            .iter_mut()
            .for_each(|nearness| nearness.chance = 0.0);
    });
    assert!(matches!(lonely, BadScenario::NobodyMeets { .. }));
}
