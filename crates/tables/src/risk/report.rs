//! The levels of a day, and what was odd about the counts.

use std::collections::BTreeMap;

use domain::{Level, Region, RegionLevel, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{CLUSTER, CaseCounts, RiskNote};
use crate::files::{FileError, PlaceName, ResultColumn, ResultKind, ResultWriter, Value};

/// The levels of one day.
#[derive(Clone, Debug)]
pub struct RiskReport {
    /// The day.
    pub date: Date,
    /// Every region with a code and a count on that day, in order.
    pub regions: Vec<RegionRisk>,
    /// What was odd.
    pub notes: Vec<RiskNote>,
}

/// One region's level and the figures it follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionRisk {
    /// Where.
    pub region: Region,
    /// How dangerous.
    pub level: Level,
    /// New cases in 14 days.
    pub new_14d: u64,
    /// Cases in all.
    pub cumulative: u64,
    /// Whether the table counts its parts one by one, so that its level is nobody's.
    pub is_total: bool,
}

/// Why there is no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RiskError {
    /// The table is empty.
    #[error("the table holds no counts of regions with a code")]
    Empty,
    /// The day is not in the table.
    #[error(
        "there are no counts of {date}; the table runs from {first} to {last}. Choose a day on which it has counts"
    )]
    NoSuchDay {
        /// The day asked for.
        date: Date,
        /// The first day there is.
        first: Date,
        /// The last.
        last: Date,
    },
}

/// The columns in which levels are written. The file is also a `regions` table.
pub const COLUMNS: &[ResultColumn] = &[
    ResultColumn {
        name: "region",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "level",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "new_14d",
        kind: ResultKind::Whole,
    },
    ResultColumn {
        name: "cumulative",
        kind: ResultKind::Whole,
    },
    ResultColumn {
        name: "from",
        kind: ResultKind::Timestamp,
    },
    ResultColumn {
        name: "scope",
        kind: ResultKind::Text,
    },
];

impl CaseCounts {
    /// The levels of `date`.
    ///
    /// # Errors
    /// [`RiskError`] if there are no counts of that day.
    pub fn levels_on(&self, date: Date) -> Result<RiskReport, RiskError> {
        let (first, last) = self.days().ok_or(RiskError::Empty)?;
        let mut regions: Vec<RegionRisk> = Vec::new();
        let mut notes = self.simple_notes(date);
        let (mut not_covered, mut first_counted) = (Vec::new(), Vec::new());
        let sums = self.sums_of_parts(date);
        let mut is_counted = false;
        for (region, now) in self.on(date) {
            is_counted = true;
            if let Some(before) = self.last_above_zero(region, date).filter(|_| now == 0) {
                notes.push(RiskNote::SetToZero { region, before });
                continue;
            }
            let before = self.count_before(region, date);
            let is_new = now > 0;
            match &before {
                Before::NotCovered(_) => not_covered.push(region),
                Before::New if is_new => first_counted.push(region),
                Before::ByName(name, before) if is_new => notes.push(RiskNote::CountedByName {
                    region,
                    name: name.clone(),
                    before: *before,
                }),
                Before::InWhole(whole, before) if is_new => {
                    let (whole, before) = (*whole, *before);
                    notes.push(RiskNote::CountedInWhole {
                        region,
                        whole,
                        before,
                    });
                }
                _ => {}
            }
            let before = before.count();
            if now < before {
                notes.push(RiskNote::Fell {
                    region,
                    before,
                    now,
                });
            }
            let new_14d = now.saturating_sub(before);
            let sum = sums.get(&region).copied().unwrap_or_default();
            if sum.regions > 0 && sum.parts + sum.without_code != now {
                let Sum {
                    parts,
                    without_code,
                    ..
                } = sum;
                notes.push(RiskNote::TotalsDisagree {
                    region,
                    own: now,
                    parts,
                    without_code,
                });
            }
            regions.push(RegionRisk {
                region,
                level: level(now, new_14d),
                new_14d,
                cumulative: now,
                is_total: sum.regions > 0 && (sum.parts + sum.without_code) * 2 >= now,
            });
        }
        if !is_counted {
            return Err(RiskError::NoSuchDay { date, first, last });
        }
        if !not_covered.is_empty() {
            notes.push(RiskNote::NotCoveredYet {
                regions: not_covered,
            });
        }
        if !first_counted.is_empty() {
            notes.push(RiskNote::FirstCounted {
                regions: first_counted,
            });
        }
        Ok(RiskReport {
            date,
            regions,
            notes,
        })
    }

