//! What the service says of itself.

use std::sync::Arc;

use domain::Timestamp;
use store::Health;

use super::Service;
use crate::providers::{ProvenSignIns, Rooms};
use crate::{Result, Settings};

impl Service {
    /// Whether the database answers, its schema version and size.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`] if it does not.
    pub async fn health(&self) -> Result<Health> {
        Ok(self.store.health().await?)
    }

    /// Admits a person whom an identity provider proved.
    pub fn proven_sign_ins(&self) -> Arc<dyn ProvenSignIns> {
        Arc::new(Rooms {
            residents: Arc::clone(&self.proven_residents),
            access: Arc::clone(&self.access),
            staff: Arc::clone(&self.staff),
        })
    }

    /// The choices of this installation.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The present, by the service's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
