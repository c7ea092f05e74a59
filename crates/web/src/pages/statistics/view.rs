//! What the figures of a day say at one place, in words.

use std::fmt::Write as _;

use domain::{Colour, Level, Policy, Region, RegionLevels, Status, Timestamp};
use fluent_bundle::FluentArgs;
use service::{Place, PlaceFigures, Statistics};

use super::super::Frame;
use super::super::dates::Calendar;
use super::super::status_style::StatusStyle;
use super::super::text_language::TextLanguage;
use super::super::tiles::{MOST, Tile, level_mark, level_word, tiles};
use crate::region_places::RegionPlaces;

/// A day, as people read it.
pub(in crate::pages) struct View {
    pub(in crate::pages) day: String,
    /// The page of the day before, and of the day after.
    pub(in crate::pages) before: Option<String>,
    pub(in crate::pages) after: Option<String>,
    pub(in crate::pages) is_closed: bool,
    /// Up to when it was counted, while the counting is behind.
    pub(in crate::pages) counted_until: Option<String>,
    /// The larger places around the one that is shown.
    pub(in crate::pages) around: Vec<Link>,
    pub(in crate::pages) place: String,
    pub(in crate::pages) people: String,
    pub(in crate::pages) registered: String,
    pub(in crate::pages) colours: Vec<ColourRow>,
    pub(in crate::pages) inside: Vec<PlaceRow>,
    /// The same as a map of tiles, coloured by level.
    pub(in crate::pages) map: Option<String>,
    /// Of everybody only.
    pub(in crate::pages) rules: Vec<RuleRow>,
    /// The language of the rules' titles.
    pub(in crate::pages) texts: TextLanguage,
    pub(in crate::pages) checks: Vec<CheckRow>,
    pub(in crate::pages) checks_in_all: Option<String>,
    /// The same for programs.
    pub(in crate::pages) json: Option<String>,
}

pub(in crate::pages) struct Link {
    pub(in crate::pages) name: String,
    pub(in crate::pages) address: String,
}

pub(in crate::pages) struct ColourRow {
    pub(in crate::pages) class: &'static str,
    pub(in crate::pages) shape: &'static str,
    pub(in crate::pages) word: &'static str,
    pub(in crate::pages) people: String,
    /// Of the people here, in percent, for the bar.
    pub(in crate::pages) share: u64,
}

/// The levels of regions at a time, and where regions lie.
pub(in crate::pages) struct LevelMap<'a> {
    pub(in crate::pages) levels: &'a RegionLevels,
    pub(in crate::pages) places: &'a RegionPlaces,
    pub(in crate::pages) at: Timestamp,
}

