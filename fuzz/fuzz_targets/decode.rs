//! Whatever a scanner reads: the decoders take it or say where it is wrong, and never panic. What
//! they take has one spelling only.
//!
//! The first byte of the input chooses the decoder; the rest is read by it.

#![no_main]

use std::sync::LazyLock;

use credential::{
    Assertion, Code, PREFIX, PublicKey, StatusLists, TrustList, TrustedKey, plain_code,
};
use libfuzzer_sys::fuzz_target;

/// A public key of RFC 8032 section 7.1.
static ROOT: LazyLock<PublicKey> = LazyLock::new(|| {
    let key = "ed25519:fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
    key.parse().expect("a key of the RFC is a key")
});

static TRUST: LazyLock<TrustList> = LazyLock::new(|| {
    let at = |second| jiff::Timestamp::from_second(second).expect("a time after 1970");
    let key = TrustedKey {
        issuer: "330100".parse().expect("a city"),
        status_uri: "https://health.example/status".to_owned(),
        key: ROOT.clone(),
        from: at(0),
        until: at(u32::MAX.into()),
    };
    TrustList::new(1, at(0), vec![key]).expect("one key is a list")
});

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else {
        return;
    };
    match choice % 5 {
        0 => read_text(&String::from_utf8_lossy(bytes)),
        1 => read_text(&format!("{PREFIX}{}", base45::encode(bytes))),
        2 => {
            if let Ok(assertion) = Assertion::decode(bytes) {
                assert_eq!(assertion.as_bytes(), bytes);
                read_text(&plain_code(&assertion));
            }
        }
        3 => {
            let _ = StatusLists::new().add(bytes, &TRUST);
        }
        _ => {
            let _ = TrustList::open(bytes, std::slice::from_ref(&*ROOT), None);
        }
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
}
