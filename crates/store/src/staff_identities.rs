//! Accounts at identity providers that open the accounts of staff members.

use domain::{StaffId, Timestamp};

use crate::Result;
use crate::database::Transaction;
use crate::queries::{STAFF_IDENTITY_CLAIM, STAFF_IDENTITY_FIND};

/// Binds an account of a provider to a staff member, unless it is bound; whose it is now.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn claim(
    tx: &mut Transaction,
    identity: [u8; 32],
    staff: StaffId,
    at: Timestamp,
) -> Result<StaffId> {
    let values = [identity.into(), staff.into(), at.into()];
    tx.execute(&STAFF_IDENTITY_CLAIM, &values).await?;
    Ok(find(tx, identity).await?.unwrap_or(staff))
}

/// The staff member to whom an account of a provider is bound.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, identity: [u8; 32]) -> Result<Option<StaffId>> {
    let row = tx.row(&STAFF_IDENTITY_FIND, &[identity.into()]).await?;
    row.map(|row| row.id(0)).transpose()
}
