//! Accounts at identity providers with which staff members sign in. One is bound by whoever takes up an
//! invitation with it, or by a staff member who has just shown who they are; never by a name or an
//! e-mail address that the provider gives.

use store::staff;
use tracing::{info, instrument};

use super::StaffAccounts;
use super::invitations::{Invitation, Opening};
use super::sessions::StaffProof;
use crate::access::{Action, Resource, Staff, Token};
use crate::people::CredentialPurpose;
use crate::providers::ProvenSubject;
use crate::{Result, ServiceError};

impl StaffAccounts {
    /// Signs in the staff member to whose account this account of a provider is bound; `None` if there
    /// is no such member, or not any more.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.sign_in_at_provider", skip_all, fields(provider = %subject.provider))]
    pub async fn sign_in_at_provider(&self, subject: &ProvenSubject) -> Result<Option<Token>> {
        let hash = self.identity_hash(subject);
        let found = self.store.read("staff.by_identity", hash, |tx, hash| {
            Box::pin(staff::by_identity(tx, *hash))
        });
        let Some(member) = found.await? else {
            return Ok(None);
        };
        match self.sign_in_as(member, StaffProof::IdentityProvider).await {
            Ok(token) => Ok(Some(token)),
            // Their account was ended.
            Err(ServiceError::NotAuthenticated) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Binds an account of a provider to the account of a staff member who has just shown who they
    /// are. From now on it opens that account, until that ends.
    ///
    /// # Errors
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::IdentityTaken`] if it opens another account;
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.bind_identity", skip_all, fields(provider = %subject.provider))]
    pub async fn bind_identity(&self, by: &Staff, subject: &ProvenSubject) -> Result<()> {
        let now = self.clock.now();
        let own = Resource::of(by.authority().id, None);
        by.check(Action::KeepOwnAccount, &own, now)?;
        let claim = (self.identity_hash(subject), by.id(), now);
        let claimed =
            self.store
                .transaction("staff.bind_identity", claim, |tx, (hash, member, now)| {
                    Box::pin(staff::claim_identity(tx, *hash, *member, *now))
                });
        if claimed.await? != by.id() {
            return Err(ServiceError::IdentityTaken);
        }
        info!(staff = %by.id(), "an account of an identity provider was bound");
        Ok(())
    }

    /// Takes up an invitation with an account of a provider, and signs its owner in; the token of the
    /// session.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if the invitation does not work;
    /// [`ServiceError::IdentityTaken`]; [`ServiceError::NeedsTwoPersons`];
    /// [`ServiceError::NameTaken`]; [`ServiceError::Store`].
    #[instrument(name = "staff.join_at_provider", skip_all, fields(provider = %subject.provider))]
    pub async fn join_at_provider(
        &self,
        invitation: &Invitation,
        subject: &ProvenSubject,
    ) -> Result<Token> {
        let opening = Opening::Identity(self.identity_hash(subject));
        let id = self.take_up(invitation, opening).await?;
        self.sign_in_as(id, StaffProof::IdentityProvider).await
    }

    /// What is kept of an account of a provider. The address has no line break, so that no two
    /// accounts have one hash.
    fn identity_hash(&self, subject: &ProvenSubject) -> [u8; 32] {
        let named = format!("{}\n{}", subject.issuer, subject.subject.expose());
        self.keys
            .at_rest(CredentialPurpose::StaffIdentity, named.as_bytes())
    }
}
