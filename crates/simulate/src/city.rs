//! What an installation holds of a simulated epidemic at one time.

use std::ops::Range;

use domain::evidence::{Fact, FactKind, GroupKind};
use domain::{
    AuthorityKind, EvidenceId, Identity, PersonId, Region, RegionLevel, Timestamp, VenueId,
};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::cast::{self, Cast};
use crate::epidemic::{self, BadScenario, Epidemic, Person, Place, Profile, Scenario, Setting};
use crate::identities::Registry;
use crate::{names, reports};

/// One resident of so many is infected from outside, at the beginning.
const PEOPLE_A_SEED: u32 = 4_000;
const LEAST_SEEDS: u32 = 3;

/// What sort of city to make.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many people, at least 100.
    pub people: u32,
    /// How many local days of the epidemic, today included. At least 1.
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
    /// Who lives together, as indexes into [`City::residents`].
    pub households: Vec<Range<usize>>,
    /// Where visits are recorded.
    pub venues: Vec<Venue>,
    /// Visits, by person and then by time. Nobody is at two places at once.
    pub visits: Vec<Visit>,
    /// What was reported about people, oldest first: declarations, stays elsewhere, tests, diagnoses
    /// and the contacts that the community office listed.
    pub reports: Vec<Report>,
    /// The published levels of the districts and of the cities to which people travelled. One of
    /// those has none: an unknown level restricts nobody.
    pub levels: Vec<RegionLevel>,
}

/// Someone who lives in the city.
#[derive(Clone, Debug)]
pub struct Resident {
    /// Random.
    pub id: PersonId,
    /// Made-up name, document and telephone numbers.
    pub identity: Identity,
    /// Index into [`City::households`].
    pub household: usize,
    /// Index into [`City::venues`] of the place of work or the school, if there is one.
    pub workplace: Option<usize>,
    /// Infected, and no test, doctor or contact has said so yet.
    pub is_undiscovered: bool,
}

/// A place with a sign to scan.
#[derive(Clone, Debug)]
pub struct Venue {
    /// Random.
    pub id: VenueId,
    /// The name on the sign.
    pub name: String,
    /// What sort of place.
    pub setting: Setting,
    /// The district.
    pub region: Option<Region>,
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

impl Plan {
    /// The epidemic from which the city is cut: few cases, nobody from elsewhere, and everybody who
    /// scans the sign on entering scans it on leaving too.
    fn scenario(&self) -> Scenario {
        let today = self.now.to_zoned(self.time_zone.clone()).date();
        let before = i64::from(self.days.max(1)) - 1;
        let first_day = today.checked_sub(before.days()).unwrap_or(Date::MIN);
        let mut scenario = Scenario::new(self.people.max(100), self.days.max(1), self.seed);
        scenario.first_day = first_day;
        scenario.time_zone = self.time_zone.clone();
        scenario.disease.seed_cases = (self.people / PEOPLE_A_SEED).max(LEAST_SEEDS);
        scenario.records.open_visits = 0.0;
        scenario.travel.visitors = 0.0;
        // A building of 75 is a large part of a small city, and no rule of it reads that.
        scenario.measures.list_building = 0.0;
        scenario
    }
}

impl City {
    /// Makes the city that `plan` describes.
    ///
    /// # Errors
    /// [`BadScenario`] if there cannot be such a city: too many people or days, or a calendar that
    /// does not reach so far.
    pub fn generate(plan: &Plan) -> Result<Self, BadScenario> {
        let epidemic = Epidemic::simulate(plan.scenario(), |_| {})?;
        Ok(Self::cut(&epidemic, plan.now))
    }

    /// What was known of an epidemic at `now`.
    fn cut(epidemic: &Epidemic, now: Timestamp) -> Self {
        // Its own numbers: what the epidemic draws does not depend on what people are called.
        let seed = epidemic.scenario().seed ^ 0x6369_7479;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let venues = epidemic.places().map(|place| venue(place, &mut rng));
        let venues: Vec<Venue> = venues.collect();
        let (mut residents, households) = settle(epidemic, now, &mut rng);
        let visits = visits(epidemic, &residents, now, &mut rng);
        let ids: Vec<PersonId> = residents.iter().map(|resident| resident.id).collect();
        let reports = reports::until(epidemic, &ids, now, &mut rng);
        for infection in epidemic.infections().filter(|one| one.at <= now) {
            residents[infection.person.0 as usize].is_undiscovered = true;
        }
        for person in reports::discovered(epidemic, now) {
            residents[person.0 as usize].is_undiscovered = false;
        }
        Self {
            residents,
            households,
            venues,
            visits,
            reports,
            levels: reports::levels(epidemic, now),
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

fn venue(place: Place, rng: &mut Xoshiro256PlusPlus) -> Venue {
    let word = names::PLACE.choose(rng).copied().unwrap_or("Willow");
    let number = place.venue.0 + 1;
    let name = match place.setting {
        Setting::Transport => format!("{word} Line, vehicle {number}"),
        setting => format!("{word} {} {number}", sign(setting)),
    };
    Venue {
        id: VenueId::from_u128(random_id(rng)),
        name,
        setting: place.setting,
        region: place.region,
    }
}

const fn sign(setting: Setting) -> &'static str {
    match setting {
        Setting::Home | Setting::Building => "House",
        Setting::School => "School",
        Setting::Work => "Works",
        Setting::Transport => "Line",
        Setting::Shop => "Market",
        Setting::Restaurant => "Noodle House",
        Setting::Gym => "Gym",
    }
}

fn settle(
    epidemic: &Epidemic,
    now: Timestamp,
    rng: &mut Xoshiro256PlusPlus,
) -> (Vec<Resident>, Vec<Range<usize>>) {
    let year = now.to_zoned(epidemic.scenario().time_zone.clone()).year();
    let people: Vec<Profile> = epidemic.people().collect();
    let homes = epidemic.memberships();
    let homes = homes.filter(|membership| membership.kind == GroupKind::Household);
    let homes: Vec<_> = homes.collect();
    let mut registry = Registry::default();
    let (mut residents, mut households) = (Vec::with_capacity(people.len()), Vec::new());
    for members in homes.chunk_by(|one, other| one.group == other.group) {
        let range = residents.len()..residents.len() + members.len();
        let identities = registry.family(&people[range.clone()], year, rng);
        for (member, identity) in members.iter().zip(identities) {
            let workplace = epidemic.workplace(member.person);
            residents.push(Resident {
                id: PersonId::from_u128(random_id(rng)),
                identity,
                household: households.len(),
                workplace: workplace.map(|venue| venue.0 as usize),
                is_undiscovered: false,
            });
        }
        households.push(range);
    }
    (residents, households)
}

fn visits(
    epidemic: &Epidemic,
    residents: &[Resident],
    now: Timestamp,
    rng: &mut Xoshiro256PlusPlus,
) -> Vec<Visit> {
    let begun = epidemic.all_visits().filter(|visit| visit.entered <= now);
    let visit = |visit: epidemic::Visit| Visit {
        id: EvidenceId::from_u128(random_id(rng)),
        person: residents[index(visit.person)].id,
        venue: visit.venue.0 as usize,
        entered: visit.entered,
        left: visit.left.filter(|left| *left <= now),
    };
    begun.map(visit).collect()
}

const fn index(person: Person) -> usize {
    person.0 as usize
}

pub(crate) fn random_id(rng: &mut Xoshiro256PlusPlus) -> u128 {
    rng.random()
}
