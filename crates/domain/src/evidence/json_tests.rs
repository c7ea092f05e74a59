//! What is written, and what is read of it.

use super::*;
use crate::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Dose, OpenPeriod, Order, Period, Relation,
    Ring, StayMode, StaySource, TestKind, TestResult, Validity,
};
use crate::{Colour, EvidenceId, PersonId, VenueId};

/// So many seconds after some time in 2020.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_580_000_000 + second).unwrap()
}

/// One fact of each kind, every field known, and how version 0.1 wrote it; visits it kept in columns
/// of their own.
fn written() -> Vec<(Fact, &'static str)> {
    let signed_by = ["Dr Chen".to_owned(), "Dr Ma".to_owned()];
    let order = Order::new(Colour::Red, at(0), at(3600), "Article 39".into(), signed_by);
    vec![
        (
            Fact::declaration(
                at(1),
                [Symptom::Fever, Symptom::LossOfSmell].into_iter().collect(),
                Some(Temperature::from_tenths(378).unwrap()),
                ContactAnswer::Unsure,
            ),
            r#"{"kind":"declaration","at":1580000001,"symptoms":["fever","loss_of_smell"],"temperature":"37.8","contact":"unsure"}"#,
        ),
        (
            Fact::diagnosis(DiagnosisStatus::Confirmed, at(2), Some(at(1))),
            r#"{"kind":"diagnosis","status":"confirmed","at":1580000002,"onset":1580000001}"#,
        ),
        (
            Fact::contact(
                Some(PersonId::from_u128(7)),
                Relation::Household,
                Ring::FIRST,
                Period::new(at(3), at(4)).unwrap(),
                Some(20),
            ),
            r#"{"kind":"contact","with":"00000000000000000000000000000007","relation":"household","ring":1,"first":1580000003,"last":1580000004,"minutes":20}"#,
        ),
        (
            Fact::stay(
                "330106".parse().unwrap(),
                Period::new(at(5), at(6)).unwrap().into(),
                StayMode::Transit,
                StaySource::Rail,
            ),
            r#"{"kind":"stay","region":"330106","arrived":1580000005,"left":1580000006,"mode":"transit","source":"rail"}"#,
        ),
        (
            Fact::test(
                TestKind::Pcr,
                TestResult::Negative,
                Period::new(at(7), at(8)).unwrap().into(),
                Some("Laboratory 3".into()),
            ),
            r#"{"kind":"test","test":"pcr","result":"negative","sampled":1580000007,"reported":1580000008,"lab":"Laboratory 3"}"#,
        ),
        (
            Fact::vaccination("inactivated".into(), Dose::SECOND, at(9)),
            r#"{"kind":"vaccination","product":"inactivated","dose":2,"at":1580000009}"#,
        ),
        (
            Fact::visit(
                VenueId::from_u128(9),
                Some("port".into()),
                Period::new(at(10), at(11)).unwrap().into(),
            ),
            r#"{"kind":"visit","venue":"00000000000000000000000000000009","entered":1580000010,"left":1580000011,"category":"port"}"#,
        ),
        (
            Fact::Order(order.unwrap()),
            r#"{"kind":"order","colour":"red","from":1580000000,"until":1580003600,"basis":"Article 39","signed_by":["Dr Chen","Dr Ma"]}"#,
        ),
        (
            Fact::contradiction(at(12), ContradictionAbout::Stay),
            r#"{"kind":"contradiction","at":1580000012,"about":"stay"}"#,
        ),
        (
            Fact::foreign_verdict(
                "44".parse().unwrap(),
                Colour::Yellow,
                Validity::new(at(13), at(14)).unwrap(),
            ),
            r#"{"kind":"foreign_verdict","issuer":"44","colour":"yellow","at":1580000013,"until":1580000014}"#,
        ),
        (
            Fact::withdrawal(EvidenceId::from_u128(15), at(16)),
            r#"{"kind":"withdrawal","of":"0000000000000000000000000000000f","at":1580000016}"#,
        ),
    ]
}

fn stored(json: &str) -> Result<Fact, serde_json::Error> {
    serde_json::from_str::<StoredFact>(json).map(|stored| stored.0)
}

fn sent(json: &str) -> Result<Result<Fact, BadField>, serde_json::Error> {
    serde_json::from_str::<SentFact>(json).map(SentFact::into_fact)
}

fn to_json(fact: &Fact) -> String {
    serde_json::to_string(&StoredFact(fact.clone())).unwrap()
}

