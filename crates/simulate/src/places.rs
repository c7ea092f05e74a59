//! Buildings and venues.

use domain::{Region, VenueId};
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;

use crate::{Building, Plan, Venue, names, random_id};

/// What sort of place a venue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VenueKind {
    /// Food and everything else.
    Shop,
    /// Lunch and dinner.
    Restaurant,
    /// A place of work.
    Office,
    /// Children from 6 to 17 and their teachers.
    School,
    /// Evening exercise.
    Gym,
    /// Ships and freight.
    Port,
}

impl VenueKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Shop,
        Self::Restaurant,
        Self::Office,
        Self::School,
        Self::Gym,
        Self::Port,
    ];

    /// The word a policy may ask for as a visit's category.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Restaurant => "restaurant",
            Self::Office => "office",
            Self::School => "school",
            Self::Gym => "gym",
            Self::Port => "port",
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Shop => "Market",
            Self::Restaurant => "Noodle House",
            Self::Office => "Works",
            Self::School => "School",
            Self::Gym => "Gym",
            Self::Port => "Port",
        }
    }

    /// One venue of this kind for so many people.
    const fn people_each(self) -> u32 {
        match self {
            Self::Shop => 110,
            Self::Restaurant => 140,
            Self::Office => 60,
            Self::School => 1400,
            Self::Gym => 2000,
            Self::Port => u32::MAX,
        }
    }
}

/// Everything that does not move.
pub(crate) struct Places {
    pub buildings: Vec<Building>,
    pub venues: Vec<Venue>,
}

impl Places {
    /// The indexes of the venues of one kind.
    pub fn of(&self, kind: VenueKind) -> Vec<usize> {
        (0..self.venues.len())
            .filter(|index| self.venues[*index].kind == kind)
            .collect()
    }
}

/// The districts of the city; the code of the city is 9901.
const DISTRICTS: [&str; 3] = ["990101", "990102", "990103"];

/// About so many people live in a building.
const PEOPLE_A_BUILDING: u32 = 75;

pub(crate) fn build(plan: &Plan, rng: &mut Xoshiro256PlusPlus) -> Places {
    let districts: Vec<Region> = DISTRICTS.iter().flat_map(|code| code.parse()).collect();
    let district = |rng: &mut Xoshiro256PlusPlus| districts[rng.random_range(0..districts.len())];
    let word = |rng: &mut Xoshiro256PlusPlus| *names::PLACE.choose(rng).unwrap_or(&"Willow");

    let buildings = (0..plan.people.div_ceil(PEOPLE_A_BUILDING).max(1))
        .map(|_| Building {
            address: format!("{} Road {}", word(rng), rng.random_range(1..400)),
            region: district(rng),
        })
        .collect();
    let mut venues = Vec::new();
    for kind in VenueKind::ALL {
        for number in 1..=(plan.people / kind.people_each()).max(1) {
            let name = match kind {
                VenueKind::Port => format!("{} {}", word(rng), kind.sign()),
                _ => format!("{} {} {number}", word(rng), kind.sign()),
            };
            let id = VenueId::from_u128(random_id(rng));
            venues.push(Venue {
                id,
                name,
                kind,
                region: district(rng),
            });
        }
    }
    Places { buildings, venues }
}
