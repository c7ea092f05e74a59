//! The rooms behind a provider. Only residents have one so far.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Identity;

use super::proven::{Entrance, ProvenIdentity, ProvenSignIns, ProvenSubject};
use crate::access::Token;
use crate::accounts::ProvenResidents;
use crate::{Result, ServiceError};

/// Takes in whoever a provider proved.
pub(crate) struct Rooms {
    pub(crate) residents: Arc<ProvenResidents>,
}

#[async_trait]
impl ProvenSignIns for Rooms {
    async fn resident_proven(
        &self,
        identity: ProvenIdentity,
        here: Option<Token>,
        label: Option<String>,
    ) -> Result<Entrance> {
        let identity = Identity {
            name: identity.name,
            document: identity.document,
            phones: identity.phone.into_iter().collect(),
        };
        let session = self.residents.come_in(identity, here.as_ref(), label);
        match session.await {
            Ok(session) => Ok(Entrance::Open(session)),
            Err(ServiceError::AlreadySeen) => Ok(Entrance::BoundElsewhere),
            Err(error) => Err(error),
        }
    }

    async fn staff_proven(&self, _subject: ProvenSubject) -> Result<Entrance> {
        Ok(Entrance::NobodyBound)
    }

    async fn staff_bound(&self, _subject: ProvenSubject, _here: Option<Token>) -> Result<()> {
        Err(ServiceError::NotAuthenticated)
    }
}
