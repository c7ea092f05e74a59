//! The words that evidence is made of, each spelled in one place.

use std::fmt;
use std::str::FromStr;

use super::field::Vocabulary;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The words for [`Self::ALL`].
            pub const WORDS: &'static [&'static str] = &[$($word),*];
            /// The words, and what such a word is called.
            pub const VOCABULARY: Vocabulary = Vocabulary {
                name: stringify!($name),
                words: Self::WORDS,
            };

            /// The word used in files, policies, the API and the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
                    .ok_or(UnknownWord { expected: Self::WORDS })
            }
        }
    )*};
}

/// A word that is not one of those a field accepts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {}", expected.join(", "))]
pub struct UnknownWord {
    /// The words the field accepts.
    pub expected: &'static [&'static str],
}

words! {
    /// The kinds of evidence.
    FactKind {
        /// See [`super::Fact::Declaration`].
        Declaration = "declaration",
        /// See [`super::Fact::Diagnosis`].
        Diagnosis = "diagnosis",
        /// See [`super::Fact::Contact`].
        Contact = "contact",
        /// See [`super::Fact::Stay`].
        Stay = "stay",
        /// See [`super::Fact::Test`].
        Test = "test",
        /// See [`super::Fact::Vaccination`].
        Vaccination = "vaccination",
        /// See [`super::Fact::Visit`].
        Visit = "visit",
        /// See [`super::Fact::Order`].
        Order = "order",
        /// See [`super::Fact::Contradiction`].
        Contradiction = "contradiction",
        /// See [`super::Fact::ForeignVerdict`].
        ForeignVerdict = "foreign_verdict",
        /// See [`super::Fact::Withdrawal`].
        Withdrawal = "withdrawal",
    }
    /// What a declaration may list. One bit each in [`super::Symptoms`].
    Symptom {
        /// Feels hot or measured 37.3 °C or more.
        Fever = "fever",
        /// Dry or other cough.
        Cough = "cough",
        /// Tired without a reason.
        Fatigue = "fatigue",
        /// Short of breath.
        Breathlessness = "breathlessness",
        /// Sore throat.
        SoreThroat = "sore_throat",
        /// Blocked or running nose.
        RunnyNose = "runny_nose",
        /// Muscles or joints hurt.
        MuscleAche = "muscle_ache",
        /// Headache.
        Headache = "headache",
        /// Diarrhoea.
        Diarrhoea = "diarrhoea",
        /// Cannot smell or taste.
        LossOfSmell = "loss_of_smell",
        /// Feels ill in another way.
        Other = "other",
    }
    /// A person's answer to "have you met a case in the last 14 days?".
    ContactAnswer {
        /// No.
        None = "none",
        /// Somebody suspected.
        Suspected = "suspected",
        /// Somebody confirmed.
        Confirmed = "confirmed",
        /// Does not know; never restricts anybody.
        Unsure = "unsure",
    }
    /// What a diagnosis found.
    DiagnosisStatus {
        /// May have it.
        Suspected = "suspected",
        /// Has it.
        Confirmed = "confirmed",
        /// Has it without feeling ill.
        Asymptomatic = "asymptomatic",
        /// Had it and is well.
        Recovered = "recovered",
        /// Does not have it.
        Excluded = "excluded",
    }
    /// How two people met.
    Relation {
        /// Live together.
        Household = "household",
        /// Face to face, near and unprotected.
        Close = "close",
        /// Live in the same building.
        Building = "building",
        /// Rode in the same vehicle.
        Vehicle = "vehicle",
        /// Were at the same venue.
        Venue = "venue",
        /// Met otherwise.
        Other = "other",
    }
    /// What companions share.
    GroupKind {
        /// One home.
        Household = "household",
        /// One building, or one staircase of a large one.
        Building = "building",
        /// One trip of one vehicle.
        Vehicle = "vehicle",
    }
    /// How a person was in a region.
    StayMode {
        /// Lives there.
        Resident = "resident",
        /// Stopped there.
        Stay = "stay",
        /// Passed through without stopping.
        Transit = "transit",
    }
    /// Who says that a person was in a region.
    StaySource {
        /// The person.
        Declared = "declared",
        /// A rail ticket.
        Rail = "rail",
        /// A flight.
        Air = "air",
        /// A coach.
        Coach = "coach",
        /// A mobile carrier.
        Carrier = "carrier",
        /// A hotel.
        Hotel = "hotel",
    }
    /// What kind of test.
    TestKind {
        /// Nucleic acid.
        Pcr = "pcr",
        /// Antigen.
        Antigen = "antigen",
        /// Antibody.
        Antibody = "antibody",
    }
    /// What a test showed.
    TestResult {
        /// Infected.
        Positive = "positive",
        /// Not found.
        Negative = "negative",
        /// Must be repeated; says nothing.
        Inconclusive = "inconclusive",
        /// The sample is taken, the result is not there yet. Shows that the person went.
        Pending = "pending",
    }
    /// What a contradiction is about.
    ContradictionAbout {
        /// Where they were.
        Stay = "stay",
        /// Whom they met.
        Contact = "contact",
        /// How they felt.
        Symptoms = "symptoms",
    }
}

impl GroupKind {
    /// What two members of such a group are to each other.
    pub const fn relation(self) -> Relation {
        match self {
            Self::Household => Relation::Household,
            Self::Building => Relation::Building,
            Self::Vehicle => Relation::Vehicle,
        }
    }
}