pub(in crate::pages) struct PlaceRow {
    /// The mark of its level, and the name of the text that says which; none of what is no region.
    pub(in crate::pages) level: Option<(String, &'static str)>,
    pub(in crate::pages) name: String,
    /// The page of what is inside it.
    pub(in crate::pages) address: Option<String>,
    pub(in crate::pages) people: String,
    pub(in crate::pages) yellow: String,
    pub(in crate::pages) red: String,
}

pub(in crate::pages) struct RuleRow {
    pub(in crate::pages) title: String,
    pub(in crate::pages) shape: &'static str,
    pub(in crate::pages) people: String,
}

pub(in crate::pages) struct CheckRow {
    pub(in crate::pages) outcome: String,
    pub(in crate::pages) count: String,
}

/// The day at a place; `None` if the place is not in it.
pub(super) fn day_view(
    frame: &Frame,
    policy: &Policy,
    statistics: &Statistics,
    asked: Option<Region>,
    map: &LevelMap<'_>,
) -> Option<View> {
    let places = &statistics.places;
    let shown = match asked {
        Some(region) => places
            .iter()
            .position(|row| row.place == Place::Region(region))?,
        None => widest(places),
    };
    let here = places.get(shown)?;
    let address = |day, place| address(statistics.is_public, day, place);
    let calendar = Calendar::new(frame.language, policy.time_zone().clone());
    let (first, last) = statistics.days;
    let before = statistics.day.yesterday().ok().filter(|day| first <= *day);
    let after = statistics.day.tomorrow().ok().filter(|day| *day <= last);
    let day = statistics.day;
    let inside = inside(places, shown).map(|place| {
        let row = &places[place];
        let level = map.level(row.place);
        PlaceRow {
            level: level.map(|level| (level_mark(level), level_word(level))),
            name: name(frame, row.place),
            address: has_parts(places, place).then(|| address(day, row.place)),
            people: number(row.people),
            yellow: number(row.yellow),
            red: number(row.red),
        }
    });
    let is_all = here.place == Place::Everywhere || asked.is_none();
    let checks = statistics.checks.iter().map(|check| CheckRow {
        outcome: frame.t(&format!("outcome-{}", check.outcome)),
        count: number(check.count),
    });
    Some(View {
        day: calendar.day(day),
        before: before.map(|before| address(before, here.place)),
        after: after.map(|after| address(after, here.place)),
        counted_until: statistics
            .counted_until
            .map(|until| calendar.date_time(until)),
        is_closed: statistics.is_closed,
        around: around(places, shown)
            .into_iter()
            .map(|row| Link {
                name: name(frame, row.place),
                address: address(day, row.place),
            })
            .collect(),
        place: name(frame, here.place),
        people: number(here.people),
        registered: number(here.registered),
        colours: colours(here),
        inside: inside.collect(),
        map: map.draw(frame, places, shown, |place| address(day, place)),
        rules: if is_all {
            rules(frame, policy, statistics)
        } else {
            Vec::new()
        },
        texts: TextLanguage::new(frame, frame.language_of(policy)),
        checks: if is_all { checks.collect() } else { Vec::new() },
        checks_in_all: is_all.then(|| number(statistics.checks_in_all)),
        json: statistics
            .is_public
            .then(|| format!("/api/v1/stats?day={day}")),
    })
}

impl LevelMap<'_> {
    /// The level of a place; `None` of what is no region.
    fn level(&self, place: Place) -> Option<Option<Level>> {
        match place {
            Place::Region(region) => Some(self.levels.at(region, self.at)),
            Place::Everywhere | Place::SomewhereIn(_) => None,
        }
    }

    /// The regions inside a place as tiles, each with its address.
    fn draw(
        &self,
        frame: &Frame,
        places: &[PlaceFigures],
        shown: usize,
        address: impl Fn(Place) -> String,
    ) -> Option<String> {
        let regions = inside(places, shown).filter_map(|place| match places.get(place)?.place {
            Place::Region(region) => Some(region),
            _ => None,
        });
        let tile = |region: Region| {
            let level = self.levels.at(region, self.at);
            let address = address(Place::Region(region));
            region_tile(frame, (region, level), self.places, address)
        };
        let drawn: Vec<Tile> = regions.take(MOST + 1).map(tile).collect();
        tiles(&drawn, &frame.t("statistics-map"))
    }
}

/// A region with its level as a tile that leads to an address.
pub(in crate::pages) fn region_tile(
    frame: &Frame,
    (region, level): (Region, Option<Level>),
    places: &RegionPlaces,
    address: String,
) -> Tile {
    let code = region.to_string();
    let part = if code.len() == 9 {
        6
    } else {
        code.len().saturating_sub(2)
    };
    let word = frame.t(level_word(level));
    Tile {
        label: code.get(part..).unwrap_or(&code).to_owned(),
        title: format!("{}: {word}", region_name(frame, region)),
        address,
        level,
        place: places.of(region),
    }
}

/// The smallest place that holds everybody: where one region stands alone, that is more telling.
fn widest(places: &[PlaceFigures]) -> usize {
    let mut shown = 0;
    loop {
        let mut parts = inside(places, shown);
        match (parts.next(), parts.next()) {
            (Some(only), None) if has_parts(places, only) => shown = only,
            _ => return shown,
        }
    }
}

