//! An issuer, a phone and a checkpoint, all made of fixed bytes.

use credential::*;
use domain::{Assurance, Colour, Timestamp};
use jiff::SignedDuration;

/// 2020-02-17T08:00:00Z.
pub const NOW: i64 = 1_581_926_400;
pub const STATUS_URI: &str = "https://health.hangzhou.example/status";

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

pub fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

pub fn root() -> IssuerKey {
    IssuerKey::from_seed(&[0xf0; 32]).unwrap()
}

pub fn issuer() -> IssuerKey {
    IssuerKey::from_seed(&[0x11; 32]).unwrap()
}

/// The key that takes over from [`issuer`].
pub fn next_issuer() -> IssuerKey {
    IssuerKey::from_seed(&[0x22; 32]).unwrap()
}

/// Says which trust list is the newest.
pub fn freshness() -> IssuerKey {
    IssuerKey::from_seed(&[0x66; 32]).unwrap()
}

pub fn phone() -> HolderKey {
    HolderKey::from_bytes([0x33; 32]).unwrap()
}

pub fn another_phone() -> HolderKey {
    HolderKey::from_bytes([0x44; 32]).unwrap()
}

pub fn trusted(key: &PublicKey, from: i64, until: i64) -> TrustedKey {
    TrustedKey {
        issuer: "330100".parse().unwrap(),
        status_uri: STATUS_URI.to_owned(),
        key: key.clone(),
        from: at(from),
        until: at(until),
    }
}

/// Two keys of one issuer: the second is valid from a day before the first ends.
pub fn trust() -> FreshTrustList {
    trust_at(NOW)
}

/// The same, confirmed at another time.
pub fn trust_at(now: i64) -> FreshTrustList {
    confirmed(list_of(3, trusted_keys()), now)
}

pub fn trusted_keys() -> Vec<TrustedKey> {
    let day = 86_400;
    vec![
        trusted(issuer().public_key(), NOW - 100 * day, NOW + 2 * day),
        trusted(next_issuer().public_key(), NOW - day, NOW + 180 * day),
    ]
}

/// A list made a day ago, for half a year.
pub fn list_of(sequence: u64, keys: Vec<TrustedKey>) -> TrustList {
    let validity = ListValidity {
        issued_at: at(NOW - 86_400),
        expires_at: at(NOW + 180 * 86_400),
        freshness_key: freshness().public_key().clone(),
    };
    TrustList::new(sequence, validity, keys).unwrap()
}

pub fn confirmed(list: TrustList, now: i64) -> FreshTrustList {
    let statement = list.confirm(&freshness(), at(now)).unwrap();
    FreshTrustList::confirmed(list, &statement, at(now)).unwrap()
}

/// What an issuer hands out of a list.
pub fn handed_out(list: &TrustList, now: i64) -> Vec<u8> {
    let statement = list.confirm(&freshness(), at(now)).unwrap();
    TrustList::join(&list.sign(&root()).unwrap(), &statement)
}

pub fn claims(bearer: Bearer) -> Claims {
    Claims {
        serial: Serial::from_bytes(*b"\x01\x23\x45\x67\x89\xab\xcd\xef"),
        colour: Colour::Green,
        issued_at: at(NOW),
        expires_at: at(NOW) + bearer.form().longest_life(),
        status: StatusRef {
            list: 7,
            index: 4711,
        },
        assurance: Assurance::Seen,
        bearer,
    }
}

pub fn card_claims() -> Claims {
    let name = MaskedName::mask("王小明").unwrap();
    claims(Bearer::Card { name })
}

pub fn phone_claims() -> Claims {
    claims(Bearer::Phone(phone().public_key().unwrap()))
}

pub fn live(claims: &Claims, shown_at: i64, counter: u32) -> String {
    let assertion = issuer().sign(claims).unwrap();
    let presentation = phone().present(&assertion, at(shown_at), counter).unwrap();
    live_code(&assertion, &presentation).unwrap()
}

pub fn plain(claims: &Claims) -> String {
    plain_code(&issuer().sign(claims).unwrap())
}

/// List 7, with these places revoked.
pub fn list_token(issued_at: i64, revoked: &[u32]) -> Vec<u8> {
    list_token_by(&issuer(), issued_at, revoked)
}

pub fn list_token_by(key: &IssuerKey, issued_at: i64, revoked: &[u32]) -> Vec<u8> {
    let mut list = StatusListBuilder::new(8192);
    for index in revoked {
        list.revoke(*index).unwrap();
    }
    let list = list.build(at(issued_at), seconds(60), hours(24));
    list.sign(key, &format!("{STATUS_URI}/7")).unwrap()
}

pub fn lists(issued_at: i64, revoked: &[u32]) -> StatusLists {
    let mut lists = StatusLists::new();
    lists
        .add(&list_token_by(&next_issuer(), issued_at, revoked), &trust())
        .unwrap();
    lists
}
