//! Identities, sealed before they reach the database and opened after they leave it.
//!
//! Sealed with AES-256-GCM-SIV (RFC 8452), which forgives a repeated nonce, over the person's id as
//! associated data, so that a sealed identity moved to another person does not open. Documents and
//! phones are found through HMAC-SHA-256 with a key of its own.

use std::collections::BTreeMap;

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use domain::evidence::GroupKind;
use domain::{
    AuthorityId, Document, DocumentKind, GroupId, IdSource, Identity, PersonId, Pii, Region,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use store::appeals::SealedWith;
use store::blind_indexes::{BlindIndex, LATER_INDEX, StoredIndex};
use store::identities::SealedIdentity;

use super::keys::hmac;
use super::months::{Month, MonthKeys};
use super::phones::international;
use super::seal_head::{SealHead, associated};

const NONCE: usize = 12;
const SEAL: &[u8] = b"healthcode vault seal of a month v1";

/// The keys of the vault.
#[derive(Clone)]
pub struct VaultKeys {
    /// Seal identities, by their numbers; the highest seals, each opens what it sealed. From the second
    /// on a key also enciphers what documents and phones are found by.
    seals: BTreeMap<u8, [u8; 32]>,
    /// Hashes documents and phones.
    index: [u8; 32],
    /// Keys that are destroyed in time, and whose months seal here.
    months: Option<(MonthKeys, Region)>,
}

/// Why an identity does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Another key, another person, or changed bytes.
    #[error(
        "it was sealed with another key, for another person, or it was changed; check that the key file belongs to this database"
    )]
    DoesNotOpen,
    /// The key is not there.
    #[error(
        "it was sealed with key {number} of the vault, which this server does not have; copy the newest `installation.secret` to it"
    )]
    KeyAbsent {
        /// The key's number.
        number: u8,
    },
    /// The key of its month was destroyed, as it was meant to be.
    #[error("the key of {month} was destroyed: what it sealed is forgotten, in old backups too")]
    MonthDestroyed {
        /// Which month.
        month: Month,
    },
    /// Keys that were to be destroyed are still where they are kept.
    #[error("keys whose time is over could not be destroyed: {why}")]
    NotDestroyed {
        /// Why.
        why: String,
    },
    /// It opens, and its content is not an identity.
    #[error("its content is of an unknown form; a newer program may have written it")]
    UnknownForm,
}

/// An identity as sealed.
#[derive(Serialize, Deserialize)]
struct Content {
    name: String,
    kind: String,
    number: String,
    phones: Vec<String>,
}

impl VaultKeys {
    /// Keys of which the first seal has number 1.
    pub fn new(seal: [u8; 32], index: [u8; 32]) -> Self {
        Self {
            seals: BTreeMap::from([(1, seal)]),
            index,
            months: None,
        }
    }

    /// The same, sealing with the keys of the months of `home` besides, so that what they seal ends
    /// with them.
    #[must_use]
    pub fn with_months(mut self, months: MonthKeys, home: Region) -> Self {
        self.months = Some((months, home));
        self
    }

    /// The keys of the months, if there are any.
    pub fn months(&self) -> Option<&MonthKeys> {
        self.months.as_ref().map(|(months, _)| months)
    }

    /// With which keys everybody is sealed once all that is older than `oldest` is sealed anew, in one
    /// text; `None` while nothing ever needs to be.
    pub(crate) fn resealed_with(&self, oldest: Month) -> Option<String> {
        let newest = self.newest_seal();
        match self.months {
            Some(_) => Some(format!("{newest} from {oldest}")),
            None if newest == 1 => None,
            None => Some(newest.to_string()),
        }
    }

    /// Whether an identity is sealed with the newest key, and in no month before `oldest`.
    pub(crate) fn is_fresh(&self, sealed: &SealedIdentity, oldest: Month) -> bool {
        let head = SealHead::read(&sealed.0).ok();
        head.is_some_and(|head| {
            let is_late = match (&self.months, head.month) {
                (None, None) => true,
                (Some(_), Some((_, month))) => month >= oldest,
                _ => false,
            };
            head.number == self.newest_seal() && is_late
        })
    }

    /// The same with another key to seal with; what was sealed before opens as before.
    #[must_use]
    pub fn with_seal(mut self, number: u8, seal: [u8; 32]) -> Self {
        self.seals.insert(number, seal);
        self
    }

    /// The same without a key: what it sealed opens no more.
    #[must_use]
    pub fn without_seal(mut self, number: u8) -> Self {
        self.seals.remove(&number);
        self
    }

    /// With which keys something is sealed now.
    pub(crate) fn sealing_with(&self, now: Timestamp) -> SealedWith {
        SealedWith {
            key: self.newest_seal(),
            month: match self.months {
                Some(_) => Month::of(now).number(),
                None => 0,
            },
        }
    }

