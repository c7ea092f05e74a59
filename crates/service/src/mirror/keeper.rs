//! Having the mirror written anew in time, and used.

use std::sync::{Arc, OnceLock};

use domain::{Clock, Policy, Timestamp};
use jiff::SignedDuration;
use tracing::{debug, warn};

use super::{Mirror, MirrorError, Snapshot};
use crate::Result;
use crate::publishing::reads_visits;

/// Keeps a mirror, if there is one.
pub struct MirrorKeeper {
    clock: Arc<dyn Clock>,
    kept: OnceLock<KeptMirror>,
}

struct KeptMirror {
    mirror: Arc<Mirror>,
    every: SignedDuration,
}

impl MirrorKeeper {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            kept: OnceLock::new(),
        }
    }

    /// Has everybody decided from a mirror where that is possible, and the mirror written anew by a
    /// worker once the newest generation is older than `every`. Call it once, before
    /// [`crate::Service::spawn_workers`]; later calls change nothing.
    pub fn keep(&self, mirror: Arc<Mirror>, every: SignedDuration) {
        let _ = self.kept.set(KeptMirror { mirror, every });
    }

    /// Writes a generation of the mirror if the newest is too old or cannot be used; whether it did.
    ///
    /// # Errors
    /// [`crate::ServiceError::Mirror`].
    pub async fn refresh(&self) -> Result<bool> {
        let Some(kept) = self.kept.get() else {
            return Ok(false);
        };
        let newest = match kept.mirror.newest().await {
            // This node is downloading it, or writing it.
            Err(MirrorError::Busy { .. }) => return Ok(false),
            newest => newest?,
        };
        let oldest = self.clock.now().checked_sub(kept.every);
        if newest.is_some_and(|(newest, _)| oldest.is_ok_and(|oldest| newest.written_at > oldest)) {
            return Ok(false);
        }
        match kept.mirror.write(|_| {}).await {
            Ok(_) => Ok(true),
            // On another node that shares the folder or the bucket.
            Err(error @ (MirrorError::Busy { .. } | MirrorError::Superseded(_))) => {
                debug!(%error, "the mirror is written elsewhere");
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How old the mirror may get before it is written anew; `None` if none is kept.
    pub(crate) fn every(&self) -> Option<SignedDuration> {
        self.kept.get().map(|kept| kept.every)
    }

    /// When the newest generation was complete; `None` if there is none or no mirror is kept.
    ///
    /// # Errors
    /// [`crate::ServiceError::Mirror`] if the database does not answer.
    pub(crate) async fn newest_written_at(&self) -> Result<Option<Timestamp>> {
        let Some(kept) = self.kept.get() else {
            return Ok(None);
        };
        let generations = kept.mirror.generations().await?;
        Ok(generations.first().map(|newest| newest.written_at))
    }

    /// What everybody can be decided from under these policies, besides the database. `None` if there
    /// is no mirror or it cannot be used, or if a policy reads visits, which the mirror does not
    /// follow.
    pub(crate) async fn snapshot(&self, policies: &[&Policy]) -> Option<Snapshot> {
        let kept = self.kept.get()?;
        if policies.iter().any(|policy| reads_visits(policy)) {
            return None;
        }
        match kept.mirror.snapshot().await {
            Ok(Some(snapshot)) => return Some(snapshot),
            Ok(None) => debug!("no mirror can be used; everybody is read from the database"),
            Err(error) => self.warn(&error),
        }
        None
    }

    /// The same for what verdicts will depend on: every file is looked through first, however often
    /// that was done before.
    pub(crate) async fn checked_snapshot(&self, policies: &[&Policy]) -> Option<Snapshot> {
        self.kept.get()?.mirror.look_again();
        self.snapshot(policies).await
    }

    /// Says that what a snapshot named could not be read, and has the files looked through before
    /// they are used again.
    pub(crate) fn warn(&self, error: &MirrorError) {
        if let Some(kept) = self.kept.get() {
            kept.mirror.look_again();
        }
        warn!(%error, "the mirror is not used; everybody is read from the database");
    }

    /// Ends a writing that runs: the program is ending.
    pub(crate) fn interrupt(&self) {
        if let Some(kept) = self.kept.get() {
            kept.mirror.interrupt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[tokio::test]
    async fn a_mirror_is_written_anew_once_it_is_too_old() {
        let fixture = Fixture::new().await;
        let keeper = MirrorKeeper::new(fixture.clock());
        assert!(!keeper.refresh().await.unwrap(), "there is no mirror");
        let folder = fixture.folder.path().join("mirror");
        let store = Arc::clone(&fixture.store);
        let mirror = Mirror::new(store, &folder, fixture.clock(), fixture.ids());
        keeper.keep(Arc::new(mirror), SignedDuration::from_hours(1));
        assert!(keeper.refresh().await.unwrap());
        fixture.clock.advance(SignedDuration::from_mins(59));
        assert!(!keeper.refresh().await.unwrap(), "it is new enough");
        fixture.clock.advance(SignedDuration::from_mins(2));
        assert!(keeper.refresh().await.unwrap());
    }
}
