//! Regions and the risk levels that authorities publish for them.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// A region: a GB/T 2260 code (province 2, city 4, county 6, street 9 digits) or an ISO 3166-1
/// alpha-2 country. A longer code lies inside its prefix; every digit code lies inside `CN`.
/// The padded form of the standard means the shorter code: `330100` is the city `3301`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Code);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Code {
    Country([u8; 2]),
    Division { digits: u8, number: u32 },
}

/// Text that is no region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a region is 2, 4, 6 or 9 digits (GB/T 2260) or two capital letters (ISO 3166)")]
pub struct BadRegion;

const CHINA: Region = Region(Code::Country(*b"CN"));

impl Region {
    /// The next larger region: street, county, city, province, country.
    pub fn parent(self) -> Option<Self> {
        match self.0 {
            Code::Country(_) => None,
            Code::Division { digits: 2, .. } => Some(CHINA),
            Code::Division { digits, number } => {
                let (shorter, divisor) = if digits == 9 {
                    (6, 1000)
                } else {
                    (digits - 2, 100)
                };
                Some(Self(Code::Division {
                    digits: shorter,
                    number: number / divisor,
                }))
            }
        }
    }

    /// This region and every larger one around it, smallest first.
    pub fn chain(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |region| region.parent())
    }

    /// Whether `self` is `outer` or lies inside it.
    pub fn lies_within(self, outer: Self) -> bool {
        self.chain().any(|region| region == outer)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Code::Country([a, b]) => write!(f, "{}{}", char::from(a), char::from(b)),
            Code::Division { digits, number } => {
                write!(f, "{number:0width$}", width = usize::from(digits))
            }
        }
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

impl FromStr for Region {
    type Err = BadRegion;

    fn from_str(text: &str) -> Result<Self, BadRegion> {
        let bytes = text.as_bytes();
        match bytes {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => {
                Ok(Self(Code::Country([*a, *b])))
            }
            _ if matches!(bytes.len(), 2 | 4 | 6 | 9) && bytes.iter().all(u8::is_ascii_digit) => {
                let code = unpadded(text);
                let number = code.parse().map_err(|_| BadRegion)?;
                Ok(Self(Code::Division {
                    digits: code.len() as u8,
                    number,
                }))
            }
            _ => Err(BadRegion),
        }
    }
}

/// Drops the zeros that pad a code: `330000` is `33`, `330100` is `3301`, `330106000` is `330106`.
fn unpadded(code: &str) -> &str {
    let code = code
        .strip_suffix("000")
        .filter(|_| code.len() == 9)
        .unwrap_or(code);
    let code = code
        .strip_suffix("00")
        .filter(|_| code.len() == 6)
        .unwrap_or(code);
    code.strip_suffix("00")
        .filter(|_| code.len() == 4)
        .unwrap_or(code)
}

/// How dangerous an authority says a region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// No case, or none new in 14 days.
    Low,
    /// New cases, few or without a cluster.
    Medium,
    /// Many cases and a cluster.
    High,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The word used in files and policies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One published level: what, where, from when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionLevel {
    /// Where.
    pub region: Region,
    /// How dangerous.
    pub level: Level,
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after; `None` while the level holds until further notice.
    pub until: Option<Timestamp>,
}

/// Every published level, looked up by region and time.
///
/// The most specific region wins: a county's own level hides its city's while it holds. Of several
/// entries for the same region at the same time, the one that started last wins; of two that
/// started together, the one published last. A region without an entry has *no* level, which
/// never restricts anybody (invariant 3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionLevels {
    by_region: HashMap<Region, Vec<RegionLevel>>,
}

impl RegionLevels {
    /// Collects published levels, in the order in which they were published.
    pub fn new(levels: impl IntoIterator<Item = RegionLevel>) -> Self {
        let mut by_region = HashMap::<Region, Vec<RegionLevel>>::new();
        for level in levels {
            by_region.entry(level.region).or_default().push(level);
        }
        for rows in by_region.values_mut() {
            rows.sort_by_key(|row| row.from);
        }
        Self { by_region }
    }

    /// Whether nothing was published.
    pub fn is_empty(&self) -> bool {
        self.by_region.is_empty()
    }

    /// The level of `region` at `at`, if one is known.
    pub fn at(&self, region: Region, at: Timestamp) -> Option<Level> {
        region.chain().find_map(|region| {
            let rows = self.by_region.get(&region)?;
            rows.iter()
                .rev()
                .find(|row| row.holds_at(at))
                .map(|row| row.level)
        })
    }

    /// The entry of each region that has one of its own at `at`: countries first, then
    /// provinces, cities, counties and streets, each by their codes.
    pub fn in_force(&self, at: Timestamp) -> Vec<RegionLevel> {
        let own = self.by_region.values();
        let own = own.filter_map(|rows| rows.iter().rev().find(|row| row.holds_at(at)));
        let mut found: Vec<RegionLevel> = own.copied().collect();
        found.sort_unstable_by_key(|row| row.region);
        found
    }

