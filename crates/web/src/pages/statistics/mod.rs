//! `GET /stats` for anybody, and `GET /officer/stats` for a health authority: the figures of a day.

mod view;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::Region;
use jiff::SignedDuration;
use service::{ServiceError, Staff, Statistics};

use self::view::{LevelMap, View, day_view};
pub(super) use self::view::{View as DayView, region_name, region_tile};
use super::{Frame, page};
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::wire::AskedDay;

#[derive(Template)]
#[template(path = "statistics.html")]
struct StatisticsPage {
    frame: Frame,
    /// Whether this is what anybody may see.
    is_public: bool,
    /// `None` before the first day is over.
    view: Option<View>,
}

/// Shows a closed day to anybody.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    AskedDay(day): AskedDay,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let statistics = if_any(app.service.statistics.public_statistics(day).await)?;
    statistics_page(&app, frame, statistics.as_deref(), query.as_deref(), true)
}

/// Shows any day to a health authority, as it is.
pub(super) async fn show_whole(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::ReadStatistics>,
    AskedDay(day): AskedDay,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let statistics = if_any(app.service.statistics.statistics(&staff, day).await)?;
    statistics_page(&app, frame, statistics.as_ref(), query.as_deref(), false)
}

/// The day that is being counted, everywhere, as it is; `None` before there are figures.
pub(super) async fn day_as_it_is(
    app: &App,
    frame: &Frame,
    staff: &Staff,
) -> Result<Option<DayView>, Problem> {
    let statistics = if_any(app.service.statistics.statistics(staff, None).await);
    let statistics = match statistics {
        Err(ServiceError::NoPolicy) => None,
        found => found?,
    };
    let view = statistics.map(|statistics| view(app, frame, &statistics, None));
    view.transpose()
}

/// The figures of the day; `None` before there are any of any day.
fn if_any<T>(found: Result<T, ServiceError>) -> Result<Option<T>, ServiceError> {
    match found {
        Err(ServiceError::NoStatistics { days: None }) => Ok(None),
        found => found.map(Some),
    }
}

fn statistics_page(
    app: &App,
    frame: Frame,
    statistics: Option<&Statistics>,
    query: Option<&str>,
    is_public: bool,
) -> Result<Response, Problem> {
    let view = statistics.map(|statistics| view(app, &frame, statistics, query));
    let view = view.transpose()?;
    page(&StatisticsPage {
        frame,
        is_public,
        view,
    })
}

fn view(
    app: &App,
    frame: &Frame,
    statistics: &Statistics,
    query: Option<&str>,
) -> Result<View, Problem> {
    let policy = app
        .service
        .policies
        .policy()
        .ok_or(ServiceError::NoPolicy)?;
    let pairs = query.unwrap_or_default().split('&');
    let asked = pairs.filter_map(|pair| pair.strip_prefix("in=")).next();
    let asked = asked.map(|text| text.parse::<Region>().map_err(|_| Problem::not_found()));
    let now = app.service.now();
    // As they were when the day ended.
    let tomorrow = statistics.day.tomorrow().ok();
    let end = tomorrow.and_then(|day| day.to_zoned(policy.time_zone().clone()).ok());
    let end = end.map_or(now, |end| end.timestamp() - SignedDuration::from_secs(1));
    let levels = app.service.policies.region_levels();
    let map = LevelMap {
        levels: &levels.unwrap_or_default(),
        places: &app.settings.places,
        at: end.min(now),
    };
    day_view(frame, &policy, statistics, asked.transpose()?, &map).ok_or_else(Problem::not_found)
}

#[cfg(test)]
mod tests {
    use domain::{Colour, Level, Policy, RegionLevel, RegionLevels, Timestamp};
    use jiff::civil::date;
    use service::{OutcomeCount, Place, PlaceFigures, RuleCount};

    use super::super::tests::{REFUSAL_WORDS, assert_sound, frames};
    use super::*;
    use crate::region_places::RegionPlaces;
    use crate::testing::{City, POLICY};

    fn row(place: Place, depth: u8, people: Option<u64>) -> PlaceFigures {
        PlaceFigures {
            place,
            depth,
            people,
            undeclared: Some(0),
            green: people,
            yellow: None,
            red: Some(10),
            registered: people,
        }
    }

    /// The city is high, and lies nowhere.
    fn view_at(
        frame: &Frame,
        policy: &Policy,
        statistics: &Statistics,
        asked: Option<Region>,
    ) -> Option<View> {
        let at = Timestamp::from_second(1_582_000_000).unwrap();
        let city = RegionLevel {
            region: "3301".parse().unwrap(),
            level: Level::High,
            from: at,
            until: None,
        };
        let map = LevelMap {
            levels: &RegionLevels::new([city]),
            places: &RegionPlaces::read("3302,1,2").unwrap(),
            at,
        };
        day_view(frame, policy, statistics, asked, &map)
    }

