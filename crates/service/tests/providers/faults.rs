//! The provider, or the way to it, fails. Nobody is signed in, the person may begin again, and what
//! was begun is not half done.

use std::net::TcpListener;

use jiff::SignedDuration;
use serde_json::json;
use service::providers::{Misfit, Purpose, SignInError, Unreachable};

use crate::stand_in::Answer;
use crate::{Town, resident};

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be() {
    let unused = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let town = Town::found_with(|config| config.issuer = address);
    let begun = town.node.begin("stand-in", Purpose::SignIn, None).await;
    let down = SignInError::Unreachable(Unreachable::Down);
    assert_eq!(begun.err(), Some(down));
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_not_asked_in_clear() {
    let town =
        Town::found_with(|config| config.issuer = config.issuer.replace("http://", "https://"));
    let begun = town.node.begin("stand-in", Purpose::SignIn, None).await;
    let down = SignInError::Unreachable(Unreachable::Down);
    assert_eq!(begun.err(), Some(down));
    assert!(town.provider.state().asked.is_empty());
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_code_was_taken_leaves_nobody_signed_in() {
    let town = Town::found();
    let departure = town.begin().await;
    let callback = town.provider.sign_in(&departure.address);
    town.provider.state().answers.insert("/token", Answer::Cut);
    let cut = town.finish(&departure, callback.clone()).await;
    assert_eq!(cut, Err(SignInError::Unreachable(Unreachable::Down)));
    town.provider.state().answers.clear();
    // The code is spent, here and there; a new attempt works.
    let again = town.finish(&departure, callback).await;
    assert_eq!(again, Err(SignInError::UsedBefore));
    resident(town.sign_in().await);
}

#[tokio::test]
async fn answers_that_are_none_are_told_apart() {
    for (answer, why) in [
        (Answer::Never, Unreachable::Slow),
        (Answer::Fault, Unreachable::Garbled),
        (Answer::Endless, Unreachable::TooLong),
        (Answer::Cut, Unreachable::Down),
    ] {
        for address in ["/.well-known/openid-configuration", "/keys", "/token"] {
            let town = Town::found();
            town.provider.state().answers.insert(address, answer);
            let refused = town.sign_in().await;
            assert_eq!(refused, Err(SignInError::Unreachable(why)), "{address}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_sends_elsewhere_or_is_no_json_is_not_followed() {
    for answer in [Answer::Elsewhere, Answer::Nonsense] {
        for address in ["/.well-known/openid-configuration", "/keys", "/token"] {
            let town = Town::found();
            town.provider.state().answers.insert(address, answer);
            let refused = town.sign_in().await;
            assert!(
                matches!(
                    refused,
                    Err(SignInError::Unreachable(Unreachable::Garbled)
                        | SignInError::Token(_)
                        | SignInError::Misconfigured(Misfit::Client))
                ),
                "{address}: {refused:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_known_of_a_provider_serves_for_a_day() {
    let town = Town::found();
    resident(town.sign_in().await);
    let discovery = "/.well-known/openid-configuration";
    town.provider
        .state()
        .answers
        .insert(discovery, Answer::Fault);
    town.later(SignedDuration::from_hours(23));
    resident(town.sign_in().await);
    town.later(SignedDuration::from_hours(2));
    let refused = town.sign_in().await;
    let garbled = SignInError::Unreachable(Unreachable::Garbled);
    assert_eq!(refused, Err(garbled));
}

#[tokio::test]
async fn a_configuration_that_does_not_fit_is_said_to_the_operator() {
    for (metadata, misfit) in [
        (json!({ "issuer": "https://id.example" }), Misfit::Issuer),
        (
            json!({ "authorization_endpoint": "http://id.example/auth" }),
            Misfit::Address,
        ),
        (
            json!({ "jwks_uri": "http://id.example/keys" }),
            Misfit::Address,
        ),
        (
            json!({ "token_endpoint": "http://id.example/token" }),
            Misfit::Address,
        ),
        (json!({ "token_endpoint": null }), Misfit::Endpoint),
    ] {
        let town = Town::found();
        town.provider.state().metadata = metadata.clone();
        let refused = town.sign_in().await;
        assert_eq!(
            refused,
            Err(SignInError::Misconfigured(misfit)),
            "{metadata}"
        );
        assert!(SignInError::Misconfigured(misfit).is_for_the_operator());
    }
}
