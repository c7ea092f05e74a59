//! Bytes or text that are not in the format, and where.

use std::fmt;

/// Something is not in the format: which part, at which byte, and what should stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part}, byte {at}: expected {expected}")]
pub struct Malformed {
    /// Which part of the code.
    pub part: Part,
    /// How many bytes of that part are well-formed; for [`Part::Text`], how many characters.
    pub at: usize,
    /// What should stand there.
    pub expected: &'static str,
}

/// A part of a code or of a signed list, outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The base45 text, prefix included.
    Text,
    /// The bytes of a live code: assertion, time, counter, signature.
    Live,
    /// The bytes of an assertion: a COSE_Sign1 structure.
    Assertion,
    /// The bytes of a status list token.
    StatusList,
    /// The bytes of a trust list.
    TrustList,
    /// The protected header of one of the three above.
    Header,
    /// The payload of one of the three above.
    Claims,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Live => "live code",
            Self::Assertion => "assertion",
            Self::StatusList => "status list",
            Self::TrustList => "trust list",
            Self::Header => "protected header",
            Self::Claims => "claims",
        })
    }
}
