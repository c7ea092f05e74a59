//! What a provider proved, and who takes it from there.

use async_trait::async_trait;
use domain::{Document, Pii, Timestamp};

use crate::Result;
use crate::access::Token;
use crate::staff::Invitation;

/// An account at a provider that somebody has just signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenSubject {
    /// The key of the provider in the configuration.
    pub provider: String,
    /// The provider's address.
    pub issuer: String,
    /// What the provider calls the account; never changes, and is unique at this issuer only.
    pub subject: Pii<String>,
    /// The authentication context that the provider asserts.
    pub acr: Option<String>,
    /// When the person last proved themselves to the provider, if it says so.
    pub authenticated_at: Option<Timestamp>,
}

/// A resident whose document a provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenIdentity {
    /// The account at the provider.
    pub by: ProvenSubject,
    /// The name as in the document.
    pub name: Pii<String>,
    /// The document.
    pub document: Document,
    /// A telephone number that the provider has checked, if it gave one.
    pub phone: Option<Pii<String>>,
}

/// Who came back from a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proven {
    /// A resident.
    Resident(ProvenIdentity),
    /// Somebody who may be a staff member.
    Staff(ProvenSubject),
    /// A staff member who is signed in already, and wants to sign in with this account from now on.
    ToBind(ProvenSubject),
    /// Somebody who takes up an invitation, and signs in with this account from now on.
    ToJoin(ProvenSubject, Invitation),
}

/// Whether a proven person comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// A session for this browser.
    Open(Token),
    /// No account here is bound to this account of the provider.
    NobodyBound,
    /// Another account is bound to the document by another proof, or to this account of the provider.
    BoundElsewhere,
}

/// Takes proven people in. The rooms of residents and of staff stand behind it.
///
/// `here` is the session of that kind that the browser held when it went, checked by nobody yet;
/// `label` is what the person knows the browser by, `language` the tag of its language.
#[async_trait]
pub trait ProvenSignIns: Send + Sync {
    /// A resident is proven: their account is `seen`, bound to the document's person, and signed in.
    ///
    /// # Errors
    /// [`crate::ServiceError`] if they cannot be; then nothing has changed.
    async fn resident_proven(
        &self,
        identity: ProvenIdentity,
        here: Option<Token>,
        label: Option<String>,
        language: &str,
    ) -> Result<Entrance>;

    /// A staff member, who is signed in if an account is bound to this issuer and subject. The session
    /// that they held ends.
    ///
    /// # Errors
    /// [`crate::ServiceError`] if they cannot be; then nothing has changed.
    async fn staff_proven(&self, subject: ProvenSubject, here: Option<Token>) -> Result<Entrance>;

    /// Somebody becomes a staff member, whose account issuer and subject open from now on.
    ///
    /// # Errors
    /// [`crate::ServiceError`] if the invitation does not work, or another account is bound to them;
    /// then nothing has changed.
    async fn staff_joins(&self, subject: ProvenSubject, invitation: Invitation)
    -> Result<Entrance>;

    /// Binds issuer and subject to the staff account that is signed in here, which stays so.
    ///
    /// # Errors
    /// [`crate::ServiceError`] if nobody is, not lately enough, or another account is bound to it; then
    /// nothing has changed.
    async fn staff_bound(&self, subject: ProvenSubject, here: Option<Token>) -> Result<Entrance>;
}
