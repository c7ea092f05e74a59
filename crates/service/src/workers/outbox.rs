//! Telling people that their colour changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain::Clock;
use store::{ColourChange, Store, outbox};
use tokio::sync::Mutex;
use tracing::{info, instrument};

use crate::Result;

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
    count: AtomicU64,
}

impl CountingNotifier {
    /// How many changes there have been.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Notifier for CountingNotifier {
    async fn tell(&self, changes: &[ColourChange]) -> Result<(), NotifyError> {
        self.count
            .fetch_add(changes.len() as u64, Ordering::Relaxed);
        info!(changes = changes.len(), "colours changed");
        Ok(())
    }
}

/// Delivers changed colours.
pub struct Outbox {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    notifier: Arc<dyn Notifier>,
    one_at_a_time: Mutex<()>,
}

impl Outbox {
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        notifier: Arc<dyn Notifier>,
    ) -> Self {
        Self {
            store,
            clock,
            notifier,
            one_at_a_time: Mutex::default(),
        }
    }

    /// Delivers every waiting message; how many there were.
    ///
    /// # Errors
    /// [`crate::ServiceError::Notify`] if the notifier fails: the messages wait.
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "outbox.deliver", level = "debug", skip_all)]
    pub async fn deliver(&self) -> Result<u64> {
        let _turn = self.one_at_a_time.lock().await;
        let mut delivered = 0;
        loop {
            let waiting = self.store.read("outbox.waiting", (), |tx, ()| {
                Box::pin(outbox::waiting(tx, MESSAGES_AT_ONCE))
            });
            let changes = waiting.await?;
            if changes.is_empty() {
                return Ok(delivered);
            }
            self.notifier.tell(&changes).await?;
            let ids: Vec<_> = changes
                .iter()
                .map(|change| (change.person, change.id))
                .collect();
            let arguments = (ids, self.clock.now());
            let note = self
                .store
                .transaction("outbox.delivered", arguments, |tx, (ids, at)| {
                    Box::pin(outbox::delivered(tx, ids, *at))
                });
            note.await?;
            delivered += changes.len() as u64;
        }
    }
}
