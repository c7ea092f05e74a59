//! Journeys: residents who go elsewhere and come back, visitors who come and leave.

use domain::evidence::{StayMode, StaySource};
use domain::{Level, Region};

use super::calendar::{Calendar, DAY, Minute};
use super::chance::{Chance, Purpose};
use super::rows::{Person, Stay};
use super::scenario::Scenario;
use super::town::{Role, Town};

/// Cities elsewhere with the level published for each; the last has none. None of the codes belongs
/// to a real place.
pub(crate) const ELSEWHERE: [(&str, Option<Level>); 5] = [
    ("9902", Some(Level::High)),
    ("9903", Some(Level::Medium)),
    ("9904", Some(Level::Low)),
    ("9905", Some(Level::Low)),
    ("9906", None),
];

/// Trips that ended so many days before the first day are still listed.
const BEFORE: i32 = 14;
const LONGEST_TRIP: i32 = 6;
/// No journey begins before, and none ends after, these minutes of a day.
const DEPARTURE: i32 = 8 * 60;
const HOME_AGAIN: i32 = 18 * 60;

/// A journey of a resident, or the stay of a visitor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Journey {
    /// The day of departure and the day of return; of a visitor, of arrival and departure. On both,
    /// the person visits nothing in the city.
    pub first: i16,
    pub last: i16,
    /// Index into [`ELSEWHERE`]: where to, or where a visitor comes from.
    pub region: u8,
    is_visitor: bool,
}

impl Journey {
    const NONE: Self = Self {
        first: i16::MAX,
        last: i16::MIN,
        region: 0,
        is_visitor: false,
    };

    /// Whether the person is not in the city on `day`, or only arrives or leaves.
    pub fn is_away(self, day: i32) -> bool {
        let (first, last) = (i32::from(self.first), i32::from(self.last));
        if self.is_visitor {
            !(first < day && day < last)
        } else {
            (first..=last).contains(&day)
        }
    }

    fn exists(self) -> bool {
        self.first <= self.last
    }
}

/// Everybody's journeys, by number. Nobody makes more than one.
pub(crate) fn plan(scenario: &Scenario, town: &Town) -> Vec<Journey> {
    let days = i32::from(scenario.days);
    let chance_of_trip = scenario.travel.trips_per_day * f64::from(days + BEFORE);
    let journey = |(number, person): (usize, &super::town::Person)| {
        let is_visitor = person.role == Role::Visitor;
        let purpose = if is_visitor {
            Purpose::Visitor
        } else {
            Purpose::Trip
        };
        let mut chance = Chance::new(scenario.seed, purpose, number as u64, 0);
        if !is_visitor && !chance.is(chance_of_trip) {
            return Journey::NONE;
        }
        let first = chance.between(-BEFORE, days);
        let nights = chance.between(1, LONGEST_TRIP + 1) + if is_visitor { 2 } else { 0 };
        Journey {
            first: first as i16,
            last: (first + nights) as i16,
            region: chance.below(ELSEWHERE.len() as u32) as u8,
            is_visitor,
        }
    };
    town.people.iter().enumerate().map(journey).collect()
}

/// Who brings the disease back from elsewhere, and when they were infected.
pub(crate) fn infected_elsewhere(scenario: &Scenario, journeys: &[Journey]) -> Vec<(u32, Minute)> {
    let infected = journeys.iter().enumerate().filter_map(|(number, journey)| {
        if !journey.exists() || journey.is_visitor {
            return None;
        }
        let per_night = match ELSEWHERE[usize::from(journey.region)].1? {
            Level::High => scenario.travel.infection_per_night,
            Level::Medium => scenario.travel.infection_per_night / 10.0,
            Level::Low => return None,
        };
        let mut chance = Chance::new(scenario.seed, Purpose::Trip, number as u64, 1);
        let nights = i32::from(journey.first)..i32::from(journey.last);
        let night = nights.into_iter().find(|_| chance.is(per_night))?;
        Some((number as u32, Minute::of(night, 20 * 60)))
    });
    infected.collect()
}

