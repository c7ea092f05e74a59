//! Evidence: append-only facts about a person. Never edited; withdrawn by a later record.

mod field;
mod form;
mod health;
mod json;
mod order;
mod parts;
mod valid;
mod words;

use jiff::Timestamp;

pub use self::field::{Field, Holds, Requirement, Vocabulary};
pub use self::health::{BadTemperature, Symptoms, Temperature};
pub use self::json::{BadField, BadTime, SentFact, SentStatement, StoredFact, read_time};
pub use self::order::{BadOrder, Order};
pub use self::parts::{FieldValue, Impossible, Sink, Source};
pub use self::valid::{
    BadValidity, Dose, EndsBeforeItBegins, OpenPeriod, OutOfRange, Period, Ring, Validity,
};
pub use self::words::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, FactKind, GroupKind, Relation, StayMode,
    StaySource, Symptom, TestKind, TestResult, UnknownWord,
};
use crate::ids::{AuthorityId, EvidenceId, PersonId, VenueId};
use crate::region::Region;
use crate::verdict::Colour;

/// One fact about one person, as some authority recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its identifier; a restriction names it.
    pub id: EvidenceId,
    /// Whom it is about.
    pub person: PersonId,
    /// Who submitted it.
    pub authority: AuthorityId,
    /// When the system took it in. Plays no part in a verdict.
    pub recorded_at: Timestamp,
    /// What it says.
    pub fact: Fact,
}

/// What a piece of evidence says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A person's own report of their health.
    Declaration {
        /// When it was made.
        at: Timestamp,
        /// What they feel.
        symptoms: Symptoms,
        /// Body temperature, if measured.
        temperature: Option<Temperature>,
        /// What they say about having met a case.
        contact: ContactAnswer,
    },
    /// A finding that the person has, had or does not have the disease.
    Diagnosis {
        /// What was found.
        status: DiagnosisStatus,
        /// When it was found.
        at: Timestamp,
        /// When the illness began, if known.
        onset: Option<Timestamp>,
    },
    /// The person met a case, or somebody who met one.
    Contact {
        /// The case or the contact in between, if known. Never shown to anybody.
        with: Option<PersonId>,
        /// How they met.
        relation: Relation,
        /// Distance: ring 1 met a case, ring 2 met ring 1.
        ring: Ring,
        /// From the first time together to the last.
        period: Period,
        /// Minutes together in all, if measured.
        minutes: Option<u32>,
    },
    /// The person was in a region.
    Stay {
        /// Where.
        region: Region,
        /// From arrival to departure; without an end while they are there.
        period: OpenPeriod,
        /// Whether they live there, stayed, or passed through without stopping.
        mode: StayMode,
        /// Who says so.
        source: StaySource,
    },
    /// A sample was taken.
    Test {
        /// What kind of test.
        kind: TestKind,
        /// What it showed.
        result: TestResult,
        /// From the sample to the report of its result, if it was reported.
        period: OpenPeriod,
        /// Which laboratory.
        lab: Option<String>,
    },
    /// A dose of a vaccine.
    Vaccination {
        /// Product name.
        product: String,
        /// First dose is 1.
        dose: Dose,
        /// When.
        at: Timestamp,
    },
    /// The person was at a venue.
    Visit {
        /// Where.
        venue: VenueId,
        /// What sort of place, if the venue said so (for example `port`).
        category: Option<String>,
        /// From entering to leaving; without an end while they are there or if nobody checked out.
        period: OpenPeriod,
    },
    /// A restriction by order of two officers. No other interface restricts anybody directly
    /// (invariant 2).
    Order(Order),
    /// An official record contradicts what the person declared.
    Contradiction {
        /// When it was found.
        at: Timestamp,
        /// What was declared wrongly.
        about: ContradictionAbout,
    },
    /// Another issuer's verdict on the same person.
    ForeignVerdict {
        /// Whose verdict.
        issuer: Region,
        /// Which colour.
        colour: Colour,
        /// How long it holds; a verdict without an end is not taken in.
        period: Validity,
    },
    /// An earlier record was wrong and counts no more.
    ///
    /// The authority that submitted a record may withdraw it, and so may any health authority.
    /// A withdrawal cannot itself be withdrawn: submit the fact again.
    Withdrawal {
        /// The record withdrawn.
        of: EvidenceId,
        /// When it was withdrawn.
        at: Timestamp,
    },
}

