//! Passkeys: a key pair in somebody's device, unlocked by its owner, for this site alone (WebAuthn
//! level 3, section 7). The public half is kept here.
//!
//! A question is 256 random bits, kept as a keyed hash until it is answered, once and within five
//! minutes. What is taken: ES256, which every device can; with the owner's finger, face or code (user
//! verification), since nothing else is asked for at a sign-in. Attestation is not asked for: an
//! invitation says whose device it is, its maker is nobody's business.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::StaffId;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::staff;
use tracing::{info, instrument};

use super::StaffAccounts;
use super::invitations::{Invitation, Opening};
use super::sessions::StaffProof;
use crate::access::Token;
use crate::people::CredentialPurpose;
use crate::{Result, ServiceError};

/// How long a question waits for its answer.
const QUESTION_LASTS: SignedDuration = SignedDuration::from_mins(5);
/// What stands before the 65 bytes of a P-256 key in a `SubjectPublicKeyInfo`.
const P256_INFO: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// Bits of the authenticator data: the user was there, and was recognised.
const PRESENT_AND_VERIFIED: u8 = 0b101;

/// What a browser asks a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyQuestion {
    /// What the device signs, 64 hexadecimal digits.
    pub challenge: String,
    /// For which site: a host name.
    pub site: String,
    /// Whose account a new passkey is for, as 32 hexadecimal digits, and the name to show.
    pub account: Option<(StaffId, String)>,
}

/// A new passkey, as a browser hands it over.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    /// The identifier that the device gave it.
    pub credential: Vec<u8>,
    /// What the browser says that it did, as JSON.
    pub client_data: Vec<u8>,
    /// What the device says about itself.
    pub authenticator_data: Vec<u8>,
    /// The public key as a `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
}

/// An answer of a passkey, as a browser hands it over.
#[derive(Clone, Debug)]
pub struct PasskeyAnswer {
    /// Whose passkey it says it is.
    pub account: StaffId,
    /// Its identifier.
    pub credential: Vec<u8>,
    /// What the browser says that it did, as JSON.
    pub client_data: Vec<u8>,
    /// What the device says about itself.
    pub authenticator_data: Vec<u8>,
    /// Over both.
    pub signature: Vec<u8>,
}

/// A passkey, as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    credential: String,
    /// The 65 bytes of the point, in base64url.
    key: String,
    counter: u32,
}

/// What a browser says that it did.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    is_cross_origin: bool,
}

impl StaffAccounts {
    /// Whether passkeys can be used here: the installation knows its own address.
    pub fn has_passkeys(&self) -> bool {
        self.settings.origin.is_some()
    }

    /// Asks the holder of an invitation for a new passkey.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if the invitation does not work;
    /// [`ServiceError::NoPasskeys`]; [`ServiceError::Store`].
    #[instrument(name = "passkeys.ask_new", skip_all)]
    pub async fn ask_new_passkey(&self, invitation: &Invitation) -> Result<PasskeyQuestion> {
        let invited = self.invitation(invitation).await?;
        let account = (invited.grant.id, invited.grant.name);
        self.ask(Some(account)).await
    }

    /// Asks for a passkey that there is.
    ///
    /// # Errors
    /// [`ServiceError::NoPasskeys`]; [`ServiceError::Store`].
    #[instrument(name = "passkeys.ask", skip_all)]
    pub async fn ask_passkey(&self) -> Result<PasskeyQuestion> {
        self.ask(None).await
    }

    /// Takes up an invitation with a new passkey, and signs its owner in; the token of the session.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`] if the invitation does not work or the answer is not to a
    /// question of this site; [`ServiceError::NeedsTwoPersons`]; [`ServiceError::NameTaken`];
    /// [`ServiceError::NoPasskeys`]; [`ServiceError::Store`].
    #[instrument(name = "passkeys.register", skip_all)]
    pub async fn register_passkey(
        &self,
        invitation: &Invitation,
        new: NewPasskey,
    ) -> Result<Token> {
        let counter = self
            .check_answer(&new.client_data, "webauthn.create", &new.authenticator_data)
            .await?;
        let point = new.public_key.strip_prefix(&P256_INFO);
        let point = point.filter(|point| point.len() == 65 && point[0] == 4);
        let point = point.ok_or(ServiceError::NotAuthenticated)?;
        if new.credential.is_empty() || new.credential.len() > 1023 {
            return Err(ServiceError::NotAuthenticated);
        }
        let kept = Kept {
            credential: BASE64_URL_SAFE_NO_PAD.encode(&new.credential),
            key: BASE64_URL_SAFE_NO_PAD.encode(point),
            counter,
        };
        let opening = Opening::Passkey(new.credential, json(&kept)?);
        let id = self.take_up(invitation, opening).await?;
        self.sign_in_as(id, StaffProof::Passkey).await
    }

    /// Signs in the staff member whose passkey answered; the token of the session.
    ///
    /// # Errors
    /// [`ServiceError::NotAuthenticated`], whatever is wrong with the answer;
    /// [`ServiceError::NoPasskeys`]; [`ServiceError::Store`].
    #[instrument(name = "passkeys.sign_in", skip_all)]
    pub async fn sign_in_with_passkey(&self, answer: PasskeyAnswer) -> Result<Token> {
        let account = answer.account;
        let signed_in = match self.verify(answer).await {
            Ok(()) => self.sign_in_as(account, StaffProof::Passkey).await,
            Err(error) => Err(error),
        };
        if matches!(signed_in, Err(ServiceError::NotAuthenticated)) {
            self.note_refused(account).await?;
        }
        signed_in
    }

