//! Identities, sealed before they reach the database and opened after they leave it.
//!
//! Sealed with AES-256-GCM-SIV (RFC 8452), which forgives a repeated nonce, over the person's id as
//! associated data, so that a sealed identity moved to another person does not open. Documents and
//! phones are found through HMAC-SHA-256 with a key of its own.

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use domain::evidence::GroupKind;
use domain::{
    AuthorityId, Document, DocumentKind, GroupId, IdSource, Identity, PersonId, Pii, Region,
};
use serde::{Deserialize, Serialize};
use store::identities::{BlindIndex, SealedIdentity};

use super::keys::hmac;
use super::phones::international;

/// First byte of what is stored; says how the rest is sealed.
const FORMAT: u8 = 1;
const NONCE: usize = 12;

/// The keys of the vault.
#[derive(Clone)]
pub struct VaultKeys {
    /// Seals identities.
    pub seal: [u8; 32],
    /// Finds documents and phones.
    pub index: [u8; 32],
}

/// Why an identity does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Another key, another person, or changed bytes.
    #[error(
        "it was sealed with another key, for another person, or it was changed; check that the key file belongs to this database"
    )]
    DoesNotOpen,
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
    /// Seals `identity` for `person`.
    pub(crate) fn seal(
        &self,
        person: PersonId,
        identity: &Identity,
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
        let mut nonce = [0; NONCE];
        ids.fill(&mut nonce);
        let payload = Payload {
            msg: &content,
            aad: &person.to_bytes(),
        };
        let sealed = self.cipher().encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| VaultError::DoesNotOpen)?;
        Ok(SealedIdentity([&[FORMAT], &nonce[..], &sealed].concat()))
    }

    /// Opens the identity of `person`.
    ///
    /// # Errors
    /// [`VaultError`] if it was sealed otherwise.
    pub fn open(&self, person: PersonId, sealed: &SealedIdentity) -> Result<Identity, VaultError> {
        let Some((&FORMAT, rest)) = sealed.0.split_first() else {
            return Err(VaultError::UnknownForm);
        };
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE>()
            .ok_or(VaultError::UnknownForm)?;
        let payload = Payload {
            msg: sealed,
            aad: &person.to_bytes(),
        };
        let content = self.cipher().decrypt(&Nonce::from(*nonce), payload);
        let content = content.map_err(|_| VaultError::DoesNotOpen)?;
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
        BlindIndex(hmac(&self.index, &[parts[0], parts[1], number]))
    }

    /// By what a phone is found: its international form, so that it does not matter how it was
    /// written. `home` is the issuer's region, which completes a number without a country.
    pub(crate) fn phone(&self, phone: &Pii<String>, home: Region) -> BlindIndex {
        let number = international(phone.expose(), home);
        BlindIndex(hmac(&self.index, &[b"phone", number.as_bytes()]))
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

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(&self.seal.into())
    }
}

impl std::fmt::Debug for VaultKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VaultKeys(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl IdSource for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            (0..).zip(bytes).for_each(|(count, byte)| *byte = count);
        }
    }

    const KEYS: VaultKeys = VaultKeys {
        seal: [1; 32],
        index: [2; 32],
    };
    const LI: PersonId = PersonId::from_u128(1);
    const WU: PersonId = PersonId::from_u128(2);

    fn identity() -> Identity {
        Identity {
            name: Pii::new("Li Hua".into()),
            document: Document::new(DocumentKind::Passport, "E 1234567").unwrap(),
            phones: vec![Pii::new("+86 138-0000 0000".into())],
        }
    }

    #[test]
    fn a_sealed_identity_opens_for_its_person_and_holds_nothing_in_clear() {
        let sealed = KEYS.seal(LI, &identity(), &Counting).unwrap();
        assert_eq!(KEYS.open(LI, &sealed), Ok(identity()));
        assert!(
            !sealed
                .0
                .windows(3)
                .any(|bytes| bytes == b"Hua" || bytes == b"123")
        );
    }

    #[test]
    fn a_sealed_identity_opens_with_no_other_key_and_for_nobody_else() {
        let sealed = KEYS.seal(LI, &identity(), &Counting).unwrap();
        let other = VaultKeys {
            seal: [3; 32],
            ..KEYS
        };
        assert_eq!(other.open(LI, &sealed), Err(VaultError::DoesNotOpen));
        assert_eq!(KEYS.open(WU, &sealed), Err(VaultError::DoesNotOpen));
        let mut changed = sealed;
        *changed.0.last_mut().unwrap() ^= 1;
        assert_eq!(KEYS.open(LI, &changed), Err(VaultError::DoesNotOpen));
        assert_eq!(
            KEYS.open(LI, &SealedIdentity(vec![9])),
            Err(VaultError::UnknownForm)
        );
    }

    #[test]
    fn a_phone_is_found_however_it_is_written_and_a_document_by_kind_and_number() {
        let home = "3301".parse().unwrap();
        let phone = |text: &str| KEYS.phone(&Pii::new(text.into()), home);
        for same in ["138 0000 0000", "8613800000000", "0086-138-0000-0000"] {
            assert_eq!(phone("+86 138-0000 0000"), phone(same));
        }
        assert_ne!(phone("8613800000000"), phone("8613800000001"));
        let document = |kind, number| KEYS.document(&Document::new(kind, number).unwrap());
        assert_eq!(
            document(DocumentKind::Passport, "e 1234567"),
            document(DocumentKind::Passport, "E1234567")
        );
        assert_ne!(
            document(DocumentKind::Passport, "E1234567"),
            document(DocumentKind::Other, "E1234567")
        );
    }
}
