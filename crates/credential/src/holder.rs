//! The phone's side: its key, and what it signs so that a screenshot is worth nothing.

use std::fmt;

use jiff::Timestamp;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::assertion::Assertion;
use crate::cbor::Writer;
use crate::claims::{BadClaims, seconds};
use crate::code::text_of;
use crate::hex;
use crate::key::p256_verifies;

/// What a holder's signature starts with, so that it can mean nothing else.
const DOMAIN: &[u8; 18] = b"healthcode live 1\0";

/// A phone's public key: a point of P-256, SEC1 compressed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HolderPublicKey([u8; 33]);

/// Bytes that are no public key of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a phone's key is a point of P-256: 33 bytes compressed or 65 uncompressed (SEC1)")]
pub struct BadHolderKey;

impl HolderPublicKey {
    /// Takes a point of P-256 in SEC1 form: 65 bytes, as WebCrypto exports it with
    /// `exportKey("raw", …)`, or 33 bytes.
    ///
    /// # Errors
    /// [`BadHolderKey`] if the bytes are no point of the curve.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, BadHolderKey> {
        if !matches!(bytes.len(), 33 | 65) {
            return Err(BadHolderKey);
        }
        let key = VerifyingKey::from_sec1_bytes(bytes).map_err(|_| BadHolderKey)?;
        Self::compress(&key)
    }

    /// Takes what an assertion holds. It need not be a point of the curve; if it is not, no
    /// signature verifies.
    pub(crate) fn from_x_and_sign(x: [u8; 32], is_odd: bool) -> Self {
        let mut bytes = [if is_odd { 3 } else { 2 }; 33];
        bytes[1..].copy_from_slice(&x);
        Self(bytes)
    }

    /// The 33 bytes, as stored and as in an assertion.
    pub const fn to_bytes(self) -> [u8; 33] {
        self.0
    }

    fn compress(key: &VerifyingKey) -> Result<Self, BadHolderKey> {
        key.to_sec1_point(true)
            .as_bytes()
            .try_into()
            .map(Self)
            .map_err(|_| BadHolderKey)
    }
}

impl fmt::Debug for HolderPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HolderPublicKey({})", hex::encode(&self.0))
    }
}

/// That the phone was there: its signature over an assertion, the time and a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presentation {
    /// The phone's clock when it drew the code.
    pub shown_at: Timestamp,
    /// Goes up with each code that the phone draws.
    pub counter: u32,
    /// ECDSA P-256 with SHA-256, r and s of 32 bytes each. Where WebCrypto gives an s in the upper
    /// half, the phone takes its negative.
    pub signature: [u8; 64],
}

impl Presentation {
    pub(crate) fn is_by(&self, holder: HolderPublicKey, assertion: &Assertion) -> bool {
        live_message(assertion, self.shown_at, self.counter)
            .is_ok_and(|message| p256_verifies(&holder.0, &message, &self.signature))
    }

    /// The bytes of a live code.
    pub(crate) fn encode(&self, assertion: &Assertion) -> Result<Vec<u8>, BadClaims> {
        let writer = Writer::new().array(4).bytes(assertion.as_bytes());
        let writer = writer
            .uint(seconds(self.shown_at)?.into())
            .uint(self.counter.into());
        Ok(writer.bytes(&self.signature).finish())
    }
}

/// The 58 bytes that a phone signs: 18 that say what this is, the SHA-256 of the assertion, the
/// time in seconds and the counter, both as 4 bytes, most significant first.
///
/// # Errors
/// [`BadClaims::TimeOutOfRange`] before 1970 and after 2106-02-07.
pub fn live_message(
    assertion: &Assertion,
    shown_at: Timestamp,
    counter: u32,
) -> Result<[u8; 58], BadClaims> {
    let mut message = [0; 58];
    message[..18].copy_from_slice(DOMAIN);
    message[18..50].copy_from_slice(&Sha256::digest(assertion.as_bytes()));
    message[50..54].copy_from_slice(&seconds(shown_at)?.to_be_bytes());
    message[54..].copy_from_slice(&counter.to_be_bytes());
    Ok(message)
}

/// The text of a live code: the assertion and the phone's signature.
///
/// # Errors
/// [`BadClaims::TimeOutOfRange`] before 1970 and after 2106-02-07.
pub fn live_code(assertion: &Assertion, presentation: &Presentation) -> Result<String, BadClaims> {
    presentation.encode(assertion).map(|bytes| text_of(&bytes))
}

/// A phone's private key, for phones that are programs: tests, simulations, the command line.
/// A real phone keeps its key in the browser and never lets it out.
pub struct HolderKey(SigningKey);

