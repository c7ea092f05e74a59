//! What one worker of an office asked for and a second one has to agree to.

use domain::{AccountId, AuthorityId, PersonId, StaffId, Timestamp};

use crate::Result;
use crate::database::{Transaction, Value};
use crate::queries::{
    OFFICE_REQUEST_DROP, OFFICE_REQUEST_FIND, OFFICE_REQUEST_PUT, OFFICE_REQUESTS_DROP,
};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfficeRequest {
    /// With whose document.
    pub person: PersonId,
    /// On which account.
    pub account: AccountId,
    /// What, as a word.
    pub act: &'static str,
    /// The office.
    pub authority: AuthorityId,
}

/// Keeps who asked, in place of the worker who asked for the same before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put(
    tx: &mut Transaction,
    request: &OfficeRequest,
    staff: StaffId,
    at: Timestamp,
) -> Result<()> {
    let [person, account, act, authority] = key(request);
    let values = [person, account, act, authority, staff.into(), at.into()];
    tx.execute(&OFFICE_REQUEST_PUT, &values).await?;
    Ok(())
}

/// Who asked last, and when.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn asked_by(
    tx: &mut Transaction,
    request: &OfficeRequest,
) -> Result<Option<(StaffId, Timestamp)>> {
    let row = tx.row(&OFFICE_REQUEST_FIND, &key(request)).await?;
    row.map(|row| Ok((row.id(0)?, row.time(1)?))).transpose()
}

/// Forgets a request: it was agreed to. `false` if that was done before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop(tx: &mut Transaction, request: &OfficeRequest) -> Result<bool> {
    Ok(tx.execute(&OFFICE_REQUEST_DROP, &key(request)).await? > 0)
}

/// Forgets requests of before a time.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop_old(tx: &mut Transaction, before: Timestamp) -> Result<()> {
    tx.execute(&OFFICE_REQUESTS_DROP, &[before.into()]).await?;
    Ok(())
}

fn key(request: &OfficeRequest) -> [Value; 4] {
    [
        request.person.into(),
        request.account.into(),
        request.act.into(),
        request.authority.into(),
    ]
}
