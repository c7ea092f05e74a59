//! What a day's statistics say, and what they keep back.

use domain::Colour;
use domain::evidence::StayMode;
use jiff::civil::{Date, date};
use service::{DeclaredStay, Place, PlaceFigures, ServiceError, Statistics};

use crate::city::{City, Persona, at, hours, well};

const SUNDAY: Date = date(2020, 2, 16);
const MONDAY: Date = date(2020, 2, 17);
const TUESDAY: Date = date(2020, 2, 18);

crate::stories! {
    a_day_goes_by_and_stays_as_it_was
    counting_again_counts_nothing_twice
    a_crash_between_loses_nothing_and_two_nodes_count_once
    a_verdict_that_has_to_wait_is_not_passed_over
    a_clock_that_ran_ahead_stops_no_counting
    a_day_ends_at_local_midnight
    whoever_was_known_before_is_registered_on_no_day
    somebody_who_moves_is_counted_where_they_live_now
    checks_are_counted_by_outcome_and_day
    invariant_13_anybody_sees_no_small_cell_of_a_closed_day
    a_day_that_is_not_closed_is_not_public
}

async fn a_day_goes_by_and_stays_as_it_was(city: City) {
    city.service.statistics.count_people().await.unwrap();
    let li = lives(&city, "Li", "330106109").await;
    lives(&city, "Wu", "330106").await;
    city.register("Chen", None).await;
    city.submit(city.health.submitter(), &li, city.contact(1))
        .await;
    // Counted while it goes by, though nothing has settled yet.
    let now = whole(&city, None).await;
    assert_eq!((now.day, now.is_closed), (MONDAY, false));
    assert_eq!(now.counted_until, None);
    assert_eq!(
        rows(&now),
        [
            "all: 3 people, 1 undeclared, 1 green, 0 yellow, 1 red, 3 registered",
            "33: 2 people, 0 undeclared, 1 green, 0 yellow, 1 red, 2 registered",
            "3301: 2 people, 0 undeclared, 1 green, 0 yellow, 1 red, 2 registered",
            "330106: 2 people, 0 undeclared, 1 green, 0 yellow, 1 red, 2 registered",
            "unknown: 1 people, 1 undeclared, 0 green, 0 yellow, 0 red, 1 registered",
        ]
    );
    assert_eq!(
        (
            now.rules[0].colour,
            &*now.rules[0].rule,
            now.rules[0].people
        ),
        (Colour::Red, "close-contact", Some(1))
    );
    next_day(&city).await;
    let monday = whole(&city, Some(MONDAY)).await;
    assert!(monday.is_closed);
    assert_eq!(rows(&monday), rows(&now));
    // On Tuesday Li's contact is taken back and somebody else comes. Monday stays as it was.
    withdraw_all(&city, &li).await;
    lives(&city, "Zhao", "330108").await;
    city.pass(hours(1));
    city.service.statistics.count_people().await.unwrap();
    assert_eq!(whole(&city, Some(MONDAY)).await, monday_with_days(&monday));
    assert_eq!(
        rows(&whole(&city, Some(TUESDAY)).await)[0],
        "all: 4 people, 1 undeclared, 3 green, 0 yellow, 0 red, 1 registered"
    );
}

async fn counting_again_counts_nothing_twice(city: City) {
    city.service.statistics.count_people().await.unwrap();
    lives(&city, "Li", "330106").await;
    let before = whole(&city, None).await;
    city.pass(hours(1));
    for _ in 0..3 {
        city.service.statistics.count_people().await.unwrap();
        assert_eq!(whole(&city, None).await, before);
    }
    // The same verdict once more is no news.
    city.service.reevaluation.decide_everybody().await.unwrap();
    city.service.statistics.count_people().await.unwrap();
    assert_eq!(whole(&city, None).await, before);
}

