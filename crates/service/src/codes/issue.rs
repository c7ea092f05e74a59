//! Issuing what is shown at a checkpoint.
//!
//! An assertion's colour never outlives the verdict it was taken from: it expires when the verdict
//! next changes by itself, if that is sooner than its usual end.

use credential::{
    Assertion, Bearer, Claims, Form, HolderPublicKey, MaskedName, Serial, StatusRef, plain_code,
};
use domain::{Colour, DeviceId, PersonId, Status, Timestamp};
use jiff::SignedDuration;
use store::{StatusIndex, devices, status_indexes};
use tracing::instrument;

use super::Codes;
use super::revocations::KNOWLEDGE_LASTS;
use crate::access::Resident;
use crate::decisions::{CachedVerdict, HeldPhone};
use crate::{Result, ServiceError};

/// So many indexes taken in a row mean that the list is nearly full.
const TRIES_PER_LIST: u32 = 8;

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

impl Codes {
    /// An assertion for a phone. Reads no database while the person's verdict, phone and index are in
    /// memory.
    ///
    /// # Errors
    /// [`ServiceError::NeedsProof`]: says what to do; [`ServiceError::Undeclared`]: declare first;
    /// [`ServiceError::UnknownDevice`]: enrol first;
    /// [`ServiceError::NoPolicy`]; [`ServiceError::Signing`]; [`ServiceError::Store`].
    #[instrument(name = "codes.live", level = "debug", skip_all)]
    pub async fn live_code(&self, resident: &Resident, device: DeviceId) -> Result<IssuedCode> {
        self.check_proof(resident)?;
        let now = self.clock.now();
        let person = resident.person();
        let until = after(now, self.settings.assertion_life);
        let (verdict, phone) = match self.held(person, Some(device), until, now) {
            Some(held) => held,
            None => self.read(person, Some(device), until).await?,
        };
        let key = phone.key.ok_or(ServiceError::UnknownDevice)?;
        self.issue(verdict, &phone.index, Bearer::Phone(key), until, now)
    }

    /// A plain code, for a phone that runs no script. It can be copied, so it is short-lived.
    ///
    /// # Errors
    /// As [`Codes::live_code`], without the phone.
    #[instrument(name = "codes.plain", level = "debug", skip_all)]
    pub async fn plain_code(&self, resident: &Resident) -> Result<IssuedCode> {
        self.bare(resident, Bearer::Plain, self.settings.plain_life)
            .await
    }

