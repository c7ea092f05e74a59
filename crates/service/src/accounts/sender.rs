//! Who sends one-time codes to phones.

use async_trait::async_trait;
use domain::Pii;
use tracing::warn;

use super::Accounts;
use crate::ServiceError;

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

/// Why a code was not handed over. Says nothing about whom it was for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message gateway does not take it: {0}")]
pub struct SendError(pub String);

/// Sends codes: a console or a file for development, a gateway for real.
#[async_trait]
pub trait CodeSender: Send + Sync {
    /// Hands a code over. When this returns the gateway has it, or nothing was sent.
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError>;
}

impl Accounts {
    /// Hands a code over. Whoever waits for it reads that it was not sent; why is for the log.
    ///
    /// # Errors
    /// [`ServiceError::CodeNotSent`].
    pub(super) async fn hand_over(&self, message: &CodeMessage) -> crate::Result<()> {
        let sent = self.sender.send(message).await;
        sent.map_err(|error| {
            warn!(%error, "a one-time code was not sent");
            ServiceError::CodeNotSent(error)
        })
    }
}
