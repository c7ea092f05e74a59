//! Why somebody looks at a person's data.

use std::fmt;
use std::str::FromStr;

use domain::text;

use crate::{Result, ServiceError};

/// Characters of a reference.
const LONGEST_REFERENCE: usize = 100;

/// What somebody looks at a person's data for. There is no other purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// The person stands at the counter of an office.
    AtTheCounter,
    /// An infection is investigated.
    CaseInvestigation,
    /// Those who met a case are found.
    ContactTracing,
    /// An order is prepared or examined.
    Order,
    /// The person objected.
    Appeal,
    /// A record about the person is wrong.
    Correction,
    /// An auditor examines what others did.
    Audit,
    /// A law demands that data are handed over.
    Disclosure,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 8] = [
        Self::AtTheCounter,
        Self::CaseInvestigation,
        Self::ContactTracing,
        Self::Order,
        Self::Appeal,
        Self::Correction,
        Self::Audit,
        Self::Disclosure,
    ];

    /// The word in the API and in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtTheCounter => "at_the_counter",
            Self::CaseInvestigation => "case_investigation",
            Self::ContactTracing => "contact_tracing",
            Self::Order => "order",
            Self::Appeal => "appeal",
            Self::Correction => "correction",
            Self::Audit => "audit",
            Self::Disclosure => "disclosure",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected at_the_counter, case_investigation, contact_tracing, order, appeal, correction, audit or disclosure"
)]
pub struct BadPurpose;

impl FromStr for Purpose {
    type Err = BadPurpose;

    fn from_str(word: &str) -> Result<Self, BadPurpose> {
        let mut all = Self::ALL.into_iter();
        all.find(|one| one.as_str() == word).ok_or(BadPurpose)
    }
}

/// A purpose with the case that it is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stated {
    purpose: Purpose,
    reference: Option<String>,
}

impl Stated {
    /// That the person stands at the counter, which needs no case.
    pub const AT_THE_COUNTER: Self = Self::of(Purpose::AtTheCounter);

    /// A purpose that follows from what is done.
    pub(crate) const fn of(purpose: Purpose) -> Self {
        let reference = None;
        Self { purpose, reference }
    }

    /// A purpose, and the case, file or letter that it is for.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] unless the reference is one line of 1 to 100 characters.
    pub fn new(purpose: Purpose, reference: &str) -> Result<Self> {
        let reference = text::line(reference, LONGEST_REFERENCE);
        let reference = Some(ServiceError::named("reference", reference)?.to_owned());
        Ok(Self { purpose, reference })
    }

    /// What for.
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Which case, file or letter.
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    pub(super) const fn from_log(purpose: Purpose, reference: Option<String>) -> Self {
        Self { purpose, reference }
    }
}