#[test]
fn every_kind_is_written_and_read_as_version_0_1_did() {
    let kinds: Vec<_> = written().iter().map(|(fact, _)| fact.kind()).collect();
    assert_eq!(kinds, FactKind::ALL);
    for (fact, json) in written() {
        for field in fact.kind().fields() {
            let name = format!("\"{}\":", field.json);
            assert!(json.contains(&name), "{json} does not show {name}");
        }
        assert_eq!(to_json(&fact), json);
        assert_eq!(stored(json).unwrap(), fact, "{json}");
    }
}

#[test]
fn what_is_sent_reads_like_what_is_stored() {
    for (fact, json) in written() {
        let taken = sent(json);
        if SentFact::KINDS.contains(&fact.kind()) {
            assert_eq!(taken.unwrap().unwrap(), fact, "{json}");
        } else {
            let why = taken.unwrap_err().to_string();
            assert!(why.starts_with("unknown variant"), "{why}");
        }
    }
}

#[test]
fn a_time_is_a_text_with_its_offset_or_unix_seconds_and_a_temperature_a_number_or_a_text() {
    let declared = |at: &str, temperature: &str| {
        let json = format!(
            r#"{{"kind":"declaration","at":{at},"temperature":{temperature},"contact":"none"}}"#
        );
        sent(&json).unwrap().unwrap()
    };
    let expected = declared("1581928200", r#""36.6""#);
    for at in [
        "1581928200",
        r#""2020-02-17T08:30:00Z""#,
        r#""2020-02-17T16:30:00.9+08:00""#,
    ] {
        for temperature in [r#""36.6""#, "36.6", "36.62"] {
            assert_eq!(declared(at, temperature), expected, "{at} {temperature}");
        }
    }
}

#[test]
fn what_is_finer_than_a_tenth_of_a_degree_is_rounded_in_either_form() {
    for (written, tenths) in [("36.62", 366), ("37.35", 374), ("36.96", 370), ("36", 360)] {
        let temperature = Temperature::from_tenths(tenths).unwrap();
        assert_eq!(written.parse(), Ok(temperature), "{written}");
        let degrees: f64 = written.parse().unwrap();
        assert_eq!(
            Temperature::from_degrees(degrees),
            Ok(temperature),
            "{written}"
        );
    }
}

#[test]
fn a_number_that_is_no_unix_seconds_is_not_taken_from_outside() {
    for (number, why) in [
        ("45987", "looks like a spreadsheet's number for a day"),
        (
            "1581928200000",
            "looks like milliseconds; divide it by 1000",
        ),
        ("-1", "is negative"),
    ] {
        let json = format!(r#"{{"kind":"contradiction","at":{number},"about":"stay"}}"#);
        let refused = sent(&json).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    // What was taken in once stays what it is.
    assert!(stored(r#"{"kind":"contradiction","at":45987,"about":"stay"}"#).is_ok());
    let beyond = stored(r#"{"kind":"contradiction","at":9999999999999,"about":"stay"}"#);
    let beyond = beyond.unwrap_err().to_string();
    assert!(beyond.contains("this time is out of range"), "{beyond}");
}

#[test]
fn unknown_fields_of_a_fact_stay_unknown() {
    let fact = Fact::stay(
        "IT".parse().unwrap(),
        OpenPeriod::since(at(5)),
        StayMode::Stay,
        StaySource::Declared,
    );
    let json =
        r#"{"kind":"stay","region":"IT","arrived":1580000005,"mode":"stay","source":"declared"}"#;
    assert_eq!(to_json(&fact), json);
    assert_eq!(stored(json).unwrap(), fact);
    let null = json.replace("\"mode\"", "\"left\":null,\"mode\"");
    assert_eq!(stored(&null).unwrap(), fact);
}

#[test]
fn what_does_not_read_says_why() {
    let contact =
        r#"{"kind":"contact","relation":"close","ring":1,"first":1580000003,"last":1580000004}"#;
    for (good, bad, why) in [
        ("\"contact\"", "\"kontact\"", "unknown variant `kontact`"),
        ("\"kind\":\"contact\",", "", "missing field `kind`"),
        (",\"last\":1580000004", "", "missing field `last`"),
        ("\"close\"", "\"near\"", "expected one of household, close,"),
        (":1", ":\"1\"", "invalid type: string \"1\", expected u8"),
        (":1", ":300", "invalid value: integer `300`, expected u8"),
        (":1", ":null", "invalid type: unit value, expected u8"),
        (
            ":1580000003",
            ":true",
            "invalid type: boolean `true`, expected a string",
        ),
        (
            ":1580000003",
            ":\"2020\"",
            "expected a time with its offset",
        ),
        (
            ":1580000004",
            ":1580000004,\"last\":4",
            "duplicate field `last`",
        ),
    ] {
        assert!(contact.contains(good), "{good}");
        let json = contact.replacen(good, bad, 1);
        for refused in [stored(&json).unwrap_err(), sent(&json).unwrap_err()] {
            assert!(refused.to_string().contains(why), "{refused}");
        }
    }
    assert!(
        sent("[]")
            .unwrap_err()
            .to_string()
            .contains("expected a fact with its kind")
    );
}

#[test]
fn a_field_that_a_kind_does_not_have_is_refused_in_the_database_only() {
    let json = r#"{"kind":"contradiction","at":1580000012,"about":"stay","note":{"a":[1]}}"#;
    assert!(
        stored(json)
            .unwrap_err()
            .to_string()
            .contains("unknown field `note`")
    );
    assert!(sent(json).unwrap().is_ok());
}

#[test]
fn what_cannot_be_any_more_is_refused_and_an_old_record_of_it_is_read_as_what_is_nearest() {
    for (kind, cannot, near, field, why) in [
        (
            r#""contact","relation":"close""#,
            r#""ring":0,"first":1580000003,"last":1580000004"#,
            r#""ring":9,"first":1580000003,"last":1580000004"#,
            "ring",
            "0 is not a number from 1 to 9",
        ),
        (
            r#""contact","relation":"close""#,
            r#""ring":1,"first":1580000003,"last":1580000002"#,
            r#""ring":1,"first":1580000003,"last":1580000003"#,
            "last",
            "expected a moment not before `first`",
        ),
        (
            r#""stay","region":"44","mode":"stay","source":"rail""#,
            r#""arrived":1580000003,"left":1580000002"#,
            r#""arrived":1580000003,"left":1580000003"#,
            "left",
            "expected a moment not before `arrived`",
        ),
        (
            r#""test","test":"pcr","result":"negative""#,
            r#""sampled":1580000003,"reported":1580000002"#,
            r#""sampled":1580000003,"reported":1580000003"#,
            "reported",
            "expected a moment not before `sampled`",
        ),
        (
            r#""vaccination","product":"A","at":1580000003"#,
            r#""dose":21"#,
            r#""dose":20"#,
            "dose",
            "21 is not a number from 1 to 20",
        ),
        (
            r#""foreign_verdict","issuer":"44","colour":"red""#,
            r#""at":1580000003,"until":1580000002"#,
            r#""at":1580000003,"until":1580000003"#,
            "until",
            "expected a moment not before `at`",
        ),
        (
            r#""foreign_verdict","issuer":"44","colour":"red""#,
            r#""at":1580000003,"until":1679999999"#,
            r#""at":1580000003,"until":1611622403"#,
            "until",
            "a verdict holds for at most 366 days, this one for 1157",
        ),
    ] {
        let json = |fields: &str| format!(r#"{{"kind":{kind},{fields}}}"#);
        let refused = sent(&json(cannot)).unwrap().unwrap_err();
        assert_eq!((refused.field, refused.to_string().as_str()), (field, why));
        let kept = stored(&json(cannot)).unwrap();
        assert_eq!(kept, sent(&json(near)).unwrap().unwrap(), "{cannot}");
    }
}

#[test]
fn what_cannot_be_names_its_field() {
    let order = |hours: i64, basis: &str, second: &str| {
        let until = 1_580_000_000 + hours * 3600;
        format!(
            r#"{{"kind":"order","colour":"red","from":1580000000,"until":{until},"basis":"{basis}","signed_by":["A","{second}"]}}"#
        )
    };
    let warm = r#"{"kind":"declaration","at":1580000001,"temperature":366,"contact":"none"}"#;
    for (json, field) in [
        (order(73, "Law 1", "B"), "until"),
        (order(1, " ", "B"), "basis"),
        (order(1, "Law 1", "A"), "signed_by"),
        (order(1, "Law 1", "B").replace("red", "green"), "colour"),
        (warm.to_owned(), "temperature"),
    ] {
        assert_eq!(sent(&json).unwrap().unwrap_err().field, field, "{json}");
        assert!(stored(&json).is_err(), "{json}");
    }
}
