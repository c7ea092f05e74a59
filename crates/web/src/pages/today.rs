//! `GET /officer`: what waits for the staff member signed in, the most urgent first, and the
//! figures of the day.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::Timestamp;
use fluent_bundle::FluentArgs;
use service::{Action, CaseDay, DayFigures, DeskWaiting, ServiceError, Soonest, Staff};

use super::chart::{Bar, bars};
use super::dates::Calendar;
use super::staff_account::new_ways_in;
use super::statistics::{DayView, day_as_it_is};
use super::{Frame, page};
use crate::App;
use crate::principal::StaffSession;
use crate::problem::Problem;

/// So many days are drawn.
const DAYS: u32 = 28;

/// Something that waits.
struct Card {
    address: &'static str,
    text: String,
    /// Whether its time has come.
    is_urgent: bool,
}

/// Numbers by day, as a picture and as a table.
struct Chart {
    title: &'static str,
    svg: String,
    columns: Vec<&'static str>,
    rows: Vec<(String, Vec<u64>)>,
    about: &'static str,
}

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    frame: Frame,
    who: String,
    new_ways_in: Vec<String>,
    cards: Vec<Card>,
    can_confirm: bool,
    /// Whether they may read figures; there may be none yet.
    can_read_figures: bool,
    colours: Option<DayView>,
    charts: Vec<Chart>,
    as_of: String,
}

/// Shows the first page of the desk.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffSession(staff): StaffSession,
) -> Result<Response, Problem> {
    let calendar = Calendar::or_utc(&frame, &app);
    let now = app.service.now();
    let waiting = match app.service.desk.waiting(&staff).await {
        // Nothing is decided yet, so that nothing waits.
        Err(ServiceError::NoPolicy) => DeskWaiting::default(),
        waiting => waiting?,
    };
    let (colours, charts) = figures(&app, &frame, &calendar, &staff).await?;
    page(&TodayPage {
        who: format!("{}, {}", staff.member().name, staff.authority().name),
        new_ways_in: new_ways_in(&app, &frame, &calendar, &staff).await?,
        cards: cards(&frame, &calendar, &waiting, now),
        can_confirm: staff.may(Action::ConfirmCase).is_ok(),
        can_read_figures: staff.may(Action::ReadStatistics).is_ok(),
        colours,
        charts,
        as_of: calendar.date_time(now),
        frame,
    })
}

async fn figures(
    app: &App,
    frame: &Frame,
    calendar: &Calendar,
    staff: &Staff,
) -> Result<(Option<DayView>, Vec<Chart>), Problem> {
    let mut charts = Vec::new();
    if staff.may(Action::ReadTrace).is_ok() {
        match app.service.desk.curve(staff, DAYS).await {
            Err(ServiceError::NoPolicy) => {}
            curve => charts.push(curve_of_cases(frame, calendar, &curve?)),
        }
    }
    if staff.may(Action::ReadStatistics).is_err() {
        return Ok((None, charts));
    }
    let colours = day_as_it_is(app, frame, staff).await?;
    let days = match app.service.statistics.days(staff, DAYS).await {
        Err(ServiceError::NoStatistics { .. }) => Vec::new(),
        days => days?,
    };
    if !days.is_empty() {
        charts.push(by_day(frame, calendar, "today-registered", &days, |day| {
            day.registered
        }));
        charts.push(by_day(frame, calendar, "today-checks", &days, |day| {
            day.checks
        }));
    }
    Ok((colours, charts))
}

/// The cards of what waits, the most urgent first.
fn cards(frame: &Frame, calendar: &Calendar, waiting: &DeskWaiting, now: Timestamp) -> Vec<Card> {
    let timed = |address, text: &str, found: Option<Soonest>| {
        let at = found?.at?;
        let mut args = FluentArgs::new();
        // More are not counted.
        match found?.is_uncounted() {
            true => args.set("count", frame.t("today-many")),
            false => args.set("count", found?.count),
        }
        args.set("when", calendar.date_time(at));
        Some(Card {
            address,
            text: frame.language.fill(text, &args),
            is_urgent: text == "today-appeals" && at <= now,
        })
    };
    let counted = |address, text: &str, count: Option<usize>| {
        let count = count.filter(|count| *count > 0)?;
        Some(Card {
            address,
            text: frame.language.with(text, "count", count),
            is_urgent: false,
        })
    };
    let cards = [
        timed("/officer/appeals", "today-appeals", waiting.appeals),
        counted("/officer/orders", "today-orders", waiting.orders),
        counted("/officer/batches", "today-batches", waiting.batches),
        counted("/officer/waiting", "today-cases", waiting.cases),
        timed("/officer/cases", "today-searches", waiting.searches),
        timed(
            "/officer/contradictions",
            "today-contradictions",
            waiting.contradictions,
        ),
        counted("/officer/proposals", "today-rules", waiting.rules),
        counted("/officer/staff", "today-staff", waiting.staff),
        counted("/officer/glitches", "today-glitches", waiting.glitches),
    ];
    cards.into_iter().flatten().collect()
}

