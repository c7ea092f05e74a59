//! Taking in what other nodes did.

use std::sync::Arc;

use tracing::instrument;

use crate::Result;
use crate::accounts::Sessions;
use crate::codes::Revocations;
use crate::decisions::Verdicts;
use crate::publishing::PublishedPolicies;

/// What this node holds in memory and other nodes change.
pub(crate) struct OtherNodes {
    pub policies: Arc<PublishedPolicies>,
    pub revocations: Arc<Revocations>,
    pub sessions: Arc<Sessions>,
    pub verdicts: Arc<Verdicts>,
}

impl OtherNodes {
    /// Takes in what other nodes did: policies and levels, revoked codes, sessions, verdicts.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    #[instrument(name = "workers.notice_other_nodes", level = "debug", skip_all)]
    pub async fn notice(&self) -> Result<()> {
        self.policies.reload().await?;
        self.revocations.refresh().await?;
        self.sessions.follow_other_nodes().await?;
        self.verdicts.follow_other_nodes().await
    }
}
