//! Why a code is refused.

use jiff::{SignedDuration, Timestamp};

use crate::code::BadCode;
use crate::key::KeyId;
use crate::malformed::Malformed;
use crate::verify::Form;

/// Why a code is refused. [`Refusal::word`] names the reason for programs and translations; the
/// message tells a guard what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Some other QR code.
    #[error("This is not a health code. Ask for the health code.")]
    UnknownPrefix,
    /// A version that this program does not know.
    #[error(
        "This code has version {version}, which this scanner does not know. Update the scanner."
    )]
    UnknownVersion {
        /// The version it claims.
        version: String,
    },
    /// Damaged, or made by something else.
    #[error("This code is damaged ({0}). Scan it again.")]
    Malformed(Malformed),
    /// Signed by a key that is not in the trust list.
    #[error("The issuer of this code is unknown (key {key}). Update the scanner's trust list.")]
    UnknownIssuer {
        /// The key.
        key: KeyId,
    },
    /// Signed outside the time of the key.
    #[error("The issuer's key {key} was not valid when this code was issued ({issued_at}).")]
    KeyNotValid {
        /// The key.
        key: KeyId,
        /// When the assertion says it was issued.
        issued_at: Timestamp,
        /// From when the key may sign.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// Forged or damaged.
    #[error("The issuer's signature is wrong. This code is forged or damaged.")]
    BadSignature {
        /// The key that is said to have signed.
        key: KeyId,
    },
    /// The trust list says nothing about now any more.
    #[error("The list of trusted issuers ran out at {since}. Connect the scanner to the network.")]
    TrustListRanOut {
        /// When.
        since: Timestamp,
    },
    /// Made to live longer than any code of its form may.
    #[error(
        "This {} code was made to live for {} minutes, and none may for more than {}. Do not accept it.",
        form.as_str(),
        life.as_mins(),
        form.longest_life().as_mins()
    )]
    LivesTooLong {
        /// The form.
        form: Form,
        /// From its issue to its expiry.
        life: SignedDuration,
    },
    /// Issued later than now.
    #[error("This code is only valid from {issued_at}. Check the scanner's clock.")]
    NotYetValid {
        /// When the assertion says it was issued.
        issued_at: Timestamp,
    },
    /// Its time is over.
    #[error("This code expired at {expired_at}. Ask the person to renew it.")]
    Expired {
        /// When.
        expired_at: Timestamp,
    },
    /// A live code without the phone's signature: somebody copied the assertion.
    #[error("This is a copy without the phone's signature. Ask for the live code on the phone.")]
    NotLive,
    /// A form that this checkpoint does not take.
    #[error("This checkpoint does not take {} codes. Ask for the live code.", form.as_str())]
    FormNotTaken {
        /// The form.
        form: Form,
    },
    /// An old picture of a live code.
    #[error("This code was shown {} seconds ago: a screenshot? Ask for the code now.", age.as_secs())]
    ShownTooLongAgo {
        /// How long ago the phone drew it.
        age: SignedDuration,
    },
    /// The phone's clock is ahead.
    #[error("The phone's clock is {} seconds ahead. Set phone and scanner to the right time.", ahead.as_secs())]
    ShownInTheFuture {
        /// By how much.
        ahead: SignedDuration,
    },
    /// Another phone, or a changed time.
    #[error("The phone's signature is wrong. This code belongs to another phone.")]
    BadHolderSignature,
    /// It no longer holds.
    #[error("This code no longer holds. Ask the person to renew it.")]
    Revoked {
        /// When the status list was made.
        known_at: Timestamp,
    },
    /// It cannot be known whether it still holds.
    #[error(
        "It is unknown whether this code still holds: {gap}. Connect the scanner to the network."
    )]
    StatusUnknown {
        /// How old the assertion is.
        age: SignedDuration,
        /// What is missing.
        gap: StatusGap,
    },
    /// The same live code, or an earlier one, was shown before.
    #[error(
        "This code was already shown at {shown_at}. Ask for the code on the person's own phone."
    )]
    Replayed {
        /// When the phone drew the code that was seen before.
        shown_at: Timestamp,
    },
}

/// Why the status of an assertion is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusGap {
    /// No status list is held.
    #[error("there is no status list")]
    NoList,
    /// The one held is too old.
    #[error("the status list is {} hours old", age.as_hours())]
    ListTooOld {
        /// How old.
        age: SignedDuration,
    },
    /// The one held is not yet valid.
    #[error("the status list comes from the future; check the clock")]
    ListFromTheFuture,
    /// The one held has no such place.
    #[error("the status list ends before this code, at {places}")]
    NotInList {
        /// How many places it has.
        places: u64,
    },
}

impl Refusal {
    /// The reason as a word, for files, the API and translations.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::UnknownPrefix => "unknown-prefix",
            Self::UnknownVersion { .. } => "unknown-version",
            Self::Malformed(_) => "malformed",
            Self::UnknownIssuer { .. } => "unknown-issuer",
            Self::KeyNotValid { .. } => "key-not-valid",
            Self::BadSignature { .. } => "bad-signature",
            Self::TrustListRanOut { .. } => "trust-list-ran-out",
            Self::LivesTooLong { .. } => "lives-too-long",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Expired { .. } => "expired",
            Self::NotLive => "not-live",
            Self::FormNotTaken { .. } => "form-not-taken",
            Self::ShownTooLongAgo { .. } => "shown-too-long-ago",
            Self::ShownInTheFuture { .. } => "shown-in-the-future",
            Self::BadHolderSignature => "bad-holder-signature",
            Self::Revoked { .. } => "revoked",
            Self::StatusUnknown { .. } => "status-unknown",
            Self::Replayed { .. } => "replayed",
        }
    }
}

impl From<BadCode> for Refusal {
    fn from(bad: BadCode) -> Self {
        match bad {
            BadCode::UnknownPrefix => Self::UnknownPrefix,
            BadCode::UnknownVersion { version } => Self::UnknownVersion { version },
            BadCode::Malformed(malformed) => Self::Malformed(malformed),
        }
    }
}
