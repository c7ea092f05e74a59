//! The city: who lives with whom, learns and works where, and which places there are.

use std::ops::Range;

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::chance::{Chance, Purpose};
use super::households::ages;
use super::scenario::{Scenario, Setting};

/// Stands for no room and no line.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// About so many people live in a building.
const BUILDING: u32 = 75;
/// About so many people live in a district.
const DISTRICT: u32 = 90_000;
const MOST_DISTRICTS: u32 = 12;
const CLASS: usize = 36;
const CLASSES_A_SCHOOL: usize = 24;
const TEAM: usize = 12;
const LARGEST_FIRM: f64 = 600.0;
/// Vehicles of a line; they leave ten minutes apart and are back within an hour.
pub(crate) const VEHICLES: u32 = 6;
/// One line for so many people.
const LINE: u32 = 2_700;
/// Adults of working age who work away from home.
const EMPLOYED: f64 = 0.72;
/// Of those: who serve in shops, restaurants and gyms.
const SERVING: f64 = 0.12;
/// Who work in the district where they live.
const NEAR_HOME: f64 = 0.6;
/// Workers and pupils who ride a bus or train.
const RIDERS: f64 = 0.35;

/// What somebody does on a working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Goes to school.
    Pupil,
    /// Works in a team, or teaches a class.
    Worker,
    /// Serves customers.
    Server,
    /// Is at home, or out for errands.
    AtHome,
    /// Lives elsewhere and stays in a hotel.
    Visitor,
}

/// One of the people. Their number is their place in [`Town::people`].
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub household: u32,
    pub building: u32,
    /// The class or team, or the place where a server serves.
    pub room: u32,
    /// The first vehicle of the line that they ride.
    pub line: u32,
    pub district: u8,
    pub age: u8,
    pub is_female: bool,
    pub role: Role,
}

/// A place in which people meet. A school or firm has several; a shop is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub venue: u32,
    pub setting: Setting,
}

/// Everything that does not change.
pub(crate) struct Town {
    pub seed: u64,
    /// Members of a household stand together, households of a building too, buildings of a district
    /// too; visitors come last.
    pub people: Vec<Person>,
    /// Households and buildings by the number of their first person; one more at the end.
    household_starts: Vec<u32>,
    building_starts: Vec<u32>,
    pub rooms: Vec<Room>,
    /// The sort of each venue and the district in which it lies.
    pub venues: Vec<(Setting, u8)>,
    pub districts: u8,
    /// Rooms that anybody may enter, by district.
    shops: Vec<Range<u32>>,
    restaurants: Vec<Range<u32>>,
    gyms: Vec<Range<u32>>,
}

impl Town {
    /// Builds the city of `scenario`.
    pub fn build(scenario: &Scenario) -> Self {
        let seed = Chance::new(scenario.seed, Purpose::Town, 0, 0).bits();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let visitors = (f64::from(scenario.people) * scenario.travel.visitors) as u32;
        let districts = (scenario.people / DISTRICT).clamp(3, MOST_DISTRICTS);
        let mut town = Self {
            seed: scenario.seed,
            people: Vec::with_capacity(scenario.people as usize),
            household_starts: Vec::new(),
            building_starts: Vec::new(),
            rooms: Vec::new(),
            venues: Vec::new(),
            districts: districts as u8,
            shops: Vec::new(),
            restaurants: Vec::new(),
            gyms: Vec::new(),
        };
        town.settle(scenario.people - visitors, scenario.people, &mut rng);
        town.shops = town.open(Setting::Shop, scenario.people, 110);
        town.restaurants = town.open(Setting::Restaurant, scenario.people, 140);
        town.gyms = town.open(Setting::Gym, scenario.people, 2_000);
        let lines = town.open(Setting::Transport, scenario.people, LINE);
        town.employ(&lines, &mut rng);
        town
    }

    /// The people of one household, by number.
    pub fn household(&self, person: u32) -> Range<u32> {
        let number = self.people[person as usize].household as usize;
        self.household_starts[number]..self.household_starts[number + 1]
    }

    /// The people of one building, by number.
    pub fn building(&self, person: u32) -> Range<u32> {
        let number = self.people[person as usize].building as usize;
        self.building_starts[number]..self.building_starts[number + 1]
    }

