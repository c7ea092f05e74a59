//! What binds the browser that began a sign-in to the one that comes back: sealed into a cookie of
//! that browser, good once and for ten minutes.
//!
//! Nothing is stored for somebody who only begins. That an attempt is used once is remembered by the
//! node that took it; on another node the provider refuses, because a code works once, and only with
//! the verifier of its attempt (PKCE).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use domain::{IdSource, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::SignInError;
use crate::access::Token;
use crate::staff::Invitation;

/// How long somebody may take at the provider.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// Most used attempts that are remembered; of more the oldest are forgotten.
const MOST_REMEMBERED: usize = 100_000;

/// First byte of what is sealed; says how the rest is.
const FORMAT: u8 = 1;
const NONCE: usize = 12;

/// What somebody goes to a provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// To be signed in here.
    SignIn,
    /// To have an account of the provider bound to the staff account that they are signed in to.
    Bind,
    /// To take up an invitation with an account of the provider.
    Join,
}

/// What somebody brings to a provider and back. It does not come along by itself when another site sends
/// the browser back, so that it is kept in the attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Luggage {
    /// The session that the browser held.
    pub(super) session: Option<Token>,
    /// The invitation that is to be taken up.
    pub(super) invitation: Option<Invitation>,
}

/// A sign-in that was begun.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) purpose: Purpose,
    pub(super) luggage: Luggage,
    /// Comes back in the address.
    pub(super) state: Token,
    /// Comes back in the token.
    pub(super) nonce: Token,
    /// Goes to the provider with the code (PKCE, RFC 7636).
    pub(super) verifier: Token,
    pub(super) ends_at: Timestamp,
}

/// An attempt as sealed.
#[derive(Serialize, Deserialize)]
struct Content {
    purpose: Purpose,
    here: Option<String>,
    /// One piece, or two halves.
    #[serde(default)]
    invitation: Vec<String>,
    state: String,
    nonce: String,
    verifier: String,
    ends_at: i64,
}

/// Seals attempts into text for a cookie, and opens them.
pub(super) struct Seal(Aes256GcmSiv);

impl Attempt {
    /// Begins.
    pub(super) fn begin(
        (purpose, luggage): (Purpose, Luggage),
        ids: &dyn IdSource,
        now: Timestamp,
    ) -> Self {
        Self {
            purpose,
            luggage,
            state: Token::generate(ids),
            nonce: Token::generate(ids),
            verifier: Token::generate(ids),
            ends_at: now + LONGEST,
        }
    }

    /// Whether the address that the browser came back to belongs to this attempt. Compares hashes, so
    /// that the time it takes tells nothing.
    pub(super) fn is_of(&self, state: &str) -> bool {
        Sha256::digest(state) == Sha256::digest(self.state.expose())
    }
}

