//! Phones whose key is enrolled.

use domain::{DeviceId, PersonId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{DEVICE_ADD, DEVICE_END, DEVICE_FIND, DEVICES_END, DEVICES_OF};

/// A phone enrolled for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Whose.
    pub person: PersonId,
    /// Its identifier.
    pub id: DeviceId,
    /// P-256 public key, SEC1 compressed, 33 bytes.
    pub public_key: [u8; 33],
    /// When.
    pub enrolled_at: Timestamp,
}

/// Enrols a phone's key for a person.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn enrol(tx: &mut Transaction, device: &Device) -> Result<()> {
    let values = [
        device.person.into(),
        device.id.into(),
        device.public_key.into(),
        device.enrolled_at.into(),
    ];
    tx.execute(&DEVICE_ADD, &values).await?;
    Ok(())
}

/// A person's phone, unless it was ended.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, person: PersonId, id: DeviceId) -> Result<Option<Device>> {
    let row = tx.row(&DEVICE_FIND, &[person.into(), id.into()]).await?;
    row.as_ref().map(device).transpose()
}

/// A person's phones but those that were ended, the first enrolled first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(tx: &mut Transaction, person: PersonId) -> Result<Vec<Device>> {
    let rows = tx.rows(&DEVICES_OF, &[person.into()]).await?;
    rows.iter().map(device).collect()
}

/// Ends a phone for good; `false` if the person has no such phone.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end(
    tx: &mut Transaction,
    person: PersonId,
    id: DeviceId,
    at: Timestamp,
) -> Result<bool> {
    let values = [person.into(), id.into(), at.into()];
    Ok(tx.execute(&DEVICE_END, &values).await? > 0)
}

/// Ends all phones of a person for good.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end_all(tx: &mut Transaction, person: PersonId, at: Timestamp) -> Result<()> {
    tx.execute(&DEVICES_END, &[person.into(), at.into()])
        .await?;
    Ok(())
}

fn device(row: &Row) -> Result<Device> {
    Ok(Device {
        person: row.id(0)?,
        id: row.id(1)?,
        public_key: row.array(2)?,
        enrolled_at: row.time(3)?,
    })
}