    /// The rooms of one kind that anybody may enter in a district.
    pub fn open_rooms(&self, setting: Setting, district: u8) -> Range<u32> {
        let by_district = match setting {
            Setting::Restaurant => &self.restaurants,
            Setting::Gym => &self.gyms,
            _ => &self.shops,
        };
        by_district[usize::from(district)].clone()
    }

    /// How many people are residents; their numbers come before those of the visitors.
    pub fn residents(&self) -> u32 {
        self.people
            .partition_point(|person| person.role != Role::Visitor) as u32
    }

    fn settle(&mut self, residents: u32, all: u32, rng: &mut Xoshiro256PlusPlus) {
        let mut building_start = u32::MAX;
        while (self.people.len() as u32) < all {
            let first = self.people.len() as u32;
            let is_home = first < residents;
            if building_start == u32::MAX
                || first - building_start >= BUILDING
                || first == residents
            {
                building_start = first;
                self.building_starts.push(first);
            }
            let ages = if is_home {
                let room = (residents - first) as usize;
                ages(rng).into_iter().take(room).collect()
            } else {
                vec![rng.random_range(20..70)]
            };
            let household = self.household_starts.len() as u32;
            self.household_starts.push(first);
            // Everybody of a building lives in the district in which it stands.
            let place = if is_home {
                building_start
            } else {
                first - residents
            };
            let span = if is_home { residents } else { all - residents };
            let district = u64::from(place) * u64::from(self.districts) / u64::from(span);
            let role = if is_home { Role::AtHome } else { Role::Visitor };
            for age in ages {
                self.people.push(Person {
                    household,
                    building: self.building_starts.len() as u32 - 1,
                    room: NOWHERE,
                    line: NOWHERE,
                    district: district as u8,
                    age: age.clamp(0, 110) as u8,
                    is_female: rng.random_bool(0.5),
                    role,
                });
            }
        }
        self.household_starts.push(all);
        self.building_starts.push(all);
    }

    /// Opens places that are one room each, one for so many people, in every district.
    fn open(&mut self, setting: Setting, people: u32, each: u32) -> Vec<Range<u32>> {
        let in_district = (people / u32::from(self.districts) / each).max(1);
        let rooms_each = match setting {
            Setting::Transport => VEHICLES,
            _ => 1,
        };
        (0..self.districts)
            .map(|district| {
                let first = self.rooms.len() as u32;
                for _ in 0..in_district * rooms_each {
                    let venue = self.venue(setting, district);
                    self.rooms.push(Room { venue, setting });
                }
                first..self.rooms.len() as u32
            })
            .collect()
    }

    fn venue(&mut self, setting: Setting, district: u8) -> u32 {
        self.venues.push((setting, district));
        self.venues.len() as u32 - 1
    }

    /// Sends children to school and adults to work, and some of both onto a line.
    fn employ(&mut self, lines: &[Range<u32>], rng: &mut Xoshiro256PlusPlus) {
        let districts = usize::from(self.districts);
        let mut pupils = vec![Vec::new(); districts];
        let mut workers = vec![Vec::new(); districts];
        for (number, person) in self.people.iter_mut().enumerate() {
            if person.role == Role::Visitor {
                continue;
            }
            let works = rng.random_bool(EMPLOYED);
            let district = match rng.random_bool(NEAR_HOME) {
                true => usize::from(person.district),
                false => rng.random_range(0..districts),
            };
            match person.age {
                3..18 => pupils[usize::from(person.district)].push(number as u32),
                18..62 if works => workers[district].push(number as u32),
                _ => continue,
            }
            if person.age >= 11 && rng.random_bool(RIDERS) {
                let line = &lines[usize::from(person.district)];
                let line_count = (line.end - line.start) / VEHICLES;
                person.line = line.start + rng.random_range(0..line_count) * VEHICLES;
            }
        }
        for district in 0..districts {
            workers[district].shuffle(rng);
            let (pupils, workers) = (&mut pupils[district], &mut workers[district]);
            let district = district as u8;
            self.teach(district, pupils, workers, rng);
            self.serve(district, workers, rng);
            self.found_firms(district, workers, rng);
        }
    }

