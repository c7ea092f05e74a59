//! What happens when everybody does as they should.

use domain::{Document, DocumentKind};
use jiff::SignedDuration;
use openidconnect::url::Url;
use serde_json::json;
use service::Token;
use service::providers::{Arrival, Audience, ClaimsFrom, Proven, Purpose, SignInError, TokenFault};

use crate::stand_in::StandIn;
use crate::{Town, resident};

#[tokio::test]
async fn a_resident_is_proven_with_name_document_and_phone() {
    let town = Town::found();
    let identity = resident(town.sign_in().await);
    assert_eq!(identity.by.issuer, town.provider.issuer);
    assert_eq!(identity.by.subject.expose(), "subject-1");
    assert_eq!(identity.by.acr.as_deref(), Some("high"));
    assert!(identity.by.authenticated_at.is_some());
    assert_eq!(identity.name.expose(), "Mei Lan");
    let passport = Document::new(DocumentKind::Passport, "E1234567").unwrap();
    assert_eq!(identity.document, passport);
    assert_eq!(identity.phone.as_ref().unwrap().expose(), "+8613800000000");
    // Nothing of it is printed (invariant 10).
    let printed = format!("{identity:?}");
    for secret in ["Mei", "E1234567", "138", "subject-1"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[tokio::test]
async fn the_address_asks_for_a_code_with_all_that_binds_it() {
    let town = Town::found();
    let (one, two) = (town.begin().await, town.begin().await);
    let address = Url::parse(&one.address).unwrap();
    let asked = |name: &str| {
        let mut pairs = address.query_pairs();
        pairs
            .find(|(found, _)| found == name)
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!(
        asked("redirect_uri"),
        "http://127.0.0.1:8080/sign-in/stand-in/callback"
    );
    assert_eq!(asked("scope"), "openid profile document");
    assert_eq!(asked("acr_values"), "high");
    for secret in ["state", "nonce", "code_challenge"] {
        let value = asked(secret);
        assert!(value.len() >= 43, "{secret}");
        assert!(!two.address.contains(&value), "{secret} is new each time");
        assert!(!one.attempt.contains(&value), "{secret} is sealed");
    }
    assert!(!one.address.contains("secret"));
}

#[tokio::test]
async fn a_staff_member_is_proven_by_issuer_and_subject_alone() {
    let town = Town::found_with(|config| {
        config.r#for = Audience::Staff;
        config.acr.clear();
    });
    // Who signed in there before they set out has not just proven themselves.
    let now = domain::Clock::now(&*town.clock).as_second();
    for auth_time in [json!(now - 61), json!(null)] {
        town.provider.state().claims = json!({ "auth_time": auth_time });
        let refused = Err(SignInError::Token(TokenFault::NotFresh));
        assert_eq!(town.sign_in().await, refused, "{auth_time}");
    }
    town.provider.state().claims = json!({});
    let address = town.begin().await.address;
    assert!(address.contains("max_age=300") && address.contains("prompt=login"));
    let Ok(Proven::Staff(subject)) = town.sign_in().await else {
        panic!("a staff member signs in");
    };
    assert_eq!(subject.subject.expose(), "subject-1");
    assert_eq!(subject.provider, "stand-in");
    // The person who came to have the account bound is recognised by what their own browser kept.
    let here: Token = "5".repeat(64).parse().unwrap();
    let begun = town
        .node
        .begin("stand-in", Purpose::Bind, Some(here.clone()));
    let departure = begun.await.unwrap();
    let callback = town.provider.sign_in(&departure.address);
    let attempt = Some(&*departure.attempt);
    let arrival = town.node.finish("stand-in", attempt, callback).await;
    let (proven, here) = (Proven::ToBind(subject), Some(here));
    assert_eq!(arrival, Ok(Arrival { proven, here }));
}

#[tokio::test]
async fn claims_are_taken_from_the_userinfo_endpoint_where_the_configuration_says_so() {
    let town = Town::found_with(|config| config.claims_from = ClaimsFrom::Userinfo);
    town.provider.state().userinfo = json!({
        "sub": "subject-1", "name": "Li Hua", "document": { "number": "E7654321" },
        "phone_number": "+8613800000001", "phone_number_verified": false,
    });
    let identity = resident(town.sign_in().await);
    assert_eq!(identity.name.expose(), "Li Hua");
    assert_eq!(identity.document.number().expose(), "E7654321");
    assert_eq!(identity.phone, None);
}

#[tokio::test]
async fn what_a_provider_says_of_itself_is_read_once_an_hour() {
    let town = Town::found();
    let asked = |provider: &StandIn| {
        let state = provider.state();
        state.asked["/.well-known/openid-configuration"]
    };
    for _ in 0..3 {
        resident(town.sign_in().await);
    }
    assert_eq!(asked(&town.provider), 1);
    town.later(SignedDuration::from_mins(61));
    resident(town.sign_in().await);
    assert_eq!(asked(&town.provider), 2);
}

#[tokio::test]
async fn an_account_that_is_not_proven_is_told_so() {
    let town = Town::found();
    for acr in [json!("low"), json!(null)] {
        town.provider.state().claims = json!({ "acr": acr });
        assert_eq!(town.sign_in().await, Err(SignInError::NotProven));
    }
}

#[tokio::test]
async fn a_provider_that_is_not_configured_is_unknown() {
    let town = Town::found();
    let begun = town.node.begin("another", Purpose::SignIn, None).await;
    assert_eq!(begun.err(), Some(SignInError::UnknownProvider));
}
