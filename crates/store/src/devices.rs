//! Phones' keys, each enrolled for a day.

use domain::{DeviceId, PersonId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{DEVICE_ADD, DEVICE_FIND, DEVICES_DROP};

/// A key of a phone, enrolled for a person and a day.
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
    /// When its day begins.
    pub from: Timestamp,
    /// When it is worth nothing any more.
    pub until: Timestamp,
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
        device.from.into(),
        device.until.into(),
    ];
    tx.execute(&DEVICE_ADD, &values).await?;
    Ok(())
}

/// A person's phone.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, person: PersonId, id: DeviceId) -> Result<Option<Device>> {
    let row = tx.row(&DEVICE_FIND, &[person.into(), id.into()]).await?;
    let device = |row: Row| {
        Ok(Device {
            person: row.id(0)?,
            id: row.id(1)?,
            public_key: row.array(2)?,
            enrolled_at: row.time(3)?,
            from: row.time(4)?,
            until: row.time(5)?,
        })
    };
    row.map(device).transpose()
}

/// Forgets keys that are worth nothing since before `before`; how many.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<u64> {
    tx.execute(&DEVICES_DROP, &[before.into()]).await
}