    /// Classes of one age, each with a teacher.
    fn teach(
        &mut self,
        district: u8,
        pupils: &mut [u32],
        workers: &mut Vec<u32>,
        rng: &mut Xoshiro256PlusPlus,
    ) {
        pupils.shuffle(rng);
        pupils.sort_by_key(|pupil| self.people[*pupil as usize].age);
        let same_age =
            |a: &u32, b: &u32| self.people[*a as usize].age == self.people[*b as usize].age;
        let classes: Vec<Vec<u32>> = pupils
            .chunk_by(same_age)
            .flat_map(|year| year.chunks(CLASS))
            .map(<[u32]>::to_vec)
            .collect();
        // A school takes every age, so its classes are spread over the years.
        let schools = classes.len().div_ceil(CLASSES_A_SCHOOL);
        let venues: Vec<u32> = (0..schools)
            .map(|_| self.venue(Setting::School, district))
            .collect();
        for (number, class) in classes.iter().enumerate() {
            let teacher = workers.pop();
            let room = self.room(venues[number % schools], Setting::School);
            for pupil in class {
                self.assign(*pupil, Role::Pupil, room);
            }
            if let Some(teacher) = teacher {
                self.assign(teacher, Role::Worker, room);
            }
        }
    }

    fn serve(&mut self, district: u8, workers: &mut Vec<u32>, rng: &mut Xoshiro256PlusPlus) {
        let places: Vec<u32> = [Setting::Shop, Setting::Restaurant, Setting::Gym]
            .into_iter()
            .flat_map(|setting| self.open_rooms(setting, district))
            .collect();
        let serving = (workers.len() as f64 * SERVING) as usize;
        for worker in workers.drain(workers.len() - serving..) {
            let room = places[rng.random_range(0..places.len())];
            self.assign(worker, Role::Server, room);
        }
    }

    /// Firms of a few to hundreds of people, divided into teams.
    fn found_firms(&mut self, district: u8, workers: &[u32], rng: &mut Xoshiro256PlusPlus) {
        let mut workers = workers;
        while !workers.is_empty() {
            let size = Chance::new(rng.random(), Purpose::Town, 1, 0).log_normal(22.0, 2.5);
            let size = (size.clamp(2.0, LARGEST_FIRM) as usize).min(workers.len());
            let (firm, rest) = workers.split_at(size);
            workers = rest;
            let venue = self.venue(Setting::Work, district);
            for team in firm.chunks(TEAM) {
                let room = self.room(venue, Setting::Work);
                for worker in team {
                    self.assign(*worker, Role::Worker, room);
                }
            }
        }
    }

    fn room(&mut self, venue: u32, setting: Setting) -> u32 {
        self.rooms.push(Room { venue, setting });
        self.rooms.len() as u32 - 1
    }

    fn assign(&mut self, person: u32, role: Role, room: u32) {
        let person = &mut self.people[person as usize];
        person.role = role;
        person.room = room;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_home_and_the_right_place_by_age() {
        let town = Town::build(&Scenario::new(20_000, 1, 3));
        assert_eq!(town.people.len(), 20_000);
        let mut working = 0;
        for (number, person) in town.people.iter().enumerate() {
            let number = number as u32;
            assert!(town.household(number).contains(&number));
            assert!(town.building(number).contains(&number));
            assert!(person.district < town.districts);
            let setting =
                (person.room != NOWHERE).then(|| town.rooms[person.room as usize].setting);
            match person.role {
                Role::Pupil => {
                    assert_eq!(setting, Some(Setting::School));
                    assert!((3..18).contains(&person.age));
                }
                Role::Worker | Role::Server => {
                    assert!(setting.is_some() && (18..62).contains(&person.age));
                    working += 1;
                }
                Role::AtHome | Role::Visitor => assert_eq!(setting, None),
            }
        }
        assert!((6_000..10_000).contains(&working), "{working}");
        let visitors = town.people.len() as u32 - town.residents();
        assert_eq!(visitors, 200);
    }

    #[test]
    fn households_do_not_cross_buildings() {
        let town = Town::build(&Scenario::new(5_000, 1, 4));
        for person in 0..5_000 {
            let (household, building) = (town.household(person), town.building(person));
            assert!(building.start <= household.start && household.end <= building.end);
        }
    }
}
