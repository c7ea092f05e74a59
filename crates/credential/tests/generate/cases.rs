//! Codes with what a verifier must say of each.

use credential::*;
use domain::{Assurance, Colour};
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};

use super::{hardware, hardware_public, hex, trust_with_hardware};
use crate::city::*;

/// One case; `lists` and `settings` only where they differ from the default.
struct Case {
    name: &'static str,
    code: String,
    now: i64,
    lists: Vec<Vec<u8>>,
    live_only: bool,
    /// When the trust list was confirmed.
    confirmed_at: i64,
}

fn case(name: &'static str, code: String, now: i64) -> Case {
    Case {
        name,
        code,
        now,
        lists: vec![],
        live_only: false,
        confirmed_at: now,
    }
}

pub fn verify_cases() -> Value {
    let cases: Vec<Value> = accepted()
        .into_iter()
        .chain(refused())
        .map(to_json)
        .collect();
    json!({
        "about": "Each case: verify `code` at `now` (seconds since 1970) with the signed trust list below (pinned root: `root`), the status list tokens in `status_lists`, and settings: live codes for 60 s, clock skew 30 s, 15 minutes without a list, lists for 24 hours; `live_only` says that plain codes and cards are not taken. `freshness` is the statement that the trust list was the newest at `confirmed_at`. `expected` holds `accepted` with what is read, or `refused` with the reason.",
        "root": root().public_key().to_string(),
        "trust_list": hex(&trust_with_hardware().sign(&root()).unwrap()),
        "cases": cases,
    })
}

fn accepted() -> Vec<Case> {
    let card = card_claims();
    let next = next_issuer().sign(&claims(Bearer::Plain)).unwrap();
    let red = Claims {
        colour: Colour::Red,
        ..phone_claims()
    };
    let yellow = Claims {
        colour: Colour::Yellow,
        ..claims(Bearer::Plain)
    };
    let five_days = 5 * 86_400;
    let unchecked = Claims {
        assurance: Assurance::Phone,
        ..phone_claims()
    };
    vec![
        case("a live green code", live(&phone_claims(), NOW, 1), NOW),
        case(
            "a live red code, 60 seconds old",
            live(&red, NOW, 2),
            NOW + 60,
        ),
        case(
            "a live code from a phone 30 seconds ahead",
            live(&phone_claims(), NOW + 30, 3),
            NOW,
        ),
        case(
            "a card without a list for 15 minutes",
            plain(&card),
            NOW + 900,
        ),
        case(
            "a phone that is proven and a person that is not",
            live(&unchecked, NOW, 1),
            NOW,
        ),
        case(
            "a code of the next key of the same issuer",
            plain_code(&next),
            NOW,
        ),
        case("a plain yellow code", plain(&yellow), NOW + 899),
        case("a code signed with ES256", es256_code(false), NOW),
        case(
            "the issuer's clock 30 seconds ahead",
            plain(&claims(Bearer::Plain)),
            NOW - 30,
        ),
        Case {
            lists: vec![list_token(NOW + 3600, &[4710, 4712])],
            ..case(
                "an hour old, and not in the status list",
                live(&phone_claims(), NOW + 3600, 1),
                NOW + 3600,
            )
        },
        Case {
            lists: vec![list_token_by(
                &next_issuer(),
                NOW + five_days,
                &[4710, 4712],
            )],
            ..case(
                "a card nearly 6 days old, with a list of the next key",
                plain(&card),
                NOW + five_days + 86_399,
            )
        },
        Case {
            live_only: true,
            ..case(
                "a live code where only live ones are taken",
                live(&red, NOW, 1),
                NOW,
            )
        },
    ]
}