async fn a_crash_between_loses_nothing_and_two_nodes_count_once(mut city: City) {
    city.service.statistics.count_people().await.unwrap();
    for number in 0..7 {
        lives(&city, name(number), "330106").await;
    }
    city.pass(hours(1));
    city.crash().await;
    let other = city.another_node().await;
    let (one, two) = tokio::join!(
        city.service.statistics.count_people(),
        other.statistics.count_people()
    );
    one.unwrap();
    two.unwrap();
    let counted = whole(&city, None).await;
    assert_eq!(
        rows(&counted)[0],
        "all: 7 people, 0 undeclared, 7 green, 0 yellow, 0 red, 7 registered"
    );
    city.pass(hours(24));
    let (one, two) = tokio::join!(
        city.service.statistics.count_people(),
        other.statistics.count_people()
    );
    one.unwrap();
    two.unwrap();
    assert_eq!(whole(&city, None).await.days, (MONDAY, TUESDAY));
    assert_eq!(rows(&whole(&city, Some(MONDAY)).await), rows(&counted));
}

async fn a_verdict_that_has_to_wait_is_not_passed_over(city: City) {
    city.service.statistics.count_people().await.unwrap();
    let start = city.now();
    // Decided on a clock that is a little ahead, and so the first to change but the last to settle.
    city.clock.set(start + 4 * second());
    lives(&city, "Li", "330106").await;
    city.clock.set(start);
    lives(&city, "Wu", "330106").await;
    for passed in [62, 70] {
        city.clock.set(start + passed * second());
        city.service.statistics.count_people().await.unwrap();
        assert_eq!(
            rows(&whole(&city, None).await)[0],
            "all: 2 people, 0 undeclared, 2 green, 0 yellow, 0 red, 2 registered"
        );
    }
}

async fn a_clock_that_ran_ahead_stops_no_counting(city: City) {
    city.service.statistics.count_people().await.unwrap();
    let start = city.now();
    city.clock.set(start + hours(24));
    lives(&city, "Li", "330106").await;
    city.clock.set(start);
    lives(&city, "Wu", "330106").await;
    city.pass(hours(1));
    city.service.statistics.count_people().await.unwrap();
    next_day(&city).await;
    assert_eq!(
        rows(&whole(&city, Some(MONDAY)).await)[0],
        "all: 2 people, 0 undeclared, 2 green, 0 yellow, 0 red, 2 registered"
    );
}

async fn a_day_ends_at_local_midnight(city: City) {
    city.service.statistics.count_people().await.unwrap();
    let midnight = at("2020-02-18T00:00:00+08:00");
    city.clock.set(midnight - second());
    lives(&city, "Li", "330106").await;
    city.clock.set(midnight);
    lives(&city, "Wu", "330106").await;
    city.pass(hours(1));
    city.service.statistics.count_people().await.unwrap();
    let registered = async |day| whole(&city, Some(day)).await.places[0].registered;
    assert_eq!(registered(MONDAY).await, Some(1));
    assert_eq!(registered(TUESDAY).await, Some(1));
    let people = async |day| whole(&city, Some(day)).await.places[0].people;
    assert_eq!(people(MONDAY).await, Some(1));
    assert_eq!(people(TUESDAY).await, Some(2));
}

async fn whoever_was_known_before_is_registered_on_no_day(city: City) {
    lives(&city, "Li", "330106").await;
    city.pass(hours(24));
    city.service.statistics.count_people().await.unwrap();
    lives(&city, "Wu", "330106").await;
    let counted = whole(&city, None).await;
    assert_eq!(counted.days, (TUESDAY, TUESDAY));
    assert_eq!(
        rows(&counted)[0],
        "all: 2 people, 0 undeclared, 2 green, 0 yellow, 0 red, 1 registered"
    );
}