    /// What can be said without looking at levels.
    fn simple_notes(&self, date: Date) -> Vec<RiskNote> {
        let (mut rows, mut cases, mut in_larger) = (0, 0, 0);
        for (inside, uncoded) in self.without_code(date) {
            let is_counted = inside.is_some_and(|whole| self.counted_on(whole, date));
            rows += uncoded.rows;
            cases += uncoded.cases;
            in_larger += if is_counted { uncoded.cases } else { 0 };
        }
        let silent: Vec<Region> = self.silent_on(date).collect();
        let mut notes = Vec::new();
        if rows > 0 {
            notes.push(RiskNote::WithoutCode {
                rows,
                cases,
                in_larger,
            });
        }
        if !silent.is_empty() {
            notes.push(RiskNote::NoCount { regions: silent });
        }
        let twice = self.twice_on(date);
        notes.extend(twice.map(|(region, kept, other)| RiskNote::Twice {
            region,
            kept,
            other,
        }));
        notes
    }

    /// The last count before `date`, if that is above 0: counts are cumulative and do not end.
    fn last_above_zero(&self, region: Region, date: Date) -> Option<u64> {
        let day = date.yesterday().ok()?;
        self.by(region, day).filter(|count| *count > 0)
    }

    /// The count 14 days before `date`, or what stands for it.
    fn count_before(&self, region: Region, date: Date) -> Before {
        let Ok(day) = date.checked_sub(14.days()) else {
            return Before::Counted(0);
        };
        if let Some(count) = self.by(region, day) {
            return Before::Counted(count);
        }
        if let Some((name, count)) = self.by_name(region, day) {
            return Before::ByName(name.clone(), count);
        }
        let whole = self.whole_of(region);
        if whole.and_then(|whole| self.by(whole, day)) == Some(0) {
            return Before::Counted(0);
        }
        let earliest = self.earliest(region).map_or(0, |(_, count)| count);
        let is_known = |region: Region| self.by(region, day).is_some();
        if !self.parts_of(whole).any(is_known) {
            return Before::NotCovered(earliest);
        }
        let uncounted = whole.and_then(|whole| Some((whole, self.uncounted_by(whole, day)?)));
        match uncounted {
            Some((whole, uncounted)) if uncounted > 0 => {
                Before::InWhole(whole, uncounted.min(earliest))
            }
            _ => Before::New,
        }
    }

    /// For each region with parts, what these add up to on `date`.
    fn sums_of_parts(&self, date: Date) -> BTreeMap<Region, Sum> {
        let mut sums = BTreeMap::<Region, Sum>::new();
        for (region, count) in self.on(date) {
            if let Some(whole) = self.whole_of(region) {
                let sum = sums.entry(whole).or_default();
                sum.regions += 1;
                sum.parts += count;
            }
        }
        for (inside, uncoded) in self.without_code(date) {
            if let Some(inside) = inside {
                sums.entry(inside).or_default().without_code += uncoded.cases;
            }
        }
        sums
    }
}

/// Cases of a region 14 days before.
enum Before {
    /// As the table counted them, or none because the larger region had none.
    Counted(u64),
    /// Under the region's name, as the code is new.
    ByName(PlaceName, u64),
    /// In a larger region, which had more than its parts counted.
    InWhole(Region, u64),
    /// None: the table counted others then, but not the region.
    New,
    /// Those first counted, as the table did not reach back so far.
    NotCovered(u64),
}

impl Before {
    fn count(&self) -> u64 {
        match self {
            Self::Counted(count)
            | Self::ByName(_, count)
            | Self::InWhole(_, count)
            | Self::NotCovered(count) => *count,
            Self::New => 0,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Sum {
    regions: u64,
    parts: u64,
    without_code: u64,
}

/// The rule itself.
fn level(cumulative: u64, new_14d: u64) -> Level {
    match (cumulative, new_14d) {
        (0, _) | (_, 0) => Level::Low,
        (51.., CLUSTER..) => Level::High,
        _ => Level::Medium,
    }
}

impl RiskReport {
    /// The levels as an authority would publish them: from the first instant of the day in `zone`
    /// until further notice, totals left out.
    pub fn levels(&self, zone: &TimeZone) -> Vec<RegionLevel> {
        let from = self.from(zone);
        let own = self.regions.iter().filter(|risk| !risk.is_total);
        own.map(|risk| RegionLevel {
            region: risk.region,
            level: risk.level,
            from,
            until: None,
        })
        .collect()
    }

    /// Writes all regions in [`COLUMNS`].
    ///
    /// # Errors
    /// [`FileError::Write`].
    pub fn write(&self, zone: &TimeZone, writer: &mut ResultWriter) -> Result<(), FileError> {
        let whole = |number: u64| Value::Whole(i64::try_from(number).unwrap_or(i64::MAX));
        for risk in &self.regions {
            writer.row(&[
                Value::Text(&risk.region.to_string()),
                Value::Text(risk.level.as_str()),
                whole(risk.new_14d),
                whole(risk.cumulative),
                Value::Timestamp(self.from(zone)),
                Value::Text(if risk.is_total { "total" } else { "own" }),
            ])?;
        }
        Ok(())
    }

    fn from(&self, zone: &TimeZone) -> Timestamp {
        let midnight = self.date.to_zoned(zone.clone());
        midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
    }
}
