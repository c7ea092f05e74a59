//! People: registering, declaring, reading about themselves; and how others name them.
//!
//! | file | holds |
//! |---|---|
//! | `register` | register, declare |
//! | `canonical` | what a request asks for, in one form |
//! | `status` | a person's verdict with its reasons |
//! | `records` | opening somebody's record, for a purpose and a case |
//! | `find` | the person whom an authority means |
//! | `whereabouts` | where people are, and so whose business |
//! | `reseal`, `reindex` | the vault, sealed anew under another key, and what people are found by |
//! | `months` | keys by region and month, which are destroyed when their time is over |
//! | `backup_seal` | the keys of backups |
//! | `keys`, `vault`, `seal_head`, `phones` | secrets of the installation, sealed identities, one form for each phone |

mod backup_seal;
pub(crate) mod canonical;
pub(crate) mod documents;
mod find;
pub(crate) mod keys;
mod months;
pub(crate) mod phones;
mod records;
mod register;
pub(crate) mod reindex;
mod reseal;
mod seal_head;
mod status;
mod vault;
mod whereabouts;

use std::sync::Arc;

use domain::{Clock, IdSource, Identity, PersonId};
use store::{Store, Transaction, identities};
use tracing::instrument;

pub use self::backup_seal::BackupSeal;
pub(crate) use self::find::PersonFinder;
pub use self::keys::{CredentialPurpose, Keys};
pub use self::months::{BadMonth, Month, MonthChain, MonthKeeper, MonthKeys};
pub use self::records::{PersonRecord, RecordRequest, Records, ShownIdentity};
pub use self::register::{Declaration, Declared, DeclaredStay, Registered, RegistrationRequest};
pub use self::reindex::{ReindexProgress, VaultProgress};
pub(crate) use self::seal_head::part_label;
pub use self::status::StatusReport;
pub use self::vault::{VaultError, VaultKeys};
pub(crate) use self::whereabouts::Whereabouts;
use crate::access::{Access, Operator, Resident};
use crate::accounts::Sessions;
use crate::decisions::Verdicts;
use crate::publishing::PublishedPolicies;
use crate::{Result, ServiceError, Settings};

/// What residents do and read.
pub struct People {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) sessions: Arc<Sessions>,
}

impl People {
    /// What the vault holds about the person themselves.
    ///
    /// # Errors
    /// [`ServiceError::UnknownPerson`] if they are known by their id alone;
    /// [`ServiceError::Vault`]; [`ServiceError::Store`].
    #[instrument(name = "people.own_identity", skip_all)]
    pub async fn own_identity(&self, resident: &Resident) -> Result<Identity> {
        let person = resident.person();
        let sealed = self.store.read("identities.find", person, |tx, person| {
            Box::pin(identities::find(tx, *person))
        });
        let sealed = sealed.await?.ok_or(ServiceError::UnknownPerson)?;
        Ok(self.keys.vault.open(person, &sealed)?)
    }

    /// Whether the secret of this installation opens what the vault holds, tried on one person;
    /// `None` if nobody of the first thousand has an identity.
    ///
    /// # Errors
    /// [`ServiceError::Vault`] if it does not open; [`ServiceError::Store`].
    #[instrument(name = "people.try_vault", skip_all)]
    pub async fn try_vault(&self) -> Result<Option<()>> {
        let first = self
            .store
            .read("identities.first", (), |tx, ()| Box::pin(first(tx)));
        match first.await? {
            Some((person, sealed)) => Ok(Some(self.keys.vault.open(person, &sealed).map(drop)?)),
            None => Ok(None),
        }
    }

    /// Makes people known by their ids alone, without identity and token: for records that come from
    /// another system. They are decided as anybody else.
    ///
    /// # Errors
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Store`].
    #[instrument(name = "people.import", skip_all, fields(people = people.len()))]
    pub async fn import_people(&self, _operator: &Operator, people: &[PersonId]) -> Result<()> {
        for batch in people.chunks(self.settings.people_per_batch.max(1) as usize) {
            self.verdicts.decide_again(batch).await?;
        }
        Ok(())
    }
}

/// The first person with an identity.
async fn first(
    tx: &mut Transaction,
) -> Result<Option<(PersonId, identities::SealedIdentity)>, store::StoreError> {
    for person in store::people::after(tx, None, 1000).await? {
        if let Some(sealed) = identities::find(tx, person).await? {
            return Ok(Some((person, sealed)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
