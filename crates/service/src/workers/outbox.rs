//! Telling people that their colour changed, and that they are to be heard.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain::{Clock, PersonId, Pii, Region};
use store::{ColourChange, Store, accounts, contradictions, identities, outbox};
use tokio::sync::Mutex;
use tracing::{info, instrument, warn};

use crate::accounts::{CodeSender, Notice, NoticeKind};
use crate::people::VaultKeys;
use crate::people::phones::international;
use crate::{Result, ServiceError};

const MESSAGES_AT_ONCE: u32 = 500;
/// Each may wait ten seconds for a gateway that hangs.
const ASKED_AT_ONCE: u32 = 50;

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

/// Delivers messages.
pub struct Outbox {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) notifier: Arc<dyn Notifier>,
    /// Hands notices to phones.
    pub(crate) sender: Arc<dyn CodeSender>,
    /// Opens who people are, for their phones.
    pub(crate) vault: VaultKeys,
    pub(crate) issuer: Region,
    pub(crate) one_at_a_time: Mutex<()>,
}

impl Outbox {
    /// Delivers every waiting message; how many there were.
    ///
    /// # Errors
    /// [`ServiceError::Notify`] if the notifier or the gateway fails: the messages wait.
    /// [`ServiceError::Store`].
    #[instrument(name = "outbox.deliver", level = "debug", skip_all)]
    pub async fn deliver(&self) -> Result<u64> {
        let _turn = self.one_at_a_time.lock().await;
        Ok(self.deliver_changes().await? + self.ask_to_be_heard().await?)
    }

    async fn deliver_changes(&self) -> Result<u64> {
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

    /// Asks the next people to say what they know of what does not fit, at the phone of an account that was seen with
    /// their document. Who has none is not asked. What the gateway does not take is tried again until the
    /// time to say something is over.
    async fn ask_to_be_heard(&self) -> Result<u64> {
        let now = self.clock.now();
        let waiting = self.store.read("contradictions.to_tell", now, |tx, now| {
            Box::pin(contradictions::to_tell(tx, *now, ASKED_AT_ONCE))
        });
        let (mut settled, mut delivered, mut refused) = (Vec::new(), 0, None);
        for to_hear in waiting.await? {
            let phone = match self.phone_of(to_hear.person).await {
                Err(ServiceError::Vault(error)) => {
                    warn!(contradiction = %to_hear.id, %error, "an identity does not open");
                    None
                }
                phone => phone?,
            };
            match phone {
                Some(phone) => match self.sender.tell(&self.asking(&phone)).await {
                    Ok(()) => delivered += 1,
                    Err(error) => {
                        refused = Some(error);
                        continue;
                    }
                },
                None => {
                    warn!(contradiction = %to_hear.id, "nobody can be sent a message; telephone")
                }
            }
            settled.push((to_hear.person, to_hear.id));
        }
        if !settled.is_empty() {
            let told =
                self.store
                    .transaction("contradictions.told", (settled, now), |tx, (which, at)| {
                        Box::pin(contradictions::told(tx, which, *at))
                    });
            told.await?;
        }
        match refused {
            Some(error) => Err(ServiceError::Notify(NotifyError(error.to_string()))),
            None => Ok(delivered),
        }
    }

    fn asking(&self, phone: &Pii<String>) -> Notice {
        let issuer = self.issuer;
        // Which language somebody reads is not kept.
        let is_chinese = issuer.to_string().starts_with(|c: char| c.is_ascii_digit());
        let language = if is_chinese { "zh" } else { "en" };
        Notice {
            phone: Pii::new(international(phone.expose(), issuer)),
            kind: NoticeKind::ToBeHeard,
            language: language.to_owned(),
        }
    }

    /// The first phone of the account that was seen with a person's document.
    async fn phone_of(&self, person: PersonId) -> Result<Option<Pii<String>>> {
        let read = self
            .store
            .read("contradictions.phone", person, |tx, person| {
                Box::pin(async move {
                    if accounts::bound_to(tx, *person).await?.is_none() {
                        return Ok(None);
                    }
                    identities::find(tx, *person).await
                })
            });
        let Some(sealed) = read.await? else {
            return Ok(None);
        };
        let identity = self.vault.open(person, &sealed)?;
        Ok(identity.phones.into_iter().next())
    }
}