fn refused() -> Vec<Case> {
    let green = || plain(&claims(Bearer::Plain));
    let live_now = || live(&phone_claims(), NOW, 1);
    let stranger = IssuerKey::from_seed(&[0x99; 32]).unwrap();
    let stranger = stranger.sign(&claims(Bearer::Plain)).unwrap();
    let late = Claims {
        issued_at: at(NOW + 2 * 86_400),
        expires_at: at(NOW + 2 * 86_400 + 900),
        ..claims(Bearer::Plain)
    };
    let assertion = issuer().sign(&phone_claims()).unwrap();
    let stolen = another_phone().present(&assertion, at(NOW), 1).unwrap();
    let moved = phone().present(&assertion, at(NOW), 1).unwrap();
    let moved = Presentation {
        shown_at: at(NOW + 20),
        ..moved
    };
    let list = |issued_at, revoked: &[u32]| vec![list_token(issued_at, revoked)];
    vec![
        case(
            "some other QR code",
            "https://health.example/".to_owned(),
            NOW,
        ),
        case(
            "an EU certificate's prefix",
            green().replacen("HK1:", "HC1:", 1),
            NOW,
        ),
        case("a newer version", green().replacen("HK1:", "HK2:", 1), NOW),
        case("nothing after the prefix", "HK1:".to_owned(), NOW),
        case("small letters", green().replacen("HK1:", "HK1:a", 1), NOW),
        case("the last character is missing", chop(green()), NOW),
        case(
            "a byte after the end",
            with_bytes(&green(), |bytes| bytes.push(0)),
            NOW,
        ),
        case("a longer encoding of the same number", long_colour(), NOW),
        case(
            "an unprotected header",
            with_bytes(&green(), unprotected),
            NOW,
        ),
        case(
            "a colour that does not exist",
            with_bytes(&green(), |bytes| colour_three(bytes)),
            NOW,
        ),
        case(
            "a status list in place of an assertion",
            text_of(&list_token(NOW, &[])),
            NOW,
        ),
        case("a plain assertion inside a live code", live_plain(), NOW),
        case(
            "an assurance that does not exist",
            with_bytes(&green(), |bytes| unknown_assurance(bytes)),
            NOW,
        ),
        case("the negative of the phone's s", negated_live(), NOW),
        case("the negative of an ES256 issuer's s", es256_code(true), NOW),
        Case {
            confirmed_at: NOW - 86_400,
            ..case("a trust list confirmed 24 hours ago", live_now(), NOW)
        },
        case("an unknown issuer", plain_code(&stranger), NOW),
        case(
            "issued after the end of the key",
            plain(&late),
            NOW + 2 * 86_400,
        ),
        case("a red code painted green", painted(), NOW),
        case("signed by another key than it says", wrong_kid(), NOW),
        case(
            "a live code for a day and a second",
            longer(phone_claims()),
            NOW,
        ),
        case("a plain code for ten years", ten_years(), NOW),
        case("a card for a week and a second", longer(card_claims()), NOW),
        case("issued 31 seconds in the future", green(), NOW - 31),
        case("at its expiry", green(), NOW + 900),
        case(
            "a copy without the phone's signature",
            plain(&phone_claims()),
            NOW,
        ),
        Case {
            live_only: true,
            ..case("a plain code where only live ones are taken", green(), NOW)
        },
        case("a picture 61 seconds old", live_now(), NOW + 61),
        case(
            "a phone 31 seconds ahead",
            live(&phone_claims(), NOW + 31, 1),
            NOW,
        ),
        case(
            "another phone",
            live_code(&assertion, &stolen).unwrap(),
            NOW,
        ),
        case(
            "the time of the presentation changed",
            live_code(&assertion, &moved).unwrap(),
            NOW + 20,
        ),
        Case {
            lists: list(NOW, &[4711]),
            ..case("revoked", live_now(), NOW)
        },
        case(
            "older than 15 minutes without a list",
            plain(&card_claims()),
            NOW + 901,
        ),
        Case {
            lists: list(NOW, &[]),
            ..case(
                "the list is 24 hours old",
                plain(&card_claims()),
                NOW + 86_400,
            )
        },
        Case {
            lists: list(NOW + 932, &[]),
            ..case(
                "the list is from the future",
                plain(&card_claims()),
                NOW + 901,
            )
        },
        Case {
            lists: list(NOW, &[]),
            ..case("the list is too short", beyond_list(), NOW + 901)
        },
    ]
}

fn to_json(case: Case) -> Value {
    let mut lists = StatusLists::new();
    let list = trust_with_hardware();
    let statement = list.confirm(&freshness(), at(case.confirmed_at)).unwrap();
    let trust = FreshTrustList::confirmed(list, &statement, at(case.confirmed_at)).unwrap();
    for token in &case.lists {
        lists.add(token, &trust).unwrap();
    }
    let settings = if case.live_only {
        Settings::live_only()
    } else {
        Settings::default()
    };
    let expected = match verify(&case.code, &trust, Some(&lists), at(case.now), &settings) {
        Ok(accepted) => json!({ "accepted": accepted_json(&accepted) }),
        Err(refusal) => json!({ "refused": refusal.word(), "message": refusal.to_string() }),
    };
    json!({
        "name": case.name,
        "code": case.code,
        "now": case.now,
        "confirmed_at": case.confirmed_at,
        "freshness": hex(&statement),
        "status_lists": case.lists.iter().map(|token| hex(token)).collect::<Vec<_>>(),
        "live_only": case.live_only,
        "expected": expected,
    })
}

pub fn accepted_json(accepted: &Accepted) -> Value {
    json!({
        "form": accepted.form.as_str(),
        "colour": accepted.colour.as_str(),
        "serial": accepted.serial.to_string(),
        "issuer": accepted.issuer.to_string(),
        "issued_at": accepted.issued_at.as_second(),
        "expires_at": accepted.expires_at.as_second(),
        "known_at": accepted.known_at.as_second(),
        "assurance": accepted.assurance.as_str(),
        "name": accepted.name.as_ref().map(MaskedName::as_str),
        "shown_at": accepted.shown.map(|shown| shown.at.as_second()),
        "counter": accepted.shown.map(|shown| shown.counter),
    })
}