impl Seal {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256GcmSiv::new(key.into()))
    }

    /// The attempt at the provider called `key`, as text that fits into a cookie.
    pub(super) fn close(&self, attempt: &Attempt, key: &str, ids: &dyn IdSource) -> String {
        let content = Content {
            purpose: attempt.purpose,
            here: attempt.luggage.session.as_ref().map(Token::expose),
            invitation: match &attempt.luggage.invitation {
                None => Vec::new(),
                Some(Invitation::Whole(token)) => vec![token.expose()],
                Some(Invitation::Halves(one, other)) => vec![one.expose(), other.expose()],
            },
            state: attempt.state.expose(),
            nonce: attempt.nonce.expose(),
            verifier: attempt.verifier.expose(),
            ends_at: attempt.ends_at.as_second(),
        };
        let content = serde_json::to_vec(&content).unwrap_or_default();
        let mut nonce = [0; NONCE];
        ids.fill(&mut nonce);
        let payload = Payload {
            msg: &content,
            aad: key.as_bytes(),
        };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        // Fails for messages of many gigabytes only; what is empty does not open.
        let sealed = sealed.unwrap_or_default();
        let bytes = [&[FORMAT], &nonce[..], &sealed].concat();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Opens what [`Self::close`] gave for the same provider, if its time has not run out.
    pub(super) fn open(
        &self,
        sealed: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Attempt, SignInError> {
        let attempt = self.read(sealed, key).ok_or(SignInError::NotBegunHere)?;
        if now >= attempt.ends_at {
            return Err(SignInError::TooLate);
        }
        Ok(attempt)
    }

    fn read(&self, sealed: &str, key: &str) -> Option<Attempt> {
        let digits = sealed.as_bytes().chunks_exact(2);
        let bytes = digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
        let (&FORMAT, rest) = bytes.split_first()? else {
            return None;
        };
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        let payload = Payload {
            msg: sealed,
            aad: key.as_bytes(),
        };
        let content = self.0.decrypt(&Nonce::from(*nonce), payload).ok()?;
        let content: Content = serde_json::from_slice(&content).ok()?;
        Some(Attempt {
            purpose: content.purpose,
            luggage: Luggage {
                session: content.here.map(|text| text.parse()).transpose().ok()?,
                invitation: invitation(&content.invitation)?,
            },
            state: content.state.parse().ok()?,
            nonce: content.nonce.parse().ok()?,
            verifier: content.verifier.parse().ok()?,
            ends_at: Timestamp::from_second(content.ends_at).ok()?,
        })
    }
}

/// The invitation of these pieces; `None` if they are none.
fn invitation(pieces: &[String]) -> Option<Option<Invitation>> {
    let tokens = pieces.iter().map(|text| text.parse().ok());
    let tokens: Vec<Token> = tokens.collect::<Option<_>>()?;
    match <[Token; 2]>::try_from(tokens) {
        Ok([one, other]) => Some(Some(Invitation::Halves(one, other))),
        Err(fewer) if fewer.len() < 2 => Some(fewer.into_iter().next().map(Invitation::Whole)),
        Err(_) => None,
    }
}

/// The attempts that came back already.
#[derive(Default)]
pub(super) struct UsedAttempts(Mutex<BTreeMap<(Timestamp, [u8; 32]), ()>>);

impl UsedAttempts {
    /// Notes that `attempt` came back.
    ///
    /// # Errors
    /// [`SignInError::UsedBefore`] if it did before.
    pub(super) fn note(&self, attempt: &Attempt, now: Timestamp) -> Result<(), SignInError> {
        let state: [u8; 32] = Sha256::digest(attempt.state.expose()).into();
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.split_off(&(now, [0; 32]));
        while used.len() >= MOST_REMEMBERED {
            used.pop_first();
        }
        match used.insert((attempt.ends_at, state), ()) {
            Some(()) => Err(SignInError::UsedBefore),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counting(AtomicU8);

    impl IdSource for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_sealed_attempt_opens_for_its_provider_and_within_ten_minutes() {
        let (ids, seal) = (Counting::default(), Seal::new(&[7; 32]));
        let [here, one, other] = [(); 3].map(|()| Token::generate(&ids));
        let luggage = Luggage {
            session: Some(here.clone()),
            invitation: Some(Invitation::Halves(one.clone(), other.clone())),
        };
        let attempt = Attempt::begin((Purpose::Join, luggage), &ids, at(1000));
        let sealed = seal.close(&attempt, "national-id", &ids);
        let opened = seal.open(&sealed, "national-id", at(1599)).unwrap();
        assert!(opened == attempt && opened.is_of(&attempt.state.expose()));
        assert!(!opened.is_of(&attempt.nonce.expose()) && !opened.is_of(""));
        let late = seal.open(&sealed, "national-id", at(1600));
        assert_eq!(late.err(), Some(SignInError::TooLate));
        for digits in [
            attempt.state,
            attempt.nonce,
            attempt.verifier,
            here,
            one,
            other,
        ] {
            assert!(!sealed.contains(&digits.expose()));
        }
    }

    #[test]
    fn another_provider_another_key_and_changed_text_do_not_open() {
        let (ids, seal) = (Counting::default(), Seal::new(&[7; 32]));
        let sealed = seal.close(
            &Attempt::begin((Purpose::SignIn, Luggage::default()), &ids, at(0)),
            "one",
            &ids,
        );
        let changed = sealed.replacen('3', "4", 1);
        let other = Seal::new(&[8; 32]);
        for (seal, text, key) in [
            (&seal, &*sealed, "two"),
            (&other, &*sealed, "one"),
            (&seal, &*changed, "one"),
            (&seal, "", "one"),
            (&seal, "01é", "one"),
            (&seal, &sealed[..40], "one"),
        ] {
            let opened = seal.open(text, key, at(1));
            assert_eq!(opened.err(), Some(SignInError::NotBegunHere), "{text}");
        }
    }

    #[test]
    fn an_attempt_comes_back_once() {
        let (ids, used) = (Counting::default(), UsedAttempts::default());
        let first = Attempt::begin((Purpose::SignIn, Luggage::default()), &ids, at(0));
        let second = Attempt::begin((Purpose::SignIn, Luggage::default()), &ids, at(0));
        assert_eq!(used.note(&first, at(1)), Ok(()));
        assert_eq!(used.note(&second, at(1)), Ok(()));
        assert_eq!(used.note(&first, at(599)), Err(SignInError::UsedBefore));
        // Later it does not open any more, so that nothing needs to be remembered.
        assert_eq!(
            used.note(
                &Attempt::begin((Purpose::SignIn, Luggage::default()), &ids, at(600)),
                at(601)
            ),
            Ok(())
        );
        assert_eq!(used.0.lock().unwrap().len(), 1);
    }
}
