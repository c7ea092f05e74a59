//! The vault's tables.

use async_trait::async_trait;
use domain::PersonId;

use super::SqlStore;
use crate::Result;
use crate::database::Session;
use crate::queries::{
    DOCUMENT_CLAIM, DOCUMENT_FIND, IDENTITY_FIND, IDENTITY_PUT, PHONE_ADD, PHONE_FIND,
};
use crate::vault::{BlindIndex, IdentityStore, SealedIdentity};

#[async_trait]
impl IdentityStore for SqlStore {
    async fn person_by_document(&self, document: BlindIndex) -> Result<Option<PersonId>> {
        let mut session = self.database.reader().await?;
        let row = session.row(&DOCUMENT_FIND, &[document.0.into()]).await?;
        row.map(|row| row.id(0)).transpose()
    }

    async fn people_by_phone(&self, phone: BlindIndex) -> Result<Vec<PersonId>> {
        let mut session = self.database.reader().await?;
        let rows = session.rows(&PHONE_FIND, &[phone.0.into()]).await?;
        rows.iter().map(|row| row.id(0)).collect()
    }

    async fn identity(&self, person: PersonId) -> Result<Option<SealedIdentity>> {
        let mut session = self.database.reader().await?;
        let row = session.row(&IDENTITY_FIND, &[person.into()]).await?;
        row.map(|row| row.bytes(0).map(SealedIdentity)).transpose()
    }
}

/// Claims a document; `false` if it is registered.
pub(super) async fn claim_document(
    session: &mut Session,
    document: BlindIndex,
    person: PersonId,
) -> Result<bool> {
    Ok(session
        .execute(&DOCUMENT_CLAIM, &[document.0.into(), person.into()])
        .await?
        > 0)
}

/// Keeps the sealed identity of a new person, and what their phones are found by.
pub(super) async fn put(
    session: &mut Session,
    person: PersonId,
    identity: &SealedIdentity,
    phones: &[BlindIndex],
) -> Result<()> {
    session
        .execute(
            &IDENTITY_PUT,
            &[person.into(), identity.0.as_slice().into()],
        )
        .await?;
    for phone in phones {
        session
            .execute(&PHONE_ADD, &[phone.0.into(), person.into()])
            .await?;
    }
    Ok(())
}
