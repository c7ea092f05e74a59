//! Phones' keys, each enrolled for a day.

use domain::{DeviceId, PersonId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{DEVICE_ADD, DEVICE_END, DEVICE_FIND, DEVICES_DROP, DEVICES_END, DEVICES_OF};

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

/// Enrols a phone's key for a person; `false` if it was enrolled before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn enrol(tx: &mut Transaction, device: &Device) -> Result<bool> {
    let values = [
        device.person.into(),
        device.id.into(),
        device.public_key.into(),
        device.enrolled_at.into(),
        device.from.into(),
        device.until.into(),
    ];
    Ok(tx.execute(&DEVICE_ADD, &values).await? > 0)
}

/// A person's phone, unless it was ended.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, person: PersonId, id: DeviceId) -> Result<Option<Device>> {
    let row = tx.row(&DEVICE_FIND, &[person.into(), id.into()]).await?;
    row.as_ref().map(device).transpose()
}

/// The keys of a person's phones but those that were ended, the first enrolled first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn of(tx: &mut Transaction, person: PersonId) -> Result<Vec<Device>> {
    let rows = tx.rows(&DEVICES_OF, &[person.into()]).await?;
    rows.iter().map(device).collect()
}

/// Ends a phone for good, with every key that was enrolled together with this one; `false` if the
/// person has no such phone.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end(
    tx: &mut Transaction,
    person: PersonId,
    id: DeviceId,
    at: Timestamp,
) -> Result<bool> {
    let Some(named) = find(tx, person, id).await? else {
        return Ok(false);
    };
    // A phone enrols the keys of its next days at once: they end together.
    for device in of(tx, person).await? {
        if device.enrolled_at == named.enrolled_at {
            let values = [person.into(), device.id.into(), at.into()];
            tx.execute(&DEVICE_END, &values).await?;
        }
    }
    Ok(true)
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
        from: row.time(4)?,
        until: row.time(5)?,
    })
}

/// Forgets keys that are worth nothing since before `before`; how many.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<u64> {
    tx.execute(&DEVICES_DROP, &[before.into()]).await
}
