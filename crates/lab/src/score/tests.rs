//! A score computed by hand.
//!
//! Decisions fall at each midnight of Shanghai from 1 to 20 February 2020; household contacts are red
//! for 2 days after the last contact, positive tests for 3. Infectious 3 days after the infection,
//! reached within 3, looked at for 7.

use super::*;
use crate::city::{HOUSEHOLD, POSITIVE, number, people_of, policy};

fn at(text: &str) -> Timestamp {
    format!("2020-02-{text}+08:00").parse().unwrap()
}

fn period() -> Period {
    let zone = policies()[0].time_zone().clone();
    Period::daily(at("01T00:00:00"), at("20T00:00:00"), 0, &zone).unwrap()
}

fn terms() -> Terms {
    Terms {
        horizon: SignedDuration::from_hours(7 * 24),
        ..Terms::default()
    }
}

/// Everything, and tests alone.
fn policies() -> [Policy; 2] {
    let short = HOUSEHOLD.replace("\"14d\"", "\"2d\"");
    let positive = POSITIVE.replace("\"14d\"", "\"3d\"");
    [
        policy("both", 1, &[&short, &positive]),
        policy("tests", 1, &[&positive]),
    ]
}

fn tables() -> Vec<(&'static str, String)> {
    vec![
        (
            "contacts.csv",
            // Met until the evening of the 4th; chen's test is known on the 6th at noon.
            "person,with,relation,ring,first,last\n\
             an,chen,household,1,2020-02-03T18:00:00+08:00,2020-02-04T18:00:00+08:00\n\
             bo,chen,household,1,2020-02-03T18:00:00+08:00,2020-02-04T18:00:00+08:00\n\
             wu,chen,household,1,2020-02-05T18:00:00+08:00,2020-02-06T18:00:00+08:00\n"
                .into(),
        ),
        (
            "tests.csv",
            "person,kind,result,sampled,reported\n\
             chen,pcr,positive,2020-02-05T09:00:00+08:00,2020-02-06T12:00:00+08:00\n\
             an,pcr,positive,2020-02-08T09:00:00+08:00,2020-02-09T12:00:00+08:00\n"
                .into(),
        ),
        ("people.csv", "person\ndu\nex\n".into()),
    ]
}

fn people() -> People {
    people_of(&tables())
}

fn row(person: &str, infected: Option<&str>, exposed: Option<&str>) -> Truth {
    Truth {
        person: number(&tables(), person),
        infected_at: infected.map(at),
        exposed_at: exposed.map(at),
    }
}

fn counts(truth: &[Truth]) -> Counts {
    let period = period();
    let timelines = replay(&policies(), people(), truth, &period, |_, _| ());
    Counts::new(&policies(), truth, &timelines, &period, terms())
}

#[test]
fn two_policies_score_as_computed_by_hand() {
    let truth = [
        // chen: red by the test (sampled on the 5th, 3 days: until the midnight that ends the 8th)
        // from the first midnight after the report: decisions of the 7th and 8th.
        row("chen", Some("02T10:00:00"), None),
        // an: known as a contact on the 6th at noon; red until the midnight that ends the 6th, that
        // is, at no decision. Red by the test on the 10th and 11th.
        row("an", Some("04T10:00:00"), Some("03T18:00:00")),
        // wu: met chen until the 6th at 18:00; red on the 7th and 8th with contacts, never without.
        row("wu", Some("05T20:00:00"), Some("05T18:00:00")),
        // du was infected unseen.
        row("du", Some("06T00:00:00"), None),
        // bo was exposed only; the restriction would have ended before it was known.
        row("bo", None, Some("03T18:00:00")),
        // Nobody has heard of yi.
        row("yi", Some("07T00:00:00"), None),
        // Infectious after the last decision: cannot be judged.
        row("ex", Some("19T00:00:00"), None),
    ];
    let counts = counts(&truth);
    assert_eq!(counts.totals(), [5, 6, 1], "infected, exposed, left out");
    let hours = |hours: i64| hours * 3600;
    let exact = counts.exact();

    // With contacts. wu is held when becoming infectious (the 8th at 20:00). chen becomes infectious
    // on the 5th at 10:00 and is restricted on the 7th: late; an on the 7th, restricted on the 10th:
    // late; du and yi missed.
    let (infected, exposed, people, days, leads) = &exact[0];
    assert_eq!(*infected, [1, 2, 2]);
    // chen: exposed on the 2nd, reached by the 5th? No: late. an: from the 3rd to the 6th no: late.
    // wu: from the 5th to the 8th yes.
    assert_eq!(*exposed, [1, 2, 3]);
    assert_eq!(*people, [3, 3]);
    // chen 7, 8; an 10, 11 (the horizon of the exposure on the 3rd ends on the 10th at 18:00: the
    // decision of the 10th counts, that of the 11th does not); wu 7, 8.
    assert_eq!(*days, [6, 5]);
    // chen: the 7th 00:00 against the 5th 10:00; an: the 10th 00:00 against the 7th 10:00; wu: the
    // 7th 00:00 against the 8th 20:00.
    assert_eq!(*leads, [-hours(62), -hours(38), hours(44)]);

    // Tests alone miss wu.
    let (infected, exposed, people, days, leads) = &exact[1];
    assert_eq!(*infected, [0, 2, 3]);
    assert_eq!(*exposed, [0, 2, 4]);
    assert_eq!(*people, [2, 2]);
    assert_eq!(*days, [4, 3]);
    assert_eq!(*leads, [-hours(62), -hours(38)]);
}

