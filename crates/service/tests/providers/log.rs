//! What is written to the log: enough for the operator, and nothing of the person or the tokens
//! (invariant 10).

use std::cell::RefCell;
use std::io::{self, Write};

use serde_json::json;
use service::providers::{SignInError, TokenFault};
use tracing::level_filters::LevelFilter;

use crate::stand_in::{Answer, SECRET};
use crate::{Town, resident};

thread_local! {
    /// What was logged on this thread.
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Written;

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        WRITTEN.with_borrow_mut(|written| written.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_the_provider_and_the_reason_and_nothing_of_the_person() {
    // For every thread: with a log for this thread alone, a place in the code that another test passes
    // first, without a log, is taken to be silent on every thread.
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(|| Written)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

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

    let log = String::from_utf8(WRITTEN.take()).unwrap();
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
