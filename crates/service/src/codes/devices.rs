//! Phones: each has a key of its own, made in the browser, that never leaves it.

use credential::HolderPublicKey;
use domain::DeviceId;
use store::{Device, devices};
use tracing::instrument;

use super::Codes;
use crate::access::Resident;
use crate::people::keys::hashed_id;
use crate::{Result, ServiceError};

impl Codes {
    /// Enrols a phone's public key: a point of P-256 as SEC1, 33 bytes compressed or 65 not. The
    /// same key for the same person gives the same device.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] if the bytes are no such key; [`ServiceError::Store`].
    #[instrument(name = "devices.enrol", skip_all)]
    pub async fn enrol(&self, resident: &Resident, public_key: &[u8]) -> Result<DeviceId> {
        let key = HolderPublicKey::from_sec1(public_key);
        let key = key.map_err(|error| ServiceError::field("public_key", error.to_string()))?;
        let person = resident.person();
        let public_key = key.to_bytes();
        let id = hashed_id(b"device", &[&person.to_bytes(), &public_key]);
        let id = DeviceId::from_u128(id.as_u128());
        let device = Device {
            person,
            id,
            public_key,
            enrolled_at: self.clock.now(),
        };
        let enrol = self
            .store
            .transaction("devices.enrol", device, |tx, device| {
                Box::pin(devices::enrol(tx, device))
            });
        enrol.await?;
        Ok(id)
    }
}
