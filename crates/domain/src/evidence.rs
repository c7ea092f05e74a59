//! Evidence: append-only facts about a person. Never edited; withdrawn by a later record.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

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
        ring: u8,
        /// The first moment together.
        first: Timestamp,
        /// The last moment together.
        last: Timestamp,
        /// Minutes together in all, if measured.
        minutes: Option<u32>,
    },
    /// The person was in a region.
    Stay {
        /// Where.
        region: Region,
        /// From when.
        arrived: Timestamp,
        /// Until when; `None` while they are there.
        left: Option<Timestamp>,
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
        /// When the sample was taken.
        sampled: Timestamp,
        /// When the result was reported.
        reported: Option<Timestamp>,
        /// Which laboratory.
        lab: Option<String>,
    },
    /// A dose of a vaccine.
    Vaccination {
        /// Product name.
        product: String,
        /// First dose is 1.
        dose: u8,
        /// When.
        at: Timestamp,
    },
    /// The person was at a venue.
    Visit {
        /// Where.
        venue: VenueId,
        /// What sort of place, if the venue said so (for example `port`).
        category: Option<String>,
        /// From when.
        entered: Timestamp,
        /// Until when; `None` while they are there or if nobody checked out.
        left: Option<Timestamp>,
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
        /// From when.
        at: Timestamp,
        /// Until when; a verdict without an end is not taken in.
        until: Timestamp,
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

/// An order: two persons, a legal basis, an end within 72 hours (invariant 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    colour: Colour,
    from: Timestamp,
    until: Timestamp,
    basis: String,
    signed_by: [String; 2],
}

/// Why an order is void.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOrder {
    /// Green is not an order.
    #[error("an order restricts: its colour is red or yellow, not green")]
    Green,
    /// Too long, or ends before it begins.
    #[error("an order ends after it begins and within 72 hours; this one lasts {hours} hours")]
    Duration {
        /// Whole hours from beginning to end.
        hours: i64,
    },
    /// No legal basis.
    #[error("an order names its legal basis; the text is empty")]
    NoBasis,
    /// One officer signed twice, or one did not sign.
    #[error("an order is signed by two different persons")]
    NotTwoPersons,
}

impl Order {
    /// The longest an order may last.
    pub const LONGEST: SignedDuration = SignedDuration::from_hours(72);

    /// Checks what makes an order valid.
    ///
    /// # Errors
    /// [`BadOrder`] says which condition does not hold.
    pub fn new(
        colour: Colour,
        from: Timestamp,
        until: Timestamp,
        basis: String,
        signed_by: [String; 2],
    ) -> Result<Self, BadOrder> {
        if colour == Colour::Green {
            return Err(BadOrder::Green);
        }
        let lasts = until.duration_since(from);
        if !lasts.is_positive() || lasts > Self::LONGEST {
            return Err(BadOrder::Duration {
                hours: lasts.as_hours(),
            });
        }
        if basis.trim().is_empty() {
            return Err(BadOrder::NoBasis);
        }
        let [first, second] = [signed_by[0].trim(), signed_by[1].trim()];
        if first.is_empty() || second.is_empty() || first == second {
            return Err(BadOrder::NotTwoPersons);
        }
        Ok(Self {
            colour,
            from,
            until,
            basis,
            signed_by,
        })
    }

    /// Red or yellow.
    pub fn colour(&self) -> Colour {
        self.colour
    }

    /// The first moment.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The first moment after.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// The law it rests on.
    pub fn basis(&self) -> &str {
        &self.basis
    }

    /// The two persons who answer for it.
    pub fn signed_by(&self) -> &[String; 2] {
        &self.signed_by
    }
}

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
        /// See [`Fact::Declaration`].
        Declaration = "declaration",
        /// See [`Fact::Diagnosis`].
        Diagnosis = "diagnosis",
        /// See [`Fact::Contact`].
        Contact = "contact",
        /// See [`Fact::Stay`].
        Stay = "stay",
        /// See [`Fact::Test`].
        Test = "test",
        /// See [`Fact::Vaccination`].
        Vaccination = "vaccination",
        /// See [`Fact::Visit`].
        Visit = "visit",
        /// See [`Fact::Order`].
        Order = "order",
        /// See [`Fact::Contradiction`].
        Contradiction = "contradiction",
        /// See [`Fact::ForeignVerdict`].
        ForeignVerdict = "foreign_verdict",
        /// See [`Fact::Withdrawal`].
        Withdrawal = "withdrawal",
    }
    /// What a declaration may list. One bit each in [`Symptoms`].
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

/// A set of [`Symptom`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Symptoms(u16);

impl Symptoms {
    /// Feels well.
    pub const NONE: Self = Self(0);

    /// One bit a symptom, in the order of [`Symptom::ALL`], lowest first.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Reads [`Self::bits`]; bits that stand for no symptom are dropped.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & ((1 << Symptom::ALL.len()) - 1))
    }

    /// Whether `symptom` is in the set.
    pub const fn contains(self, symptom: Symptom) -> bool {
        self.0 & (1 << symptom as u16) != 0
    }

    /// How many there are.
    pub const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The symptoms, in the order of the documentation.
    pub fn iter(self) -> impl Iterator<Item = Symptom> {
        Symptom::ALL
            .iter()
            .copied()
            .filter(move |symptom| self.contains(*symptom))
    }
}

impl FromIterator<Symptom> for Symptoms {
    fn from_iter<I: IntoIterator<Item = Symptom>>(symptoms: I) -> Self {
        Self(
            symptoms
                .into_iter()
                .fold(0, |bits, symptom| bits | (1 << symptom as u16)),
        )
    }
}

/// A body temperature in tenths of a degree Celsius, from 30.0 to 45.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Temperature(u16);

/// A number that no living person has as body temperature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a body temperature lies between 30.0 and 45.0 degrees Celsius")]
pub struct BadTemperature;

impl Temperature {
    /// Takes tenths of a degree.
    ///
    /// # Errors
    /// [`BadTemperature`] outside 300 to 450.
    pub fn from_tenths(tenths: i64) -> Result<Self, BadTemperature> {
        match u16::try_from(tenths) {
            Ok(tenths @ 300..=450) => Ok(Self(tenths)),
            _ => Err(BadTemperature),
        }
    }

    /// Tenths of a degree.
    pub const fn tenths(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Temperature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl FromStr for Temperature {
    type Err = BadTemperature;

    fn from_str(text: &str) -> Result<Self, BadTemperature> {
        let (whole, tenth) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty();
        if !digits(whole) || !digits(tenth) || whole.len() > 3 {
            return Err(BadTemperature);
        }
        let whole: i64 = whole.parse().map_err(|_| BadTemperature)?;
        let tenth: i64 = tenth[..1].parse().map_err(|_| BadTemperature)?;
        Self::from_tenths(whole * 10 + tenth)
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
            | Self::ForeignVerdict { at, .. }
            | Self::Withdrawal { at, .. } => *at,
            Self::Contact { first, .. } => *first,
            Self::Stay { arrived, .. } => *arrived,
            Self::Test { sampled, .. } => *sampled,
            Self::Visit { entered, .. } => *entered,
            Self::Order(order) => order.from,
        }
    }

    /// When the fact ended; `None` while it lasts. A fact of one moment ends as it begins.
    pub const fn ends(&self) -> Option<Timestamp> {
        match self {
            Self::Contact { last, .. } => Some(*last),
            Self::Stay { left, .. } | Self::Visit { left, .. } => *left,
            _ => Some(self.begins()),
        }
    }
}
