//! The levels of a day, and what was odd about the counts.

use std::collections::BTreeMap;
use std::fmt;

use domain::{Level, Region, RegionLevel, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{CLUSTER, CaseCounts};
use crate::files::{FileError, ResultColumn, ResultKind, ResultWriter, Value};

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

/// Something odd about the counts. Prints as a sentence with its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RiskNote {
    /// Rows without a code belong to no region.
    WithoutCode {
        /// How many.
        rows: u64,
        /// How many cases they tell.
        cases: u64,
    },
    /// A count fell within the 14 days.
    Fell {
        /// Where.
        region: Region,
        /// 14 days before.
        before: u64,
        /// On the day.
        now: u64,
    },
    /// A region's own count and the sum of its parts differ.
    TotalsDisagree {
        /// Where.
        region: Region,
        /// Its own count, which is the one used.
        own: u64,
        /// The sum of its parts that have a code.
        parts: u64,
        /// The sum of the rows inside it that have none.
        without_code: u64,
    },
    /// Regions counted before the day, but not on it.
    NoCount {
        /// Which.
        regions: Vec<Region>,
    },
    /// Regions that the table did not count 14 days before.
    NotCoveredYet {
        /// Which.
        regions: Vec<Region>,
    },
    /// Regions that the table began to count within the 14 days, beside others that it counted before.
    FirstCounted {
        /// Which.
        regions: Vec<Region>,
    },
    /// A count was set to 0 although there had been cases.
    SetToZero {
        /// Where.
        region: Region,
        /// The last count before.
        before: u64,
    },
    /// A region was counted twice on the day, differently.
    Twice {
        /// Where.
        region: Region,
        /// The figure used.
        kept: u64,
        /// The other.
        other: u64,
    },
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
            let (before, is_covered) = self.count_before(region, date);
            if !is_covered {
                not_covered.push(region);
            } else if now > 0 && self.is_first_counted(region, date) {
                first_counted.push(region);
            }
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
        let without_code = self.without_code(date);
        let (rows, cases) =
            without_code.fold((0, 0), |(rows, cases), (_, r, c)| (rows + r, cases + c));
        let silent: Vec<Region> = self.silent_on(date).collect();
        let mut notes = Vec::new();
        if rows > 0 {
            notes.push(RiskNote::WithoutCode { rows, cases });
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

    /// Whether a region has no count of 14 days before `date` or earlier, although the larger region
    /// had cases, so that some of them may have been its.
    fn is_first_counted(&self, region: Region, date: Date) -> bool {
        let Ok(day) = date.checked_sub(14.days()) else {
            return false;
        };
        let whole = self.whole_of(region).and_then(|whole| self.by(whole, day));
        self.by(region, day).is_none() && whole != Some(0)
    }

    /// The count 14 days before `date`, and whether the table reached back so far.
    fn count_before(&self, region: Region, date: Date) -> (u64, bool) {
        let Ok(day) = date.checked_sub(14.days()) else {
            return (0, true);
        };
        if let Some(count) = self.by(region, day) {
            return (count, true);
        }
        let whole = self.whole_of(region);
        let is_known = |region: Region| self.by(region, day).is_some();
        let had_none = match whole {
            Some(whole) => self.by(whole, day) == Some(0),
            None => false,
        };
        if had_none || self.parts_of(whole).any(is_known) {
            return (0, true);
        }
        (self.earliest(region).map_or(0, |(_, count)| count), false)
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
        for (inside, _, cases) in self.without_code(date) {
            if let Some(inside) = inside {
                sums.entry(inside).or_default().without_code += cases;
            }
        }
        sums
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
    /// The levels as an authority would publish them: from the first moment of the day in `zone`
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

impl fmt::Display for RiskNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |regions: &[Region]| {
            let shown: Vec<String> = regions.iter().take(10).map(Region::to_string).collect();
            let more = if regions.len() > shown.len() {
                ", …"
            } else {
                ""
            };
            format!("{}{more}", shown.join(", "))
        };
        match self {
            Self::WithoutCode { rows, cases } => write!(
                f,
                "{rows} rows with {cases} cases have no code; they count for no region"
            ),
            Self::Fell {
                region,
                before,
                now,
            } => write!(
                f,
                "{region}: the count fell from {before} to {now} within 14 days, by a correction; \
                 no new cases are assumed"
            ),
            Self::TotalsDisagree {
                region,
                own,
                parts,
                without_code,
            } => write!(
                f,
                "{region}: its own count is {own}, its parts add up to {parts} and {without_code} \
                 more without a code; its own count is used"
            ),
            Self::NoCount { regions } => write!(
                f,
                "{} regions were counted before but not on this day, and get no level: {}",
                regions.len(),
                list(regions)
            ),
            Self::NotCoveredYet { regions } => write!(
                f,
                "{} regions were not counted yet 14 days before; new cases are those since their \
                 first count: {}",
                regions.len(),
                list(regions)
            ),
            Self::FirstCounted { regions } => write!(
                f,
                "{} regions were first counted within the 14 days, beside others that were counted \
                 before; all their cases count as new. If a code is only new for an old region, \
                 write its earlier counts under the new code: {}",
                regions.len(),
                list(regions)
            ),
            Self::SetToZero { region, before } => write!(
                f,
                "{region}: the count is 0, though it was {before}; a count of all cases cannot end, \
                 so this is no count, and the region gets no level"
            ),
            Self::Twice {
                region,
                kept,
                other,
            } => write!(
                f,
                "{region}: counted twice, as {kept} and as {other}; the first is used"
            ),
        }
    }
}