    /// What is sealed with an older key, or in an earlier month than this, is to be sealed anew.
    pub(crate) fn oldest_to_keep(&self, oldest: Month) -> SealedWith {
        SealedWith {
            key: self.newest_seal(),
            month: match self.months {
                Some(_) => oldest.number(),
                None => 0,
            },
        }
    }

    /// The number of the key that seals.
    pub(crate) fn newest_seal(&self) -> u8 {
        self.seals.keys().next_back().copied().unwrap_or_default()
    }

    /// With which key an identity is sealed, by its number; `None` for another form.
    pub(crate) fn seal_of(sealed: &SealedIdentity) -> Option<u8> {
        Self::seal_of_bytes(&sealed.0)
    }

    /// The number of the key that sealed these bytes.
    pub(crate) fn seal_of_bytes(sealed: &[u8]) -> Option<u8> {
        SealHead::read(sealed).ok().map(|head| head.number)
    }

    /// Seals `identity` for `person`, in the month of `now`.
    pub(crate) fn seal(
        &self,
        person: PersonId,
        identity: &Identity,
        now: Timestamp,
        ids: &dyn IdSource,
    ) -> Result<SealedIdentity, VaultError> {
        let content = Content {
            name: identity.name.expose().clone(),
            kind: identity.document.kind().code().to_owned(),
            number: identity.document.number().expose().clone(),
            phones: identity
                .phones
                .iter()
                .map(|phone| phone.expose().clone())
                .collect(),
        };
        let content = serde_json::to_vec(&content).map_err(|_| VaultError::UnknownForm)?;
        let sealed = self.seal_bytes(person, &[], &content, (now, ids))?;
        Ok(SealedIdentity(sealed))
    }

