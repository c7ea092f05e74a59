//! Who sends one-time codes to phones.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::Pii;
use tracing::warn;

use super::Accounts;
use crate::ServiceError;
use crate::follow::monotonic_now;

/// A one-time code on its way.
#[derive(Clone, Debug)]
pub struct CodeMessage {
    /// The number, as international digits.
    pub phone: Pii<String>,
    /// The code.
    pub code: Pii<String>,
    /// The language of the person, as a tag.
    pub language: String,
}

/// A notice to the holder of a phone, with nothing in it that opens anything.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The number, as international digits.
    pub phone: Pii<String>,
    /// What it is about.
    pub kind: NoticeKind,
    /// The language, as a tag.
    pub language: String,
}

/// What a notice to the holder of a phone is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// An account of an identity provider opens their account from now on.
    ProviderBound,
    /// Something that they declared does not fit what was recorded, and they are heard before anybody
    /// decides. Of what it is about the notice says nothing.
    ToBeHeard,
}

/// Why a code was not handed over. Says nothing about whom it was for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message gateway does not take it: {0}")]
pub struct SendError(pub String);

/// Sends codes: a console or a file for development, a gateway for real.
#[async_trait]
pub trait CodeSender: Send + Sync {
    /// Hands a code over. When this returns the gateway has it, or nothing was sent.
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError>;

    /// Hands a notice over, in the same way.
    async fn tell(&self, notice: &Notice) -> Result<(), SendError>;
}

/// How a code was handed over.
#[derive(Clone, Debug, Default)]
pub(crate) struct HandOver {
    took: Duration,
    error: Option<SendError>,
}

impl Accounts {
    /// Hands a code over. The person who waits for it reads that it was not sent; why is for the
    /// log.
    ///
    /// # Errors
    /// [`ServiceError::CodeNotSent`].
    pub(super) async fn hand_over(&self, message: &CodeMessage) -> crate::Result<()> {
        let begun = monotonic_now();
        let sent = self.sender.send(message).await;
        let took = monotonic_now().saturating_duration_since(begun);
        let error = sent.as_ref().err().cloned();
        *self.last_hand_over() = HandOver { took, error };
        sent.map_err(|error| {
            warn!(%error, "a one-time code was not sent");
            ServiceError::CodeNotSent(error)
        })
    }

    /// Does as if a code were handed over: what comes of it and how long it takes is as it was last.
    ///
    /// # Errors
    /// As [`Self::hand_over`].
    pub(super) async fn hand_over_nothing(&self) -> crate::Result<()> {
        let HandOver { took, error } = self.last_hand_over().clone();
        tokio::time::sleep(took).await;
        error.map_or(Ok(()), |error| Err(ServiceError::CodeNotSent(error)))
    }

    fn last_hand_over(&self) -> MutexGuard<'_, HandOver> {
        let last = self.last_hand_over.lock();
        last.unwrap_or_else(PoisonError::into_inner)
    }
}
