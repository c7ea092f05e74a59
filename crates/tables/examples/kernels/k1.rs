//! K1: a population of which 43 facts are known about every ten people, and twelve rules.

use std::fmt::Write as _;
use std::path::Path;

use domain::{Level, Policy, Region, RegionLevel, RegionLevels, Timestamp};
use engine::columns::{Columns, NONE};
use tables::files::ReadOptions;
use tables::mirror::write_columns;

use crate::random::Random;

pub const START: u32 = 1_600_000_000;
const DAY: u32 = 86_400;
pub const NOW: u32 = START + 28 * DAY;
const REGIONS: u32 = 2800;
const RISKY: usize = 150;

pub fn policy() -> Result<Policy, String> {
    Policy::parse(include_str!("k1.toml")).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

pub fn generate(people: u32, dir: &Path) -> Result<(), String> {
    let mut random = Random::new(20_200_211);
    let mut columns = Columns {
        people,
        ..Columns::default()
    };
    for region in regions() {
        columns.regions.number(&region);
    }
    let popularity = random.permutation(REGIONS);
    let place = |random: &mut Random| popularity[random.popular(REGIONS, 40.0) as usize] as u16;
    let timestamp = |random: &mut Random| START + (random.unit() * f64::from(28 * DAY)) as u32;
    let mut arrivals = Vec::new();
    for person in 0..people {
        let d = &mut columns.declarations;
        let age = random.unit();
        d.person.push(person);
        d.at.push(NOW - (age * age * f64::from(28 * DAY)) as u32);
        let chances = [0.012, 0.02, 0.006, 0.008, 0.003, 0.015];
        let bits = chances.iter().enumerate();
        let bits = bits.map(|(bit, chance)| u16::from(random.unit() < *chance) << bit);
        d.symptoms.push(bits.sum());
        d.temperature.push(0);
        d.contact.push(0);

        let home = place(&mut random);
        arrivals.clear();
        arrivals.extend((0..1 + random.poisson(2.0)).map(|_| timestamp(&mut random)));
        arrivals.sort_unstable();
        for arrived in &arrivals {
            let length = random.exponential(2.0 * f64::from(DAY)) as u32 + 600;
            let is_home = random.unit() < 0.6;
            let s = &mut columns.stays;
            s.person.push(person);
            s.arrived.push(*arrived);
            s.left.push(arrived.saturating_add(length).min(NOW));
            s.region
                .push(if is_home { home } else { place(&mut random) });
            s.mode_source.push(1);
        }
    }
    let some = |random: &mut Random, share: u32| {
        let count = u64::from(people) * u64::from(share) / 100;
        let mut own: Vec<u32> = (0..count).map(|_| random.below(people)).collect();
        own.sort_unstable();
        let mut facts: Vec<(u32, u32)> = own.iter().map(|who| (*who, timestamp(random))).collect();
        facts.sort_unstable();
        facts
    };
    for (person, at) in some(&mut random, 5) {
        let c = &mut columns.contacts;
        c.person.push(person);
        c.first.push(at);
        c.last.push(at);
        c.minutes.push(NONE);
        c.relation.push(0);
        c.ring.push(if random.unit() < 0.7 { 2 } else { 1 });
    }
    for (person, at) in some(&mut random, 30) {
        let t = &mut columns.tests;
        let share = random.unit();
        t.person.push(person);
        t.sampled.push(at);
        t.reported.push(NONE);
        t.kind.push(0);
        // Positive, negative, inconclusive.
        t.result.push(if share < 0.001 {
            0
        } else if share < 0.006 {
            2
        } else {
            1
        });
    }
    write_columns(&columns, dir).map_err(|why| why.to_string())?;
    let mut text = String::from("region,level,from,until\n");
    for level in levels(&mut random) {
        let (from, until) = (
            level.from.as_second(),
            level.until.map_or(0, Timestamp::as_second),
        );
        let _ = writeln!(text, "{},{},{from},{until}", level.region, level.level);
    }
    let write = |name: &str, text: &str| {
        std::fs::write(dir.join(name), text).map_err(|why| format!("{name}: {why}"))
    };
    write("regions.csv", &text)?;
    write("policy.toml", include_str!("k1.toml"))
}

pub fn read_levels(dir: &Path) -> Result<RegionLevels, String> {
    let options = ReadOptions {
        now: None,
        keep_refused: false,
    };
    let (levels, _) = tables::files::read_levels(&dir.join("regions.csv"), options)
        .map_err(|why| why.to_string())?;
    Ok(RegionLevels::new(levels))
}

/// 28 made-up provinces of ten cities of ten counties.
fn regions() -> impl Iterator<Item = Region> {
    let code = |n: u32| format!("{:02}{:02}{:02}", 11 + n / 100, n / 10 % 10 + 1, n % 10 + 1);
    (0..REGIONS).filter_map(move |n| code(n).parse().ok())
}

fn levels(random: &mut Random) -> Vec<RegionLevel> {
    let regions: Vec<Region> = regions().collect();
    let order = random.permutation(REGIONS);
    let mut levels = Vec::new();
    for place in &order[..RISKY] {
        let mut cuts: Vec<u32> = random.permutation(28 * 24);
        cuts.truncate(2 * (1 + random.below(3) as usize));
        cuts.sort_unstable();
        for span in cuts.chunks_exact(2) {
            let at = |hour: u32| Timestamp::from_second(i64::from(START + hour * 3600));
            if let (Ok(from), Ok(until)) = (at(span[0]), at(span[1])) {
                levels.push(RegionLevel {
                    region: regions[*place as usize],
                    level: [Level::Low, Level::Medium, Level::High][random.below(3) as usize],
                    from,
                    until: Some(until),
                });
            }
        }
    }
    levels
}
