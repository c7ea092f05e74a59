//! What a simulation yields, row by row: the tables of evidence and the truth behind them.

use std::fmt;

use domain::evidence::{
    ContactAnswer, DiagnosisStatus, Fact, GroupKind, OpenPeriod, Period, Relation, Ring, StayMode,
    StaySource, Symptoms, Temperature, TestKind, TestResult,
};
use domain::{PersonId, Region, Timestamp, VenueId};
use jiff::civil::Date;

use super::scenario::Setting;

/// Number of one of the people, from 0. Shown as `p` and at least seven digits, so that the order of
/// names is the order of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(pub u32);

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{:07}", self.0)
    }
}

/// Number of a venue, from 0. Shown as `v` and at least six digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Venue(pub u32);

impl fmt::Display for Venue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{:06}", self.0)
    }
}

impl Person {
    /// As an identifier.
    pub fn id(self) -> PersonId {
        PersonId::from_u128(self.0.into())
    }
}

impl Venue {
    /// As an identifier.
    pub fn id(self) -> VenueId {
        VenueId::from_u128(self.0.into())
    }
}

/// A row of a table of evidence.
pub trait Report {
    /// Whom it is about.
    fn person(&self) -> Person;

    /// What it says.
    fn fact(&self) -> Fact;
}

macro_rules! reports {
    ($($row:ident: |$is:ident| $fact:expr;)*) => {$(
        impl Report for $row {
            fn person(&self) -> Person {
                self.person
            }

            fn fact(&self) -> Fact {
                let $is = self;
                $fact
            }
        }
    )*};
}

reports! {
    Visit: |visit| Fact::visit(
        visit.venue.id(),
        Some(visit.setting.as_str().to_owned()),
        OpenPeriod::mended(visit.entered, visit.left),
    );
    Declaration: |said| Fact::declaration(said.at, said.symptoms, said.temperature, said.contact);
    Diagnosis: |found| Fact::diagnosis(found.status, found.at, found.onset);
    Contact: |met| Fact::contact(
        Some(met.with.id()),
        met.relation,
        Ring::FIRST,
        Period::mended(met.first, met.last),
        met.minutes,
    );
    Stay: |stay| Fact::stay(
        stay.region,
        OpenPeriod::mended(stay.arrived, stay.left),
        stay.mode,
        stay.source,
    );
    Test: |test| Fact::test(
        test.kind,
        test.result,
        OpenPeriod::mended(test.sampled, test.reported),
        None,
    );
}

/// Number of a household or building among those of its kind, from 0. Shown as `g` and at least seven
/// digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub u32);

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{:07}", self.0)
    }
}

/// A person in a household or building.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub person: Person,
    /// What is shared.
    pub kind: GroupKind,
    /// With whom.
    pub group: Group,
    /// From when.
    pub from: Timestamp,
}

/// Who somebody is; no rule reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Who.
    pub person: Person,
    /// The district where they live; of a visitor, the city elsewhere.
    pub region: Option<Region>,
    /// Year of birth.
    pub birth_year: i16,
    /// Whether registered as a woman; otherwise as a man.
    pub is_female: bool,
}

/// Where people meet; it has a sign to scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub venue: Venue,
    /// What sort of place.
    pub setting: Setting,
    /// The district in which it lies.
    pub region: Option<Region>,
}

/// A recorded visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Who.
    pub person: Person,
    /// Where.
    pub venue: Venue,
    /// What sort of place.
    pub setting: Setting,
    /// From when.
    pub entered: Timestamp,
    /// Until when; `None` if they did not check out.
    pub left: Option<Timestamp>,
}

/// What a person said about their health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Who.
    pub person: Person,
    /// When.
    pub at: Timestamp,
    /// What they say they feel.
    pub symptoms: Symptoms,
    /// What they measured, if they did.
    pub temperature: Option<Temperature>,
    /// What they say about having met a case.
    pub contact: ContactAnswer,
}

/// A finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Who.
    pub person: Person,
    /// What was found.
    pub status: DiagnosisStatus,
    /// When.
    pub at: Timestamp,
    /// When the illness began, if they feel ill.
    pub onset: Option<Timestamp>,
}

/// A contact of a confirmed case, as the community office listed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub person: Person,
    /// The case.
    pub with: Person,
    /// How they met.
    pub relation: Relation,
    /// The first time together, as far as known.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
    /// Minutes together, if somebody could say.
    pub minutes: Option<u32>,
}

/// Where a person was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Who.
    pub person: Person,
    /// Where.
    pub region: Region,
    /// From when.
    pub arrived: Timestamp,
    /// Until when; `None` while they are there.
    pub left: Option<Timestamp>,
    /// How.
    pub mode: StayMode,
    /// Who says so.
    pub source: StaySource,
}

/// A test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// Who.
    pub person: Person,
    /// What kind.
    pub kind: TestKind,
    /// What it showed; pending if the laboratory had not finished by the end.
    pub result: TestResult,
    /// When the sample was taken.
    pub sampled: Timestamp,
    /// When the result was reported.
    pub reported: Option<Timestamp>,
}

/// A confirmed case and its infectious window, as a tracer would set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Who.
    pub person: Person,
    /// Two days before symptoms, or before the sample of somebody without.
    pub from: Timestamp,
    /// The finding.
    pub until: Timestamp,
}

/// How many cases a district had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseCount {
    /// The day.
    pub date: Date,
    /// The district.
    pub region: Region,
    /// Confirmed cases since the beginning, by the end of the day.
    pub confirmed: u32,
}

/// What truly happened to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Who.
    pub person: Person,
    /// When they were infected.
    pub infected_at: Option<Timestamp>,
    /// When they were first near an infectious person for 15 minutes; of the infected, when they
    /// were infected, if that was earlier.
    pub exposed_at: Timestamp,
}

/// From where an infection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// There from the beginning.
    Seed,
    /// On a journey.
    Elsewhere,
    /// From somebody near.
    Person(Person, Setting),
}

/// Somebody was infected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Infection {
    /// Who.
    pub person: Person,
    /// When.
    pub at: Timestamp,
    /// From where.
    pub origin: Origin,
    /// When symptoms began or will begin; `None` for those who never have any.
    pub onset: Option<Timestamp>,
}

/// A true meeting with an infectious person, for 15 minutes or more, or one that infected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The infectious person.
    pub source: Person,
    /// Who was near.
    pub person: Person,
    /// Where.
    pub setting: Setting,
    /// From when.
    pub first: Timestamp,
    /// For how long.
    pub minutes: u16,
    /// Whether it infected them.
    pub infected: bool,
}