/// One constructor for each kind. A member that is added later and may be unknown is unknown here,
/// so that callers without it need not say so.
impl Fact {
    /// A person's own report of their health.
    pub const fn declaration(
        at: Timestamp,
        symptoms: Symptoms,
        temperature: Option<Temperature>,
        contact: ContactAnswer,
    ) -> Self {
        Self::Declaration {
            at,
            symptoms,
            temperature,
            contact,
        }
    }

    /// A finding about the disease.
    pub const fn diagnosis(
        status: DiagnosisStatus,
        at: Timestamp,
        onset: Option<Timestamp>,
    ) -> Self {
        Self::Diagnosis { status, at, onset }
    }

    /// A meeting with a case, or with somebody who met one.
    pub const fn contact(
        with: Option<PersonId>,
        relation: Relation,
        ring: Ring,
        period: Period,
        minutes: Option<u32>,
    ) -> Self {
        Self::Contact {
            with,
            relation,
            ring,
            period,
            minutes,
        }
    }

    /// A stay in a region.
    pub const fn stay(
        region: Region,
        period: OpenPeriod,
        mode: StayMode,
        source: StaySource,
    ) -> Self {
        Self::Stay {
            region,
            period,
            mode,
            source,
        }
    }

    /// A test, from the sample to the report of its result.
    pub const fn test(
        kind: TestKind,
        result: TestResult,
        period: OpenPeriod,
        lab: Option<String>,
    ) -> Self {
        Self::Test {
            kind,
            result,
            period,
            lab,
        }
    }

    /// A dose of a vaccine.
    pub const fn vaccination(product: String, dose: Dose, at: Timestamp) -> Self {
        Self::Vaccination { product, dose, at }
    }

    /// A stay at a venue.
    pub const fn visit(venue: VenueId, category: Option<String>, period: OpenPeriod) -> Self {
        Self::Visit {
            venue,
            category,
            period,
        }
    }

    /// A declaration found wrong.
    pub const fn contradiction(at: Timestamp, about: ContradictionAbout) -> Self {
        Self::Contradiction { at, about }
    }

    /// Another issuer's verdict.
    pub const fn foreign_verdict(issuer: Region, colour: Colour, period: Validity) -> Self {
        Self::ForeignVerdict {
            issuer,
            colour,
            period,
        }
    }

    /// A record that counts no more.
    pub const fn withdrawal(of: EvidenceId, at: Timestamp) -> Self {
        Self::Withdrawal { of, at }
    }
}

impl Fact {
    /// Which kind of fact this is.
    pub const fn kind(&self) -> FactKind {
        match self {
            Self::Declaration { .. } => FactKind::Declaration,
            Self::Diagnosis { .. } => FactKind::Diagnosis,
            Self::Contact { .. } => FactKind::Contact,
            Self::Stay { .. } => FactKind::Stay,
            Self::Test { .. } => FactKind::Test,
            Self::Vaccination { .. } => FactKind::Vaccination,
            Self::Visit { .. } => FactKind::Visit,
            Self::Order(_) => FactKind::Order,
            Self::Contradiction { .. } => FactKind::Contradiction,
            Self::ForeignVerdict { .. } => FactKind::ForeignVerdict,
            Self::Withdrawal { .. } => FactKind::Withdrawal,
        }
    }

    /// When the fact began: no verdict takes it into account before.
    pub const fn begins(&self) -> Timestamp {
        match self {
            Self::Declaration { at, .. }
            | Self::Diagnosis { at, .. }
            | Self::Vaccination { at, .. }
            | Self::Contradiction { at, .. }
            | Self::Withdrawal { at, .. } => *at,
            Self::Contact { period, .. } => period.begin(),
            Self::Stay { period, .. } | Self::Test { period, .. } | Self::Visit { period, .. } => {
                period.begin()
            }
            Self::ForeignVerdict { period, .. } => period.begin(),
            Self::Order(order) => order.from(),
        }
    }

    /// The latest date that the fact names; `None` while it lasts. It decides for how long the fact
    /// can matter (see [`crate::Policy::look_back`]).
    pub fn ends(&self) -> Option<Timestamp> {
        match self {
            Self::Contact { period, .. } => Some(period.end()),
            Self::Stay { period, .. } | Self::Visit { period, .. } => period.end(),
            Self::Test { period, .. } => Some(period.end().unwrap_or(period.begin())),
            Self::Diagnosis { at, onset, .. } => Some(onset.map_or(*at, |onset| onset.max(*at))),
            Self::Order(order) => Some(order.until()),
            Self::ForeignVerdict { period, .. } => Some(period.end()),
            _ => Some(self.begins()),
        }
    }
}
