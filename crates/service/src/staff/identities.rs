//! Accounts at identity providers with which staff members sign in. One is bound by the person who
//! takes up an invitation with it, or by a staff member who has just shown who they are; never by a
//! name or an e-mail address that the provider gives.

use domain::{StaffId, Timestamp};
use store::Transaction;
use store::audit;
use store::staff;
use tracing::{info, instrument};

use super::StaffAccounts;
use super::invitations::{Invitation, Opening, one_at_a_time};
use super::sessions::StaffProof;
use crate::access::{Action, Resource, Staff, Token};
use crate::audit::{AuditEntry, Did};
use crate::people::CredentialPurpose;
use crate::providers::ProvenSubject;
use crate::{Result, ServiceError};

/// An account of a provider that opens a staff member's. Which one it is there, is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundIdentity {
    /// The provider, as the configuration calls it.
    pub provider: String,
    /// When it was bound.
    pub bound_at: Timestamp,
}

/// An account of a provider on its way to a staff member.
struct Binding {
    hash: [u8; 32],
    provider: String,
    staff: StaffId,
    now: Timestamp,
}

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
        let binding = Binding {
            hash: self.identity_hash(subject),
            provider: subject.provider.clone(),
            staff: by.id(),
            now,
        };
        let entry = AuditEntry::new(by.into(), Did::IdentityBound, now).what(&subject.provider);
        let arguments = (binding, [entry.seal(&*self.ids)]);
        let bound =
            self.store
                .transaction("staff.bind_identity", arguments, |tx, (binding, entry)| {
                    Box::pin(async move {
                        audit::append(tx, entry).await?;
                        binding.run(tx).await
                    })
                });
        bound.await?;
        info!(staff = %by.id(), "an account of an identity provider was bound");
        Ok(())
    }

    /// The accounts of providers that open the asker's account, the oldest first.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "staff.identities", skip_all)]
    pub async fn identities(&self, by: &Staff) -> Result<Vec<BoundIdentity>> {
        let read = self.store.read("staff.identities", by.id(), |tx, member| {
            Box::pin(staff::identities(tx, *member))
        });
        let bound = read.await?.into_iter();
        let bound = bound.map(|(provider, bound_at)| BoundIdentity { provider, bound_at });
        Ok(bound.collect())
    }

    /// Has the asker's accounts at a provider open their account no more, and ends every session of
    /// theirs: any of them may have begun there.
    ///
    /// # Errors
    /// [`ServiceError::StepUpNeeded`]; [`ServiceError::LastWayIn`] without a passkey or another
    /// provider; [`ServiceError::Store`].
    #[instrument(name = "staff.unbind_identities", skip_all)]
    pub async fn unbind_identities(&self, by: &Staff, provider: &str) -> Result<()> {
        let now = self.clock.now();
        let own = Resource::of(by.authority().id, None);
        by.check(Action::KeepOwnAccount, &own, now)?;
        let entry = AuditEntry::new(by.into(), Did::IdentityUnbound, now).what(provider);
        let arguments = (by.id(), provider.to_owned(), now, [entry.seal(&*self.ids)]);
        let unbound = self.store.transaction(
            "staff.unbind_identities",
            arguments,
            |tx, (member, provider, now, entry)| {
                Box::pin(async move {
                    audit::append(tx, entry).await?;
                    unbind(tx, *member, provider, *now).await
                })
            },
        );
        unbound.await?;
        info!(staff = %by.id(), "accounts of an identity provider were taken away");
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
        let opening = Opening::Identity(self.identity_hash(subject), subject.provider.clone());
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

impl Binding {
    async fn run(&self, tx: &mut Transaction) -> Result<()> {
        // Not beside the end of the account, which would leave this bound to nobody.
        one_at_a_time(tx).await?;
        let member = staff::find(tx, self.staff).await?;
        if member.is_none_or(|member| member.ended_at.is_some()) {
            return Err(ServiceError::NotAuthenticated);
        }
        let owner = staff::claim_identity(tx, self.hash, self.staff, &self.provider, self.now);
        if owner.await? == self.staff {
            Ok(())
        } else {
            Err(ServiceError::IdentityTaken)
        }
    }
}

async fn unbind(
    tx: &mut Transaction,
    member: StaffId,
    provider: &str,
    now: Timestamp,
) -> Result<()> {
    // Two at once would each leave the other one.
    one_at_a_time(tx).await?;
    let identities = staff::identities(tx, member).await?;
    let has_another = identities.iter().any(|(other, _)| other != provider);
    if !has_another && staff::passkeys(tx, member).await?.is_empty() {
        return Err(ServiceError::LastWayIn);
    }
    Ok(staff::drop_identities(tx, member, provider, now).await?)
}
