//! The rooms behind a provider: of residents and of staff members.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Identity;

use super::proven::{Entrance, ProvenIdentity, ProvenSignIns, ProvenSubject};
use crate::access::{Access, Token};
use crate::accounts::ProvenResidents;
use crate::staff::{Invitation, StaffAccounts};
use crate::{Result, ServiceError};

/// Admits a person whom a provider proved.
pub(crate) struct Rooms {
    pub(crate) residents: Arc<ProvenResidents>,
    pub(crate) access: Arc<Access>,
    pub(crate) staff: Arc<StaffAccounts>,
}

#[async_trait]
impl ProvenSignIns for Rooms {
    async fn resident_proven(
        &self,
        identity: ProvenIdentity,
        here: Option<Token>,
        label: Option<String>,
        language: &str,
    ) -> Result<Entrance> {
        let identity = Identity {
            name: identity.name,
            document: identity.document,
            phones: identity.phone.into_iter().collect(),
        };
        let session = self
            .residents
            .come_in(identity, here.as_ref(), label, language);
        entrance(session.await)
    }

    async fn staff_proven(&self, subject: ProvenSubject, here: Option<Token>) -> Result<Entrance> {
        let Some(session) = self.staff.sign_in_at_provider(&subject).await? else {
            return Ok(Entrance::NobodyBound);
        };
        if let Some(earlier) = here {
            self.staff.sign_out(&earlier).await?;
        }
        Ok(Entrance::Open(session))
    }

    async fn staff_joins(
        &self,
        subject: ProvenSubject,
        invitation: Invitation,
    ) -> Result<Entrance> {
        let joined = self.staff.join_at_provider(&invitation, &subject).await;
        entrance(joined)
    }

    async fn staff_bound(&self, subject: ProvenSubject, here: Option<Token>) -> Result<Entrance> {
        let here = here.ok_or(ServiceError::NotAuthenticated)?;
        let by = self.access.staff(&here).await?;
        let bound = self.staff.bind_identity(&by, &subject).await;
        entrance(bound.map(|()| here))
    }
}

fn entrance(opened: Result<Token>) -> Result<Entrance> {
    match opened {
        Ok(session) => Ok(Entrance::Open(session)),
        Err(ServiceError::AlreadySeen | ServiceError::IdentityTaken) => {
            Ok(Entrance::BoundElsewhere)
        }
        Err(error) => Err(error),
    }
}
