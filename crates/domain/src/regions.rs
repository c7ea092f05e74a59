//! The regions that somebody is responsible for.

use std::fmt;
use std::str::FromStr;

use crate::region::{BadRegion, Region};

/// Some regions. Written as their codes with spaces between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regions(Vec<Region>);

impl Regions {
    /// Whether `region` is one of them or lies inside one.
    pub fn cover(&self, region: Region) -> bool {
        self.0.iter().any(|outer| region.lies_within(*outer))
    }

    /// Whether `region` shares ground with one of them: it is one of them, lies inside one or around one.
    pub fn meet(&self, region: Region) -> bool {
        let mut regions = self.0.iter();
        self.cover(region) || regions.any(|inner| inner.lies_within(region))
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, smallest code first.
    pub fn iter(&self) -> impl Iterator<Item = Region> {
        self.0.iter().copied()
    }
}

impl FromIterator<Region> for Regions {
    fn from_iter<I: IntoIterator<Item = Region>>(regions: I) -> Self {
        let mut regions: Vec<Region> = regions.into_iter().collect();
        regions.sort_unstable();
        regions.dedup();
        Self(regions)
    }
}

impl fmt::Display for Regions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<String> = self.0.iter().map(Region::to_string).collect();
        f.write_str(&codes.join(" "))
    }
}

impl FromStr for Regions {
    type Err = BadRegion;

    fn from_str(text: &str) -> Result<Self, BadRegion> {
        text.split_whitespace().map(Region::from_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_covered_by_itself_and_by_what_surrounds_it() {
        let regions: Regions = "3301 42".parse().unwrap();
        let covers = |code: &str| regions.cover(code.parse().unwrap());
        assert!(covers("330100") && covers("330106") && covers("4201"));
        assert!(!covers("33") && !covers("3302") && !covers("CN"));
        let meets = |code: &str| regions.meet(code.parse().unwrap());
        assert!(meets("330106") && meets("33") && meets("CN"));
        assert!(!meets("3302") && !meets("44") && !meets("IT"));
        assert_eq!(regions.to_string(), "42 3301");
        assert!(!Regions::default().cover("CN".parse().unwrap()));
    }
}
