//! Households and the people in them.

use std::collections::HashSet;

use domain::{Document, DocumentKind, Identity, PersonId, Pii, Timestamp};
use jiff::SignedDuration;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;

use crate::places::Places;
use crate::{Household, Plan, Resident, VenueKind, names, random_id};

/// Households of 1, 2, 3… people, in percent.
const SIZES: [u32; 6] = [16, 28, 26, 17, 9, 4];

/// People who carry a passport instead of an identity card, in percent.
const FOREIGNERS: f64 = 0.04;

/// Adults of working age who have a place of work with a sign.
const EMPLOYED: f64 = 0.72;

pub(crate) fn settle(
    plan: &Plan,
    places: &Places,
    rng: &mut Xoshiro256PlusPlus,
) -> (Vec<Resident>, Vec<Household>) {
    let mut town = Town {
        year: plan.now.to_zoned(plan.time_zone.clone()).year(),
        workplaces: Workplaces::new(places),
        documents: HashSet::new(),
        phones: 0,
    };
    let target = plan.people.max(100) as usize;
    let mut residents = Vec::with_capacity(target + SIZES.len());
    let mut households = Vec::new();
    while residents.len() < target {
        let first = residents.len();
        let household = households.len();
        let building = rng.random_range(0..places.buildings.len());
        let registered_at = registration(plan, rng);
        for mut resident in town.family(places.buildings[building].region, rng) {
            resident.household = household;
            resident.registered_at = registered_at;
            residents.push(resident);
        }
        households.push(Household {
            building,
            members: first..residents.len(),
        });
    }
    (residents, households)
}

/// Everybody registered in the week before the first day of visits.
fn registration(plan: &Plan, rng: &mut Xoshiro256PlusPlus) -> Timestamp {
    let days = i64::from(plan.days) + 2;
    let hours = days * 24 + rng.random_range(0..6 * 24);
    plan.now - SignedDuration::from_hours(hours)
}

struct Town {
    year: i16,
    workplaces: Workplaces,
    documents: HashSet<String>,
    phones: u32,
}

impl Town {
    /// One household; its number and day of registration are not known yet.
    fn family(&mut self, region: domain::Region, rng: &mut Xoshiro256PlusPlus) -> Vec<Resident> {
        let abroad = rng.random_bool(FOREIGNERS);
        let family_name = if abroad {
            names::FAMILY_ABROAD.choose(rng)
        } else {
            names::FAMILY.choose(rng)
        };
        let family_name = family_name.copied().unwrap_or_default();
        let ages = ages(rng);
        let mut shared_phone = None;
        let mut family = Vec::with_capacity(ages.len());
        for (place, age) in ages.into_iter().enumerate() {
            // Partners keep their own names.
            let family_name = match place {
                1 if !abroad => names::FAMILY.choose(rng).copied().unwrap_or(family_name),
                _ => family_name,
            };
            let phones = self.phones(age, &mut shared_phone, rng);
            let birth_year = self.year - age;
            let document = self.document(abroad, region, birth_year, rng);
            let name = Pii::new(full_name(abroad, family_name, rng));
            family.push(Resident {
                id: PersonId::from_u128(random_id(rng)),
                identity: Identity {
                    name,
                    document,
                    phones,
                },
                birth_year,
                household: 0,
                workplace: self.workplaces.choose(age, rng),
                registered_at: Timestamp::UNIX_EPOCH,
            });
        }
        family
    }

