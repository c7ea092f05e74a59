//! `GET /stats` for anybody, and `GET /officer/stats` for a health authority: the figures of a day.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use domain::{Colour, Policy, Region, Status};
use fluent_bundle::FluentArgs;
use service::{Place, PlaceFigures, ServiceError, Statistics};

use super::dates::Calendar;
use super::look::Look;
use super::{Frame, PageProblem, page};
use crate::App;
use crate::principal::AtDesk;
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

/// A day, as people read it.
struct View {
    day: String,
    /// The page of the day before, and of the day after.
    before: Option<String>,
    after: Option<String>,
    is_closed: bool,
    /// The larger places around the one that is shown.
    around: Vec<Link>,
    place: String,
    people: String,
    registered: String,
    colours: Vec<ColourRow>,
    inside: Vec<PlaceRow>,
    /// Of everybody only.
    rules: Vec<RuleRow>,
    checks: Vec<CheckRow>,
    checks_in_all: Option<String>,
    /// The same for programs.
    json: Option<String>,
}

struct Link {
    name: String,
    address: String,
}

struct ColourRow {
    class: &'static str,
    shape: &'static str,
    word: &'static str,
    people: String,
    /// Of the people here, in percent, for the bar.
    share: u64,
}

struct PlaceRow {
    name: String,
    /// The page of what is inside it.
    address: Option<String>,
    people: String,
    yellow: String,
    red: String,
}

struct RuleRow {
    title: String,
    shape: &'static str,
    people: String,
}

struct CheckRow {
    outcome: String,
    count: String,
}

/// Shows a closed day to anybody.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    RawQuery(query): RawQuery,
) -> Response {
    let shown = async {
        let AskedDay(day) = AskedDay::read(query.as_deref())?;
        let statistics = match app.service.public_statistics(day).await {
            Err(ServiceError::NoStatistics { days: None }) => return Ok(None),
            found => found?,
        };
        view(&app, &frame, &statistics, query.as_deref()).map(Some)
    };
    let shown: Result<Option<View>, Problem> = shown.await;
    respond(frame, true, shown)
}

/// Shows any day to a health authority, as it is.
pub(super) async fn show_whole(
    State(app): State<App>,
    frame: Frame,
    AtDesk(official): AtDesk,
    RawQuery(query): RawQuery,
) -> Response {
    let shown = async {
        let AskedDay(day) = AskedDay::read(query.as_deref())?;
        let statistics = match app.service.statistics(&official, day).await {
            Err(ServiceError::NoStatistics { days: None }) => return Ok(None),
            found => found?,
        };
        view(&app, &frame, &statistics, query.as_deref()).map(Some)
    };
    let shown: Result<Option<View>, Problem> = shown.await;
    respond(frame, false, shown)
}

fn respond(frame: Frame, is_public: bool, shown: Result<Option<View>, Problem>) -> Response {
    match shown {
        Ok(view) => page(&StatisticsPage {
            frame,
            is_public,
            view,
        }),
        Err(problem) => PageProblem::new(frame, problem).into_response(),
    }
}

fn view(
    app: &App,
    frame: &Frame,
    statistics: &Statistics,
    query: Option<&str>,
) -> Result<View, Problem> {
    let policy = app.service.policy().ok_or(ServiceError::NoPolicy)?;
    let pairs = query.unwrap_or_default().split('&');
    let asked = pairs.filter_map(|pair| pair.strip_prefix("in=")).next();
    let asked = asked.map(|text| text.parse::<Region>().map_err(|_| Problem::not_found()));
    day_view(frame, &policy, statistics, asked.transpose()?).ok_or_else(Problem::not_found)
}

/// The day at a place; `None` if the place is not in it.
fn day_view(
    frame: &Frame,
    policy: &Policy,
    statistics: &Statistics,
    asked: Option<Region>,
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
        PlaceRow {
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
        rules: if is_all {
            rules(frame, policy, statistics)
        } else {
            Vec::new()
        },
        checks: if is_all { checks.collect() } else { Vec::new() },
        checks_in_all: is_all.then(|| number(statistics.checks_in_all)),
        json: statistics
            .is_public
            .then(|| format!("/api/v1/stats?day={day}")),
    })
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
        let look = Look::from(status);
        ColourRow {
            class: look.class(),
            shape: look.shape(),
            word: look.word(),
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
    let language = policy
        .language(frame.language.tag())
        .or_else(|| policy.languages().first());
    let title = |name: &str| {
        let rule = policy
            .rules()
            .iter()
            .find(|rule| rule.id.as_str() == name)?;
        rule.texts.title.in_language(language?).map(str::to_owned)
    };
    let row = |count: &service::RuleCount| {
        let look = Look::from(count.colour);
        RuleRow {
            title: title(&count.rule).unwrap_or_else(|| count.rule.clone()),
            shape: look.shape(),
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
fn region_name(frame: &Frame, region: Region) -> String {
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use service::{OutcomeCount, RuleCount};

    use super::super::tests::{assert_sound, frames};
    use super::*;
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
            checks: OUTCOMES
                .iter()
                .map(|outcome| OutcomeCount {
                    outcome: (*outcome).to_owned(),
                    count: Some(20),
                })
                .collect(),
            checks_in_all: Some(380),
        }
    }

    /// Every word of `credential::Refusal` and every colour.
    const OUTCOMES: [&str; 19] = [
        "green",
        "yellow",
        "red",
        "unknown-prefix",
        "unknown-version",
        "malformed",
        "unknown-issuer",
        "key-not-valid",
        "bad-signature",
        "not-yet-valid",
        "expired",
        "not-live",
        "form-not-taken",
        "shown-too-long-ago",
        "shown-in-the-future",
        "bad-holder-signature",
        "revoked",
        "status-unknown",
        "replayed",
    ];

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
                    let view = day_view(&frame, &policy, &statistics(is_public), asked);
                    let html = render(Some(view.unwrap()));
                    assert!(html.contains("*"), "{html}");
                }
                render(None);
            }
        }
    }

    #[test]
    fn one_region_that_stands_alone_is_opened_and_the_way_out_is_shown() {
        let policy = Policy::parse(POLICY).unwrap();
        let frame = frames().next().unwrap();
        let view = |asked: Option<&str>| {
            let asked = asked.map(|code| code.parse().unwrap());
            day_view(&frame, &policy, &statistics(true), asked)
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
        city.service.count_people().await.unwrap();
        for number in 0..12 {
            city.well_resident(&format!("Person {number}")).await;
        }
        let early = city.get("/stats").await;
        assert_eq!(early.status, 200, "{early:?}");
        assert!(early.text.contains("The first day"), "{early:?}");
        city.later(24 * 60);
        city.service.count_people().await.unwrap();
        let page = city.get("/stats").await;
        assert!(page.text.contains("20 February 2020"), "{}", page.text);
        assert_eq!(city.get("/stats?day=2020-02-21").await.status, 404);
        assert_eq!(city.get("/stats?in=4201").await.status, 404);
        assert_eq!(city.get("/stats?day=soon").await.status, 422);
    }

    #[tokio::test]
    async fn an_officer_sees_the_day_that_goes_on() {
        let (city, ..) = City::start_demo().await;
        city.service.count_people().await.unwrap();
        let page = city.get("/officer/stats").await;
        assert!(page.text.contains("20 February 2020"), "{}", page.text);
        assert!(page.text.contains("so far"), "{}", page.text);
    }
}
