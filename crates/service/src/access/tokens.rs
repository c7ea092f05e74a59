//! Bearer tokens: 256 bits, 64 hexadecimal digits on the wire, SHA-256 at rest.

use std::fmt;
use std::str::FromStr;

use domain::IdSource;
use sha2::{Digest, Sha256};

/// A bearer token. Prints as `***`; [`Token::expose`] gives the text for its owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; 32]);

/// Text that is no token. Does not repeat it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token has 64 hexadecimal digits, this text does not")]
pub struct BadToken;

impl Token {
    /// Draws a fresh token.
    pub fn generate(source: &dyn IdSource) -> Self {
        let mut bytes = [0; 32];
        source.fill(&mut bytes);
        Self(bytes)
    }

    /// A token that was derived.
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 64 digits. For the answer that hands the token to its owner, and for nothing else.
    pub fn expose(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The 256 bits.
    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What is stored: SHA-256. A token has 256 random bits, so no salt and no slow hash is needed.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl FromStr for Token {
    type Err = BadToken;

    fn from_str(text: &str) -> Result<Self, BadToken> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(BadToken);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
            let (Some(high), Some(low)) = (high, low) else {
                return Err(BadToken);
            };
            *byte = (high * 16 + low) as u8;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text_and_prints_as_stars() {
        let token = Token([0xab; 32]);
        assert_eq!(token.expose().parse(), Ok(token.clone()));
        assert_eq!(format!("{token:?}"), "Token(***)");
    }

    #[test]
    fn text_that_is_no_token_is_refused() {
        for text in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"é".repeat(32)] {
            assert_eq!(text.parse::<Token>(), Err(BadToken), "{text}");
        }
    }
}
