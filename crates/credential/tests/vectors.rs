//! The files in `vectors/` are what the generator gives, and a verifier that knows nothing but the
//! files says what they expect.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;

use credential::*;
use serde_json::Value;

#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
mod city;
mod generate;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parse(name: &str) -> Value {
    serde_json::from_str(&read(name)).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn at(value: &Value) -> domain::Timestamp {
    domain::Timestamp::from_second(value.as_i64().unwrap()).unwrap()
}

#[test]
fn the_files_are_up_to_date() {
    for (name, content) in generate::files() {
        let remedy = "run `cargo run -p credential --example vectors` and look at the difference";
        assert_eq!(read(name), content, "vectors/{name} is stale: {remedy}");
    }
}

#[test]
fn every_case_is_answered_as_the_file_expects() {
    let file = parse("verify.json");
    let root = file["root"].as_str().unwrap().parse().unwrap();
    let list = TrustList::open(&bytes(&file["trust_list"]), &[root], None).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let statement = bytes(&case["freshness"]);
        let confirmed_at = at(&case["confirmed_at"]);
        let trust = FreshTrustList::confirmed(list.clone(), &statement, confirmed_at).unwrap();
        let mut lists = StatusLists::new();
        for token in case["status_lists"].as_array().unwrap() {
            lists.add(&bytes(token), &trust).unwrap();
        }
        let live_only = case["live_only"].as_bool().unwrap();
        let settings = if live_only {
            Settings::live_only()
        } else {
            Settings::default()
        };
        let code = case["code"].as_str().unwrap();
        let answer = verify(code, &trust, Some(&lists), at(&case["now"]), &settings);
        let expected = &case["expected"];
        match answer {
            Ok(accepted) => assert_eq!(
                expected["accepted"],
                generate::accepted_json(&accepted),
                "{}",
                case["name"]
            ),
            Err(refusal) => {
                assert_eq!(
                    expected["refused"],
                    refusal.word(),
                    "{}: {refusal}",
                    case["name"]
                );
            }
        }
    }
}

/// What each case of `refused` in the generator is there to show, in its order. Written by hand:
/// the expectations in the file come from the verifier itself.
#[test]
fn each_case_is_refused_for_the_reason_it_was_made_for() {
    let expected = [
        "unknown-prefix",
        "unknown-prefix",
        "unknown-version",
        "malformed",
        "malformed",
        "malformed",
        "malformed",
        "malformed",
        "malformed",
        "malformed",
        "malformed",
        "malformed",
        "malformed",
        "malformed",
        "malformed",
        "trust-list-ran-out",
        "unknown-issuer",
        "key-not-valid",
        "bad-signature",
        "bad-signature",
        "lives-too-long",
        "lives-too-long",
        "lives-too-long",
        "not-yet-valid",
        "expired",
        "not-live",
        "form-not-taken",
        "shown-too-long-ago",
        "shown-in-the-future",
        "bad-holder-signature",
        "bad-holder-signature",
        "revoked",
        "status-unknown",
        "status-unknown",
        "status-unknown",
        "status-unknown",
    ];
    let file = parse("verify.json");
    let cases = file["cases"].as_array().unwrap();
    let (accepted, refused) = cases.split_at(cases.len() - expected.len());
    assert_eq!(accepted.len(), 12);
    for case in accepted {
        assert!(case["expected"]["accepted"].is_object(), "{}", case["name"]);
    }
    for (case, reason) in refused.iter().zip(expected) {
        assert_eq!(case["expected"]["refused"], reason, "{}", case["name"]);
    }
}

#[test]
fn the_lists_that_must_be_refused_are_refused() {
    let file = parse("trust-list.json");
    let roots: [PublicKey; 1] = [file["root"].as_str().unwrap().parse().unwrap()];
    let trust = TrustList::open(&bytes(&file["signed"]), &roots, None).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&trust.to_json()).unwrap(),
        file["content"]
    );
    for refused in file["refused"].as_array().unwrap() {
        let why = match TrustList::open(&bytes(&refused["signed"]), &roots, Some(&trust)) {
            Err(BadTrustList::BadSignature { .. }) => "bad-signature",
            Err(BadTrustList::UnknownRoot { .. }) => "unknown-root",
            Err(BadTrustList::Superseded { .. }) => "superseded",
            other => panic!("{other:?}"),
        };
        assert_eq!(refused["why"], why);
    }

    let file = parse("status-list.json");
    let mut lists = StatusLists::new();
    let (issuer, number) = lists.add(&bytes(&file["token"]), &trust).unwrap();
    let list = lists.list(issuer, number).unwrap();
    let places = (0..).take(file["places"].as_u64().unwrap() as usize);
    let revoked: Vec<u32> = places
        .filter(|i| list.is_revoked(*i) == Some(true))
        .collect();
    assert_eq!(serde_json::json!(revoked), file["revoked"]);
    assert_eq!(list.is_revoked(8192), None);
    for refused in file["refused"].as_array().unwrap() {
        let why = match StatusLists::new().add(&bytes(&refused["token"]), &trust) {
            Err(BadStatusList::BadSignature { .. }) => "bad-signature",
            Err(BadStatusList::WrongSubject { .. }) => "wrong-subject",
            Err(BadStatusList::UnknownIssuer { .. }) => "unknown-issuer",
            other => panic!("{other:?}"),
        };
        assert_eq!(refused["why"], why);
    }
}