fn curve_of_cases(frame: &Frame, calendar: &Calendar, days: &[CaseDay]) -> Chart {
    let bar = |day: &CaseDay| Bar {
        full: day.began,
        hatched: day.found,
    };
    let row = |day: &CaseDay| (calendar.day(day.day), vec![day.began, day.found]);
    Chart {
        title: "today-curve",
        svg: drawn(frame, "today-curve", days.iter().map(bar)),
        columns: vec!["today-curve-began", "today-curve-found"],
        rows: days.iter().rev().map(row).collect(),
        about: "today-curve-about",
    }
}

fn by_day(
    frame: &Frame,
    calendar: &Calendar,
    title: &'static str,
    days: &[DayFigures],
    count: impl Fn(&DayFigures) -> u64,
) -> Chart {
    let bar = |day: &DayFigures| Bar {
        full: count(day),
        hatched: 0,
    };
    let row = |day: &DayFigures| (calendar.day(day.day), vec![count(day)]);
    Chart {
        title,
        svg: drawn(frame, title, days.iter().map(bar)),
        columns: vec![title],
        rows: days.iter().rev().map(row).collect(),
        about: "today-counting",
    }
}

fn drawn(frame: &Frame, title: &str, days: impl Iterator<Item = Bar>) -> String {
    let days: Vec<Bar> = days.collect();
    let all: u64 = days.iter().map(|day| day.full + day.hatched).sum();
    let most = days.iter().map(|day| day.full + day.hatched).max();
    let mut args = FluentArgs::new();
    args.set("title", frame.t(title));
    args.set("all", all);
    args.set("most", most.unwrap_or(0));
    bars(&days, &frame.language.fill("today-chart", &args))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[test]
    fn the_first_page_renders_in_every_language_with_nothing_one_and_many() {
        let at: Timestamp = "2020-02-20T04:00:00Z".parse().unwrap();
        for frame in frames() {
            for count in [0, 1, 3, 1200] {
                let soonest = Some(Soonest {
                    count,
                    at: (count > 0).then_some(at),
                });
                let waiting = DeskWaiting {
                    appeals: soonest,
                    orders: Some(count),
                    batches: Some(count),
                    cases: Some(count),
                    searches: soonest,
                    rules: Some(count),
                    contradictions: soonest,
                    staff: Some(count),
                    glitches: Some(count),
                };
                let calendar = Calendar::new(frame.language, jiff::tz::TimeZone::UTC);
                let cards = cards(&frame, &calendar, &waiting, at);
                assert_eq!(cards.len(), if count == 0 { 0 } else { 9 });
                let day = date(2020, 2, 20);
                let cases = CaseDay {
                    day,
                    began: count as u64,
                    found: 1,
                };
                let figures = DayFigures {
                    day,
                    registered: 7,
                    checks: count as u64,
                };
                let charts = vec![
                    curve_of_cases(&frame, &calendar, &[cases]),
                    by_day(&frame, &calendar, "today-registered", &[figures], |day| {
                        day.registered
                    }),
                    by_day(&frame, &calendar, "today-checks", &[figures], |day| {
                        day.checks
                    }),
                ];
                assert_sound(
                    &frame,
                    &TodayPage {
                        frame: frame.clone(),
                        who: "Dr Lin, <b>City health office".into(),
                        new_ways_in: vec!["The office, since today".into()],
                        cards,
                        can_confirm: count > 0,
                        can_read_figures: true,
                        colours: None,
                        charts,
                        as_of: "noon".into(),
                    },
                );
            }
        }
    }

    #[tokio::test]
    async fn a_case_runs_on_the_first_page_and_stands_on_the_curve() {
        let city = City::start().await;
        let wu = city.well_resident("Wu").await;
        let read = async |session: &str| {
            let ask = city.get("/officer?lang=en");
            ask.cookie(SECURE_STAFF_COOKIE, session).await
        };
        let quiet = read(&city.health).await;
        assert!(quiet.text.contains("Nothing waits for you."), "{quiet:?}");
        let form = format!("request=&person={}&onset=2020-02-19", wu.person);
        let confirmed = city
            .post("/officer/cases/new")
            .cookie(SECURE_STAFF_COOKIE, &city.health)
            .form(&form)
            .await;
        assert_eq!(confirmed.status, 303, "{confirmed:?}");
        let desk = read(&city.health).await;
        assert!(
            desk.text.contains("Searches for contacts that run: 1"),
            "{desk:?}"
        );
        let row = "<th scope=\"row\">19 February 2020</th><td>1</td><td>0</td>";
        assert!(desk.text.contains(row), "{desk:?}");
        let address = confirmed.headers["location"].to_str().unwrap();
        let (address, _) = address.split_once('?').unwrap();
        let diagnosis = address.rsplit('/').next().unwrap();
        let body = serde_json::json!({ "person": wu.person });
        let taken_back = city
            .post(&format!("/api/v1/evidence/{diagnosis}/withdrawal"))
            .token(&city.health)
            .json(&body)
            .await;
        assert!(taken_back.status < 300, "{taken_back:?}");
        let desk = read(&city.health).await;
        assert!(!desk.text.contains(row), "{desk:?}");
        let auditor = city
            .staff_with(domain::AuthorityKind::Health, domain::Role::Auditor)
            .await;
        let desk = read(&auditor).await;
        assert!(!desk.text.contains("/officer/cases"), "{desk:?}");
        assert!(!desk.text.contains("New cases a day"), "{desk:?}");
    }
}
