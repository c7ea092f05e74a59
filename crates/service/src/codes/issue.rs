//! Issuing what is shown at a checkpoint.
//!
//! An assertion's colour never outlives the verdict it was taken from: it expires when the verdict
//! next changes by itself, if that is sooner than its usual end.

use credential::{
    Assertion, Bearer, Claims, Form, HolderPublicKey, MaskedName, Serial, StatusRef, plain_code,
};
use domain::{AccountId, Colour, DeviceId, PersonId, Status, Timestamp};
use jiff::SignedDuration;
use store::{StatusIndex, Transaction, accounts, devices, status_indexes};
use tracing::instrument;

use super::Codes;
use super::revocations::KNOWLEDGE_LASTS;
use crate::access::Resident;
use crate::accounts::NO_ACCOUNT;
use crate::decisions::{CachedVerdict, HeldPhone};
use crate::{Result, ServiceError};

/// So many indexes taken in a row mean that the lists are nearly full: three quarters of their places.
const TRIES: u32 = 32;
/// A key is given an assertion so long before its day at most.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// An assertion for a day to come is renewed after so long, and up to as much again.
const RENEWED_AHEAD: SignedDuration = SignedDuration::from_hours(1);

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
    /// An assertion for a phone: for the key of today, or, ahead of time, for that of the next day, so
    /// that a phone without a network has one after midnight. Reads no database while the person's
    /// verdict, key and index are in memory.
    ///
    /// # Errors
    /// [`ServiceError::NeedsProof`]: says what to do; [`ServiceError::Undeclared`]: declare first;
    /// [`ServiceError::UnknownDevice`]: enrol fresh keys, this one is not known, its day is over or
    /// more than a day away; [`ServiceError::NoPolicy`]; [`ServiceError::Signing`];
    /// [`ServiceError::Store`].
    #[instrument(name = "codes.live", level = "debug", skip_all)]
    pub async fn live_code(&self, resident: &Resident, device: DeviceId) -> Result<IssuedCode> {
        self.check_proof(resident)?;
        let now = self.clock.now();
        let person = resident.person();
        let (verdict, held) = match self.held(person, device, now, now) {
            Some(held) => held,
            None => {
                let (key, from, until) = self.enrolled(person, device).await?;
                self.read(resident, Some(key), device, from, until).await?
            }
        };
        let key = held.key.ok_or(ServiceError::UnknownDevice)?;
        if now >= held.index.expires_at || held.from.duration_since(now) > AHEAD {
            return Err(ServiceError::UnknownDevice);
        }
        self.issue(resident, verdict, &held, Bearer::Phone(key), now)
    }

    /// A plain code, for a phone that runs no script. It can be copied, so it is short-lived, and a
    /// checkpoint asks for a document.
    ///
    /// # Errors
    /// As [`Codes::live_code`], without the phone.
    #[instrument(name = "codes.plain", level = "debug", skip_all)]
    pub async fn plain_code(&self, resident: &Resident) -> Result<IssuedCode> {
        self.bare(resident, Bearer::Plain, b"plain codes").await
    }

    /// A card to be printed, for people without a phone; with the masked name, so that a guard can
    /// compare it with a document.
    ///
    /// # Errors
    /// As [`Codes::plain_code`], and [`ServiceError::Vault`] if the identity does not open.
    #[instrument(name = "codes.card", skip_all)]
    pub async fn card(&self, resident: &Resident) -> Result<IssuedCode> {
        let name = self.masked_name(resident).await?;
        self.bare(resident, Bearer::Card { name }, b"cards").await
    }

    async fn bare(
        &self,
        resident: &Resident,
        bearer: Bearer,
        label: &'static [u8],
    ) -> Result<IssuedCode> {
        self.check_proof(resident)?;
        let now = self.clock.now();
        let person = resident.person();
        let day = self.day_of(now);
        let stand_in = day.stand_in(label, person)?;
        // What is made last on this day ends so much later.
        let last = after(day.ends()?, self.life(bearer.form()));
        let until = after(now, self.life(bearer.form()));
        let (verdict, held) = match self.held(person, stand_in, until, now) {
            Some(held) => held,
            None => {
                self.read(resident, None, stand_in, day.begins()?, last)
                    .await?
            }
        };
        self.issue(resident, verdict, &held, bearer, now)
    }

    /// How long a code of a form lives: as long as the installation chose, and no longer than any
    /// verifier takes.
    fn life(&self, form: Form) -> SignedDuration {
        let chosen = match form {
            Form::Live => self.settings.assertion_life,
            Form::Plain => self.settings.plain_life,
            Form::Card => self.settings.card_life,
        };
        chosen.min(form.longest_life())
    }

    /// Refuses an account that is proven less than the policy asks for.
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
        device: DeviceId,
        until: Timestamp,
        now: Timestamp,
    ) -> Option<(CachedVerdict, HeldPhone)> {
        let (verdict, phone) = self.verdicts.cache().with_phone(person, device, now)?;
        let index = &phone.index;
        let revoked = self.revocations.known();
        let holds = index.expires_at >= until && !revoked.contains(index.list, index.index);
        holds.then_some((verdict, phone))
    }

    /// A phone's key and its day, from the database.
    async fn enrolled(
        &self,
        person: PersonId,
        device: DeviceId,
    ) -> Result<(HolderPublicKey, Timestamp, Timestamp)> {
        let found = self
            .store
            .read("devices.find", (person, device), |tx, (person, id)| {
                Box::pin(devices::find(tx, *person, *id))
            });
        let found = found.await?.ok_or(ServiceError::UnknownDevice)?;
        // Nobody claims a place for a day that is over.
        if found.until <= self.clock.now() {
            return Err(ServiceError::UnknownDevice);
        }
        let key = HolderPublicKey::from_sec1(&found.public_key);
        let key = key.map_err(|error| ServiceError::Signing(error.to_string()))?;
        Ok((key, found.from, found.until))
    }

    /// Verdict and index from the database.
    ///
    /// The verdict is read after the index was claimed. A verdict that gets worse revokes the indexes
    /// claimed until then, so that whichever comes first, no index that holds goes with a colour that
    /// does not.
    async fn read(
        &self,
        resident: &Resident,
        key: Option<HolderPublicKey>,
        device: DeviceId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<(CachedVerdict, HeldPhone)> {
        let person = resident.person();
        let mut before = CachedVerdict::of(&self.verdicts.current(person).await?);
        loop {
            // Somebody undeclared takes up no index of a list.
            if before.status == Status::Undeclared {
                return Err(ServiceError::Undeclared);
            }
            let index = self.index(resident, device, until).await?;
            let verdict = CachedVerdict::of(&self.verdicts.current(person).await?);
            if verdict.status == before.status {
                let phone = HeldPhone {
                    device,
                    key,
                    from,
                    index,
                };
                self.verdicts.cache().hold_phone(phone.clone());
                return Ok((verdict, phone));
            }
            // The verdict changed in between and may have revoked the index.
            before = verdict;
        }
    }

    fn issue(
        &self,
        resident: &Resident,
        verdict: CachedVerdict,
        held: &HeldPhone,
        bearer: Bearer,
        now: Timestamp,
    ) -> Result<IssuedCode> {
        self.check_knowledge(now)?;
        self.trust.check_newest()?;
        let trust = self.trust.current(now);
        if !trust.own().is_valid_at(now) {
            let why = format!(
                "the issuer key {} may not sign now",
                trust.issuer_key().id()
            );
            return Err(ServiceError::Signing(why));
        }
        let form = bearer.form();
        let index = &held.index;
        let until = after(now, self.life(form)).min(index.expires_at);
        let colour = verdict.status.colour().ok_or(ServiceError::Undeclared)?;
        let expires_at = verdict
            .next_change
            .map_or(until, |change| change.min(until));
        let claims = Claims {
            serial: Serial::generate(&*self.ids),
            colour,
            issued_at: now,
            expires_at,
            status: StatusRef {
                list: index.list,
                index: index.index,
            },
            assurance: resident.assurance(),
            bearer,
        };
        let signed: Result<Assertion, _> = trust.issuer_key().sign(&claims);
        let assertion = signed.map_err(|error| ServiceError::Signing(error.to_string()))?;
        let text = (form != Form::Live).then(|| plain_code(&assertion));
        Ok(IssuedCode {
            form,
            colour,
            assertion: assertion.as_bytes().to_vec(),
            text,
            issued_at: now,
            expires_at,
            renew_at: self.renew_at(form, held.from, now).min(expires_at),
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

    /// The index for assertions of a key of a day (or of a day's plain codes or cards) until `until`:
    /// the one that there is, or a fresh one, drawn at random, so that neighbours in a list mean
    /// nothing, and claimed insert-first.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if the account was deleted, or bound to another person, since the
    /// request was let in; [`ServiceError::Signing`]; [`ServiceError::Store`].
    async fn index(
        &self,
        resident: &Resident,
        device: DeviceId,
        until: Timestamp,
    ) -> Result<StatusIndex> {
        let person = resident.person();
        // Somebody for whom an office prints a card may have no account.
        let account = (resident.account() != NO_ACCOUNT).then_some(resident.account());
        let live = self.store.read(
            "codes.live_index",
            (person, Some(device)),
            |tx, (person, device)| Box::pin(status_indexes::live(tx, *person, *device)),
        );
        let live = live.await?;
        if let Some(index) = live.filter(|index| index.expires_at >= until) {
            return Ok(index);
        }
        let claimed_at = self.clock.now();
        let size = self.settings.indexes_per_list.max(1);
        for attempt in 1..=u32::MAX {
            let newest = self.revocations.newest_list();
            let mut random = [0; 8];
            self.ids.fill(&mut random);
            let random = u64::from_be_bytes(random);
            let index = StatusIndex {
                person,
                device: Some(device),
                list: ((random >> 32) as u32) % newest.saturating_add(1),
                index: (random as u32) % size,
                claimed_at,
                expires_at: until,
            };
            let claim = self.store.transaction(
                "codes.claim_index",
                (index.clone(), account, resident.own),
                |tx, (index, account, own)| Box::pin(claim(tx, index, *account, *own)),
            );
            if claim.await? {
                return Ok(index);
            }
            if attempt.is_multiple_of(TRIES) {
                self.revocations.open_list_after(newest);
            }
        }
        Err(ServiceError::Signing(
            "every index in every status list is taken".to_owned(),
        ))
    }

    /// When to ask again. A phone without a network for a day has to have tomorrow's assertion, which
    /// is not so urgent as today's.
    fn renew_at(&self, form: Form, from: Timestamp, now: Timestamp) -> Timestamp {
        let (pause, jitter) = match form {
            Form::Live if from > now => (RENEWED_AHEAD, RENEWED_AHEAD),
            Form::Live => (self.settings.renew_after, self.settings.renew_jitter),
            Form::Plain | Form::Card => (self.life(form), SignedDuration::ZERO),
        };
        let jitter = jitter.as_secs().max(0) as u64;
        let mut random = [0; 8];
        self.ids.fill(&mut random);
        let jitter = u64::from_be_bytes(random) % (jitter + 1);
        after(after(now, pause), SignedDuration::from_secs(jitter as i64))
    }

    /// The name on a card; a star where none is known, as of somebody whose document an office saw and
    /// who has no account, or where it cannot be masked so short.
    async fn masked_name(&self, resident: &Resident) -> Result<MaskedName> {
        let masked = match self.people.own_identity(resident).await {
            Ok(identity) => MaskedName::mask(identity.name.expose()),
            Err(ServiceError::UnknownPerson) => MaskedName::new("*"),
            Err(error) => return Err(error),
        };
        masked
            .or_else(|_| MaskedName::new("*"))
            .map_err(|error| ServiceError::Signing(error.to_string()))
    }
}

fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Claims an index for the person of an account; `false` if somebody else has it. Deleting an account
/// waits for this, or is seen here.
async fn claim(
    tx: &mut Transaction,
    index: &StatusIndex,
    account: Option<AccountId>,
    own: PersonId,
) -> Result<bool> {
    let is_claimed = status_indexes::claim(tx, index).await?;
    if let Some(account) = account {
        let account = accounts::find(tx, account).await?;
        if account.is_none_or(|account| account.person != own) {
            return Err(ServiceError::NotAuthenticated);
        }
    }
    Ok(is_claimed)
}