impl HolderKey {
    /// Makes a key of 32 random bytes.
    ///
    /// # Errors
    /// [`BadHolderKey`] for the few values that are no key (0, and from the order of the curve on;
    /// 1 in 2^32): draw again.
    pub fn from_bytes(secret: [u8; 32]) -> Result<Self, BadHolderKey> {
        SigningKey::from_slice(&secret)
            .map(Self)
            .map_err(|_| BadHolderKey)
    }

    /// The public half, to be enrolled.
    ///
    /// # Errors
    /// None in practice: every private key has a public point.
    pub fn public_key(&self) -> Result<HolderPublicKey, BadHolderKey> {
        HolderPublicKey::compress(self.0.verifying_key())
    }

    /// Signs that this phone shows `assertion` now, with s in the lower half. Repeatable: RFC 6979, no randomness.
    ///
    /// # Errors
    /// [`BadClaims::TimeOutOfRange`] before 1970 and after 2106-02-07.
    pub fn present(
        &self,
        assertion: &Assertion,
        shown_at: Timestamp,
        counter: u32,
    ) -> Result<Presentation, BadClaims> {
        let message = live_message(assertion, shown_at, counter)?;
        let signature: Signature = self.0.sign(&message);
        let signature = signature.normalize_s();
        Ok(Presentation {
            shown_at,
            counter,
            signature: signature.to_bytes().into(),
        })
    }
}

impl fmt::Debug for HolderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HolderKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::is_low_s;

    #[test]
    fn the_key_that_a_browser_exports_is_compressed() {
        let secret = SigningKey::from_slice(&[5; 32]).unwrap();
        let uncompressed = secret.verifying_key().to_sec1_point(false);
        assert_eq!(uncompressed.as_bytes().len(), 65);
        let key = HolderPublicKey::from_sec1(uncompressed.as_bytes()).unwrap();
        assert_eq!(HolderPublicKey::from_sec1(&key.to_bytes()), Ok(key));
        assert_eq!(
            HolderKey::from_bytes([5; 32]).unwrap().public_key(),
            Ok(key)
        );
    }

    #[test]
    fn what_a_browser_signed_is_accepted_once_s_is_in_the_lower_half() {
        // Made with WebCrypto: exportKey("raw"), and two signatures of the message of
        // vectors/assertions.json, one with s in the upper half and one in the lower.
        let key = "04624b986dd61c98a76bf88f6b61bed3956f6bec80f1f4813532991ee4687be2\
             2311dc7fd62ff3d0c054c5e17a65fa3d084741320133f8dde55977b42faa7803\
             61";
        let key = HolderPublicKey::from_sec1(&hex::decode(key).unwrap()).unwrap();
        let message = "6865616c7468636f6465206c6976652031005288c4a399fe8f6dbc15a479f21e\
             15f941e5174ffcaff1b5f2da3c31095338995e4a480500000001";
        let message = hex::decode(message).unwrap();
        let upper = "7e65d3d07318ad1d4608a635dfa47e0857a954bd83dffef435ef969d9408ce9b\
             f2fd3d97a6e3fb7e196df5885a25d8865802267ac6cf6937d28206aabf1993ea";
        let lower = "3bd63f85c40f278090333b38b7db8d72fde271260319e2b7ba0cd1eefc76bcb0\
             7e1668fd62898a1b7dbba3b94abb262a40c6f51a26d69412df83588fc1f87981";
        for signature in [upper, lower] {
            let signature: [u8; 64] = hex::decode(signature).unwrap().try_into().unwrap();
            assert!(p256_verifies(&key.0, &message, &signature));
            assert!(!p256_verifies(&key.0, &message[1..], &signature));
            assert_eq!(is_low_s(&signature), signature[..2] == [0x3b, 0xd6]);
        }
    }

    #[test]
    fn bytes_that_are_no_point_of_the_curve_cannot_be_enrolled() {
        for bytes in [&[0; 1][..], &[0; 33], &[4; 65], &[2; 32]] {
            assert_eq!(HolderPublicKey::from_sec1(bytes), Err(BadHolderKey));
        }
        // About half of all x have no point on the curve.
        let small = |x: u8| [&[2][..], &[0; 31], &[x]].concat();
        let on_curve = (0..=255)
            .filter(|x| HolderPublicKey::from_sec1(&small(*x)).is_ok())
            .count();
        assert!((64..192).contains(&on_curve), "{on_curve} of 256");
        assert!(HolderKey::from_bytes([0; 32]).is_err());
        assert!(HolderKey::from_bytes([0xff; 32]).is_err());
    }
}