async fn somebody_who_moves_is_counted_where_they_live_now(city: City) {
    city.service.statistics.count_people().await.unwrap();
    let li = lives(&city, "Li", "330106").await;
    city.pass(hours(2));
    city.service.statistics.count_people().await.unwrap();
    let moved = home("4201", city.now());
    city.service
        .people
        .declare(&li.resident, None, well(), &[moved])
        .await
        .unwrap();
    city.pass(hours(1));
    city.service.statistics.count_people().await.unwrap();
    assert_eq!(
        rows(&whole(&city, None).await),
        [
            "all: 1 people, 0 undeclared, 1 green, 0 yellow, 0 red, 1 registered",
            "33: 0 people, 0 undeclared, 0 green, 0 yellow, 0 red, 1 registered",
            "3301: 0 people, 0 undeclared, 0 green, 0 yellow, 0 red, 1 registered",
            "330106: 0 people, 0 undeclared, 0 green, 0 yellow, 0 red, 1 registered",
            "42: 1 people, 0 undeclared, 1 green, 0 yellow, 0 red, 0 registered",
            "4201: 1 people, 0 undeclared, 1 green, 0 yellow, 0 red, 0 registered",
            "in 4201: 1 people, 0 undeclared, 1 green, 0 yellow, 0 red, 0 registered",
        ]
    );
}

async fn checks_are_counted_by_outcome_and_day(city: City) {
    city.service.statistics.count_people().await.unwrap();
    let li = city.resident("Li").await;
    let phone = city.enrol(&li).await;
    let code = city.live_code(&li, &phone).await;
    for _ in 0..3 {
        let shown = city.show(&phone, &code);
        assert_eq!(city.check(&shown), Ok(Colour::Green));
    }
    assert_eq!(city.check("nonsense"), Err("unknown-prefix"));
    city.clock.set(at("2020-02-18T00:00:30+08:00"));
    assert_eq!(city.check("more nonsense"), Err("unknown-prefix"));
    city.service.statistics.work().await.unwrap();
    city.service.statistics.work().await.unwrap();
    next_day(&city).await;
    let outcomes = async |day| -> Vec<(String, Option<u64>)> {
        let counted = whole(&city, Some(day)).await.checks.into_iter();
        counted.map(|one| (one.outcome, one.count)).collect()
    };
    assert_eq!(
        outcomes(MONDAY).await,
        [
            ("green".into(), Some(3)),
            ("unknown-prefix".into(), Some(1))
        ]
    );
    assert_eq!(
        outcomes(TUESDAY).await,
        [("unknown-prefix".into(), Some(1))]
    );
}

async fn invariant_13_anybody_sees_no_small_cell_of_a_closed_day(city: City) {
    city.service.statistics.count_people().await.unwrap();
    for number in 0..12 {
        lives(&city, name(number), "330106").await;
    }
    for number in 12..26 {
        lives(&city, name(number), "330108").await;
    }
    let few = lives(&city, name(26), "330205").await;
    city.submit(city.health.submitter(), &few, city.contact(1))
        .await;
    next_day(&city).await;
    let public = city
        .service
        .statistics
        .public_statistics(None)
        .await
        .unwrap();
    assert_eq!((public.day, public.is_public), (MONDAY, true));
    assert_eq!(
        rows(&public),
        [
            "all: 20 people, 0 undeclared, * green, 0 yellow, * red, 20 registered",
            "33: 20 people, 0 undeclared, * green, 0 yellow, * red, 20 registered",
            "3301: * people, 0 undeclared, * green, 0 yellow, 0 red, * registered",
            "330106: * people, 0 undeclared, * green, 0 yellow, 0 red, * registered",
            "330108: 10 people, 0 undeclared, 10 green, 0 yellow, 0 red, 10 registered",
            "3302: * people, 0 undeclared, * green, 0 yellow, * red, * registered",
            "330205: * people, 0 undeclared, * green, 0 yellow, * red, * registered",
        ]
    );
    assert!(public.rules.iter().all(|rule| rule.people.is_none()));
    assert!(public.rules.iter().all(|rule| rule.restrictions.is_none()));
    let other = city.another_node().await;
    let again = other
        .statistics
        .public_statistics(Some(MONDAY))
        .await
        .unwrap();
    assert_eq!(again, public, "the same from every node");
}

