//! K2: ten visits a person in two weeks, one venue for every five people, a hundred cases.

use std::fmt::Write as _;
use std::path::Path;

use domain::Timestamp;
use engine::trace::{Case, VisitColumns, VisitRows};
use tables::mirror::write_visits;

use crate::random::Random;

const START: u32 = 1_600_000_000;
const DAYS: u32 = 14;
const CASES: u32 = 100;
/// Visits of each case beside those it has like everybody.
const OWN: u32 = 50;

pub fn generate(people: u32, dir: &Path) -> Result<(), String> {
    let mut random = Random::new(20_200_411);
    let venues = (people / 5).max(1);
    let order = random.permutation(venues);
    let mut cases: Vec<u32> = (0..CASES.min(people))
        .map(|_| random.below(people))
        .collect();
    cases.sort_unstable();
    cases.dedup();
    let of_cases = cases.len() as u32 * OWN;
    let everybody = (people * 10).saturating_sub(of_cases);
    let mut rows = VisitRows::default();
    for visit in 0..everybody + of_cases {
        let person = match visit.checked_sub(everybody) {
            None => random.below(people),
            Some(own) => cases[(own / OWN) as usize],
        };
        let day = START + random.below(DAYS) * 86_400;
        let entered = day + 7 * 3600 + (random.unit() * 15.0 * 3600.0) as u32;
        let length = (1500_f64.ln() + 0.9 * random.normal())
            .exp()
            .clamp(60.0, 8.0 * 3600.0);
        rows.person.push(person);
        rows.venue
            .push(order[random.popular(venues, f64::from(venues) / 1000.0) as usize]);
        rows.entered.push(entered);
        rows.left.push(entered + length as u32);
    }
    let visits = VisitColumns::new(people, venues, rows);
    write_visits(&visits, dir).map_err(|why| why.to_string())?;
    let mut text = String::from("person,from,until\n");
    for case in cases {
        let _ = writeln!(text, "{case},{START},{}", START + DAYS * 86_400);
    }
    std::fs::write(dir.join("cases.csv"), text).map_err(|why| why.to_string())
}

pub fn cases(dir: &Path) -> Result<Vec<Case<u32>>, String> {
    let text = std::fs::read_to_string(dir.join("cases.csv")).map_err(|why| why.to_string())?;
    let line = |line: &str| {
        let numbers: Vec<i64> = line
            .split(',')
            .filter_map(|cell| cell.parse().ok())
            .collect();
        let [person, from, until] = numbers[..] else {
            return Err(format!("cases.csv: cannot read {line}"));
        };
        Ok(Case {
            person: u32::try_from(person).map_err(|why| why.to_string())?,
            from: Timestamp::from_second(from).map_err(|why| why.to_string())?,
            until: Timestamp::from_second(until).map_err(|why| why.to_string())?,
        })
    };
    text.lines().skip(1).map(line).collect()
}
