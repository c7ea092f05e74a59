//! Somebody means ill. Each story is one of the attacks that the security profile of OAuth names
//! (RFC 9700, section 4).

use std::sync::Arc;

use domain::Clock;
use jiff::SignedDuration;
use service::providers::{Callback, Purpose, SignInError, TokenFault};

use crate::stand_in::{SECRET, StandIn};
use crate::{Town, config, node, resident, settings};

#[tokio::test]
async fn nobody_is_signed_in_to_an_account_that_somebody_else_opened() {
    // Login CSRF: the attacker signs in and has the victim's browser open the address that came back.
    let town = Town::found();
    let attacker = town.begin().await;
    let callback = town.provider.sign_in(&attacker.address);
    let without = town.node.finish("stand-in", None, callback.clone()).await;
    assert_eq!(without, Err(SignInError::NotBegunHere));
    // Also while the victim is signing in.
    let victim = town.begin().await;
    let own = town.provider.sign_in(&victim.address);
    let mixed = town.finish(&victim, callback.clone()).await;
    assert_eq!(mixed, Err(SignInError::NotBegunHere));
    let stateless = Callback {
        state: None,
        ..callback
    };
    assert_eq!(
        town.finish(&victim, stateless).await,
        Err(SignInError::NotBegunHere)
    );
    // That has cost the victim nothing.
    resident(town.finish(&victim, own).await);
}

#[tokio::test]
async fn an_answer_counts_once() {
    let town = Town::found();
    let departure = town.begin().await;
    let callback = town.provider.sign_in(&departure.address);
    resident(town.finish(&departure, callback.clone()).await);
    let again = town.finish(&departure, callback.clone()).await;
    assert_eq!(again, Err(SignInError::UsedBefore));
    // On another node, which does not know of it, the provider refuses.
    let clock = Arc::clone(&town.clock) as Arc<dyn Clock>;
    let there = config("stand-in", &town.provider.issuer);
    let other = node(vec![settings(there, SECRET)], clock);
    let attempt = Some(&*departure.attempt);
    let again = other.finish("stand-in", attempt, callback).await;
    assert_eq!(again, Err(SignInError::CodeRefused));
}

#[tokio::test]
async fn an_answer_counts_for_ten_minutes() {
    let town = Town::found();
    let (one, two) = (town.begin().await, town.begin().await);
    town.later(SignedDuration::from_secs(599));
    let callback = town.provider.sign_in(&one.address);
    resident(town.finish(&one, callback).await);
    town.later(SignedDuration::from_secs(1));
    let callback = town.provider.sign_in(&two.address);
    assert_eq!(town.finish(&two, callback).await, Err(SignInError::TooLate));
}

#[tokio::test]
async fn a_code_of_somebody_else_is_worth_nothing() {
    // Code injection: the attacker has a stolen code and puts it into an answer to their own attempt.
    let town = Town::found();
    let victim = town.begin().await;
    let stolen = town.provider.sign_in(&victim.address).code;
    let attacker = town.begin().await;
    let own = town.provider.sign_in(&attacker.address);
    let injected = Callback {
        code: stolen,
        ..own
    };
    let refused = town.finish(&attacker, injected).await;
    assert_eq!(refused, Err(SignInError::CodeRefused));
}

#[tokio::test]
async fn a_code_of_somebody_else_is_worth_nothing_at_a_provider_without_pkce_either() {
    let town = Town::found();
    town.provider.state().checks_verifier = false;
    let victim = town.begin().await;
    let stolen = town.provider.sign_in(&victim.address).code;
    let attacker = town.begin().await;
    let own = town.provider.sign_in(&attacker.address);
    let injected = Callback {
        code: stolen,
        ..own
    };
    let refused = town.finish(&attacker, injected).await;
    assert_eq!(refused, Err(SignInError::Token(TokenFault::Nonce)));
}

#[tokio::test]
async fn an_answer_of_another_provider_is_told_apart() {
    // Mix-up: the person chose an honest provider, and a dishonest one sends its answer.
    let town = Town::found();
    let dishonest = StandIn::start(Arc::clone(&town.their_clock));
    for iss in [Some(dishonest.issuer.clone()), None] {
        let departure = town.begin().await;
        let honest = town.provider.sign_in(&departure.address);
        let mixed = Callback {
            iss: iss.clone(),
            ..honest
        };
        assert_eq!(
            town.finish(&departure, mixed).await,
            Err(SignInError::MixedUp),
            "{iss:?}"
        );
    }
    // The code of an attempt was asked for by nobody.
    assert_eq!(town.provider.state().asked.get("/token"), None);
}

#[tokio::test]
async fn an_answer_belongs_to_the_provider_that_was_chosen() {
    let town = Town::found();
    let other = StandIn::start(Arc::clone(&town.their_clock));
    let providers = vec![
        settings(config("stand-in", &town.provider.issuer), SECRET),
        settings(config("other", &other.issuer), SECRET),
    ];
    let node = node(providers, Arc::clone(&town.clock) as Arc<dyn Clock>);
    let departure = node.begin("stand-in", Purpose::SignIn, None).await.unwrap();
    let callback = town.provider.sign_in(&departure.address);
    let attempt = Some(&*departure.attempt);
    let refused = node.finish("other", attempt, callback).await;
    assert_eq!(refused, Err(SignInError::NotBegunHere));
    assert_eq!(other.state().asked.get("/token"), None);
}

#[tokio::test]
async fn who_says_no_at_the_provider_is_not_signed_in() {
    let town = Town::found();
    for (error, code) in [
        (Some("access_denied"), None),
        (Some("access_denied"), Some("code-0")),
        (None, None),
    ] {
        let departure = town.begin().await;
        let callback = Callback {
            error: error.map(str::to_owned),
            code: code.map(str::to_owned),
            ..town.provider.sign_in(&departure.address)
        };
        let refused = town.finish(&departure, callback).await;
        assert_eq!(refused, Err(SignInError::Declined));
    }
}
