//! Verifying in pure Rust: for browsers and small gates.

use ed25519_dalek::Signature as EdSignature;
use p256::ecdsa::Signature as EcSignature;
use p256::ecdsa::signature::Verifier as _;

use super::Algorithm;

/// A parsed public key.
#[derive(Clone)]
pub(super) enum Verifier {
    Ed25519(ed25519_dalek::VerifyingKey),
    Es256(p256::ecdsa::VerifyingKey),
}

impl Verifier {
    /// `None` if the bytes are no key, or a weak one.
    pub(super) fn new(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::Ed25519 => {
                let bytes = bytes.try_into().ok()?;
                let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).ok()?;
                (!key.is_weak()).then_some(Self::Ed25519(key))
            }
            Algorithm::Es256 if bytes.len() == 33 => {
                p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes)
                    .ok()
                    .map(Self::Es256)
            }
            Algorithm::Es256 => None,
        }
    }

    // With `fast` only the tests call this: they compare the two.
    #[cfg_attr(
        all(feature = "fast", not(test)),
        expect(dead_code, reason = "the other verifier is in use")
    )]
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        match self {
            Self::Ed25519(key) => key
                .verify_strict(message, &EdSignature::from_bytes(signature))
                .is_ok(),
            Self::Es256(key) => EcSignature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }
}

#[cfg(any(test, not(feature = "fast")))]
pub(super) fn p256_verifies(key: &[u8; 33], message: &[u8], signature: &[u8; 64]) -> bool {
    Verifier::new(Algorithm::Es256, key).is_some_and(|key| key.verifies(message, signature))
}
