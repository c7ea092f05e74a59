//! Phones: each makes keys of its own in the browser, one for each day, that never leave it.

use credential::HolderPublicKey;
use domain::{AccountId, DeviceId, PersonId, Timestamp};
use jiff::SignedDuration;
use store::{Device, Transaction, accounts, devices, scanners, status_indexes};
use tracing::{instrument, warn};

use super::Codes;
use crate::access::Resident;
use crate::caps::Cap;
use crate::people::keys::hashed_id;
use crate::{Result, ServiceError};

/// Most keys in a batch: today's and those of the next seven days.
pub const MOST_KEYS: usize = 8;
/// What has ended is forgotten so long afterwards.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// The same while scanners record visits: they may send what was scanned a day before, and then who held a
/// place must still be known.
const FORGOTTEN_AFTER_VISITS: SignedDuration = SignedDuration::from_hours(26);
/// So many places are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u32 = 1000;

/// A key that is enrolled for a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnrolledKey {
    /// The name of phone and key: another one each day.
    pub device: DeviceId,
    /// When its day begins: from then on the phone shows codes of this key.
    pub from: Timestamp,
    /// When its last code ends, some minutes after the day.
    pub until: Timestamp,
}

impl Codes {
    /// Enrols public keys of a phone, each for a day: the first for today or `skip` days later, the
    /// next for the day after. Each is a point of P-256 as SEC1, 33 bytes compressed or 65 not. The
    /// same keys on the same days give the same answer.
    ///
    /// Nothing that a checkpoint sees of one key is seen of another (invariant 14), so the phone must
    /// draw them apart, and forget each when its day is over.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] if one is no such key, or was enrolled for another day;
    /// [`ServiceError::TooMany`] for days that lie too far ahead; [`ServiceError::TooManyPhones`];
    /// [`ServiceError::NotAuthenticated`] if the account was deleted meanwhile; [`ServiceError::Store`].
    #[instrument(name = "devices.enrol", skip_all)]
    pub async fn enrol(
        &self,
        resident: &Resident,
        public_keys: &[Vec<u8>],
        skip: usize,
    ) -> Result<Vec<EnrolledKey>> {
        let count = public_keys.len().saturating_add(skip);
        if count > MOST_KEYS {
            return Err(ServiceError::TooMany {
                field: "public_keys",
                count,
                limit: MOST_KEYS,
            });
        }
        let now = self.clock.now();
        let today = self.day_of(now);
        let person = resident.person();
        let mut asked = Vec::with_capacity(public_keys.len());
        for (place, public_key) in public_keys.iter().enumerate() {
            let key = HolderPublicKey::from_sec1(public_key);
            let key = key.map_err(|error| ServiceError::field("public_keys", error.to_string()))?;
            let public_key = key.to_bytes();
            let id = hashed_id(b"device", &[&person.to_bytes(), &public_key]);
            let day = today.later(skip + place)?;
            asked.push(Device {
                person,
                id: DeviceId::from_u128(id.as_u128()),
                public_key,
                enrolled_at: now,
                from: day.begins()?,
                until: day.ends()?,
            });
        }
        let most = self.settings.cap(Cap::Phones);
        let by = (resident.account(), resident.own);
        let arguments = (asked, by, most);
        let enrol = self
            .store
            .transaction("devices.enrol", arguments, |tx, (asked, by, most)| {
                Box::pin(enrol(tx, asked, *by, *most))
            });
        let Some(kept) = enrol.await? else {
            warn!(
                cap = Cap::Phones.name(),
                most, "a person has too many phones"
            );
            return Err(ServiceError::TooManyPhones { cap: most });
        };
        let enrolled = kept.into_iter().map(|device| EnrolledKey {
            device: device.id,
            from: device.from,
            until: device.until,
        });
        Ok(enrolled.collect())
    }

    /// Forgets keys and places in status lists that have ended; whether there are more. The places
    /// are free again, so that the lists do not grow with the days.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "codes.forget_ended", level = "debug", skip_all)]
    pub async fn forget_ended(&self) -> Result<bool> {
        let now = self.clock.now();
        let ago = |span| now.checked_sub(span).unwrap_or(Timestamp::MIN);
        let spans = (ago(FORGOTTEN_AFTER), ago(FORGOTTEN_AFTER_VISITS));
        let forgotten =
            self.store
                .transaction("codes.forget_ended", spans, |tx, (before, long_before)| {
                    Box::pin(async move {
                        devices::forget(tx, *before).await?;
                        let is_asked = scanners::is_any_recording(tx, *long_before).await?;
                        let before = if is_asked { long_before } else { before };
                        status_indexes::forget(tx, *before, FORGOTTEN_AT_ONCE).await
                    })
                });
        Ok(forgotten.await? == FORGOTTEN_AT_ONCE)
    }
}

/// Enrols keys of a person; none of them, if one cannot be. `None` if on one of the days as many other
/// phones show codes as may.
async fn enrol(
    tx: &mut Transaction,
    asked: &[Device],
    (account, own): (AccountId, PersonId),
    most: u32,
) -> Result<Option<Vec<Device>>> {
    // Two phones at once come here one after the other.
    let account = accounts::lock(tx, account).await?;
    // It may have been deleted, or bound to another person, since the request was let in.
    if account.is_none_or(|account| account.person != own) {
        return Err(ServiceError::NotAuthenticated);
    }
    let Some(person) = asked.first().map(|device| device.person) else {
        return Ok(Some(Vec::new()));
    };
    let known = devices::of(tx, person).await?;
    let are_too_many = |device: &&Device| {
        let others = known.iter().filter(|other| other.from == device.from);
        let is_known = known.iter().any(|other| other.id == device.id);
        !is_known && others.count() >= most as usize
    };
    if asked.iter().any(|device| are_too_many(&device)) {
        return Ok(None);
    }
    let mut kept = Vec::with_capacity(asked.len());
    for device in asked {
        let earlier = known.iter().find(|other| other.id == device.id);
        let is_kept = match earlier {
            Some(earlier) => earlier.from == device.from,
            // Not written if it was ended, or is asked for twice.
            None => devices::enrol(tx, device).await?,
        };
        if !is_kept {
            let why = "this key was enrolled for another day; draw a fresh one for each day";
            return Err(ServiceError::field("public_keys", why));
        }
        kept.push(earlier.unwrap_or(device).clone());
    }
    Ok(Some(kept))
}
