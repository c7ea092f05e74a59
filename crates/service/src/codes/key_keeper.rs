//! Reading the keys that sign codes again, and watching their ends.

use std::sync::Arc;

use domain::{Clock, IdSource, Timestamp};
use jiff::SignedDuration;
use store::{Store, audit, trust_lists};

use super::Trust;
use crate::Result;
use crate::alarms::{AlarmKind, Alarms};
use crate::audit::{Actor, AuditEntry, Did};

/// A key that ends sooner should have a successor.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Keeps the keys in use those that the installation has now.
pub(crate) struct KeyKeeper {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub trust: Arc<Trust>,
    pub alarms: Arc<Alarms>,
}

impl KeyKeeper {
    /// Loads the keys that sign codes, and the trust list, again; whether they are others than
    /// before. Running requests end with those that they began with. A worker does this every few
    /// seconds.
    ///
    /// # Errors
    /// [`crate::ServiceError::Signing`] says what is wrong with them; those in use stay. If another
    /// server used a newer trust list, this one signs and accepts nothing until it has it.
    /// [`crate::ServiceError::Store`].
    pub async fn reload(&self) -> Result<bool> {
        let are_others = self.trust.reload(self.clock.now())?;
        let held = i64::try_from(self.trust.sequence()).unwrap_or(i64::MAX);
        let entry = AuditEntry::new(Actor::Program, Did::KeysChanged, self.clock.now());
        let entry = entry
            .what(format_args!("trust list {held}"))
            .seal(&*self.ids);
        let newest =
            self.store
                .transaction("trust_lists.note", (held, [entry]), |tx, (held, entry)| {
                    Box::pin(async move {
                        let newest = trust_lists::newest(tx).await?;
                        if newest < *held {
                            audit::append(tx, entry).await?;
                            trust_lists::note(tx, *held).await?;
                        }
                        Ok::<_, store::StoreError>(newest.max(*held))
                    })
                });
        let newest = u64::try_from(newest.await?).unwrap_or_default();
        self.trust.note_newest(newest)?;
        Ok(are_others)
    }

    /// What is signed with, and when each ends.
    pub fn ends(&self) -> [(&'static str, Timestamp); 2] {
        let keys = self.trust.current(self.clock.now());
        [
            ("issuer-key", keys.own().until),
            ("trust-list", keys.list.list().expires_at()),
        ]
    }

    /// Raises alarms for keys that end within a month.
    ///
    /// # Errors
    /// None: what cannot be kept is logged.
    pub async fn watch_ends(&self) -> Result<()> {
        let now = self.clock.now();
        for (about, ends_at) in self.ends() {
            let left = ends_at.duration_since(now);
            if left < ENDS_SOON {
                let days = u64::try_from(left.as_hours() / 24).unwrap_or_default();
                self.alarms.raise(AlarmKind::KeyEnds, about, days).await;
            }
        }
        Ok(())
    }
}
