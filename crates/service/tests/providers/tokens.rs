//! Tokens that must not be believed.

use jiff::SignedDuration;
use serde_json::{Value, json};
use service::providers::{ClaimFault, ClaimsFrom, Proven, SignInError, TokenFault};

use crate::stand_in::{CLIENT, SignedWith};
use crate::{Town, resident};

#[tokio::test]
async fn a_token_is_believed_only_if_all_of_it_is_right() {
    let town = Town::found();
    let now = domain::Clock::now(&*town.clock).as_second();
    let cases: [(&str, Value, TokenFault); 13] = [
        (
            "another issuer",
            json!({ "iss": "https://evil.example" }),
            TokenFault::Issuer,
        ),
        ("no issuer", json!({ "iss": null }), TokenFault::Unreadable),
        (
            "another client",
            json!({ "aud": "another" }),
            TokenFault::Audience,
        ),
        ("no client", json!({ "aud": [] }), TokenFault::Audience),
        (
            "two clients",
            json!({ "aud": [CLIENT, "another"] }),
            TokenFault::Audience,
        ),
        (
            "another party",
            json!({ "azp": "another" }),
            TokenFault::Audience,
        ),
        ("run out", json!({ "exp": now - 61 }), TokenFault::Time),
        ("no end", json!({ "exp": null }), TokenFault::Unreadable),
        (
            "of tomorrow",
            json!({ "iat": now + 61, "exp": now + 99_999 }),
            TokenFault::Time,
        ),
        (
            "of yesterday",
            json!({ "iat": now - 86_400 }),
            TokenFault::Time,
        ),
        (
            "another nonce",
            json!({ "nonce": "another" }),
            TokenFault::Nonce,
        ),
        ("no nonce", json!({ "nonce": null }), TokenFault::Nonce),
        ("nobody", json!({ "sub": null }), TokenFault::Unreadable),
    ];
    for (case, claims, fault) in cases {
        town.provider.state().claims = claims;
        assert_eq!(
            town.sign_in().await,
            Err(SignInError::Token(fault)),
            "{case}"
        );
    }
    town.provider.state().claims = json!({ "azp": CLIENT, "aud": [CLIENT], "exp": now - 59 });
    resident(town.sign_in().await);
}

#[tokio::test]
async fn only_signatures_by_a_key_of_the_provider_are_taken() {
    let town = Town::found();
    for (signature, fault) in [
        (SignedWith::Nothing, TokenFault::Algorithm),
        (SignedWith::Secret, TokenFault::Algorithm),
        (SignedWith::Before, TokenFault::Signature),
    ] {
        town.provider.state().signature = signature;
        assert_eq!(town.sign_in().await, Err(SignInError::Token(fault)));
    }
    {
        let mut state = town.provider.state();
        state.signature = SignedWith::Key;
        state.key = 2;
    }
    let forged = town.sign_in().await;
    assert_eq!(forged, Err(SignInError::Token(TokenFault::Signature)));
}

#[tokio::test]
async fn changed_keys_are_looked_up_and_old_ones_stop_counting() {
    let town = Town::found();
    resident(town.sign_in().await);
    town.later(SignedDuration::from_secs(11));
    {
        let mut state = town.provider.state();
        state.key = 2;
        state.shown = vec![2];
    }
    resident(town.sign_in().await);
    town.provider.state().key = 1;
    let old = town.sign_in().await;
    assert_eq!(old, Err(SignInError::Token(TokenFault::Signature)));
    // Who sends forgeries does not make us ask for keys each time.
    let before = town.provider.state().asked["/keys"];
    for _ in 0..3 {
        assert_eq!(town.sign_in().await, old);
    }
    assert_eq!(town.provider.state().asked["/keys"], before);
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute_and_no_more() {
    let town = Town::found();
    for (seconds, is_right) in [(59, true), (-59, true), (61, false), (-361, false)] {
        town.their_clock.set(domain::Clock::now(&*town.clock));
        town.their_clock.advance(SignedDuration::from_secs(seconds));
        let signed_in: Result<Proven, _> = town.sign_in().await;
        match is_right {
            true => drop(resident(signed_in)),
            false => assert_eq!(signed_in, Err(SignInError::Token(TokenFault::Time))),
        }
    }
}

#[tokio::test]
async fn what_is_missing_of_an_identity_is_said_and_nobody_is_proven() {
    let town = Town::found();
    for (claims, fault) in [
        (json!({ "name": null }), ClaimFault::Name),
        (json!({ "document": {} }), ClaimFault::DocumentNumber),
        (
            json!({ "document": { "number": "!" } }),
            ClaimFault::DocumentNumber,
        ),
    ] {
        town.provider.state().claims = claims;
        assert_eq!(town.sign_in().await, Err(SignInError::Claims(fault)));
    }
}

#[tokio::test]
async fn userinfo_about_somebody_else_is_not_taken() {
    let town = Town::found_with(|config| config.claims_from = ClaimsFrom::Userinfo);
    town.provider.state().userinfo = json!({ "sub": "subject-2", "name": "Li Hua" });
    let refused = town.sign_in().await;
    assert_eq!(refused, Err(SignInError::Token(TokenFault::Subject)));
}
