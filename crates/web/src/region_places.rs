//! Where an installation says that its regions lie, so that a map of them can be drawn.

use std::collections::HashMap;

use domain::Region;

/// Places of regions on a map: east and north, in any unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionPlaces(HashMap<Region, (f64, f64)>);

impl RegionPlaces {
    /// Reads lines of code, east and north, separated by commas: `330106,120.13,30.26`. A line that begins
    /// with `#`, an empty one and a first line of headings are left out.
    ///
    /// # Errors
    /// The number of the line that is wrong, and what was expected.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut places = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            let is_heading = number == 1 && line.starts_with("code");
            if line.is_empty() || line.starts_with('#') || is_heading {
                continue;
            }
            let place = read_line(line);
            let (region, place) = place.ok_or_else(|| {
                format!("line {number}: expected code,east,north, for example 330106,120.13,30.26")
            })?;
            if places.insert(region, place).is_some() {
                return Err(format!("line {number}: {region} stands there twice"));
            }
        }
        Ok(Self(places))
    }

    pub(crate) fn of(&self, region: Region) -> Option<(f64, f64)> {
        self.0.get(&region).copied()
    }
}

fn read_line(line: &str) -> Option<(Region, (f64, f64))> {
    let mut cells = line.split(',').map(str::trim);
    let region = cells.next()?.parse().ok()?;
    let mut number = || {
        let number: f64 = cells.next()?.parse().ok()?;
        number.is_finite().then_some(number)
    };
    let place = (number()?, number()?);
    cells.next().is_none().then_some((region, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_a_wrong_line_is_named() {
        let text = "code,east,north\n# the city\n330106, 120.13, 30.26\n\nDE,10,-51\n";
        let places = RegionPlaces::read(text).unwrap();
        assert_eq!(places.of("330106".parse().unwrap()), Some((120.13, 30.26)));
        assert_eq!(places.of("DE".parse().unwrap()), Some((10.0, -51.0)));
        assert_eq!(places.of("3301".parse().unwrap()), None);
        for (text, line) in [
            ("330106,1", "line 1"),
            ("330106,1,2\n330106,1,2", "line 2"),
            ("\n77x,1,2", "line 2"),
            ("330106,1,inf", "line 1"),
            ("330106,1,2,3", "line 1"),
        ] {
            let why = RegionPlaces::read(text).unwrap_err();
            assert!(why.starts_with(line), "{text}: {why}");
        }
    }
}