    /// A card to be printed, for people without a phone; with the masked name, if they want it, so
    /// that a guard can compare it with a document.
    ///
    /// # Errors
    /// As [`Codes::plain_code`], and [`ServiceError::Vault`] if the identity does not open.
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
        self.check_proof(resident)?;
        let now = self.clock.now();
        let person = resident.person();
        let until = after(now, life);
        let (verdict, held) = match self.held(person, None, until, now) {
            Some(held) => held,
            None => self.read(person, None, until).await?,
        };
        self.issue(verdict, &held.index, bearer, until, now)
    }

    /// Refuses whoever is proven less than the policy asks for.
    fn check_proof(&self, resident: &Resident) -> Result<()> {
        let (needs, has) = (
            self.policies.active()?.policy.code().needs,
            resident.assurance(),
        );
        if has < needs {
            return Err(ServiceError::NeedsProof { needs, has });
        }
        Ok(())
    }

    /// Verdict and index from memory, if both are there and the index holds until `until`.
    fn held(
        &self,
        person: PersonId,
        device: Option<DeviceId>,
        until: Timestamp,
        now: Timestamp,
    ) -> Option<(CachedVerdict, HeldPhone)> {
        let (verdict, phone) = self.verdicts.cache().with_phone(person, device, now)?;
        let index = &phone.index;
        let revoked = self.revocations.known();
        let holds = index.expires_at >= until && !revoked.contains(index.list, index.index);
        holds.then_some((verdict, phone))
    }

    /// Verdict and index from the database.
    ///
    /// The verdict is read after the index was claimed. A verdict that gets worse revokes the indexes
    /// claimed until then, so that whichever comes first, no index that holds goes with a colour that
    /// does not.
    async fn read(
        &self,
        person: PersonId,
        device: Option<DeviceId>,
        until: Timestamp,
    ) -> Result<(CachedVerdict, HeldPhone)> {
        let key = match device {
            None => None,
            Some(device) => {
                let found =
                    self.store
                        .read("devices.find", (person, device), |tx, (person, id)| {
                            Box::pin(devices::find(tx, *person, *id))
                        });
                let found = found.await?.ok_or(ServiceError::UnknownDevice)?;
                let key = HolderPublicKey::from_sec1(&found.public_key);
                Some(key.map_err(|error| ServiceError::Signing(error.to_string()))?)
            }
        };
        let mut before = CachedVerdict::of(&self.verdicts.current(person).await?);
        loop {
            // Somebody undeclared takes up no index of a list.
            if before.status == Status::Undeclared {
                return Err(ServiceError::Undeclared);
            }
            let index = self.index(person, device, until).await?;
            let verdict = CachedVerdict::of(&self.verdicts.current(person).await?);
            if verdict.status == before.status {
                let phone = HeldPhone { device, key, index };
                self.verdicts.cache().hold_phone(phone.clone());
                return Ok((verdict, phone));
            }
            // The verdict changed in between and may have revoked the index.
            before = verdict;
        }
    }

    fn issue(
        &self,
        verdict: CachedVerdict,
        index: &StatusIndex,
        bearer: Bearer,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<IssuedCode> {
        self.check_knowledge(now)?;
        let colour = verdict.status.colour().ok_or(ServiceError::Undeclared)?;
        let expires_at = verdict
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
                list: index.list,
                index: index.index,
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

    /// Refuses to sign once this node could not read for so long that it may not know of restrictions
    /// that other nodes acknowledged (invariant 7).
    fn check_knowledge(&self, now: Timestamp) -> Result<()> {
        let age = self.revocations.known().age(now);
        if age.is_some_and(|age| age <= KNOWLEDGE_LASTS) {
            return Ok(());
        }
        Err(ServiceError::CutOff)
    }

    /// The index for assertions of a phone (or of plain codes and cards) that live until
    /// `at_least_until`: the newest one that holds so long, or a fresh one, drawn at random, so that
    /// neighbours in a list mean nothing, and claimed insert-first.
    async fn index(
        &self,
        person: PersonId,
        device: Option<DeviceId>,
        at_least_until: Timestamp,
    ) -> Result<StatusIndex> {
        let live = self.store.read(
            "codes.live_index",
            (person, device),
            |tx, (person, device)| Box::pin(status_indexes::live(tx, *person, *device)),
        );
        let live = live.await?;
        if let Some(index) = live.filter(|index| index.expires_at >= at_least_until) {
            return Ok(index);
        }
        let claimed_at = self.clock.now();
        let life = claimed_at
            .checked_add(self.settings.slot_life)
            .unwrap_or(at_least_until);
        let expires_at = life.max(at_least_until);
        let size = self.settings.slots_per_list.max(1);
        for attempt in 1..=u32::MAX {
            let list = self.revocations.filling();
            let mut random = [0; 4];
            self.ids.fill(&mut random);
            let index = StatusIndex {
                person,
                device,
                list,
                index: u32::from_be_bytes(random) % size,
                claimed_at,
                expires_at,
            };
            let claim = self
                .store
                .transaction("codes.claim_index", index.clone(), |tx, index| {
                    Box::pin(status_indexes::claim(tx, index))
                });
            if claim.await? {
                return Ok(index);
            }
            if attempt.is_multiple_of(TRIES_PER_LIST) {
                self.revocations.fill_next_after(list);
            }
        }
        Err(ServiceError::Signing(
            "every index in every status list is taken".to_owned(),
        ))
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
        let identity = self.people.own_identity(resident).await?;
        Ok(MaskedName::mask(identity.name.expose()).ok())
    }
}

fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
