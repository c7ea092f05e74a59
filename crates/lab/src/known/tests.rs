//! What was known when.

use domain::{EvidenceId, Fact, Timestamp};

use super::*;
use crate::city::{number, people_of};
use crate::people::People;

fn second_of(text: &str) -> Seconds {
    engine::trace::unix_seconds(text.parse().unwrap())
}

fn town(tests: &str, diagnoses: &str, contacts: &str) -> People {
    people_of(&tables_of(tests, diagnoses, contacts))
}

fn tables_of(tests: &str, diagnoses: &str, contacts: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "tests.csv",
            format!("person,kind,result,sampled,reported\n{tests}"),
        ),
        ("diagnoses.csv", format!("person,status,at\n{diagnoses}")),
        (
            "contacts.csv",
            format!("person,with,relation,ring,first,last\n{contacts}"),
        ),
    ]
}

#[test]
fn a_contact_is_known_when_it_is_over_and_the_other_is_found() {
    for (case, contact, expected, why) in [
        (
            "chen,confirmed,2020-02-10T08:00:00Z",
            "ming,chen,household,1,2020-02-05T00:00:00Z,2020-02-09T00:00:00Z",
            "2020-02-10T08:00:00Z",
            "the case was found after they met",
        ),
        (
            "chen,confirmed,2020-02-10T08:00:00Z",
            "ming,chen,household,1,2020-02-05T00:00:00Z,2020-02-12T00:00:00Z",
            "2020-02-12T00:00:00Z",
            "they still met after the case was found",
        ),
        (
            "chen,excluded,2020-02-10T08:00:00Z",
            "ming,chen,household,1,2020-02-05T00:00:00Z,2020-02-09T00:00:00Z",
            "2020-02-09T00:00:00Z",
            "nothing says when the case was found",
        ),
        (
            "chen,confirmed,2019-12-01T08:00:00Z\nchen,confirmed,2020-02-11T08:00:00Z",
            "ming,chen,household,1,2020-02-05T00:00:00Z,2020-02-09T00:00:00Z",
            "2020-02-11T08:00:00Z",
            "an illness of last year does not tell of this one",
        ),
        (
            "chen,confirmed,2020-02-10T08:00:00Z",
            "ming,,household,1,2020-02-05T00:00:00Z,2020-02-09T00:00:00Z",
            "2020-02-09T00:00:00Z",
            "whom they met is not said",
        ),
    ] {
        let people = town("", &format!("{case}\n"), &format!("{contact}\n"));
        assert_eq!(people.contact_known, [second_of(expected)], "{why}");
    }
}

#[test]
fn a_contact_of_the_second_ring_is_known_when_the_one_in_between_is() {
    let people = town(
        "chen,pcr,positive,2020-02-09T08:00:00Z,2020-02-10T20:00:00Z\n",
        "",
        "ming,chen,household,1,2020-02-05T00:00:00Z,2020-02-06T00:00:00Z\n\
         an,ming,venue,2,2020-02-07T00:00:00Z,2020-02-07T01:00:00Z\n",
    );
    let found = second_of("2020-02-10T20:00:00Z");
    assert_eq!(people.contact_known, [found, found]);
}

#[test]
fn a_test_without_its_report_is_pending() {
    let people = town(
        "an,pcr,positive,2020-02-09T08:00:00Z,2020-02-11T08:00:00Z\n\
         an,pcr,negative,2020-02-08T08:00:00Z,\n\
         bo,pcr,negative,2020-02-10T08:00:00Z,2020-02-10T09:00:00Z\n",
        "",
        "",
    );
    let mut knowledge = Knowledge::new(people.columns, people.contact_known);
    for (at, expected) in [
        ("2020-02-09T08:00:00Z", ["negative", "pending", "pending"]),
        ("2020-02-10T12:00:00Z", ["negative", "pending", "negative"]),
        ("2020-02-11T08:00:00Z", ["negative", "positive", "negative"]),
        ("2020-02-09T08:00:00Z", ["negative", "pending", "pending"]),
    ] {
        let tests = &knowledge.at(second_of(at)).tests;
        let results = tests.result.iter();
        let results: Vec<_> = results
            .map(|result| TestResult::ALL[usize::from(*result)].as_str())
            .collect();
        assert_eq!(results, expected, "{at}");
        let has_report = tests.reported.iter().map(|reported| *reported != NONE);
        let is_known = expected.iter().skip(1).map(|result| *result != "pending");
        assert!(has_report.skip(1).eq(is_known), "{at}");
    }
}

#[test]
fn rows_line_up_with_the_columns_whatever_the_order_of_the_file() {
    let tables = tables_of(
        "",
        "chen,confirmed,2020-02-10T00:00:00Z\nwu,confirmed,2020-02-14T00:00:00Z\n",
        "zhao,chen,close,1,2020-02-08T00:00:00Z,2020-02-08T01:00:00Z\n\
         an,wu,close,1,2020-02-09T00:00:00Z,2020-02-09T01:00:00Z\n\
         an,chen,close,1,2020-02-07T00:00:00Z,2020-02-07T01:00:00Z\n",
    );
    let people = people_of(&tables);
    let contacts = &people.columns.contacts;
    let rows: Vec<_> = (0..3)
        .map(|row| {
            (
                contacts.person[row],
                contacts.first[row],
                people.contact_known[row],
            )
        })
        .collect();
    let [an, zhao] = ["an", "zhao"].map(|name| number(&tables, name).unwrap());
    let day = |day: u8| second_of(&format!("2020-02-{day:02}T00:00:00Z"));
    assert_eq!(
        rows,
        [
            (zhao, day(8), day(10)),
            (an, day(7), day(10)),
            (an, day(9), day(14))
        ]
    );
}

#[test]
fn a_withdrawal_follows_its_row() {
    use domain::evidence::{Period, Relation, Ring};
    use engine::columns::ColumnsBuilder;

    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let contact = |at: Timestamp| {
        let period = Period::new(at, at).unwrap();
        Fact::contact(None, Relation::Close, Ring::FIRST, period, None)
    };
    let mut builder = ColumnsBuilder::new(1);
    let ids = [1, 2, 3].map(EvidenceId::from_u128);
    for (id, met) in [
        (ids[0], "2020-02-01T00:00:00Z"),
        (ids[1], "2020-02-02T00:00:00Z"),
    ] {
        builder.push(0, id, &contact(at(met))).unwrap();
    }
    let withdrawal = Fact::withdrawal(ids[1], at("2020-02-04T00:00:00Z"));
    builder.push(0, ids[2], &withdrawal).unwrap();
    let known = ["2020-02-20T00:00:00Z", "2020-02-03T00:00:00Z"].map(second_of);
    let mut knowledge = Knowledge::new(builder.finish(), known.to_vec());
    for (when, row) in [
        ("2020-02-02T00:00:00Z", NONE),
        ("2020-02-05T00:00:00Z", 0),
        ("2020-02-21T00:00:00Z", 1),
    ] {
        assert_eq!(
            knowledge.at(second_of(when)).withdrawals.row,
            [row],
            "{when}"
        );
    }
}