    fn statistics(is_public: bool) -> Statistics {
        let region = |code: &str| Place::Region(code.parse().unwrap());
        Statistics {
            day: date(2020, 2, 18),
            time_zone: "Asia/Shanghai".to_owned(),
            days: (date(2020, 2, 17), date(2020, 2, 19)),
            is_closed: is_public,
            is_public,
            counted_until: None,
            places: vec![
                row(Place::Everywhere, 0, Some(1_234_560)),
                row(region("33"), 1, Some(1_234_560)),
                row(region("3301"), 2, Some(1_000_000)),
                row(region("330106"), 3, Some(999_990)),
                row(Place::SomewhereIn("3301".parse().ok()), 3, None),
                row(region("3302"), 2, None),
                row(Place::SomewhereIn("3302".parse().ok()), 3, None),
            ],
            rules: vec![
                RuleCount {
                    colour: Colour::Red,
                    rule: "close-contact".to_owned(),
                    people: Some(10),
                    restrictions: None,
                },
                RuleCount {
                    colour: Colour::Yellow,
                    rule: "of-an-older-policy".to_owned(),
                    people: None,
                    restrictions: None,
                },
            ],
            checks: ["green", "yellow", "red"]
                .iter()
                .chain(&REFUSAL_WORDS)
                .map(|outcome| OutcomeCount {
                    outcome: (*outcome).to_owned(),
                    count: Some(20),
                })
                .collect(),
            checks_in_all: Some(420),
        }
    }

    #[test]
    fn the_statistics_render_in_every_language_at_every_place_and_so_does_their_absence() {
        let policy = Policy::parse(POLICY).unwrap();
        for frame in frames() {
            for is_public in [true, false] {
                let render = |view| {
                    let page = StatisticsPage {
                        frame: frame.clone(),
                        is_public,
                        view,
                    };
                    assert_sound(&frame, &page)
                };
                for asked in [None, Some("3301"), Some("330106")] {
                    let asked = asked.map(|code| code.parse().unwrap());
                    let view = view_at(&frame, &policy, &statistics(is_public), asked);
                    let is_city = asked.is_some();
                    let html = render(Some(view.unwrap()));
                    assert!(html.contains("*"), "{html}");
                    let map = html.matches("class=\"region-map\"").count();
                    assert_eq!(
                        map,
                        usize::from(!is_city),
                        "two cities, one of them high: {html}"
                    );
                    let link = "&amp;in=3301\" aria-label=";
                    assert!(is_city || html.contains(link), "{html}");
                    assert!(
                        is_city || html.contains("class=\"is-high\"><title>"),
                        "{html}"
                    );
                }
                render(None);
            }
        }
    }

    #[test]
    fn a_count_that_is_behind_says_how_far_it_is() {
        let policy = Policy::parse(POLICY).unwrap();
        for frame in frames() {
            let mut statistics = statistics(false);
            statistics.counted_until = "2020-02-18T04:05:00Z".parse().ok();
            let view = view_at(&frame, &policy, &statistics, None);
            let page = StatisticsPage {
                frame: frame.clone(),
                is_public: false,
                view,
            };
            let html = assert_sound(&frame, &page);
            assert!(html.contains("12:05"), "{html}");
        }
    }

    #[test]
    fn one_region_that_stands_alone_is_opened_and_the_way_out_is_shown() {
        let policy = Policy::parse(POLICY).unwrap();
        let frame = frames().next().unwrap();
        let view = |asked: Option<&str>| {
            let asked = asked.map(|code| code.parse().unwrap());
            view_at(&frame, &policy, &statistics(true), asked)
        };
        let shown = view(None).unwrap();
        assert_eq!(shown.place, "Zhejiang (33)");
        let names: Vec<_> = shown.inside.iter().map(|row| &*row.name).collect();
        assert_eq!(names, ["Region 3301", "Region 3302"]);
        assert_eq!(shown.people, "1,234,560");
        let city = view(Some("3301")).unwrap();
        let way: Vec<_> = city.around.iter().map(|link| &*link.name).collect();
        assert_eq!(way, ["Everybody", "Zhejiang (33)"]);
        assert_eq!(
            city.before.as_deref(),
            Some("/stats?day=2020-02-17&in=3301")
        );
        assert!(
            city.rules.is_empty(),
            "rules are counted for everybody only"
        );
        assert!(view(Some("4201")).is_none());
    }

    #[tokio::test]
    async fn the_first_day_is_shown_the_morning_after() {
        let city = City::start().await;
        city.service.statistics.count_people().await.unwrap();
        for number in 0..12 {
            city.well_resident(&format!("Person {number}")).await;
        }
        let early = city.get("/stats").await;
        assert_eq!(early.status, 200, "{early:?}");
        assert!(early.text.contains("The first day"), "{early:?}");
        city.later(24 * 60);
        city.service.statistics.count_people().await.unwrap();
        let page = city.get("/stats").await;
        assert!(page.text.contains("20 February 2020"), "{}", page.text);
        assert_eq!(city.get("/stats?day=2020-02-21").await.status, 404);
        assert_eq!(city.get("/stats?in=4201").await.status, 404);
        assert_eq!(city.get("/stats?day=soon").await.status, 422);
    }

    #[tokio::test]
    async fn an_officer_sees_the_day_that_goes_on() {
        let (city, ..) = City::start_demo().await;
        city.service.statistics.count_people().await.unwrap();
        let page = city.get("/officer/stats");
        let page = page
            .cookie(crate::principal::SECURE_STAFF_COOKIE, &city.health)
            .await;
        assert!(page.text.contains("20 February 2020"), "{}", page.text);
        assert!(page.text.contains("so far"), "{}", page.text);
    }
}
