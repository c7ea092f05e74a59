//! Where an installation says that its regions lie, so that a map of them can be drawn, and what people call
//! them, so that nobody has to know a code.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::{Region, text};

/// Places of regions on a map, east and north in any unit, and their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionPlaces {
    places: HashMap<Region, (f64, f64)>,
    /// In the order of the file.
    names: Vec<String>,
    /// By their names in small letters.
    named: HashMap<String, Region>,
}

/// Nobody finds a region in a longer list, and every report would carry it.
const MOST_OFFERED: usize = 300;
/// Characters of a name at most.
const LONGEST_NAME: usize = 100;

impl RegionPlaces {
    /// Reads lines of code, east, north and, where people are to choose the region by it, its name, separated
    /// by commas: `330106,120.13,30.26,Xihu 西湖`. A line that begins with `#`, an empty one and a first line
    /// of headings are left out.
    ///
    /// # Errors
    /// The number of the line that is wrong, and what was expected.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut read = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            let is_heading = number == 1 && line.starts_with("code");
            if line.is_empty() || line.starts_with('#') || is_heading {
                continue;
            }
            let (region, place, name) = read_line(line).ok_or_else(|| {
                format!(
                    "line {number}: expected code,east,north and perhaps a name, for example \
                     330106,120.13,30.26,Xihu"
                )
            })?;
            if read.places.insert(region, place).is_some() {
                return Err(format!("line {number}: {region} stands there twice"));
            }
            if let Some(name) = name {
                let Entry::Vacant(free) = read.named.entry(name.to_lowercase()) else {
                    return Err(format!(
                        "line {number}: {name} is the name of another region; add what tells them apart"
                    ));
                };
                free.insert(region);
                read.names.push(name.to_owned());
            }
        }
        Ok(read)
    }

    pub(crate) fn of(&self, region: Region) -> Option<(f64, f64)> {
        self.places.get(&region).copied()
    }

    /// The region that people call so, in whatever case.
    pub(crate) fn named(&self, name: &str) -> Option<Region> {
        self.named.get(&name.trim().to_lowercase()).copied()
    }

    /// Every name to choose from, in the order of the file; none if there are too many to look through.
    pub(crate) fn offered(&self) -> &[String] {
        match self.names.len() {
            0..=MOST_OFFERED => &self.names,
            _ => &[],
        }
    }
}

type Line<'l> = (Region, (f64, f64), Option<&'l str>);

fn read_line(line: &str) -> Option<Line<'_>> {
    let mut cells = line.split(',').map(str::trim);
    let region = cells.next()?.parse().ok()?;
    let mut number = || {
        let number: f64 = cells.next()?.parse().ok()?;
        number.is_finite().then_some(number)
    };
    let place = (number()?, number()?);
    let name = cells.next();
    // A number more is a slip, and no name; a code would be taken for the region that it stands for.
    let is_name = name.is_none_or(|name| {
        text::line(name, LONGEST_NAME).is_ok()
            && name.chars().any(char::is_alphabetic)
            && name.to_ascii_uppercase().parse::<Region>().is_err()
    });
    (is_name && cells.next().is_none()).then_some((region, place, name))
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
        assert!(places.offered().is_empty());
        let named = "330106,1,2,Xihu 西湖\n330108,1,2\n";
        let places = RegionPlaces::read(named).unwrap();
        assert_eq!(places.offered(), ["Xihu 西湖"]);
        assert_eq!(places.named(" xihu 西湖 "), "330106".parse().ok());
        assert_eq!(places.named("Binjiang"), None);
        let many = |most: u32| {
            let lines = (0..most).map(|n| format!("{},1,2,County {n}\n", 110_000 + n));
            RegionPlaces::read(&lines.collect::<String>()).unwrap()
        };
        assert_eq!(many(300).offered().len(), 300);
        let many = many(301);
        assert!(many.offered().is_empty(), "too many to look through");
        assert_eq!(many.named("county 300"), "110300".parse().ok());
        for (text, line) in [
            ("330106,1", "line 1"),
            ("330106,1,2\n330106,1,2", "line 2"),
            ("\n77x,1,2", "line 2"),
            ("330106,1,inf", "line 1"),
            ("330106,1,2,3", "line 1"),
            ("330106,1,2,Xihu,Hangzhou", "line 1"),
            ("330106,1,2,Xi\u{1b}[31mhu", "line 1"),
            ("330106,1,2,de", "line 1"),
            ("330106,1,2,Xihu\n330108,1,2,xihu", "line 2"),
        ] {
            let why = RegionPlaces::read(text).unwrap_err();
            assert!(why.starts_with(line), "{text}: {why}");
        }
    }
}
