//! The rooms behind a provider. Only staff members have one here.

use std::sync::Arc;

use async_trait::async_trait;

use super::proven::{Entrance, ProvenIdentity, ProvenSignIns, ProvenSubject};
use crate::access::{Access, Token};
use crate::staff::StaffAccounts;
use crate::{Result, ServiceError};

/// Takes in whoever a provider proved.
pub(crate) struct Rooms {
    pub(crate) access: Arc<Access>,
    pub(crate) staff: Arc<StaffAccounts>,
}

#[async_trait]
impl ProvenSignIns for Rooms {
    async fn resident_proven(
        &self,
        _identity: ProvenIdentity,
        _here: Option<Token>,
    ) -> Result<Entrance> {
        Ok(Entrance::NobodyBound)
    }

    async fn staff_proven(&self, subject: ProvenSubject) -> Result<Entrance> {
        let session = self.staff.sign_in_at_provider(&subject).await?;
        Ok(session.map_or(Entrance::NobodyBound, Entrance::Open))
    }

    async fn staff_bound(&self, subject: ProvenSubject, here: Option<Token>) -> Result<()> {
        let here = here.ok_or(ServiceError::NotAuthenticated)?;
        let by = self.access.staff(&here).await?;
        self.staff.bind_identity(&by, &subject).await
    }
}