    /// Children and one old person in three use the phone of the first adult; one adult in twenty
    /// has two.
    fn phones(
        &mut self,
        age: i16,
        shared: &mut Option<String>,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Vec<Pii<String>> {
        let borrows = age < 12 || (age >= 65 && rng.random_bool(0.33));
        if let (true, Some(phone)) = (borrows, &*shared) {
            return vec![Pii::new(phone.clone())];
        }
        let own = self.next_phone();
        shared.get_or_insert_with(|| own.clone());
        let mut phones = vec![Pii::new(own)];
        if rng.random_bool(0.05) {
            phones.push(Pii::new(self.next_phone()));
        }
        phones
    }

    /// Country code 999 is reserved and belongs to no country.
    fn next_phone(&mut self) -> String {
        self.phones += 1;
        format!("+9995{:08}", self.phones)
    }

    fn document(
        &mut self,
        abroad: bool,
        region: domain::Region,
        birth_year: i16,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Document {
        loop {
            let (kind, number) = if abroad {
                (
                    DocumentKind::Passport,
                    format!("ZZ99{:06}", rng.random_range(0..1_000_000)),
                )
            } else {
                (
                    DocumentKind::IdentityCard,
                    identity_card(region, birth_year, rng),
                )
            };
            // A number that is taken, or one that the domain refuses, is drawn again.
            if self.documents.insert(number.clone())
                && let Ok(document) = Document::new(kind, &number)
            {
                return document;
            }
        }
    }
}

/// A number after GB 11643: district, date of birth, three digits, check digit.
fn identity_card(region: domain::Region, birth_year: i16, rng: &mut Xoshiro256PlusPlus) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let month = rng.random_range(1..=12);
    let day = rng.random_range(1..=28);
    let order = rng.random_range(0..1000);
    let body = format!("{region}{birth_year:04}{month:02}{day:02}{order:03}");
    let digits = body.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{body}{}", CHECKS[(sum % 11) as usize])
}

fn full_name(abroad: bool, family: &str, rng: &mut Xoshiro256PlusPlus) -> String {
    if abroad {
        let given = names::GIVEN_ABROAD.choose(rng).copied().unwrap_or_default();
        return format!("{given} {family}");
    }
    let syllables = if rng.random_bool(0.75) { 2 } else { 1 };
    let given: String = (0..syllables)
        .filter_map(|_| names::GIVEN.choose(rng).copied())
        .collect();
    format!("{family}{given}")
}

/// Ages of a household: one or two adults, then children, then grandparents.
pub(crate) fn ages(rng: &mut Xoshiro256PlusPlus) -> Vec<i16> {
    let mut draw = rng.random_range(0..SIZES.iter().sum::<u32>());
    let mut size = 1;
    for (index, share) in SIZES.iter().enumerate() {
        size = index + 1;
        if draw < *share {
            break;
        }
        draw -= share;
    }
    let retired = size <= 2 && rng.random_bool(0.3);
    let first: i16 = match (retired, size) {
        (true, _) => rng.random_range(62..88),
        (false, 1 | 2) => rng.random_range(19..62),
        (false, _) => rng.random_range(26..52),
    };
    let mut ages = vec![first];
    while ages.len() < size {
        let age = match ages.len() {
            1 => (first + rng.random_range(-5..=5)).max(18),
            2 | 3 => rng.random_range(0..(first - 19).clamp(1, 24)),
            _ => (first + rng.random_range(22..34)).min(95),
        };
        ages.push(age);
    }
    ages
}

struct Workplaces {
    schools: Vec<usize>,
    others: Vec<usize>,
}

impl Workplaces {
    fn new(places: &Places) -> Self {
        // Offices twice as often as there are: most people work in one.
        let mut others = places.of(VenueKind::Office);
        others.extend(places.of(VenueKind::Office));
        others.extend(places.of(VenueKind::Shop));
        others.extend(places.of(VenueKind::Restaurant));
        others.extend(places.of(VenueKind::Port));
        others.extend(places.of(VenueKind::Gym));
        Self {
            schools: places.of(VenueKind::School),
            others,
        }
    }

    fn choose(&self, age: i16, rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
        match age {
            6..18 => self.schools.choose(rng).copied(),
            18..62 if rng.random_bool(0.03) => self.schools.choose(rng).copied(),
            18..62 if rng.random_bool(EMPLOYED) => self.others.choose(rng).copied(),
            _ => None,
        }
    }
}