/// The places right inside one.
fn inside(places: &[PlaceFigures], shown: usize) -> impl Iterator<Item = usize> {
    let depth = places.get(shown).map_or(0, |row| row.depth);
    let rows = places.iter().enumerate().skip(shown + 1);
    rows.take_while(move |(_, row)| row.depth > depth)
        .filter(move |(_, row)| row.depth == depth + 1)
        .map(|(place, _)| place)
}

fn has_parts(places: &[PlaceFigures], place: usize) -> bool {
    inside(places, place).next().is_some()
}

/// The places around one, largest first.
fn around(places: &[PlaceFigures], shown: usize) -> Vec<&PlaceFigures> {
    let mut found: Vec<&PlaceFigures> = Vec::new();
    let mut depth = places.get(shown).map_or(0, |row| row.depth);
    for row in places.iter().take(shown).rev() {
        if row.depth < depth {
            found.push(row);
            depth = row.depth;
        }
    }
    found.reverse();
    found
}

fn address(is_public: bool, day: jiff::civil::Date, place: Place) -> String {
    let base = if is_public {
        "/stats"
    } else {
        "/officer/stats"
    };
    let mut address = format!("{base}?day={day}");
    if let Place::Region(region) = place {
        let _ = write!(address, "&in={region}");
    }
    address
}

fn colours(here: &PlaceFigures) -> Vec<ColourRow> {
    let rows = [
        (Status::Decided(Colour::Green), here.green),
        (Status::Decided(Colour::Yellow), here.yellow),
        (Status::Decided(Colour::Red), here.red),
        (Status::Undeclared, here.undeclared),
    ];
    let all = here.people.unwrap_or(0);
    let row = |(status, people): (Status, Option<u64>)| {
        let style = StatusStyle::from(status);
        ColourRow {
            class: style.class(),
            shape: style.shape(),
            word: style.word(),
            people: number(people),
            share: (people.unwrap_or(0) * 100)
                .checked_div(all)
                .unwrap_or(0)
                .min(100),
        }
    };
    rows.map(row).into()
}

fn rules(frame: &Frame, policy: &Policy, statistics: &Statistics) -> Vec<RuleRow> {
    let language = frame.language_of(policy);
    let title = |name: &str| {
        let rule = policy
            .rules()
            .iter()
            .find(|rule| rule.id.as_str() == name)?;
        rule.texts.title.in_language(language?).map(str::to_owned)
    };
    let row = |count: &service::RuleCount| {
        let style = StatusStyle::from(count.colour);
        RuleRow {
            title: title(&count.rule).unwrap_or_else(|| count.rule.clone()),
            shape: style.shape(),
            people: number(count.people),
        }
    };
    statistics.rules.iter().map(row).collect()
}

fn name(frame: &Frame, place: Place) -> String {
    match place {
        Place::Everywhere => frame.t("statistics-everybody"),
        Place::Region(region) => region_name(frame, region),
        Place::SomewhereIn(None) => frame.t("statistics-region-unknown"),
        Place::SomewhereIn(Some(_)) => frame.t("statistics-closer-unknown"),
    }
}

/// Provinces by name, everything else by code.
pub(in crate::pages) fn region_name(frame: &Frame, region: Region) -> String {
    let code = region.to_string();
    if !PROVINCES.contains(&&*code) {
        return frame.with("statistics-region", "code", &code);
    }
    let mut args = FluentArgs::new();
    args.set("name", frame.t(&format!("province-{code}")));
    args.set("code", code);
    frame.language.fill("statistics-province", &args)
}

/// Two digits of GB/T 2260 that stand for a province.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82",
];

/// `12,340`; a star for what is kept back.
fn number(figure: Option<u64>) -> String {
    let Some(figure) = figure else {
        return "*".to_owned();
    };
    let digits = figure.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
