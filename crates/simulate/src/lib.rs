//! A made-up city: people with names and documents, households, venues, two weeks of visits, what
//! they declared, where they travelled, who fell ill.
//!
//! Nothing in it is real. Document numbers carry the area prefix 99, which belongs to no place;
//! telephone numbers carry the country code 999, which belongs to no country; the regions begin
//! with 99 too. The same [`Plan`] always gives the same [`City`].
//!
//! [`epidemic`] is another, larger city, in which a disease spreads by known rules.

mod cast;
pub mod epidemic;
mod health;
mod names;
mod people;
mod places;
mod visits;

use std::ops::Range;

use domain::evidence::{Fact, FactKind};
use domain::{
    AuthorityKind, EvidenceId, Identity, PersonId, Region, RegionLevel, Timestamp, VenueId,
};
use jiff::tz::TimeZone;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

pub use cast::Cast;
pub use places::VenueKind;

/// What sort of city to make.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many people, at least; the last household is not split. At least 100 are made.
    pub people: u32,
    /// How many local days of visits, today included. At least 1.
    pub days: u16,
    /// Everything random follows from it.
    pub seed: u64,
    /// The present: nothing in the city happens after it.
    pub now: Timestamp,
    /// The zone in which people get up and go to bed.
    pub time_zone: TimeZone,
}

/// A made-up city.
#[derive(Clone, Debug)]
pub struct City {
    /// Everybody; the members of a household stand together.
    pub residents: Vec<Resident>,
    /// Who lives together.
    pub households: Vec<Household>,
    /// Where they live.
    pub buildings: Vec<Building>,
    /// Where visits are recorded.
    pub venues: Vec<Venue>,
    /// Visits, by person and then by time. Nobody is at two places at once.
    pub visits: Vec<Visit>,
    /// What was reported about people, oldest first: declarations, stays elsewhere, tests,
    /// diagnoses and the household contacts of the earlier cases.
    pub reports: Vec<Report>,
    /// The published levels of the regions to which people travelled. One of those regions has
    /// none: an unknown level restricts nobody.
    pub levels: Vec<RegionLevel>,
}

/// Someone who lives in the city.
#[derive(Clone, Debug)]
pub struct Resident {
    /// Random.
    pub id: PersonId,
    /// Made-up name, document and telephone numbers.
    pub identity: Identity,
    /// Year of birth.
    pub birth_year: i16,
    /// Index into [`City::households`].
    pub household: usize,
    /// Index into [`City::venues`] of the place of work or the school, if there is one.
    pub workplace: Option<usize>,
    /// When the person registered.
    pub registered_at: Timestamp,
}

/// People who live together.
#[derive(Clone, Debug)]
pub struct Household {
    /// Index into [`City::buildings`].
    pub building: usize,
    /// Indexes into [`City::residents`].
    pub members: Range<usize>,
}

/// A house with several households.
#[derive(Clone, Debug)]
pub struct Building {
    /// Its address.
    pub address: String,
    /// The district.
    pub region: Region,
}

/// A place with a sign to scan.
#[derive(Clone, Debug)]
pub struct Venue {
    /// Random.
    pub id: VenueId,
    /// The name on the sign.
    pub name: String,
    /// What sort of place.
    pub kind: VenueKind,
    /// The district.
    pub region: Region,
}

/// A stay at a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Random.
    pub id: EvidenceId,
    /// Who.
    pub person: PersonId,
    /// Index into [`City::venues`].
    pub venue: usize,
    /// From when.
    pub entered: Timestamp,
    /// Until when; `None` for somebody who is there now.
    pub left: Option<Timestamp>,
}

/// Something reported about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Random.
    pub id: EvidenceId,
    /// About whom.
    pub person: PersonId,
    /// What kind of body reported it.
    pub by: AuthorityKind,
    /// When.
    pub reported_at: Timestamp,
    /// What.
    pub fact: Fact,
}

impl City {
    /// Makes the city that `plan` describes.
    pub fn generate(plan: &Plan) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(plan.seed);
        let places = places::build(plan, &mut rng);
        let (residents, households) = people::settle(plan, &places, &mut rng);
        let health = health::live(plan, &residents, &households, &mut rng);
        let visits = visits::walk(
            plan,
            &residents,
            &households,
            &places,
            &health.absent,
            &mut rng,
        );
        Self {
            residents,
            households,
            buildings: places.buildings,
            venues: places.venues,
            visits,
            reports: health.reports,
            levels: health.levels,
        }
    }

    /// The reports of one kind, oldest first.
    pub fn reports_of(&self, kind: FactKind) -> impl Iterator<Item = &Report> {
        self.reports
            .iter()
            .filter(move |report| report.fact.kind() == kind)
    }

    /// The people around whom the demo's story turns; `None` if the city is too small for one.
    pub fn cast(&self, now: Timestamp) -> Option<Cast> {
        cast::choose(self, now)
    }
}

fn random_id(rng: &mut Xoshiro256PlusPlus) -> u128 {
    rng.random()
}
