//! Public keys, their names, and the two ways to verify a signature with them.

mod pure;

#[cfg(feature = "fast")]
mod fast;

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::hex;

#[cfg(feature = "fast")]
use fast as backend;
#[cfg(not(feature = "fast"))]
use pure as backend;

/// A signature algorithm of RFC 9053.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// EdDSA with Ed25519 (COSE -8); what this crate signs with.
    Ed25519,
    /// ECDSA with P-256 and SHA-256 (COSE -7); what a hardware module may offer.
    Es256,
}

impl Algorithm {
    pub(crate) const fn cose(self) -> i64 {
        match self {
            Self::Ed25519 => -8,
            Self::Es256 => -7,
        }
    }

    pub(crate) const fn from_cose(number: i64) -> Option<Self> {
        match number {
            -8 => Some(Self::Ed25519),
            -7 => Some(Self::Es256),
            _ => None,
        }
    }

    /// The word used in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Es256 => "es256",
        }
    }
}

/// Names a public key: the first 4 bytes of its SHA-256. A hint for finding the key, never a
/// reason to trust it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// Takes the 4 bytes.
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The 4 bytes.
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A public key that can verify signatures. As text it is the algorithm, a colon and the key in
/// hexadecimal: `ed25519:` and 64 digits, or `es256:` and 66.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    bytes: Vec<u8>,
    id: KeyId,
    verifier: backend::Verifier,
}

/// Bytes or text that are no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Not a point of the curve, or one that would let anybody sign.
    #[error("not a valid public key: 32 bytes for Ed25519, a compressed point of 33 for P-256")]
    NotAKey,
    /// Not the textual form.
    #[error("a public key is written as ed25519: and 64 hexadecimal digits, or es256: and 66")]
    NotText,
}

impl PublicKey {
    /// Takes an Ed25519 key (32 bytes) or a P-256 point (SEC1 compressed, 33 bytes).
    ///
    /// # Errors
    /// [`BadKey::NotAKey`] if the bytes are no such key.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, BadKey> {
        pure::Verifier::new(algorithm, bytes).ok_or(BadKey::NotAKey)?;
        let verifier = backend::Verifier::new(algorithm, bytes).ok_or(BadKey::NotAKey)?;
        let hash = Sha256::digest(bytes);
        let id = KeyId([hash[0], hash[1], hash[2], hash[3]]);
        Ok(Self {
            algorithm,
            bytes: bytes.to_vec(),
            id,
            verifier,
        })
    }

    /// The algorithm it is for.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key: 32 bytes for Ed25519, 33 for ES256.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its name.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whether `signature` is this key's signature of `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.verifier.verifies(message, signature)
    }
}

/// Half the order of P-256, rounded down; big-endian.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// Whether `s` of an ECDSA signature lies in the lower half: with `s` its negative verifies too, and
/// one code must not have two texts.
pub(crate) fn is_low_s(signature: &[u8; 64]) -> bool {
    signature[32..] <= HALF_ORDER[..]
}

/// Whether `signature` is the P-256 key's signature of `message`; `false` too if `key` is no point
/// of the curve.
pub(crate) fn p256_verifies(key: &[u8; 33], message: &[u8], signature: &[u8; 64]) -> bool {
    backend::p256_verifies(key, message, signature)
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}",
            self.algorithm.as_str(),
            hex::encode(&self.bytes)
        )
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (word, digits) = text.trim().split_once(':').ok_or(BadKey::NotText)?;
        let algorithm = [Algorithm::Ed25519, Algorithm::Es256]
            .into_iter()
            .find(|algorithm| algorithm.as_str() == word)
            .ok_or(BadKey::NotText)?;
        Self::new(algorithm, &hex::decode(digits).ok_or(BadKey::NotText)?)
    }
}

#[cfg(test)]
mod tests;
