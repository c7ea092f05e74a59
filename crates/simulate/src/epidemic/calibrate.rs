//! How easily the disease must pass in a minute near, so that households and cases infect as many as
//! the scenario says.

use super::calendar::{Calendar, Minute};
use super::chance::{Chance, Purpose};
use super::confinement::Confinement;
use super::disease::{Cause, Course, Infectiousness};
use super::meetings::{CityDay, Meeting};
use super::scenario::{BadScenario, Scenario, Setting};
use super::town::Town;
use super::travel::Journey;

/// So many people are followed as if each were the first case.
const SAMPLE: u32 = 3_000;

/// Rate at which the disease passes in a minute near somebody of mean infectiousness, at home and
/// elsewhere at intensity 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub home: f64,
    pub elsewhere: f64,
}

impl Rates {
    /// The expected number of transmissions at a meeting with somebody of this infectiousness; the
    /// chance of at least one is 1 − e^−that.
    pub fn expected(self, scenario: &Scenario, meeting: &Meeting, infectiousness: f64) -> f64 {
        let rate = match meeting.setting {
            Setting::Home => self.home,
            setting => self.elsewhere * scenario.settings[setting as usize].intensity,
        };
        rate * infectiousness * f64::from(meeting.minutes)
    }
}

/// What one sampled case and one person whom it meets go through together while it is infectious:
/// expected transmissions if both rates were 1.
#[derive(Clone, Copy)]
struct Pair {
    is_household: bool,
    home: f64,
    elsewhere: f64,
}

/// Finds the rates.
pub(crate) fn rates(
    scenario: &Scenario,
    calendar: &Calendar,
    town: &Town,
    journeys: &[Journey],
) -> Result<Rates, BadScenario> {
    let cases = sample(scenario, town);
    let pairs = follow(scenario, calendar, town, journeys, &cases);
    let household: Vec<Pair> = pairs.iter().copied().filter(|p| p.is_household).collect();
    let attack = scenario.disease.household_attack;
    let housemates: usize = cases
        .iter()
        .map(|case| town.household(case.person).len() - 1)
        .sum();
    let home = match housemates {
        0 => 0.0,
        _ => solve(attack * housemates as f64, |home| {
            infections(
                &household,
                Rates {
                    home,
                    elsewhere: 0.0,
                },
            )
        })
        .ok_or(BadScenario::NobodyMeets { wanted: attack })?,
    };
    let count = cases.len().max(1) as f64;
    let wanted = scenario.disease.reproduction_number;
    let at_home = infections(
        &pairs,
        Rates {
            home,
            elsewhere: 0.0,
        },
    ) / count;
    if at_home > wanted {
        return Err(BadScenario::HouseholdAboveAll {
            household: at_home,
            wanted,
        });
    }
    let elsewhere = solve(wanted * count, |elsewhere| {
        infections(&pairs, Rates { home, elsewhere })
    })
    .ok_or(BadScenario::NobodyMeets { wanted })?;
    Ok(Rates { home, elsewhere })
}

/// Residents who fall ill on one of seven days, so that every day of the week counts alike. All fall
/// ill after the first days, however long their incubation.
fn sample(scenario: &Scenario, town: &Town) -> Vec<Course> {
    let residents = town.residents();
    let count = residents.min(SAMPLE);
    let mut cases: Vec<Course> = (0..count)
        .map(|number| {
            let mut chance = Chance::new(scenario.seed, Purpose::Sample, u64::from(number), 0);
            let person = chance.below(residents);
            let onset = Minute::of(4 + (number % 7) as i32, chance.between(0, 1440));
            let course = Course::new(scenario.seed, &scenario.disease, person, onset, Cause::Seed);
            let incubation = course.onset.since(onset);
            Course {
                infected: onset.plus(-incubation),
                onset,
                ..course
            }
        })
        .collect();
    cases.sort_by_key(|case| case.person);
    cases.dedup_by_key(|case| case.person);
    cases
}

fn follow(
    scenario: &Scenario,
    calendar: &Calendar,
    town: &Town,
    journeys: &[Journey],
    cases: &[Course],
) -> Vec<Pair> {
    let infectiousness = Infectiousness::new(&scenario.disease);
    let confinement = Confinement::new(town.people.len());
    let ends = cases.iter().map(|case| infectiousness.ends(case).day());
    let unit = Rates {
        home: 1.0,
        elsewhere: 1.0,
    };
    let mut shared: Vec<(u32, u32, bool, f64)> = Vec::new();
    for day in 0..=ends.max().unwrap_or(0) {
        let today: Vec<&Course> = cases
            .iter()
            .filter(|case| infectiousness.is_infectious_on(case, day))
            .collect();
        let sources: Vec<u32> = today.iter().map(|case| case.person).collect();
        let city = CityDay {
            scenario,
            town,
            journeys,
            confinement: &confinement,
            day,
            is_workday: calendar.is_workday(day),
        };
        for meeting in city.meetings(&sources) {
            let Ok(case) = today.binary_search_by_key(&meeting.source, |case| case.person) else {
                continue;
            };
            let now = infectiousness.at(today[case], meeting.middle(day));
            let expected = unit.expected(scenario, &meeting, now);
            if expected > 0.0 {
                let at_home = meeting.setting == Setting::Home;
                shared.push((meeting.source, meeting.person, at_home, expected));
            }
        }
    }
    shared.sort_unstable_by_key(|(source, person, at_home, _)| (*source, *person, *at_home));
    let same_pair = |a: &(u32, u32, bool, f64), b: &(u32, u32, bool, f64)| (a.0, a.1) == (b.0, b.1);
    shared
        .chunk_by(same_pair)
        .map(|rows| {
            let sum = |home: bool| {
                rows.iter()
                    .filter(|row| row.2 == home)
                    .map(|row| row.3)
                    .sum()
            };
            Pair {
                is_household: rows.iter().any(|row| row.2),
                home: sum(true),
                elsewhere: sum(false),
            }
        })
        .collect()
}

fn infections(pairs: &[Pair], rates: Rates) -> f64 {
    pairs
        .iter()
        .map(|pair| 1.0 - (-rates.home * pair.home - rates.elsewhere * pair.elsewhere).exp())
        .sum()
}

/// The rate at which `rising` reaches `wanted`; `None` if it never does.
fn solve(wanted: f64, rising: impl Fn(f64) -> f64) -> Option<f64> {
    let mut most = 1e-6;
    while rising(most) < wanted {
        most *= 2.0;
        if most > 1e6 {
            return None;
        }
    }
    let mut least = 0.0;
    for _ in 0..50 {
        let middle = f64::midpoint(least, most);
        if rising(middle) < wanted {
            least = middle;
        } else {
            most = middle;
        }
    }
    Some(f64::midpoint(least, most))
}
