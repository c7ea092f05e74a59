//! Identifiers: one newtype per noun, 128 random bits each, written as 32 hexadecimal digits.

use std::fmt;
use std::str::FromStr;

/// Text that is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an identifier has 32 hexadecimal digits, this one does not")]
pub struct BadId;

/// Where fresh identifiers and keys come from: the operating system in production, a seed in tests.
pub trait IdSource: Send + Sync {
    /// Fills `bytes` with random bits.
    fn fill(&self, bytes: &mut [u8]);

    /// 128 random bits.
    fn next_u128(&self) -> u128 {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        u128::from_be_bytes(bytes)
    }
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// Takes 128 bits that are already unique, for example read from a database.
            pub const fn from_u128(bits: u128) -> Self {
                Self(bits)
            }

            /// Draws a fresh identifier.
            pub fn generate(source: &dyn IdSource) -> Self {
                Self(source.next_u128())
            }

            /// The 128 bits.
            pub const fn as_u128(self) -> u128 {
                self.0
            }

            /// The 16 bytes, most significant first, as stored in a database.
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_be_bytes()
            }

            /// Reads the 16 bytes of [`Self::to_bytes`].
            ///
            /// # Errors
            /// [`BadId`] unless there are exactly 16 bytes.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, BadId> {
                Ok(Self(u128::from_be_bytes(bytes.try_into().map_err(|_| BadId)?)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:032x})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(BadId);
                }
                u128::from_str_radix(text, 16).map(Self).map_err(|_| BadId)
            }
        }
    )*};
}

id! {
    /// Someone registered. Says nothing about who it is; the identity lies in the vault.
    PersonId
    /// One fact about one person.
    EvidenceId
    /// A place where visits are recorded.
    VenueId
    /// A household, a building, or one trip of a vehicle. Says nothing about where it is.
    GroupId
    /// A body that may submit evidence.
    AuthorityId
    /// A phone whose key is enrolled for one person.
    DeviceId
    /// Somebody who signs in on a phone: one person, or several of a family.
    AccountId
    /// A phone or browser that is signed in. Names it in a list; opens nothing.
    SessionId
    /// A one-time code that was asked for. Opens nothing without the code.
    ChallengeId
    /// A phone or tablet that scans codes at a gate for an authority.
    ScannerId
    /// What waits for a second person: a policy, region levels, orders, a staff member.
    ProposalId
    /// A human being who acts for an authority, with an account of their own.
    StaffId
    /// A machine of an authority.
    FeedId
    /// Something that somebody should look at.
    AlarmId
    /// A report of a glitch. Says nothing about who reported it.
    GlitchId
    /// An appeal against restrictions.
    AppealId
    /// Something declared and something recorded that do not fit each other.
    ContradictionId
    /// What a client sends so that a repeated request counts once (invariant 6).
    RequestKey
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_survives_text_and_bytes() {
        let id = PersonId::from_u128(0x0123_4567_89ab_cdef_0011_2233_4455_6677);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(PersonId::from_slice(&id.to_bytes()), Ok(id));
    }

    #[test]
    fn text_that_is_no_identifier_is_refused() {
        for text in [
            "",
            "12",
            "+1234567890123456789012345678901",
            "g123456789012345678901234567890g",
        ] {
            assert_eq!(text.parse::<PersonId>(), Err(BadId), "{text}");
        }
    }
}
