//! Who was where: work and school on weekdays, lunch, shops, dinner, exercise.

use domain::{EvidenceId, Timestamp};
use jiff::civil::Weekday;
use jiff::{SignedDuration, Span};
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;

use crate::places::Places;
use crate::{Household, Plan, Resident, VenueKind, Visit, random_id};

/// Minutes after local midnight at which a person may first and last be somewhere.
const OPENS: i64 = 6 * 60;
const CLOSES: i64 = 22 * 60 + 30;

pub(crate) fn walk(
    plan: &Plan,
    residents: &[Resident],
    households: &[Household],
    places: &Places,
    absent: &[Vec<(Timestamp, Timestamp)>],
    rng: &mut Xoshiro256PlusPlus,
) -> Vec<Visit> {
    let days = local_days(plan);
    let town = Town::new(places);
    let mut visits = Vec::new();
    for (resident, absent) in residents.iter().zip(absent) {
        let building = households[resident.household].building;
        let habits = Habits::new(&town, building, plan, resident, rng);
        for (midnight, is_workday) in &days {
            let mut day = Day {
                at: OPENS,
                stays: Vec::new(),
            };
            habits.spend(&mut day, *is_workday, rng);
            let stays = day.stays.into_iter().map(|(venue, from, until)| {
                (venue, after(*midnight, from), after(*midnight, until))
            });
            for (venue, entered, left) in stays {
                let away = absent
                    .iter()
                    .any(|(from, until)| entered < *until && *from < left);
                if away || entered > plan.now {
                    continue;
                }
                let id = EvidenceId::from_u128(random_id(rng));
                let left = (left <= plan.now).then_some(left);
                visits.push(Visit {
                    id,
                    person: resident.id,
                    venue,
                    entered,
                    left,
                });
            }
        }
    }
    visits
}

fn after(midnight: Timestamp, minutes: i64) -> Timestamp {
    midnight + SignedDuration::from_mins(minutes)
}

/// The local midnights of the days that `plan` covers, and whether people work on them.
fn local_days(plan: &Plan) -> Vec<(Timestamp, bool)> {
    let today = plan.now.to_zoned(plan.time_zone.clone()).date();
    (0..i64::from(plan.days.max(1)))
        .rev()
        .filter_map(|back| {
            let day = today.checked_sub(Span::new().days(back)).ok()?;
            let midnight = day.to_zoned(plan.time_zone.clone()).ok()?.timestamp();
            let is_workday = !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            Some((midnight, is_workday))
        })
        .collect()
}

struct Town {
    shops: Vec<usize>,
    restaurants: Vec<usize>,
    gyms: Vec<usize>,
}

impl Town {
    fn new(places: &Places) -> Self {
        Self {
            shops: places.of(VenueKind::Shop),
            restaurants: places.of(VenueKind::Restaurant),
            gyms: places.of(VenueKind::Gym),
        }
    }
}

/// Where one person usually goes.
struct Habits {
    workplace: Option<usize>,
    shops: Vec<usize>,
    restaurants: Vec<usize>,
    gym: Option<usize>,
    is_adult: bool,
    /// Some people scan seldom.
    scans: f64,
}

impl Habits {
    fn new(
        town: &Town,
        building: usize,
        plan: &Plan,
        resident: &Resident,
        rng: &mut Xoshiro256PlusPlus,
    ) -> Self {
        // Neighbours use the same two shops; the third lies on somebody's way.
        let near = |all: &[usize], step: usize| all[(building + step) % all.len()];
        let year = plan.now.to_zoned(plan.time_zone.clone()).year();
        let age = year - resident.birth_year;
        let far = |all: &[usize], rng: &mut Xoshiro256PlusPlus| {
            all.choose(rng).copied().unwrap_or(all[0])
        };
        Self {
            workplace: resident.workplace,
            shops: vec![
                near(&town.shops, 0),
                near(&town.shops, 1),
                far(&town.shops, rng),
            ],
            restaurants: vec![near(&town.restaurants, 0), far(&town.restaurants, rng)],
            gym: ((16..60).contains(&age) && rng.random_bool(0.15)).then(|| far(&town.gyms, rng)),
            is_adult: age >= 14,
            scans: rng.random_range(0.55..1.0),
        }
    }

    fn spend(&self, day: &mut Day, is_workday: bool, rng: &mut Xoshiro256PlusPlus) {
        if is_a_small_child(self) {
            return;
        }
        match self.workplace {
            Some(place) if is_workday && rng.random_bool(self.scans) => self.work(day, place, rng),
            _ if self.is_adult => {
                day.at = 9 * 60 + rng.random_range(0..120);
                self.maybe(0.35, &self.shops, 10..45, day, rng);
                self.maybe(0.10, &self.restaurants, 30..70, day, rng);
            }
            _ => {}
        }
        if !self.is_adult {
            return;
        }
        day.at = day.at.max(17 * 60) + rng.random_range(10..50);
        self.maybe(0.20, &self.shops, 8..40, day, rng);
        self.maybe(
            if is_workday { 0.06 } else { 0.16 },
            &self.restaurants,
            40..100,
            day,
            rng,
        );
        if let Some(gym) = self.gym {
            self.maybe(0.3, &[gym], 45..90, day, rng);
        }
    }

    fn work(&self, day: &mut Day, place: usize, rng: &mut Xoshiro256PlusPlus) {
        day.at = 7 * 60 + 40 + rng.random_range(0..80);
        let until = 16 * 60 + 30 + rng.random_range(0..120);
        if self.is_adult && rng.random_bool(0.2) {
            let noon = 11 * 60 + 45 + rng.random_range(0..40);
            day.stay(place, noon - day.at);
            day.at += 5;
            self.maybe(1.0, &self.restaurants, 25..50, day, rng);
            day.at += 5;
        }
        day.stay(place, until - day.at);
    }

    /// Goes to one of `places` with this chance, cut by how seldom the person scans.
    fn maybe(
        &self,
        chance: f64,
        places: &[usize],
        minutes: std::ops::Range<i64>,
        day: &mut Day,
        rng: &mut Xoshiro256PlusPlus,
    ) {
        let goes = rng.random_bool(chance * self.scans);
        if let (true, Some(place)) = (goes, places.choose(rng)) {
            day.at += rng.random_range(4..20);
            day.stay(*place, rng.random_range(minutes));
        }
    }
}

/// Small children are carried; only their elders scan.
fn is_a_small_child(habits: &Habits) -> bool {
    !habits.is_adult && habits.workplace.is_none()
}

/// A day as it fills up, in minutes after midnight.
struct Day {
    at: i64,
    stays: Vec<(usize, i64, i64)>,
}

impl Day {
    /// Stays at `venue` from now on; a stay that would outlast closing time does not happen.
    fn stay(&mut self, venue: usize, minutes: i64) {
        let until = self.at + minutes;
        if minutes > 0 && until <= CLOSES {
            self.stays.push((venue, self.at, until));
            self.at = until;
        }
    }
}
