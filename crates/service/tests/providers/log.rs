//! What is written to the log: enough for the operator, and nothing of the person or the tokens
//! (invariant 10).

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::json;
use service::providers::{SignInError, TokenFault};
use tracing::level_filters::LevelFilter;

use crate::stand_in::{Answer, SECRET};
use crate::{Town, resident};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_the_provider_and_the_reason_and_nothing_of_the_person() {
    let written = Written::default();
    let to = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || to.clone())
        .finish();
    let _log = tracing::subscriber::set_default(subscriber);

    let town = Town::found();
    let departure = town.begin().await;
    let callback = town.provider.sign_in(&departure.address);
    resident(town.finish(&departure, callback.clone()).await);
    let again = town.finish(&departure, callback.clone()).await;
    assert_eq!(again, Err(SignInError::UsedBefore));
    town.provider.state().claims = json!({ "nonce": "another" });
    let nonce = town.sign_in().await;
    assert_eq!(nonce, Err(SignInError::Token(TokenFault::Nonce)));
    town.provider.state().claims = json!({ "document": { "number": "!!" } });
    assert!(town.sign_in().await.is_err());
    town.provider.state().answers.insert("/token", Answer::Cut);
    assert!(town.sign_in().await.is_err());

    let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    for said in [
        "a sign-in failed",
        "provider=\"stand-in\"",
        "it answers another request",
        "the claim for the document's number is missing",
        "it does not answer",
    ] {
        assert!(log.contains(said), "{said} is missing: {log}");
    }
    let (state, code) = (callback.state.unwrap(), callback.code.unwrap());
    for secret in [
        &*departure.attempt,
        &*state,
        &*code,
        SECRET,
        "Mei",
        "E1234567",
        "!!",
        "13800000000",
        "subject-1",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}