    /// Notes that the holder of a session showed a passkey of theirs again.
    ///
    /// # Errors
    /// As [`Self::sign_in_with_passkey`]; also if the passkey is somebody else's.
    #[instrument(name = "passkeys.step_up", skip_all)]
    pub async fn step_up_with_passkey(&self, session: &Token, answer: PasskeyAnswer) -> Result<()> {
        let staff = self.access.staff(session).await?;
        if staff.id() != answer.account {
            return Err(ServiceError::NotAuthenticated);
        }
        self.verify(answer).await?;
        self.step_up(session, StaffProof::Passkey).await
    }

    async fn ask(&self, account: Option<(StaffId, String)>) -> Result<PasskeyQuestion> {
        let site = site_of(self.origin()?).to_owned();
        let challenge = Token::generate(&*self.ids);
        let hash = self.challenge_hash(challenge.bytes());
        let arguments = (hash, self.clock.now() + QUESTION_LASTS);
        let asked =
            self.store
                .transaction("staff.add_challenge", arguments, |tx, (hash, ends_at)| {
                    Box::pin(staff::add_challenge(tx, *hash, "asked", *ends_at))
                });
        asked.await?;
        Ok(PasskeyQuestion {
            challenge: challenge.expose(),
            site,
            account,
        })
    }

    /// Checks an answer of a passkey that is kept, and notes its counter.
    async fn verify(&self, answer: PasskeyAnswer) -> Result<()> {
        let counter = self
            .check_answer(
                &answer.client_data,
                "webauthn.get",
                &answer.authenticator_data,
            )
            .await?;
        let account = answer.account;
        let read = self.store.read("staff.passkeys", account, |tx, account| {
            Box::pin(staff::passkeys(tx, *account))
        });
        let credential = BASE64_URL_SAFE_NO_PAD.encode(&answer.credential);
        let kept = read.await?.into_iter().find_map(|text| {
            let kept: Kept = serde_json::from_str(&text).ok()?;
            (kept.credential == credential).then_some(kept)
        });
        let mut kept = kept.ok_or(ServiceError::NotAuthenticated)?;
        let refused = |_| ServiceError::NotAuthenticated;
        let key = BASE64_URL_SAFE_NO_PAD.decode(&kept.key).map_err(refused)?;
        let mut signed = answer.authenticator_data;
        signed.extend_from_slice(digest(&SHA256, &answer.client_data).as_ref());
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
            .verify(&signed, &answer.signature)
            .map_err(|_| ServiceError::NotAuthenticated)?;
        // A device that counts never counts backwards; a copy of it would.
        if (counter, kept.counter) != (0, 0) && counter <= kept.counter {
            info!(staff = %account, "a passkey counted backwards: it may have been copied");
            return Err(ServiceError::NotAuthenticated);
        }
        kept.counter = counter;
        let arguments = (account, answer.credential, json(&kept)?, self.clock.now());
        let put = self.store.transaction(
            "staff.put_passkey",
            arguments,
            |tx, (account, credential, passkey, now)| {
                Box::pin(staff::put_passkey(tx, *account, credential, passkey, *now))
            },
        );
        Ok(put.await?)
    }

    /// Checks what browser and device say: that this answers a question of this site, asked just now
    /// and not answered yet, and that the owner was recognised. The device's counter.
    async fn check_answer(
        &self,
        client_data: &[u8],
        kind: &str,
        authenticator_data: &[u8],
    ) -> Result<u32> {
        let refused = ServiceError::NotAuthenticated;
        let origin = self.origin()?;
        let Ok(said) = serde_json::from_slice::<ClientData>(client_data) else {
            return Err(refused);
        };
        let Ok(challenge) = BASE64_URL_SAFE_NO_PAD.decode(&said.challenge) else {
            return Err(refused);
        };
        let arguments = (self.challenge_hash(&challenge), self.clock.now());
        let taken = self
            .store
            .transaction("staff.take_challenge", arguments, |tx, (hash, now)| {
                Box::pin(staff::take_challenge(tx, *hash, *now))
            });
        let is_asked = taken.await?.is_some();
        let is_from_here = said.kind == kind && said.origin == *origin && !said.is_cross_origin;
        let site = digest(&SHA256, site_of(origin).as_bytes());
        let Some((head, _)) = authenticator_data.split_first_chunk::<37>() else {
            return Err(refused);
        };
        let is_for_here = head[..32] == *site.as_ref();
        let is_recognised = head[32] & PRESENT_AND_VERIFIED == PRESENT_AND_VERIFIED;
        if !(is_asked && is_from_here && is_for_here && is_recognised) {
            return Err(refused);
        }
        Ok(u32::from_be_bytes([head[33], head[34], head[35], head[36]]))
    }

    fn origin(&self) -> Result<&String> {
        let origin = self.settings.origin.as_ref();
        origin.ok_or(ServiceError::NoPasskeys)
    }

    fn challenge_hash(&self, challenge: &[u8]) -> [u8; 32] {
        self.keys
            .at_rest(CredentialPurpose::StaffChallenge, challenge)
    }
}

/// The host name of an origin: `https://code.example:8443` is `code.example`.
fn site_of(origin: &str) -> &str {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    host.split_once(':').map_or(host, |(host, _)| host)
}

fn json(kept: &Kept) -> Result<String> {
    serde_json::to_string(kept)
        .map_err(|error| StoreError::Database(format!("cannot be written: {error}")).into())
}
