//! The worker that keeps the mirror, and how the service finds it.

use std::sync::Arc;

use jiff::SignedDuration;
use tracing::debug;

use super::{Mirror, MirrorError};
use crate::Result;
use crate::service::Service;

/// The mirror that a service keeps.
pub(crate) struct KeptMirror {
    pub mirror: Arc<Mirror>,
    every: SignedDuration,
}

impl Service {
    /// Has differences computed from a mirror, and the mirror written anew by a worker once the
    /// newest generation is older than `every`. Call it once, before [`Service::spawn_workers`];
    /// later calls change nothing.
    pub fn keep_mirror(&self, mirror: Arc<Mirror>, every: SignedDuration) {
        let _ = self.mirror.set(KeptMirror { mirror, every });
    }

    /// Writes a generation of the mirror if the newest is too old or cannot be used; whether it did.
    ///
    /// # Errors
    /// [`crate::ServiceError::Mirror`].
    pub async fn refresh_mirror(&self) -> Result<bool> {
        let Some(kept) = self.mirror.get() else {
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
}
