//! Verifying with aws-lc-rs: for servers.

use std::sync::Arc;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm,
};

use super::Algorithm;

/// A parsed public key.
#[derive(Clone)]
pub(super) struct Verifier(Arc<ParsedPublicKey>);

impl Verifier {
    /// `None` if the bytes are no key.
    pub(super) fn new(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        let algorithm: &'static dyn VerificationAlgorithm = match algorithm {
            Algorithm::Ed25519 => &ED25519,
            Algorithm::Es256 => &ECDSA_P256_SHA256_FIXED,
        };
        ParsedPublicKey::new(algorithm, bytes)
            .ok()
            .map(|key| Self(Arc::new(key)))
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

pub(super) fn p256_verifies(key: &[u8; 33], message: &[u8], signature: &[u8; 64]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
        .verify(message, signature)
        .is_ok()
}
