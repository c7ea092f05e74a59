//! `Idempotency-Key`: a repeated request counts once (invariant 6).

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use domain::RequestKey;
use sha2::{Digest, Sha256};

use crate::problem::{Problem, ProblemType};

const HEADER: &str = "idempotency-key";

/// The key of a request, if the client sent one.
pub(crate) struct IdempotencyKey(pub(crate) Option<RequestKey>);

/// The key of a registration: 32 random hexadecimal digits, and never left out. A request with the
/// same key *and* the same document is given the same answer again, token included, so that a short
/// word will not do.
pub(crate) struct RegistrationKey(pub(crate) RequestKey);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(text) = header(&parts.headers)? else {
            return Ok(Self(None));
        };
        Ok(Self(Some(text.parse().unwrap_or_else(|_| hashed(text)))))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RegistrationKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let key = header(&parts.headers)?.and_then(|text| text.parse().ok());
        key.map(Self).ok_or_else(|| {
            let reason = "expected 32 random hexadecimal digits, kept for repeats of this request";
            Problem::invalid("Idempotency-Key", reason)
        })
    }
}

fn header(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|text| (1..=255).contains(&text.len()));
    text.map(Some).ok_or_else(|| {
        let detail = "`Idempotency-Key` has 1 to 255 visible ASCII characters; this one has not.";
        Problem::new(ProblemType::Unreadable, detail)
    })
}

/// Any other token stands for the first half of its SHA-256.
fn hashed(text: &str) -> RequestKey {
    let mut half = [0; 16];
    half.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    RequestKey::from_u128(u128::from_be_bytes(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn key(text: &str) -> Result<Option<RequestKey>, Problem> {
        let request = axum::http::Request::builder()
            .header(HEADER, text)
            .body(())
            .unwrap();
        let (mut parts, ()) = request.into_parts();
        IdempotencyKey::from_request_parts(&mut parts, &())
            .await
            .map(|key| key.0)
    }

    #[tokio::test]
    async fn the_same_token_gives_the_same_key_and_another_token_another() {
        let first = key("order-17").await.unwrap();
        assert!(first.is_some());
        assert_eq!(key("order-17").await.unwrap(), first);
        assert_ne!(key("order-18").await.unwrap(), first);
    }

    #[tokio::test]
    async fn a_key_of_ours_stands_for_itself() {
        let text = "0123456789abcdef0011223344556677";
        assert_eq!(key(text).await.unwrap().unwrap().to_string(), text);
    }

    #[tokio::test]
    async fn a_key_that_is_too_long_is_refused() {
        assert!(key(&"k".repeat(255)).await.is_ok());
        assert_eq!(
            key(&"k".repeat(256)).await.unwrap_err().kind(),
            ProblemType::Unreadable
        );
    }

    #[tokio::test]
    async fn a_registration_needs_a_key_that_nobody_guesses() {
        for text in ["1", "my-key", "0123456789abcdef"] {
            let request = axum::http::Request::builder()
                .header(HEADER, text)
                .body(())
                .unwrap();
            let (mut parts, ()) = request.into_parts();
            assert!(
                RegistrationKey::from_request_parts(&mut parts, &())
                    .await
                    .is_err(),
                "{text}"
            );
        }
    }
}
