//! Phones, and the places of their assertions in the status lists.

use domain::{DeviceId, PersonId, Timestamp};

use crate::database::{Row, Session, Value};
use crate::queries::{
    DEVICE_ADD, DEVICE_FIND, PERSON_TOUCH, SLOT_CLAIM, SLOT_HOLDER, SLOT_NEWEST, SLOT_PUT,
    SLOTS_REVOKE, SLOTS_REVOKED, SLOTS_REVOKED_SINCE,
};
use crate::{Device, Result, RevokedSlot, Since, Slot};

pub(super) async fn enrol_device(session: &mut Session, device: &Device) -> Result<()> {
    let values = [
        device.person.into(),
        device.id.into(),
        device.public_key.into(),
        device.enrolled_at.into(),
    ];
    session.execute(&DEVICE_ADD, &values).await?;
    Ok(())
}

pub(super) async fn device(
    session: &mut Session,
    person: PersonId,
    id: DeviceId,
) -> Result<Option<Device>> {
    let row = session
        .row(&DEVICE_FIND, &[person.into(), id.into()])
        .await?;
    let device = |row: Row| {
        Ok(Device {
            person: row.id(0)?,
            id: row.id(1)?,
            public_key: row.array(2)?,
            enrolled_at: row.time(3)?,
        })
    };
    row.map(device).transpose()
}

pub(super) async fn claim(session: &mut Session, slot: &Slot) -> Result<bool> {
    // Waits for a verdict that is being written about this person, or makes it wait: either the
    // verdict sees the slot and can revoke it, or whoever claims it sees the verdict.
    session
        .one_row(&PERSON_TOUCH, &[slot.person.into()])
        .await?;
    let place = [slot.list.into(), slot.index.into()];
    let claim = [slot.list.into(), slot.index.into(), slot.person.into()];
    if session.execute(&SLOT_CLAIM, &claim).await? == 0 {
        let holder: PersonId = session.one_row(&SLOT_HOLDER, &place).await?.id(0)?;
        if holder != slot.person {
            return Ok(false);
        }
    }
    let values = [
        slot.person.into(),
        slot.list.into(),
        slot.index.into(),
        slot.device.into(),
        slot.claimed_at.into(),
        slot.expires_at.into(),
    ];
    Ok(session.execute(&SLOT_PUT, &values).await? > 0)
}

pub(super) async fn live(
    session: &mut Session,
    person: PersonId,
    device: Option<DeviceId>,
) -> Result<Option<Slot>> {
    let row = session
        .row(&SLOT_NEWEST, &[person.into(), device.into()])
        .await?;
    let slot = |row: Row| {
        Ok(Slot {
            person: row.id(0)?,
            device: row.id_or_null(1)?,
            list: row.number(2)?,
            index: row.number(3)?,
            claimed_at: row.time(4)?,
            expires_at: row.time(5)?,
        })
    };
    row.map(slot).transpose()
}

/// Revokes every slot of a person that has not expired.
pub(super) async fn revoke_all(
    session: &mut Session,
    person: PersonId,
    now: Timestamp,
) -> Result<()> {
    session
        .execute(&SLOTS_REVOKE, &[person.into(), now.into()])
        .await?;
    Ok(())
}

pub(super) async fn revoked(session: &mut Session, now: Timestamp) -> Result<Vec<RevokedSlot>> {
    let rows = session.rows(&SLOTS_REVOKED, &[now.into()]).await?;
    rows.iter().map(read_revoked).collect()
}

pub(super) async fn revoked_since(
    session: &mut Session,
    since: Since<(u32, u32)>,
    limit: u32,
) -> Result<Vec<RevokedSlot>> {
    let before_all = (Value::from(-1_i64), Value::from(-1_i64));
    let (list, index) = since
        .after
        .map_or(before_all, |(list, index)| (list.into(), index.into()));
    let values = [since.at.into(), list, index, limit.into()];
    let rows = session.rows(&SLOTS_REVOKED_SINCE, &values).await?;
    rows.iter().map(read_revoked).collect()
}

fn read_revoked(row: &Row) -> Result<RevokedSlot> {
    Ok(RevokedSlot {
        list: row.number(0)?,
        index: row.number(1)?,
        revoked_at: row.time(2)?,
        expires_at: row.time(3)?,
    })
}