    /// Seals bytes about `person` for a purpose, in the month of `now`: they open for the same person and
    /// purpose only. An identity has none.
    pub(crate) fn seal_bytes(
        &self,
        person: PersonId,
        purpose: &[u8],
        bytes: &[u8],
        (now, ids): (Timestamp, &dyn IdSource),
    ) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE];
        ids.fill(&mut nonce);
        let number = self.newest_seal();
        let month = self.month_of(now)?;
        let head = SealHead::to_bytes(number, month);
        let aad = associated(person, month.is_some(), &head);
        let payload = Payload {
            msg: bytes,
            aad: &[&aad[..], purpose].concat(),
        };
        let sealed = self
            .cipher(number, month)?
            .encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| VaultError::DoesNotOpen)?;
        Ok([&head[..], &nonce[..], &sealed].concat())
    }

    /// Opens what [`Self::seal_bytes`] sealed for the same person and purpose.
    pub(crate) fn open_bytes(
        &self,
        person: PersonId,
        purpose: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let head = SealHead::read(sealed)?;
        let (written, rest) = sealed.split_at(head.length);
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE>()
            .ok_or(VaultError::UnknownForm)?;
        let aad = associated(person, head.month.is_some(), written);
        let payload = Payload {
            msg: sealed,
            aad: &[&aad[..], purpose].concat(),
        };
        let cipher = self.cipher(head.number, head.month)?;
        let content = cipher.decrypt(&Nonce::from(*nonce), payload);
        content.map_err(|_| VaultError::DoesNotOpen)
    }

    /// Opens the identity of `person`.
    ///
    /// # Errors
    /// [`VaultError`] if it was sealed otherwise.
    pub fn open(&self, person: PersonId, sealed: &SealedIdentity) -> Result<Identity, VaultError> {
        let content = self.open_bytes(person, &[], &sealed.0)?;
        let content: Content =
            serde_json::from_slice(&content).map_err(|_| VaultError::UnknownForm)?;
        let kind = DocumentKind::from_code(&content.kind).ok_or(VaultError::UnknownForm)?;
        let document = Document::new(kind, &content.number);
        Ok(Identity {
            name: Pii::new(content.name),
            document: document.map_err(|_| VaultError::UnknownForm)?,
            phones: content.phones.into_iter().map(Pii::new).collect(),
        })
    }

    /// By what a document is found.
    pub(crate) fn document(&self, document: &Document) -> BlindIndex {
        let parts = [b"document", document.kind().code().as_bytes()];
        let number = document.number().expose().as_bytes();
        self.forms(hmac(&self.index, &[parts[0], parts[1], number]))
    }

    /// By what a phone is found: its international form, so that it does not matter how it was
    /// written. `home` is the issuer's region, which completes a number without a country.
    pub(crate) fn phone(&self, phone: &Pii<String>, home: Region) -> BlindIndex {
        let number = international(phone.expose(), home);
        self.forms(hmac(&self.index, &[b"phone", number.as_bytes()]))
    }

    /// What lies in rows of a keyed hash: under the newest key, and under the one before it.
    fn forms(&self, stable: [u8; 32]) -> BlindIndex {
        let mut forms = self.seals.keys().rev().map(|key| self.form(*key, stable));
        BlindIndex {
            stable,
            newest: forms.next().unwrap_or(StoredIndex::First(stable)),
            older: forms.next(),
        }
    }

    /// The hash enciphered with a key. RFC 8452 lets the nonce repeat: equal hashes look equal, and
    /// nothing else shows. So the key can change without the document or phone being known.
    fn form(&self, key: u8, stable: [u8; 32]) -> StoredIndex {
        let Some(cipher) = self.index_cipher(key) else {
            return StoredIndex::First(stable);
        };
        let enciphered = cipher.encrypt(&Nonce::from([0; NONCE]), &stable[..]);
        let enciphered = enciphered.expect("32 bytes are not too many");
        let mut bytes = [key; LATER_INDEX];
        bytes[1..].copy_from_slice(&enciphered);
        StoredIndex::Later(bytes)
    }

    /// What lies in a row under an older key, as it is to lie there under the newest.
    ///
    /// # Errors
    /// [`VaultError`] if it is of a key that is not there, or was changed.
    pub(crate) fn reindex(&self, stored: &StoredIndex) -> Result<StoredIndex, VaultError> {
        let stable = match stored {
            StoredIndex::First(stable) => *stable,
            StoredIndex::Later(bytes) => {
                let number = bytes[0];
                let cipher = self.index_cipher(number);
                let cipher = cipher.ok_or(VaultError::KeyAbsent { number })?;
                let opened = cipher.decrypt(&Nonce::from([0; NONCE]), &bytes[1..]);
                let opened = opened.map_err(|_| VaultError::DoesNotOpen)?;
                opened.try_into().map_err(|_| VaultError::UnknownForm)?
            }
        };
        Ok(self.form(self.newest_seal(), stable))
    }

    /// Enciphers what is found by; the first key leaves the hash as it is.
    fn index_cipher(&self, key: u8) -> Option<Aes256GcmSiv> {
        let seal = self.seals.get(&key).filter(|_| key > 1)?;
        let key = hmac(seal, &[b"healthcode vault index v2"]);
        Some(Aes256GcmSiv::new(&key.into()))
    }

    /// The group of `kind` that an authority calls `name`. What it is called is not kept, in case it
    /// says where people live.
    pub(crate) fn group(&self, authority: AuthorityId, kind: GroupKind, name: &str) -> GroupId {
        let name = format!("{kind} {name}");
        let parts: [&[u8]; 3] = [b"group", &authority.to_bytes(), name.as_bytes()];
        let hash = hmac(&self.index, &parts);
        let bits = hash.iter().take(16);
        GroupId::from_u128(bits.fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
    }

    /// The cipher of a key of the vault, and of the key of a month if both are needed.
    fn cipher(
        &self,
        number: u8,
        month: Option<(Region, Month)>,
    ) -> Result<Aes256GcmSiv, VaultError> {
        let Some(month) = month else {
            return Ok(Aes256GcmSiv::new(&(*self.seal_key(number)?).into()));
        };
        let key = self.key_of_both(number, month, &[SEAL])?;
        Ok(Aes256GcmSiv::new(&key.into()))
    }

    /// A key that follows from a key of the vault and one of a month, for what `parts` say.
    pub(super) fn key_of_both(
        &self,
        number: u8,
        (region, month): (Region, Month),
        parts: &[&[u8]],
    ) -> Result<[u8; 32], VaultError> {
        let seal = self.seal_key(number)?;
        let keys = self.months.as_ref();
        let of_month = keys.and_then(|(months, _)| months.key(region, month));
        let of_month = of_month.ok_or(VaultError::MonthDestroyed { month })?;
        Ok(hmac(&of_month, &[parts, &[&seal[..]]].concat()))
    }

    fn seal_key(&self, number: u8) -> Result<&[u8; 32], VaultError> {
        let seal = self.seals.get(&number);
        seal.ok_or(VaultError::KeyAbsent { number })
    }

    /// The month and the region whose key seals now, if keys of months do.
    pub(super) fn month_of(&self, now: Timestamp) -> Result<Option<(Region, Month)>, VaultError> {
        let Some((months, home)) = &self.months else {
            return Ok(None);
        };
        let month = Month::of(now);
        let gone = VaultError::MonthDestroyed { month };
        Ok(Some((months.chain_for(*home).ok_or(gone)?, month)))
    }
}

impl std::fmt::Debug for VaultKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VaultKeys(***)")
    }
}

#[cfg(test)]
mod tests;
