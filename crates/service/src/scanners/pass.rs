//! What makes a device a scanner, and what it keeps from then on: which scanner, and a secret.

use std::fmt;
use std::str::FromStr;

use domain::{IdSource, ScannerId};

use super::Scanners;
use crate::access::Token;
use crate::people::CredentialPurpose;

/// Which scanner, and a secret of its own. In the square it works once; the device is given another.
/// Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct ScannerPass {
    scanner: ScannerId,
    secret: Token,
}

/// Text that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no square of a scanner; ask your lead to show one")]
pub struct BadScannerPass;

impl ScannerPass {
    pub(super) fn generate(scanner: ScannerId, ids: &dyn IdSource) -> Self {
        let secret = Token::generate(ids);
        Self { scanner, secret }
    }

    /// Which scanner.
    pub const fn scanner(&self) -> ScannerId {
        self.scanner
    }

    /// The text, for the square or for the device, and for nothing else.
    pub fn expose(&self) -> String {
        format!("{}.{}", self.scanner, self.secret.expose())
    }
}

impl Scanners {
    pub(super) fn enrolment_hash(&self, pass: &ScannerPass) -> [u8; 32] {
        self.hash(CredentialPurpose::ScannerEnrolment, pass)
    }

    pub(super) fn token_hash(&self, pass: &ScannerPass) -> [u8; 32] {
        self.hash(CredentialPurpose::Scanner, pass)
    }

    fn hash(&self, purpose: CredentialPurpose, pass: &ScannerPass) -> [u8; 32] {
        let secret = [&pass.scanner.to_bytes()[..], pass.secret.bytes()].concat();
        self.keys.at_rest(purpose, &secret)
    }
}

impl fmt::Debug for ScannerPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScannerPass(***)")
    }
}

impl FromStr for ScannerPass {
    type Err = BadScannerPass;

    fn from_str(text: &str) -> Result<Self, BadScannerPass> {
        let (scanner, secret) = text.trim().split_once('.').ok_or(BadScannerPass)?;
        Ok(Self {
            scanner: scanner.parse().map_err(|_| BadScannerPass)?,
            secret: secret.parse().map_err(|_| BadScannerPass)?,
        })
    }
}