fn text_of(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", base45::encode(bytes))
}

fn with_bytes(code: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = base45::decode(code.strip_prefix(PREFIX).unwrap()).unwrap();
    change(&mut bytes);
    text_of(&bytes)
}

fn chop(mut code: String) -> String {
    code.pop();
    code
}

/// Where the verdict begins in an assertion of the vectors: after claim key -65537.
fn verdict(bytes: &[u8]) -> usize {
    let key = [0x3a, 0, 1, 0, 0];
    bytes.windows(5).position(|window| window == key).unwrap() + 5
}

fn colour_three(bytes: &mut [u8]) {
    let at = verdict(bytes) + 2;
    bytes[at] = 3;
}

/// The empty unprotected header becomes { 4: h'' }.
fn unprotected(bytes: &mut Vec<u8>) {
    let at = bytes.iter().position(|byte| *byte == 0xa0).unwrap();
    bytes.splice(at..=at, [0xa1, 0x04, 0x40]);
}

/// Colour 0 written as two bytes, in a payload that is one byte longer.
fn long_colour() -> String {
    with_bytes(&plain(&claims(Bearer::Plain)), |bytes| {
        let at = verdict(bytes) + 2;
        bytes.splice(at..=at, [0x18, 0x00]);
        let payload = bytes.iter().position(|byte| *byte == 0xa0).unwrap() + 2;
        bytes[payload] += 1;
    })
}

fn painted() -> String {
    let red = plain(&Claims {
        colour: Colour::Red,
        ..claims(Bearer::Plain)
    });
    with_bytes(&red, |bytes| {
        let at = verdict(bytes) + 2;
        bytes[at] = 0;
    })
}

fn wrong_kid() -> String {
    with_bytes(&plain(&claims(Bearer::Plain)), |bytes| {
        let old = issuer().id().to_bytes();
        let at = bytes.windows(4).position(|window| window == old).unwrap();
        bytes[at..at + 4].copy_from_slice(&next_issuer().id().to_bytes());
    })
}

fn live_plain() -> String {
    let assertion = issuer().sign(&claims(Bearer::Plain)).unwrap();
    let shown = phone().present(&assertion, at(NOW), 1).unwrap();
    live_code(&assertion, &shown).unwrap()
}

/// Assurance 3 with the same form.
fn unknown_assurance(bytes: &mut [u8]) {
    let at = verdict(bytes) + 1;
    bytes[at] = bytes[at] % 4 + 12;
}

fn negated_live() -> String {
    let assertion = issuer().sign(&phone_claims()).unwrap();
    let shown = phone().present(&assertion, at(NOW), 1).unwrap();
    let negated = Presentation {
        signature: negated(&p256::ecdsa::Signature::from_slice(&shown.signature).unwrap()),
        ..shown
    };
    live_code(&assertion, &negated).unwrap()
}

/// The same r with the negative of s: it verifies under the same key.
fn negated(signature: &p256::ecdsa::Signature) -> [u8; 64] {
    let (r, s) = signature.split_scalars();
    let negated = p256::ecdsa::Signature::from_scalars(*r, -*s).unwrap();
    negated.to_bytes().into()
}

/// A second more than its form may live.
fn longer(claims: Claims) -> String {
    let claims = Claims {
        expires_at: claims.expires_at + seconds(1),
        ..claims
    };
    match claims.bearer {
        Bearer::Phone(_) => live(&claims, NOW, 1),
        Bearer::Plain | Bearer::Card { .. } => plain(&claims),
    }
}

fn ten_years() -> String {
    plain(&Claims {
        expires_at: at(NOW) + hours(10 * 365 * 24),
        ..claims(Bearer::Plain)
    })
}

fn beyond_list() -> String {
    plain(&Claims {
        status: StatusRef {
            list: 7,
            index: 8192,
        },
        ..card_claims()
    })
}

/// The crate signs with Ed25519 only, so this assertion is put together by hand.
fn es256_code(is_negated: bool) -> String {
    let template = issuer().sign(&claims(Bearer::Plain)).unwrap();
    let bytes = template.as_bytes();
    let start = bytes.iter().position(|byte| *byte == 0xa0).unwrap() + 1;
    let payload = &bytes[start..bytes.len() - 66];

    let mut header = vec![0x49, 0xa2, 0x01, 0x26, 0x04, 0x44];
    header.extend(hardware_public().id().to_bytes());
    let mut message = b"\x84\x6aSignature1".to_vec();
    message.extend([&header[..], &[0x40], payload].concat());
    let signature: p256::ecdsa::Signature = hardware().sign(&message);

    let mut signed = vec![0xd2, 0x84];
    signed.extend([&header[..], &[0xa0], payload, &[0x58, 0x40]].concat());
    let low = signature.normalize_s();
    let spelling: [u8; 64] = if is_negated {
        negated(&low)
    } else {
        low.to_bytes().into()
    };
    signed.extend(spelling);
    text_of(&signed)
}
