//! Telling people that their colour changed.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use store::ColourChange;
use tracing::{info, instrument};

use crate::Result;
use crate::service::Service;

const MESSAGES_AT_ONCE: u32 = 500;

/// Why messages were not passed on. They are tried again.
#[derive(Clone, Debug, thiserror::Error)]
#[error("messages could not be passed on: {0}")]
pub struct NotifyError(pub String);

/// Passes changed colours on to people: by text message, by push, by letter.
///
/// A message may come twice, after a crash between passing on and marking it; [`ColourChange::id`]
/// tells.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Passes on all of `changes`, or fails.
    async fn tell(&self, changes: &[ColourChange]) -> Result<(), NotifyError>;
}

/// Passes nothing on and logs how many there were: for an installation whose people look at their
/// code page.
#[derive(Debug, Default)]
pub struct CountingNotifier {
    told: AtomicU64,
}

impl CountingNotifier {
    /// How many changes there have been.
    pub fn told(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Notifier for CountingNotifier {
    async fn tell(&self, changes: &[ColourChange]) -> Result<(), NotifyError> {
        self.told.fetch_add(changes.len() as u64, Ordering::Relaxed);
        info!(changes = changes.len(), "colours changed");
        Ok(())
    }
}

impl Service {
    /// Delivers every waiting message; how many there were.
    ///
    /// # Errors
    /// [`crate::ServiceError::Notify`] if the notifier fails: the messages wait.
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "outbox.deliver", skip_all)]
    pub async fn deliver_outbox(&self) -> Result<u64> {
        let _one_at_a_time = self.delivering_now.lock().await;
        let mut delivered = 0;
        loop {
            let changes = self.store.outbox(MESSAGES_AT_ONCE).await?;
            if changes.is_empty() {
                return Ok(delivered);
            }
            self.notifier.tell(&changes).await?;
            let ids: Vec<_> = changes
                .iter()
                .map(|change| (change.person, change.id))
                .collect();
            self.store.delivered(&ids, self.clock.now()).await?;
            delivered += changes.len() as u64;
        }
    }
}