    /// The level of `region` over time within `[from, until)`: consecutive stretches of known level,
    /// in order. Stretches without a known level are absent.
    pub fn during(&self, region: Region, from: Timestamp, until: Timestamp) -> Vec<LevelStretch> {
        let mut cuts = vec![from];
        for rows in region
            .chain()
            .filter_map(|region| self.by_region.get(&region))
        {
            let ends = rows
                .iter()
                .flat_map(|row| [Some(row.from), row.until])
                .flatten();
            cuts.extend(ends.filter(|cut| from < *cut && *cut < until));
        }
        cuts.sort_unstable();
        cuts.dedup();
        cuts.push(until);
        let stretches = cuts.windows(2).filter(|cut| cut[0] < cut[1]);
        stretches
            .filter_map(|cut| {
                let level = self.at(region, cut[0])?;
                Some(LevelStretch {
                    level,
                    from: cut[0],
                    until: cut[1],
                })
            })
            .collect()
    }

    /// When the level of `region` next changes after `now`, as far as published.
    pub fn next_change(&self, region: Region, now: Timestamp) -> Option<Timestamp> {
        let rows = region
            .chain()
            .filter_map(|region| self.by_region.get(&region))
            .flatten();
        rows.flat_map(|row| [Some(row.from), row.until])
            .flatten()
            .filter(|cut| *cut > now)
            .min()
    }
}

impl RegionLevel {
    fn holds_at(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// A stretch of time during which a region had one known level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelStretch {
    /// The level.
    pub level: Level,
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after.
    pub until: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Region {
        text.parse().unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn level(code: &str, level: Level, from: i64, until: Option<i64>) -> RegionLevel {
        RegionLevel {
            region: region(code),
            level,
            from: at(from),
            until: until.map(at),
        }
    }

    #[test]
    fn a_longer_code_lies_inside_its_prefix_and_all_of_them_in_china() {
        assert!(region("330106109").lies_within(region("3301")));
        assert!(region("330106109").lies_within(region("CN")));
        assert!(!region("3301").lies_within(region("330106")));
        assert!(!region("3401").lies_within(region("33")));
        assert!(!region("IT").lies_within(region("CN")));
        assert_eq!(region("010203").to_string(), "010203");
    }

    #[test]
    fn what_is_in_force_is_listed_once_for_each_region_that_has_a_level_of_its_own() {
        let levels = RegionLevels::new([
            level("330106", Level::High, 0, Some(50)),
            level("3301", Level::Low, 0, None),
            level("3301", Level::Medium, 10, Some(20)),
            level("IT", Level::High, 30, None),
        ]);
        let found = |second| {
            let rows = levels.in_force(at(second)).into_iter();
            rows.map(|row| format!("{} {}", row.region, row.level))
                .collect::<Vec<_>>()
        };
        assert_eq!(found(15), ["3301 medium", "330106 high"]);
        assert_eq!(found(40), ["IT high", "3301 low", "330106 high"]);
        assert_eq!(found(60), ["IT high", "3301 low"]);
        assert!(found(-1).is_empty());
    }

    #[test]
    fn a_padded_code_means_the_shorter_one() {
        assert_eq!(region("330100"), region("3301"));
        assert_eq!(region("330000"), region("33"));
        assert_eq!(region("330106000"), region("330106"));
        assert_eq!(region("441900003").to_string(), "441900003");
        assert!(region("441900003").lies_within(region("441900")));
    }

    #[test]
    fn only_codes_of_the_right_length_parse() {
        for text in [
            "", "3", "330", "33010", "3301061", "cn", "CHN", "33 1", "３３",
        ] {
            assert_eq!(text.parse::<Region>(), Err(BadRegion), "{text}");
        }
    }

    #[test]
    fn the_most_specific_level_wins_and_an_unknown_one_is_none() {
        let levels = RegionLevels::new([
            level("3301", Level::High, 100, None),
            level("330106", Level::Low, 200, Some(300)),
        ]);
        assert_eq!(levels.at(region("330106"), at(250)), Some(Level::Low));
        assert_eq!(levels.at(region("330106"), at(300)), Some(Level::High));
        assert_eq!(levels.at(region("330106"), at(99)), None);
        assert_eq!(levels.at(region("3302"), at(250)), None);
        let stretches = levels.during(region("330106"), at(0), at(400));
        let shown: Vec<_> = stretches
            .iter()
            .map(|s| (s.level, s.from.as_second(), s.until.as_second()))
            .collect();
        assert_eq!(
            shown,
            [
                (Level::High, 100, 200),
                (Level::Low, 200, 300),
                (Level::High, 300, 400)
            ]
        );
    }

    #[test]
    fn a_later_entry_for_the_same_region_replaces_an_earlier_one() {
        let levels = RegionLevels::new([
            level("3301", Level::High, 100, None),
            level("3301", Level::Low, 200, None),
        ]);
        assert_eq!(levels.at(region("3301"), at(150)), Some(Level::High));
        assert_eq!(levels.at(region("3301"), at(250)), Some(Level::Low));
    }
}
