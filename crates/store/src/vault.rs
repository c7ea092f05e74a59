//! Identities: sealed with AES-GCM-SIV, found again only through keyed blind indexes.

use async_trait::async_trait;
use domain::PersonId;

use crate::Result;

/// An identity that only the vault's key opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedIdentity(pub Vec<u8>);

/// A keyed hash by which a document or phone is found without storing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlindIndex(pub [u8; 32]);

/// The tables of the vault.
#[async_trait]
pub trait IdentityStore: Send + Sync {
    /// The person with this document.
    async fn person_by_document(&self, document: BlindIndex) -> Result<Option<PersonId>>;
    /// The people with this phone.
    async fn people_by_phone(&self, phone: BlindIndex) -> Result<Vec<PersonId>>;
    /// A person's sealed identity.
    async fn identity(&self, person: PersonId) -> Result<Option<SealedIdentity>>;
}
