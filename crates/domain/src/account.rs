//! How far an account is proven to be a person.

use std::fmt;
use std::str::FromStr;

use crate::evidence::UnknownWord;

/// How far an account is proven to be the person it says. Each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// Somebody typed a name and a document number.
    Claimed,
    /// The same, and a one-time code reached the phone that they gave.
    Phone,
    /// Somebody saw the document and the person: a community worker, or an identity provider that
    /// did.
    Seen,
}

impl Assurance {
    /// Every level, the weakest first.
    pub const ALL: [Self; 3] = [Self::Claimed, Self::Phone, Self::Seen];

    /// The words for [`Self::ALL`].
    pub const WORDS: &'static [&'static str] = &["claimed", "phone", "seen"];

    /// The word used in policies, in the API and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Phone => "phone",
            Self::Seen => "seen",
        }
    }
}

impl fmt::Display for Assurance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Assurance {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|level| level.as_str() == text);
        found.ok_or(UnknownWord {
            expected: Self::WORDS,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_includes_those_before_it_and_has_a_word() {
        assert!(Assurance::ALL.is_sorted());
        for level in Assurance::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
        }
        assert!("proven".parse::<Assurance>().is_err());
    }
}
