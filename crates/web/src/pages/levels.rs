//! `GET /officer/levels`: the risk levels of regions that are in force, page by page, narrowed to a level or
//! to a region.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{Level, Region, RegionLevel};

use super::dates::Calendar;
use super::list_filter::{ListAsked, ListFilter};
use super::statistics::{region_name, region_tile};
use super::tiles::{Tile, tiles};
use super::{Frame, page_with};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::region_places::RegionPlaces;

/// Regions on a page.
const PAGE: usize = 100;
/// Levels, and the names of their texts.
const STATES: [(&str, &str); 3] = [
    (Level::High.as_str(), "level-high"),
    (Level::Medium.as_str(), "level-medium"),
    (Level::Low.as_str(), "level-low"),
];

/// A region with a level.
struct Row {
    name: String,
    /// The address of the regions inside it.
    inside: String,
    level: &'static str,
    from: String,
    until: String,
}

#[derive(Template)]
#[template(path = "levels.html")]
struct LevelsPage {
    frame: Frame,
    filter: ListFilter,
    /// The regions of the page as tiles; nothing of one region alone.
    map: Option<String>,
    rows: Vec<Row>,
}

/// Shows a page of them.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(..): StaffMay<act::ReadProposals>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let levels = app.service.policies.region_levels();
    let levels = levels.map(|levels| levels.in_force(app.service.now()));
    let levels = levels.unwrap_or_default();
    let drawn = levels_page(frame, (&calendar, &app.settings.places), &asked, &levels);
    page_with(&drawn, drawn.filter.is_refused())
}

fn levels_page(
    frame: Frame,
    (calendar, places): (&Calendar, &RegionPlaces),
    asked: &ListAsked,
    levels: &[RegionLevel],
) -> LevelsPage {
    let (found, next) = narrowed(levels, asked);
    let filter = ListFilter::new(&frame, "/officer/levels", &STATES, asked, next);
    let tile = |one: &RegionLevel| {
        let shown = (one.region, Some(one.level));
        region_tile(&frame, shown, places, inside(one.region))
    };
    let drawn: Vec<Tile> = found.iter().map(tile).collect();
    LevelsPage {
        filter: filter.by_region(asked),
        map: tiles(&drawn, &frame.t("statistics-map")),
        rows: found
            .iter()
            .map(|level| row(&frame, calendar, level))
            .collect(),
        frame,
    }
}

/// The levels of a page, and which region the next page comes after.
fn narrowed(levels: &[RegionLevel], asked: &ListAsked) -> (Vec<RegionLevel>, Option<String>) {
    let Ok(region) = asked.region() else {
        return (Vec::new(), None);
    };
    let level = asked.state(&Level::ALL, Level::as_str);
    let after: Option<Region> = asked.after.parse().ok();
    let mut found = levels.iter().filter(|one| {
        region.is_none_or(|region| one.region.lies_within(region))
            && level.is_none_or(|level| one.level == level)
            && after.is_none_or(|after| one.region > after)
    });
    let shown: Vec<RegionLevel> = found.by_ref().take(PAGE).copied().collect();
    let last = shown.last().filter(|_| found.next().is_some());
    let next = last.map(|last| last.region.to_string());
    (shown, next)
}

/// The address of the levels inside a region.
fn inside(region: Region) -> String {
    format!("/officer/levels?in={region}")
}

fn row(frame: &Frame, calendar: &Calendar, level: &RegionLevel) -> Row {
    let text = STATES
        .iter()
        .find(|(word, _)| *word == level.level.as_str());
    Row {
        name: region_name(frame, level.region),
        inside: inside(level.region),
        level: text.map_or("", |(_, text)| text),
        from: calendar.date_time(level.from),
        until: level
            .until
            .map(|until| calendar.end(until))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use jiff::tz::TimeZone;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    /// Of three thousand counties.
    fn levels() -> Vec<RegionLevel> {
        let county = |number: usize| RegionLevel {
            region: format!(
                "{:02}{:02}{:02}",
                11 + number / 900,
                1 + number / 90 % 10,
                1 + number % 90
            )
            .parse()
            .unwrap(),
            level: Level::ALL[number % 3],
            from: Timestamp::from_second(1_582_171_200).unwrap(),
            until: None,
        };
        (0..3_000).map(county).collect()
    }

    #[test]
    fn three_thousand_regions_are_read_page_by_page_in_every_language() {
        let all = levels();
        for frame in frames() {
            let calendar = Calendar::new(frame.language, TimeZone::UTC);
            for (state, region) in [("", ""), ("high", ""), ("", "12"), ("low", "1x")] {
                let asked = ListAsked {
                    state: state.into(),
                    region: region.into(),
                    ..ListAsked::default()
                };
                let places = RegionPlaces::default();
                let drawn = levels_page(frame.clone(), (&calendar, &places), &asked, &all);
                let html = assert_sound(&frame, &drawn);
                let links = html.matches("<a href=\"/officer/levels?in=").count();
                assert_eq!(
                    links,
                    2 * drawn.rows.len(),
                    "each in the table and as a tile"
                );
                assert!(html.len() < 100_000, "{} bytes", html.len());
            }
        }
    }

    #[test]
    fn every_region_is_on_one_page_and_a_filter_leaves_the_others_out() {
        let all = levels();
        let read = |state: &str, region: &str| {
            let (mut found, mut asked) = (Vec::new(), ListAsked::default());
            (asked.state, asked.region) = (state.into(), region.into());
            loop {
                let (page, next) = narrowed(&all, &asked);
                found.extend(page);
                match next {
                    Some(next) => asked.after = next,
                    None => return found,
                }
            }
        };
        assert_eq!(read("", "").len(), 3_000);
        assert_eq!(read("", "12").len(), 900);
        assert_eq!(read("medium", "12").len(), 300);
        assert!(read("", "1x").is_empty());
        assert_eq!(read("", "110101").len(), 1);
    }

    #[tokio::test]
    async fn an_officer_reads_the_levels_in_force() {
        let city = City::start().await;
        let read = async |query: &str| {
            let ask = city.get(&format!("/officer/levels?lang=en{query}"));
            ask.cookie(SECURE_STAFF_COOKIE, &city.health).await
        };
        let none = read("").await;
        assert!(none.text.contains("Nothing fits."), "{none:?}");
        let levels = serde_json::json!({ "levels": [
            { "region": "4201", "level": "high", "from": city.hours_ago(240) },
        ]});
        let proposed = city.post("/api/v1/regions/levels").token(&city.health);
        let proposed = proposed.json(&levels).await;
        assert!(proposed.status < 300, "{proposed:?}");
        city.service.publishing.compare_proposals().await.unwrap();
        assert!(city.approve(&proposed.json["id"]).await.status < 300);
        for (query, is_there) in [("", true), ("&in=42&state=high", true), ("&in=33", false)] {
            let page = read(query).await;
            assert_eq!(
                page.text.contains("Region 4201<"),
                is_there,
                "{query}: {page:?}"
            );
        }
        assert_eq!(read("&in=42x").await.status, 422);
    }
}
