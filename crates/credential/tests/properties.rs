//! What holds of every code.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use credential::*;
use domain::{Assurance, Colour};
use proptest::prelude::*;

#[expect(dead_code, reason = "shared with the other tests, which use the rest")]
mod city;

use city::*;

fn some_bearer() -> impl Strategy<Value = Bearer> {
    let name = "\\PC{1,12}".prop_filter_map("too many bytes", |name| MaskedName::new(&name).ok());
    prop_oneof![
        Just(Bearer::Plain),
        name.prop_map(|name| Bearer::Card { name }),
        (1u8..255).prop_map(|secret| {
            let phone = HolderKey::from_bytes([secret; 32]).unwrap();
            Bearer::Phone(phone.public_key().unwrap())
        }),
    ]
}

prop_compose! {
    fn some_claims()(
        serial: [u8; 8],
        colour in proptest::sample::select(&Colour::ALL[..]),
        issued_at in 0..u32::MAX,
        lasts in 1..u32::MAX,
        list: u32,
        index: u32,
        assurance in proptest::sample::select(&Assurance::ALL[..]),
        bearer in some_bearer(),
    ) -> Claims {
        Claims {
            serial: Serial::from_bytes(serial),
            colour,
            issued_at: at(issued_at.into()),
            expires_at: at(issued_at.saturating_add(lasts).into()),
            status: StatusRef { list, index },
            assurance,
            bearer,
        }
    }
}

proptest! {
    #![proptest_config(domain::testing::property_cases(256))]

    #[test]
    fn what_is_signed_is_read_back(claims in some_claims()) {
        let assertion = issuer().sign(&claims).unwrap();
        prop_assert_eq!(assertion.claims(), &claims);
        prop_assert!(assertion.is_signed_by(issuer().public_key()));
        prop_assert!(!assertion.is_signed_by(next_issuer().public_key()));
        let read = Code::decode(&plain_code(&assertion)).unwrap();
        prop_assert_eq!(read, Code::Bare(assertion));
    }

    #[test]
    fn what_a_phone_shows_is_read_back(shown_at: u32, counter: u32) {
        let assertion = issuer().sign(&phone_claims()).unwrap();
        let shown = phone().present(&assertion, at(shown_at.into()), counter).unwrap();
        let read = Code::decode(&live_code(&assertion, &shown).unwrap()).unwrap();
        prop_assert_eq!(read, Code::Live(assertion, shown));
    }

    #[test]
    fn one_code_has_one_spelling(claims in some_claims()) {
        let assertion = issuer().sign(&claims).unwrap();
        let again = Assertion::decode(assertion.as_bytes()).unwrap();
        prop_assert_eq!(again.as_bytes(), assertion.as_bytes());
    }

    #[test]
    fn a_status_list_is_read_back(places in 1u32..5000, revoked: Vec<u16>) {
        let mut builder = StatusListBuilder::new(places);
        let revoked: Vec<u32> = revoked.into_iter().map(|i| u32::from(i) % places).collect();
        for index in &revoked {
            builder.revoke(*index).unwrap();
        }
        let list = builder.build(at(NOW), seconds(60), hours(24));
        let token = list.sign(&issuer(), &format!("{STATUS_URI}/3")).unwrap();
        let mut lists = StatusLists::new();
        let (region, number) = lists.add(&token, &trust()).unwrap();
        let read = lists.list(region, number).unwrap();
        prop_assert_eq!(read, &list);
        for index in 0..places {
            prop_assert_eq!(read.is_revoked(index), Some(revoked.contains(&index)));
        }
    }

    #[test]
    fn a_trust_list_is_read_back(sequence: u64, issued_at in 0..u32::MAX, from in 0..u32::MAX) {
        let keys = vec![trusted(issuer().public_key(), from.into(), i64::from(from) + 1)];
        let validity = ListValidity {
            issued_at: at(issued_at.into()),
            expires_at: at(i64::from(issued_at) + 1),
            freshness_key: freshness().public_key().clone(),
        };
        let list = TrustList::new(sequence, validity, keys).unwrap();
        let signed = list.sign(&root()).unwrap();
        prop_assert_eq!(TrustList::open(&signed, &[root().public_key().clone()], None), Ok(list));
    }

    #[test]
    fn random_text_never_panics(text in "HK1:[0-9A-Z $%*+./:-]{0,600}", any: String) {
        prop_assert!(Code::decode(&text).is_err());
        prop_assert!(Code::decode(&any).is_err());
    }

    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        prop_assert!(Assertion::decode(&bytes).is_err());
        prop_assert!(StatusLists::new().add(&bytes, &trust()).is_err());
        prop_assert!(TrustList::open(&bytes, &[root().public_key().clone()], None).is_err());
        let roots = [root().public_key().clone()];
        prop_assert!(FreshTrustList::open(&bytes, &roots, None, at(NOW)).is_err());
    }

    #[test]
    fn a_code_with_spliced_bytes_never_panics(
        at_byte in 0usize..236,
        splice in proptest::collection::vec(any::<u8>(), 0..12),
        cut in 0usize..12,
    ) {
        let mut bytes = live_bytes();
        let end = (at_byte + cut).min(bytes.len());
        let changed = bytes[at_byte..end] != splice[..];
        bytes.splice(at_byte..end, splice);
        let text = text_of(&bytes);
        prop_assert_eq!(verify_at_now(&text).is_err(), changed);
    }
}

#[test]
fn any_flipped_bit_of_a_live_code_is_refused() {
    let bytes = live_bytes();
    assert!(verify_at_now(&text_of(&bytes)).is_ok());
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let answer = verify_at_now(&text_of(&flipped));
        assert!(answer.is_err(), "bit {bit}: {answer:?}");
    }
}

#[test]
fn any_flipped_bit_of_a_cards_text_is_refused() {
    let name = MaskedName::new("J. S.").unwrap();
    let text = plain(&claims(Bearer::Card { name }));
    assert!(verify_at_now(&text).is_ok());
    for bit in 0..text.len() * 8 {
        let mut flipped = text.clone().into_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok(flipped) = String::from_utf8(flipped) else {
            continue;
        };
        let answer = verify_at_now(&flipped);
        assert!(answer.is_err(), "bit {bit}: {answer:?}");
    }
}

#[test]
fn any_flipped_bit_of_a_signed_list_is_refused() {
    let token = list_token(NOW, &[5, 4711]);
    let signed = trust().sign(&root()).unwrap();
    let roots = [root().public_key().clone()];
    for bit in 0..token.len() * 8 {
        let mut flipped = token.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(
            StatusLists::new().add(&flipped, &trust()).is_err(),
            "status list, bit {bit}"
        );
    }
    for bit in 0..signed.len() * 8 {
        let mut flipped = signed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(
            TrustList::open(&flipped, &roots, None).is_err(),
            "trust list, bit {bit}"
        );
    }
    let both = handed_out(&trust(), NOW);
    for bit in 0..both.len() * 8 {
        let mut flipped = both.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(
            FreshTrustList::open(&flipped, &roots, None, at(NOW)).is_err(),
            "list and statement, bit {bit}"
        );
    }
}

fn live_bytes() -> Vec<u8> {
    let code = live(&phone_claims(), NOW, 7);
    base45::decode(code.strip_prefix(PREFIX).unwrap()).unwrap()
}

fn text_of(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", base45::encode(bytes))
}

fn verify_at_now(text: &str) -> Result<Accepted, Refusal> {
    verify(text, &trust(), None, at(NOW), &Settings::default())
}
