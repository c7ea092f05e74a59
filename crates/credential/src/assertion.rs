//! A signed assertion.

use crate::claims::Claims;
use crate::cose::Sign1;
use crate::key::{Algorithm, KeyId, PublicKey};
use crate::malformed::{Malformed, Part};

/// What an issuer signed. Decoding one verifies nothing: see [`crate::verify()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    bytes: Vec<u8>,
    claims: Claims,
    issuer_key: KeyId,
    algorithm: Algorithm,
}

impl Assertion {
    /// Reads the bytes of [`Self::as_bytes`]. The signature may be anybody's.
    ///
    /// # Errors
    /// [`Malformed`] says where the bytes are not in the format.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let sign1 = Sign1::decode(Part::Assertion, bytes)?;
        if sign1.header.typ.is_some() {
            // A signed list, whose payload must never be taken for a verdict.
            return Err(Malformed {
                part: Part::Header,
                at: 0,
                expected: "2 header parameters",
            });
        }
        Ok(Self {
            bytes: bytes.to_vec(),
            claims: Claims::decode(sign1.payload)?,
            issuer_key: sign1.header.key,
            algorithm: sign1.header.algorithm,
        })
    }

    /// The COSE_Sign1 structure.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says.
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The name of the key that is said to have signed it.
    pub const fn issuer_key(&self) -> KeyId {
        self.issuer_key
    }

    /// Whether this key signed it.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.algorithm() == self.algorithm
            && Sign1::decode(Part::Assertion, &self.bytes)
                .is_ok_and(|sign1| key.verifies(&sign1.signed_bytes(), &sign1.signature))
    }
}
