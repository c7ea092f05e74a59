//! The issuer's private key, and signing with it.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::IdSource;

use crate::assertion::Assertion;
use crate::claims::{BadClaims, Claims};
use crate::cose::{Header, Sign1, signed_bytes};
use crate::key::{Algorithm, BadKey, KeyId, PublicKey};
use crate::malformed::Malformed;

/// What a PKCS#8 document (RFC 8410) with an Ed25519 key starts with; 32 bytes of key follow.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const FIRST_LINE: &str = "-----BEGIN PRIVATE KEY-----";
const LAST_LINE: &str = "-----END PRIVATE KEY-----";

/// An Ed25519 key that signs assertions and status lists, or, as a root, trust lists.
pub struct IssuerKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

/// A private key that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a PEM file with an Ed25519 key.
    #[error("not a private key: expected a PEM file \"PRIVATE KEY\" (PKCS#8) with one Ed25519 key")]
    NotPem,
    /// The cryptographic library does not take it.
    #[error("the cryptographic library refuses this private key")]
    Refused,
    /// Its public half is unusable.
    #[error("the public half of this private key: {0}")]
    BadPublicKey(#[from] BadKey),
}

/// Why something could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The claims.
    #[error(transparent)]
    Claims(#[from] BadClaims),
    /// A bug: what was signed cannot be read back.
    #[error("what was signed cannot be read back: {0}")]
    Unreadable(#[from] Malformed),
    /// The cryptographic library did not sign.
    #[error("the cryptographic library did not sign")]
    Refused,
}

impl IssuerKey {
    /// Makes a key of 32 random bytes.
    ///
    /// # Errors
    /// [`KeyError::Refused`] if the cryptographic library does not take it, which is not expected.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Refused)?;
        let public = PublicKey::new(Algorithm::Ed25519, pair.public_key().as_ref())?;
        Ok(Self { pair, public })
    }

    /// Draws a fresh key.
    ///
    /// # Errors
    /// As [`Self::from_seed`].
    pub fn generate(source: &dyn IdSource) -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        source.fill(&mut seed);
        Self::from_seed(&seed)
    }

    /// Reads the text of [`Self::to_pem`], or what `openssl genpkey -algorithm ed25519` writes.
    ///
    /// # Errors
    /// [`KeyError::NotPem`] for anything else.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let body = text
            .trim()
            .strip_prefix(FIRST_LINE)
            .and_then(|t| t.strip_suffix(LAST_LINE));
        let digits: String = body.ok_or(KeyError::NotPem)?.split_whitespace().collect();
        let document = BASE64.decode(digits).map_err(|_| KeyError::NotPem)?;
        let seed = document
            .strip_prefix(&PKCS8)
            .and_then(|seed| seed.try_into().ok());
        Self::from_seed(seed.ok_or(KeyError::NotPem)?)
    }

    /// The private key as a PEM file (PKCS#8). Its readers can issue codes: keep it where only the
    /// server can read it.
    ///
    /// # Errors
    /// [`KeyError::Refused`] if the cryptographic library does not hand the key out.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        let document = self.pair.to_pkcs8v1().map_err(|_| KeyError::Refused)?;
        Ok(format!(
            "{FIRST_LINE}\n{}\n{LAST_LINE}\n",
            BASE64.encode(document)
        ))
    }

    /// The public half, for trust lists and for pinning.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Its name.
    pub const fn id(&self) -> KeyId {
        self.public.id()
    }

    /// Signs an assertion.
    ///
    /// # Errors
    /// [`SignError::Claims`] if a time has no room in the format or the expiry is not after the
    /// issue.
    pub fn sign(&self, claims: &Claims) -> Result<Assertion, SignError> {
        let bytes = self.sign_payload(None, &claims.encode()?)?;
        Ok(Assertion::decode(&bytes)?)
    }

    /// Signs a payload as COSE_Sign1.
    pub(crate) fn sign_payload(
        &self,
        typ: Option<&'static str>,
        payload: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let header = Header {
            algorithm: Algorithm::Ed25519,
            key: self.id(),
            typ,
        };
        let signature = self.sign_bytes(&signed_bytes(&header, payload))?;
        Ok(Sign1 {
            header,
            payload,
            signature,
        }
        .encode())
    }

    /// Signs bytes as they are.
    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let signature = self.pair.try_sign(message);
        let signature = signature.map_err(|_| SignError::Refused)?;
        let bytes = signature.as_ref().try_into();
        bytes.map_err(|_| SignError::Refused)
    }
}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKey({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_file() {
        let key = IssuerKey::from_seed(&[9; 32]).unwrap();
        let again = IssuerKey::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(again.public_key(), key.public_key());
    }

    #[test]
    fn the_example_key_of_rfc_8410_is_read() {
        // Section 10.3; the public half is in section 10.1.
        let pem = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                   -----END PRIVATE KEY-----\n";
        let key = IssuerKey::from_pem(pem).unwrap();
        let public = "ed25519:19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
        assert_eq!(key.public_key().to_string(), public);
        assert_eq!(key.to_pem().unwrap(), pem);
    }

    #[test]
    fn a_file_that_is_no_key_is_refused() {
        let public = "-----BEGIN PUBLIC KEY-----\nMCo=\n-----END PUBLIC KEY-----";
        let short = "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----";
        for text in ["", public, short] {
            assert_eq!(
                IssuerKey::from_pem(text).unwrap_err(),
                KeyError::NotPem,
                "{text}"
            );
        }
    }

    #[test]
    fn a_private_key_does_not_show_in_debug_output() {
        let key = IssuerKey::from_seed(&[9; 32]).unwrap();
        assert_eq!(format!("{key:?}"), format!("IssuerKey({})", key.id()));
    }
}
