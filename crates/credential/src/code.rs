//! The text of a code: a prefix and base45 (RFC 9285), which a QR code holds most densely.

use crate::assertion::Assertion;
use crate::cbor::{Reader, same_bytes};
use crate::claims::{Bearer, time};
use crate::cose::LOW_S;
use crate::holder::Presentation;
use crate::key::is_low_s;
use crate::malformed::{Malformed, Part};

/// What every code of this version starts with.
pub const PREFIX: &str = "HK1:";

/// No code is longer, in characters.
const LONGEST: usize = 600;

/// A code as read, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// An assertion by itself: a plain code, a card, or a live code that lost its presentation.
    Bare(Assertion),
    /// An assertion with the phone's signature.
    Live(Assertion, Presentation),
}

/// Text that is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    /// Some other QR code.
    #[error("this is not a health code of this kind; it should start with {PREFIX}")]
    UnknownPrefix,
    /// A code of a version that this program does not know.
    #[error("this code has version {version}, this program knows version 1; update the program")]
    UnknownVersion {
        /// The version it claims.
        version: String,
    },
    /// Damaged, or made by something else.
    #[error("the code is damaged: {0}")]
    Malformed(#[from] Malformed),
}

impl Code {
    /// Reads the text of a code; a line end that a scanner adds is cut off.
    ///
    /// # Errors
    /// [`BadCode`] if it is none.
    pub fn decode(text: &str) -> Result<Self, BadCode> {
        let text = text.trim_end_matches(['\r', '\n']);
        let encoded = text
            .strip_prefix(PREFIX)
            .ok_or_else(|| wrong_prefix(text))?;
        if text.len() > LONGEST {
            let expected = "at most 600 characters";
            return Err(Malformed {
                part: Part::Text,
                at: LONGEST,
                expected,
            }
            .into());
        }
        let bytes = decode_base45(encoded)?;
        if bytes.first() == Some(&0x84) {
            let (assertion, presentation) = decode_live(&bytes)?;
            Ok(Self::Live(assertion, presentation))
        } else {
            Ok(Self::Bare(Assertion::decode(&bytes)?))
        }
    }

    /// The assertion in it.
    pub const fn assertion(&self) -> &Assertion {
        match self {
            Self::Bare(assertion) | Self::Live(assertion, _) => assertion,
        }
    }
}

/// The text of a plain code or a card.
pub fn plain_code(assertion: &Assertion) -> String {
    text_of(assertion.as_bytes())
}

pub(crate) fn text_of(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", base45::encode(bytes))
}

fn wrong_prefix(text: &str) -> BadCode {
    let version = text
        .strip_prefix("HK")
        .and_then(|rest| rest.split_once(':'));
    match version {
        Some((version, _))
            if (1..=3).contains(&version.len())
                && version.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            BadCode::UnknownVersion {
                version: version.to_owned(),
            }
        }
        _ => BadCode::UnknownPrefix,
    }
}

fn decode_base45(encoded: &str) -> Result<Vec<u8>, Malformed> {
    let malformed = |at, expected| Malformed {
        part: Part::Text,
        at: PREFIX.len() + at,
        expected,
    };
    let bytes = base45::decode(encoded).map_err(|_| {
        let stranger = encoded
            .bytes()
            .position(|byte| base45::alphabet::decode(byte).is_none());
        match stranger {
            Some(at) => malformed(at, "a character of base45 (0-9 A-Z space $ % * + - . / :)"),
            None => malformed(encoded.len(), "whole groups of base45, none above FFFF"),
        }
    })?;
    // The last two characters can spell more than one byte holds; one value has one spelling.
    if base45::encode(&bytes) == encoded {
        Ok(bytes)
    } else {
        Err(malformed(
            encoded.len().saturating_sub(2),
            "two characters that spell one byte",
        ))
    }
}

fn decode_live(bytes: &[u8]) -> Result<(Assertion, Presentation), Malformed> {
    let mut reader = Reader::new(Part::Live, bytes);
    reader.expect(4, "an array of 4 items", Reader::array)?;
    let at = reader.position();
    let assertion = Assertion::decode(reader.bytes("the assertion as a byte string")?)?;
    if !matches!(assertion.claims().bearer, Bearer::Phone(_)) {
        return Err(reader.malformed(at, "an assertion that names the holder's key"));
    }
    let shown_at = time(reader.u32("the time in seconds, below 2^32")?);
    let counter = reader.u32("a counter below 2^32")?;
    let signature = reader.exactly("a signature of 64 bytes")?;
    if !is_low_s(&signature) {
        return Err(reader.malformed(bytes.len().saturating_sub(32), LOW_S));
    }
    reader.end()?;
    let presentation = Presentation {
        shown_at,
        counter,
        signature,
    };
    let written = presentation.encode(&assertion);
    let written = written.map_err(|_| reader.malformed(0, "a time that can be written"))?;
    same_bytes(Part::Live, bytes, &written)?;
    Ok((assertion, presentation))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> (Part, usize) {
        match Code::decode(text) {
            Err(BadCode::Malformed(malformed)) => (malformed.part, malformed.at),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn another_qr_code_is_told_apart_from_a_newer_version() {
        for text in [
            "",
            "https://example.org",
            "HC1:6BF",
            "hk1:00",
            "HK:00",
            "HK1",
            "HKX:00",
        ] {
            assert_eq!(Code::decode(text), Err(BadCode::UnknownPrefix), "{text}");
        }
        let newer = BadCode::UnknownVersion {
            version: "2".to_owned(),
        };
        assert_eq!(Code::decode("HK2:00"), Err(newer));
    }

    #[test]
    fn damaged_text_is_refused_with_its_place() {
        assert_eq!(place("HK1:"), (Part::Assertion, 0));
        assert_eq!(place("HK1:abc"), (Part::Text, 4));
        assert_eq!(place("HK1:00é"), (Part::Text, 6));
        assert_eq!(place("HK1:0"), (Part::Text, 5));
        // FGW is FFFF and GGW would be 10000; U5 is FF and V5 would be 100 (hexadecimal).
        assert_eq!(place("HK1:GGW"), (Part::Text, 7));
        assert_eq!(
            place(&format!("HK1:{}", "0".repeat(600))),
            (Part::Text, 600)
        );
        assert_eq!(place("HK1:V5"), (Part::Text, 4));
    }
}
