//! Issuing what is shown at a checkpoint.
//!
//! An assertion's colour never outlives the verdict it was taken from: it expires when the verdict
//! next changes by itself, if that is sooner than its usual end.

use credential::{
    Assertion, Bearer, Claims, Form, HolderPublicKey, MaskedName, Serial, StatusRef, plain_code,
};
use domain::{Colour, DeviceId, PersonId, Status, Timestamp};
use jiff::SignedDuration;
use store::Slot;
use tracing::instrument;

use crate::access::Resident;
use crate::service::Service;
use crate::standings::{HeldPhone, Standing};
use crate::{Result, ServiceError};

/// A code that was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCode {
    /// How it is to be shown.
    pub form: Form,
    /// The colour in it.
    pub colour: Colour,
    /// The signed assertion. A phone adds its own signature over the time and shows both.
    pub assertion: Vec<u8>,
    /// The text to draw as QR code of a plain code or card; a live code's text is made on the phone.
    pub text: Option<String>,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// When it no longer holds.
    pub expires_at: Timestamp,
    /// When to ask for the next one. Differs from phone to phone.
    pub renew_at: Timestamp,
}

impl Service {
    /// An assertion for a phone. Reads no database while the person's verdict, phone and slot are in
    /// memory.
    ///
    /// # Errors
    /// [`ServiceError::Undeclared`]: declare first; [`ServiceError::UnknownDevice`]: enrol first;
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Signing`]; [`ServiceError::Store`].
    #[instrument(name = "codes.live", level = "debug", skip_all)]
    pub async fn live_code(&self, resident: &Resident, device: DeviceId) -> Result<IssuedCode> {
        let now = self.clock.now();
        let person = resident.person();
        let until = after(now, self.settings.assertion_life);
        let (standing, phone) = match self.held(person, Some(device), until, now) {
            Some(held) => held,
            None => self.read(person, Some(device), until).await?,
        };
        let key = phone.key.ok_or(ServiceError::UnknownDevice)?;
        self.issue(standing, &phone.slot, Bearer::Phone(key), until, now)
    }

    /// A plain code, for a phone that runs no script. It can be copied, so it is short-lived.
    ///
    /// # Errors
    /// As [`Service::live_code`], without the phone.
    #[instrument(name = "codes.plain", level = "debug", skip_all)]
    pub async fn plain_code(&self, resident: &Resident) -> Result<IssuedCode> {
        self.bare(resident, Bearer::Plain, self.settings.plain_life)
            .await
    }

    /// A card to be printed, for people without a phone; with the masked name, if they want it, so
    /// that a guard can compare it with a document.
    ///
    /// # Errors
    /// As [`Service::plain_code`], and [`ServiceError::Vault`] if the identity does not open.
    #[instrument(name = "codes.card", skip_all)]
    pub async fn card(&self, resident: &Resident, with_name: bool) -> Result<IssuedCode> {
        let name = if with_name {
            self.masked_name(resident).await?
        } else {
            None
        };
        self.bare(resident, Bearer::Card { name }, self.settings.card_life)
            .await
    }

    async fn bare(
        &self,
        resident: &Resident,
        bearer: Bearer,
        life: SignedDuration,
    ) -> Result<IssuedCode> {
        let now = self.clock.now();
        let person = resident.person();
        let until = after(now, life);
        let (standing, held) = match self.held(person, None, until, now) {
            Some(held) => held,
            None => self.read(person, None, until).await?,
        };
        self.issue(standing, &held.slot, bearer, until, now)
    }

    /// Verdict and slot from memory, if both are there and the slot holds until `until`.
    fn held(
        &self,
        person: PersonId,
        device: Option<DeviceId>,
        until: Timestamp,
        now: Timestamp,
    ) -> Option<(Standing, HeldPhone)> {
        let (standing, phone) = self.standings.with_phone(person, device, now)?;
        let slot = &phone.slot;
        let holds = slot.expires_at >= until && !self.revoked().contains(slot.list, slot.index);
        holds.then_some((standing, phone))
    }

    /// Verdict and slot from the database.
    ///
    /// The verdict is read after the slot was claimed. A verdict that gets worse revokes the slots
    /// claimed until then, so that whichever comes first, no slot that holds goes with a colour that
    /// does not.
    async fn read(
        &self,
        person: PersonId,
        device: Option<DeviceId>,
        until: Timestamp,
    ) -> Result<(Standing, HeldPhone)> {
        let key = match device {
            None => None,
            Some(device) => {
                let found = self.store.device(person, device).await?;
                let found = found.ok_or(ServiceError::UnknownDevice)?;
                let key = HolderPublicKey::from_sec1(&found.public_key);
                Some(key.map_err(|error| ServiceError::Signing(error.to_string()))?)
            }
        };
        let mut before = Standing::of(&self.current(person).await?);
        loop {
            // Nobody undeclared takes up a place in a list.
            if before.status == Status::Undeclared {
                return Err(ServiceError::Undeclared);
            }
            let slot = self.slot(person, device, until).await?;
            let standing = Standing::of(&self.current(person).await?);
            if standing.status == before.status {
                let phone = HeldPhone { device, key, slot };
                self.standings.hold_phone(phone.clone());
                return Ok((standing, phone));
            }
            // The verdict changed in between and may have revoked the slot.
            before = standing;
        }
    }

    fn issue(
        &self,
        standing: Standing,
        slot: &Slot,
        bearer: Bearer,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<IssuedCode> {
        let colour = standing.status.colour().ok_or(ServiceError::Undeclared)?;
        let expires_at = standing
            .next_change
            .map_or(until, |change| change.min(until));
        let form = match bearer {
            Bearer::Phone(_) => Form::Live,
            Bearer::Plain => Form::Plain,
            Bearer::Card { .. } => Form::Card,
        };
        let claims = Claims {
            serial: Serial::generate(&*self.ids),
            colour,
            issued_at: now,
            expires_at,
            status: StatusRef {
                list: slot.list,
                index: slot.index,
            },
            bearer,
        };
        let signed: Result<Assertion, _> = self.trust.issuer_key().sign(&claims);
        let assertion = signed.map_err(|error| ServiceError::Signing(error.to_string()))?;
        let text = (form != Form::Live).then(|| plain_code(&assertion));
        Ok(IssuedCode {
            form,
            colour,
            assertion: assertion.as_bytes().to_vec(),
            text,
            issued_at: now,
            expires_at,
            renew_at: self.renew_at(form, now).min(expires_at),
        })
    }

    fn renew_at(&self, form: Form, now: Timestamp) -> Timestamp {
        match form {
            Form::Live => {
                let jitter = self.settings.renew_jitter.as_secs().max(0) as u64;
                let mut random = [0; 8];
                self.ids.fill(&mut random);
                let jitter = u64::from_be_bytes(random) % (jitter + 1);
                let jitter = SignedDuration::from_secs(jitter as i64);
                after(after(now, self.settings.renew_after), jitter)
            }
            Form::Plain => after(now, self.settings.plain_life),
            Form::Card => after(now, self.settings.card_life),
        }
    }

    async fn masked_name(&self, resident: &Resident) -> Result<Option<MaskedName>> {
        let identity = self.own_identity(resident).await?;
        Ok(MaskedName::mask(identity.name.expose()).ok())
    }
}

fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