/// The stays of one person, oldest first: where people live, went and came from. Nothing that
/// begins at `end` or later is listed, and what has not ended by then is open.
pub(crate) fn stays(
    scenario: &Scenario,
    calendar: &Calendar,
    town: &Town,
    journey: Journey,
    number: u32,
) -> Vec<Stay> {
    let person = &town.people[number as usize];
    let mut story = Story {
        person: Person(number),
        calendar,
        end: Minute::of(i32::from(scenario.days), 0),
        chance: Chance::new(scenario.seed, Purpose::Trip, u64::from(number), 2),
        stays: Vec::new(),
    };
    let home = district(person.district);
    let long_ago = Minute::of(-60, 0);
    if journey.is_visitor {
        let elsewhere = elsewhere(journey.region);
        let leaves_home = Minute::of(i32::from(journey.first), DEPARTURE);
        story.tell(
            elsewhere,
            long_ago,
            leaves_home,
            StayMode::Resident,
            StaySource::Carrier,
        );
        story.travel(scenario, journey, home);
    } else {
        if scenario.travel.list_residents {
            let after = Minute::of(i32::from(scenario.days) + 1, 0);
            let source = StaySource::Declared;
            story.tell(home, long_ago, after, StayMode::Resident, source);
        }
        if journey.exists() {
            story.travel(scenario, journey, elsewhere(journey.region));
        }
    }
    story.stays.sort_by_key(|stay| stay.arrived);
    story.stays
}

/// The code of a district of the city; the city itself is 9901.
pub(crate) fn district(number: u8) -> Option<Region> {
    format!("9901{:02}", number + 1).parse().ok()
}

/// One of the regions elsewhere.
pub(crate) fn elsewhere(index: u8) -> Option<Region> {
    ELSEWHERE[usize::from(index)].0.parse().ok()
}

struct Story<'a> {
    person: Person,
    calendar: &'a Calendar,
    end: Minute,
    chance: Chance,
    stays: Vec<Stay>,
}

impl Story<'_> {
    /// There and back, with a ticket or without, sometimes through a third region.
    fn travel(&mut self, scenario: &Scenario, journey: Journey, to: Option<Region>) {
        let leaves = Minute::of(i32::from(journey.first), DEPARTURE);
        let hours = self.chance.between(2, 8);
        let arrives = leaves.plus(hours * 60);
        let returns = Minute::of(i32::from(journey.last), HOME_AGAIN).plus(-hours * 60);
        let ticket = match self.chance.below(10) {
            0..5 => Some(StaySource::Rail),
            5..8 => Some(StaySource::Air),
            8 => Some(StaySource::Coach),
            _ => None,
        };
        let source = match ticket {
            Some(ticket) if self.chance.is(0.7) => ticket,
            _ if self.chance.is(0.5) => StaySource::Hotel,
            _ => StaySource::Declared,
        };
        if let Some(ticket) = ticket
            && self.chance.is(scenario.travel.transit)
        {
            let through = self.chance.below(ELSEWHERE.len() as u32) as u8;
            let minutes = self.chance.between(15, 50);
            let from = leaves.plus(hours * 30);
            if through != journey.region {
                let region = elsewhere(through);
                self.tell(region, from, from.plus(minutes), StayMode::Transit, ticket);
            }
        }
        debug_assert!(returns.since(arrives) > 0 && returns.since(leaves) < 10 * DAY);
        self.tell(to, arrives, returns, StayMode::Stay, source);
    }

    fn tell(
        &mut self,
        region: Option<Region>,
        arrived: Minute,
        left: Minute,
        mode: StayMode,
        source: StaySource,
    ) {
        let Some(region) = region else { return };
        if arrived >= self.end {
            return;
        }
        let left = (left < self.end).then(|| self.calendar.timestamp(left));
        self.stays.push(Stay {
            person: self.person,
            region,
            arrived: self.calendar.timestamp(arrived),
            left,
            mode,
            source,
        });
    }
}