async fn a_day_that_is_not_closed_is_not_public(city: City) {
    let refused = async |day| match city.service.statistics.public_statistics(day).await {
        Err(ServiceError::NoStatistics { days }) => days,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(None).await, None);
    city.service.statistics.count_people().await.unwrap();
    lives(&city, "Li", "330106").await;
    assert_eq!(refused(None).await, None, "the day still goes on");
    next_day(&city).await;
    let monday = Some((MONDAY, MONDAY));
    assert_eq!(refused(Some(TUESDAY)).await, monday);
    assert_eq!(refused(Some(SUNDAY)).await, monday);
    let statistics = city
        .service
        .statistics
        .public_statistics(Some(MONDAY))
        .await
        .unwrap();
    assert_eq!(statistics.time_zone, "Asia/Shanghai");
    let nothing = city
        .service
        .statistics
        .statistics(&city.health, Some(SUNDAY))
        .await;
    assert!(matches!(nothing, Err(ServiceError::NoStatistics { .. })));
}

async fn whole(city: &City, day: Option<Date>) -> Statistics {
    city.service
        .statistics
        .statistics(&city.health, day)
        .await
        .unwrap()
}

/// The night passes, and the day before is counted to its end.
async fn next_day(city: &City) {
    city.pass(hours(24));
    city.service.sweep().await.unwrap();
    city.service.statistics.count_people().await.unwrap();
}

fn monday_with_days(monday: &Statistics) -> Statistics {
    Statistics {
        days: (MONDAY, TUESDAY),
        ..monday.clone()
    }
}

fn second() -> jiff::SignedDuration {
    jiff::SignedDuration::from_secs(1)
}

fn name(number: u32) -> &'static str {
    format!("P{number:03}").leak()
}

fn home(region: &str, since: domain::Timestamp) -> DeclaredStay {
    DeclaredStay {
        region: region.parse().unwrap(),
        arrived: since,
        left: None,
        mode: StayMode::Resident,
    }
}

/// Registers somebody who is well and lives there.
async fn lives(city: &City, name: &'static str, region: &str) -> Persona {
    let mut request = city.registration(name, Some(well()));
    request.stays = vec![home(region, city.ago(48))];
    let document = request.identity.document.clone();
    let registered = city.service.people.register(request).await.unwrap();
    let resident = city
        .service
        .access
        .resident(&registered.token)
        .await
        .unwrap();
    Persona {
        name,
        token: registered.token,
        resident,
        document,
    }
}

/// The health authority takes back what restricts somebody.
async fn withdraw_all(city: &City, who: &Persona) {
    for restriction in city.report(who).await.explanation.verdict.restrictions {
        let by = city.health.submitter();
        city.service
            .evidence
            .withdraw(by, &who.subject(), restriction.finding.because)
            .await
            .unwrap();
    }
}

fn rows(statistics: &Statistics) -> Vec<String> {
    let number = |figure: Option<u64>| figure.map_or("*".to_owned(), |f| f.to_string());
    let row = |row: &PlaceFigures| {
        let place = match row.place {
            Place::Everywhere => "all".to_owned(),
            Place::Region(region) => region.to_string(),
            Place::SomewhereIn(None) => "unknown".to_owned(),
            Place::SomewhereIn(Some(region)) => format!("in {region}"),
        };
        format!(
            "{place}: {} people, {} undeclared, {} green, {} yellow, {} red, {} registered",
            number(row.people),
            number(row.undeclared),
            number(row.green),
            number(row.yellow),
            number(row.red),
            number(row.registered),
        )
    };
    statistics.places.iter().map(row).collect()
}
