//! Whatever a scanner reads: the decoders take it or say where it is wrong, and never panic. What
//! they take has one spelling only.
//!
//! The first byte of the input chooses what the rest is: a text, bytes as they come, or claims,
//! which are signed here with a trusted key first, since nothing behind a wrong signature is read.

#![no_main]

#[path = "../signed.rs"]
mod signed;

use std::sync::LazyLock;

use credential::{
    Algorithm, Assertion, Code, FreshTrustList, ListValidity, PREFIX, PublicKey, Settings,
    StatusLists, TrustList, TrustedKey, plain_code, verify,
};
use ed25519_dalek::SigningKey;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use signed::{FRESH, STATUS_LIST, TRUST_LIST, freshness, signed};

/// The keys and the time of the test vectors, so that these are good inputs to begin with.
static ROOT: LazyLock<Signer> = LazyLock::new(|| Signer::new([0xf0; 32]));
static ISSUER: LazyLock<Signer> = LazyLock::new(|| Signer::new([0x11; 32]));
const NOW: i64 = 1_581_926_400;

static TRUST: LazyLock<FreshTrustList> = LazyLock::new(|| {
    let key = TrustedKey {
        issuer: "3301".parse().expect("a city"),
        status_uri: "https://health.hangzhou.example/status".to_owned(),
        key: ISSUER.public.clone(),
        from: at(0),
        until: at(u32::MAX.into()),
    };
    let validity = ListValidity {
        issued_at: at(NOW),
        expires_at: at(u32::MAX.into()),
        freshness_key: ROOT.public.clone(),
    };
    let list = TrustList::new(1, validity, vec![key]).expect("one key is a list");
    let now = NOW.try_into().expect("a time before 2106");
    let hash = list.digest().expect("its times can be written");
    let statement = ROOT.sign(Some(FRESH), &freshness(now, 1, &hash));
    FreshTrustList::confirmed(list, &statement, at(NOW)).expect("it was just confirmed")
});

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    match choice % 8 {
        0 => read_text(&String::from_utf8_lossy(bytes)),
        1 => read_text(&format!("{PREFIX}{}", base45::encode(bytes))),
        2 => read_assertion(bytes),
        3 => read_status_list(bytes),
        4 => read_trust_list(bytes),
        5 => read_assertion(&ISSUER.sign(None, bytes)),
        6 => read_status_list(&ISSUER.sign(Some(STATUS_LIST), bytes)),
        _ => read_trust_list(&ROOT.sign(Some(TRUST_LIST), bytes)),
    }
});

fn read_text(text: &str) {
    if let Ok(code) = Code::decode(text) {
        let again = match &code {
            Code::Bare(assertion) => plain_code(assertion),
            Code::Live(assertion, shown) => {
                credential::live_code(assertion, shown).expect("what was read can be written")
            }
        };
        assert_eq!(again, text.trim_end_matches(['\r', '\n']));
    }
    let _ = verify(text, &TRUST, None, at(NOW), &Settings::default());
}

fn read_assertion(bytes: &[u8]) {
    if let Ok(assertion) = Assertion::decode(bytes) {
        assert_eq!(assertion.as_bytes(), bytes);
        read_text(&plain_code(&assertion));
    }
}

fn read_status_list(token: &[u8]) {
    let mut lists = StatusLists::new();
    if let Ok((issuer, number)) = lists.add(token, &TRUST) {
        let list = lists.list(issuer, number).expect("what was taken is held");
        let places = u32::try_from(list.places()).expect("no list of more than 4 MiB is taken");
        assert!(list.is_revoked(places).is_none());
        assert!(places == 0 || list.is_revoked(places - 1).is_some());
    }
}

fn read_trust_list(signed: &[u8]) {
    let roots = std::slice::from_ref(&ROOT.public);
    if let Ok(list) = TrustList::open(signed, roots, None) {
        assert_eq!(TrustList::open(signed, roots, Some(&list)).as_ref(), Ok(&list));
        let _ = list.to_json();
    }
    let _ = TrustList::open_endless(signed, roots);
    let _ = FreshTrustList::open(signed, roots, None, at(NOW));
}

struct Signer {
    key: SigningKey,
    public: PublicKey,
}

impl Signer {
    fn new(seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        let public = PublicKey::new(Algorithm::Ed25519, key.verifying_key().as_bytes());
        let public = public.expect("the public half of a key is one");
        Self { key, public }
    }

    fn sign(&self, typ: Option<&str>, payload: &[u8]) -> Vec<u8> {
        signed(&self.key, self.public.id().to_bytes(), typ, payload)
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time after 1970")
}
