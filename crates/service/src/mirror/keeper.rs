//! Having the mirror written anew in time, and used.

use std::sync::{Arc, OnceLock};

use domain::{Clock, Policy};
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
