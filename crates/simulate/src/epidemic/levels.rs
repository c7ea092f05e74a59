//! Case counts of the districts and the risk levels that follow from them.

use domain::{Level, Region, RegionLevel};

use super::calendar::{Calendar, Minute};
use super::rows::CaseCount;
use super::travel::{ELSEWHERE, district, elsewhere};

/// Days that count as recent.
const RECENT: usize = 14;
/// Cases in all above which a district may be of high risk.
const MANY: u32 = 50;
/// Recent cases that count as a cluster.
const CLUSTER: u32 = 5;

/// The published levels: those of the regions elsewhere from before the first day, those of the
/// districts from the midnight after the count that changed them.
///
/// The rule is the State Council's guidance of February 2020: low without recent cases; high with
/// more than 50 in all and a cluster; medium between.
pub(crate) fn levels(calendar: &Calendar, confirmed: &[Vec<u32>]) -> Vec<RegionLevel> {
    let long_ago = calendar.timestamp(Minute::of(-60, 0));
    let mut levels: Vec<RegionLevel> = (0..ELSEWHERE.len() as u8)
        .filter_map(|index| {
            Some(RegionLevel {
                region: elsewhere(index)?,
                level: ELSEWHERE[usize::from(index)].1?,
                from: long_ago,
                until: None,
            })
        })
        .collect();
    for (number, region) in districts(confirmed) {
        let mut current: Option<RegionLevel> = None;
        for day in 0..confirmed.len() {
            let level = level(confirmed, number, day);
            if current.is_some_and(|current| current.level == level) {
                continue;
            }
            let from = match day {
                0 => long_ago,
                day => calendar.timestamp(Minute::of(day as i32, 0)),
            };
            levels.extend(current.map(|current| RegionLevel {
                until: Some(from),
                ..current
            }));
            current = Some(RegionLevel {
                region,
                level,
                from,
                until: None,
            });
        }
        levels.extend(current);
    }
    levels
}

/// Cumulative counts by day, then district.
pub(crate) fn counts(calendar: &Calendar, confirmed: &[Vec<u32>]) -> Vec<CaseCount> {
    let districts: Vec<_> = districts(confirmed).collect();
    let mut totals = vec![0; districts.len()];
    let mut counts = Vec::new();
    for (day, new) in confirmed.iter().enumerate() {
        for (number, region) in &districts {
            totals[*number] += new[*number];
            counts.push(CaseCount {
                date: calendar.date(day as i32),
                region: *region,
                confirmed: totals[*number],
            });
        }
    }
    counts
}

/// The level on the morning of `day`, from the counts of the days before.
fn level(confirmed: &[Vec<u32>], number: usize, day: usize) -> Level {
    let sum = |days: &[Vec<u32>]| days.iter().map(|day| day[number]).sum::<u32>();
    let (all, recent) = (
        sum(&confirmed[..day]),
        sum(&confirmed[day.saturating_sub(RECENT)..day]),
    );
    match recent {
        0 => Level::Low,
        CLUSTER.. if all > MANY => Level::High,
        _ => Level::Medium,
    }
}

fn districts(confirmed: &[Vec<u32>]) -> impl Iterator<Item = (usize, Region)> {
    let count = confirmed.first().map_or(0, Vec::len);
    (0..count).filter_map(|number| Some((number, district(number as u8)?)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_district_rises_with_its_cases_and_is_low_again_after_14_days_without() {
        let calendar = Calendar::new(date(2020, 2, 17), 40, &TimeZone::UTC).unwrap();
        let mut confirmed = vec![vec![0]; 40];
        (confirmed[2][0], confirmed[5][0]) = (1, 60);
        let shown: Vec<String> = levels(&calendar, &confirmed)
            .iter()
            .filter(|level| level.region.to_string() == "990101")
            .map(|level| format!("{} from {}", level.level, &level.from.to_string()[..10]))
            .collect();
        assert_eq!(
            shown,
            [
                "low from 2019-12-19",
                "medium from 2020-02-20",
                "high from 2020-02-23",
                "low from 2020-03-08",
            ]
        );
        let last = counts(&calendar, &confirmed).pop().unwrap();
        assert_eq!((last.confirmed, last.date), (61, date(2020, 3, 27)));
    }
}