#[test]
fn restrictions_that_an_exposure_outside_the_period_explains_are_left_out_of_both_sides() {
    let zone = policies()[0].time_zone().clone();
    let period = Period::daily(at("05T00:00:00"), at("20T00:00:00"), 0, &zone).unwrap();
    // Both were exposed before the period; what follows within 7 days is judged on neither side.
    let truth = [
        row("chen", None, Some("03T18:00:00")),
        row("an", None, Some("03T18:00:00")),
    ];
    let timelines = replay(&policies(), people(), &truth, &period, |_, _| ());
    let counts = Counts::new(&policies(), &truth, &timelines, &period, terms());
    assert_eq!(counts.totals(), [0, 0, 2]);
    let (_, _, people, days, _) = &counts.exact()[1];
    // chen's days, the 7th and 8th, are all explained so; of an's, the 10th is and the 11th is not.
    assert_eq!((*people, *days), ([1, 0], [1, 0]));
}

#[test]
fn no_replay_sees_a_result_before_its_report() {
    let chen = row("chen", None, None);
    let timelines = replay(&policies(), people(), &[chen], &period(), |_, _| ());
    let restricted: Vec<usize> = (0..20)
        .filter(|day| timelines[1].was_restricted(chen.person, *day))
        .collect();
    // Decision 0 is 1 February: the midnights of the 7th and 8th, although sampled on the 5th.
    assert_eq!(restricted, [6, 7]);
}

#[test]
fn small_figures_of_a_score_are_hidden() {
    let truth = [row("chen", Some("02T10:00:00"), None)];
    let score = score(&policies(), people(), &truth, period(), terms(), |_, _| ());
    let json = score.json();
    assert!(json["infected"].is_null());
    assert!(json["policies"][0]["restricted"]["people"].is_null());
    assert!(json["policies"][0]["lead_days"].is_null());
    assert!(score.page().to_string().contains('*'));
}

#[test]
fn large_figures_of_a_score_are_told() {
    let people = || {
        let mut tests = "person,kind,result,sampled,reported\n".to_owned();
        for person in 0..30 {
            tests += &format!(
                "p{person},pcr,positive,2020-02-05T09:00:00+08:00,2020-02-05T12:00:00+08:00\n"
            );
        }
        people_of(&[("tests.csv", tests)])
    };
    // 20 of the 30 tested are infected, on the 4th: infectious on the 7th, held from the 6th on.
    let truth: Vec<Truth> = (0..20)
        .map(|person| Truth {
            person: Some(person),
            ..row("p", Some("04T12:00:00"), None)
        })
        .collect();
    let score = score(&policies(), people(), &truth, period(), terms(), |_, _| ());
    let policy = &score.json()["policies"][1];
    assert_eq!(policy["infected"]["in_time"], 20);
    assert_eq!(policy["restricted"]["people"], 30);
    assert_eq!(policy["restricted"]["exposed"], 20);
    // The midnights of the 6th, 7th and 8th.
    assert_eq!(policy["person_days"]["all"], 90);
    assert_eq!(policy["person_days_per_infection_in_time"], 4.5);
    assert_eq!(policy["lead_days"]["median"], 1.5);
    let text = score.page().to_string();
    assert!(text.contains("66.7 %") && text.contains("4.5"), "{text}");
}

#[test]
fn decisions_fall_at_the_hour_asked_for_in_the_zone_asked_for() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let period = Period::daily(
        at("2020-03-28T05:00:00Z"),
        at("2020-03-31T00:00:00Z"),
        12,
        &zone,
    );
    // The clock goes forward on the 29th. The first decision is that of the day before: it holds at
    // the beginning.
    let expected = [
        "2020-03-27T11:00:00Z",
        "2020-03-28T11:00:00Z",
        "2020-03-29T10:00:00Z",
        "2020-03-30T10:00:00Z",
    ];
    let expected = expected.map(|text| at(text).as_second() as Seconds);
    assert_eq!(period.unwrap().timestamps, expected);
}

#[test]
fn a_period_that_cannot_be_replayed_is_refused_with_the_reason() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    for (from, until, part) in [
        (
            "2020-03-28T05:00:00Z",
            "2020-03-20T05:00:00Z",
            "end it at least a day later",
        ),
        ("2020-03-28T05:00:00Z", "2060-03-20T05:00:00Z", "3660 days"),
        ("1960-03-28T05:00:00Z", "2020-03-20T05:00:00Z", "1970"),
    ] {
        let error = Period::daily(at(from), at(until), 0, &TimeZone::UTC)
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{error}");
    }
}
