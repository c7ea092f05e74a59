//! What is odd about counts, said in sentences.

use std::fmt;

use domain::Region;

use crate::files::PlaceName;

/// Something odd about the counts. Prints as a sentence with its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RiskNote {
    /// Rows without a code belong to no region of their own.
    WithoutCode {
        /// How many.
        rows: u64,
        /// How many cases they tell.
        cases: u64,
        /// How many of these a larger region with a row of its own tells too.
        in_larger: u64,
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
    /// A region that had no count under its code 14 days before, but one under its name.
    CountedByName {
        /// Which.
        region: Region,
        /// What the table calls it.
        name: PlaceName,
        /// The count then, taken as the region's.
        before: u64,
    },
    /// A region first counted within the 14 days, of which the larger one may have counted cases before.
    CountedInWhole {
        /// Which.
        region: Region,
        /// The larger one.
        whole: Region,
        /// What its parts did not tell of its count then, at most the region's first count; taken as
        /// the region's.
        before: u64,
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
            Self::WithoutCode {
                rows,
                cases,
                in_larger: 0,
            } => write!(
                f,
                "{rows} rows with {cases} cases have no code; they count for no region"
            ),
            Self::WithoutCode {
                rows,
                cases,
                in_larger,
            } => write!(
                f,
                "{rows} rows with {cases} cases have no code; {in_larger} of these cases are in the \
                 counts of larger regions, and no smaller region has any"
            ),
            Self::CountedByName {
                region,
                name,
                before,
            } => write!(
                f,
                "{region}: had no count under this code 14 days before; {before} cases counted then \
                 as {name} are taken as its own"
            ),
            Self::CountedInWhole {
                region,
                whole,
                before,
            } => write!(
                f,
                "{region}: was first counted within the 14 days; {before} cases that {whole} had \
                 before and none of its parts told are taken as its own"
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
