//! How large codes are at the worst (DESIGN section 8).

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use credential::*;
use domain::{Assurance, Colour};

#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
mod city;

use city::*;

/// Every number as long as it can be: the last second of the format, the last list and place.
fn longest(bearer: Bearer) -> Assertion {
    let last = i64::from(u32::MAX);
    let claims = Claims {
        serial: Serial::from_bytes([0xff; 8]),
        colour: Colour::Red,
        issued_at: at(last - 1),
        expires_at: at(last),
        status: StatusRef {
            list: u32::MAX,
            index: u32::MAX,
        },
        assurance: Assurance::Seen,
        bearer,
    };
    issuer().sign(&claims).unwrap()
}

fn longest_name() -> MaskedName {
    MaskedName::new(&"x".repeat(MaskedName::LONGEST)).unwrap()
}

#[test]
fn a_plain_code_fits_in_135_bytes_and_version_8() {
    let assertion = longest(Bearer::Plain);
    assert_eq!(assertion.as_bytes().len(), 122);
    assert!(Qr::new(&plain_code(&assertion)).unwrap().version() <= 8);
}

#[test]
fn a_card_with_the_longest_name_fits_in_135_bytes_and_version_8() {
    let assertion = longest(Bearer::Card {
        name: longest_name(),
    });
    assert_eq!(assertion.as_bytes().len(), 135);
    assert!(Qr::new(&plain_code(&assertion)).unwrap().version() <= 8);
}

#[test]
fn an_assertion_for_a_phone_fits_in_172_bytes_and_its_live_code_in_version_12() {
    let assertion = longest(Bearer::Phone(phone().public_key().unwrap()));
    assert_eq!(assertion.as_bytes().len(), 167);
    let shown_at = at(u32::MAX.into());
    let presentation = phone().present(&assertion, shown_at, u32::MAX).unwrap();
    let code = live_code(&assertion, &presentation).unwrap();
    assert!(Qr::new(&code).unwrap().version() <= 12);
}

#[test]
fn a_status_list_of_a_hundred_thousand_with_a_thousand_revoked_stays_small() {
    let mut list = StatusListBuilder::new(100_000);
    for index in 0..1000 {
        list.revoke(index * 97).unwrap();
    }
    let list = list.build(at(NOW), seconds(60), hours(24));
    let token = list
        .sign(&issuer(), "https://health.hangzhou.example/status/7")
        .unwrap();
    assert!(token.len() < 4000, "{} bytes", token.len());
}
