//! A synthetic city with a known epidemic: the evidence that authorities would see, and the truth
//! behind it.
//!
//! People live in households, learn in classes, work in teams, ride, shop, eat and exercise. The
//! disease passes between those who are near each other while one is infectious. Tests find some of
//! the infected, late and not always; people declare, forget and lie. `docs/simulation.md` states the
//! model, its parameters and their sources.
//!
//! Everything follows from the [`Scenario`]: the same one gives the same rows in the same order, on
//! any number of threads.

mod calendar;
mod calibrate;
mod chance;
mod colds;
mod community;
mod confinement;
mod declarations;
mod defaults;
mod disease;
mod households;
mod levels;
mod meetings;
mod outbreak;
mod rows;
mod scenario;
mod schedule;
mod surveillance;
mod town;
mod travel;

use std::ops::Range;

use domain::RegionLevel;
use domain::evidence::GroupKind;

use calendar::{Calendar, Minute};
use chance::{Chance, Purpose};
use confinement::Confinement;
use declarations::Declarer;
use disease::{Cause, Course};
use outbreak::{Encounter, Outbreak, Stage};
use surveillance::Surveillance;
use town::{Role, Town};
use travel::Journey;

pub use rows::{
    Case, CaseCount, Contact, Declaration, Diagnosis, Exposure, Group, Infection, Membership,
    Origin, Person, Place, Profile, Report, Stay, Test, Truth, Venue, Visit,
};
pub use scenario::{
    BadScenario, Disease, Measures, Nearness, Records, Scenario, Setting, Testing, Travel,
};

/// A simulated epidemic.
///
/// Tables about people are in order of person, then oldest first.
pub struct Epidemic {
    scenario: Scenario,
    calendar: Calendar,
    town: Town,
    journeys: Vec<Journey>,
    courses: Vec<Course>,
    /// Indexes of the courses, by person.
    by_person: Vec<u32>,
    encounters: Vec<Encounter>,
    confinement: Confinement,
    hospital_stays: Vec<(u32, u16, u16)>,
    notified_at: Vec<Minute>,
    tests: Vec<Test>,
    diagnoses: Vec<Diagnosis>,
    contacts: Vec<Contact>,
    cases: Vec<Case>,
    confirmed: Vec<Vec<u32>>,
    /// Share of the visits that are recorded.
    recorded: f64,
}

impl Epidemic {
    /// Lives through every day of `scenario`; `progress` hears how many days are over.
    ///
    /// # Errors
    /// [`BadScenario`] if a parameter lies outside its range or the numbers asked for cannot be
    /// reached in this city.
    pub fn simulate(
        scenario: Scenario,
        mut progress: impl FnMut(u16),
    ) -> Result<Self, BadScenario> {
        scenario.check()?;
        let calendar = Calendar::new(scenario.first_day, scenario.days, &scenario.time_zone)?;
        let town = Town::build(&scenario);
        let journeys = travel::plan(&scenario, &town);
        let recorded = share_of_visits_recorded(&scenario, &calendar, &town, &journeys)?;
        let rates = calibrate::rates(&scenario, &calendar, &town, &journeys)?;
        let stage = Stage {
            scenario: &scenario,
            calendar: &calendar,
            town: &town,
            journeys: &journeys,
        };
        let imports = travel::infected_elsewhere(&scenario, &journeys);
        let mut outbreak = Outbreak::new(stage, rates, imports);
        let mut known = Surveillance::new(stage);
        for day in 0..i32::from(scenario.days) {
            known.confinement.begin(day);
            let new = outbreak.live(stage, &known.confinement, day);
            let new = outbreak.courses[new].to_vec();
            known.watch(day, &outbreak, &new);
            progress(day as u16 + 1);
        }

        let (courses, encounters) = (outbreak.courses, outbreak.encounters);
        let mut by_person: Vec<u32> = (0..courses.len() as u32).collect();
        by_person.sort_unstable_by_key(|index| courses[*index as usize].person);
        let Surveillance {
            confinement,
            notified_at,
            mut tests,
            mut diagnoses,
            mut contacts,
            mut cases,
            confirmed,
            ..
        } = known;
        tests.sort_by_key(|test| (test.person, test.sampled));
        diagnoses.sort_by_key(|diagnosis| (diagnosis.person, diagnosis.at));
        contacts.sort_by_key(|contact| (contact.person, contact.first, contact.with));
        cases.sort_by_key(|case| (case.person, case.from));
        Ok(Self {
            courses,
            by_person,
            encounters,
            hospital_stays: confinement.hospital_stays(),
            confinement,
            notified_at,
            tests,
            diagnoses,
            contacts,
            cases,
            confirmed,
            recorded,
            scenario,
            calendar,
            town,
            journeys,
        })
    }

    /// Its parameters.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// How many venues there are; their numbers run from 0.
    pub fn venues(&self) -> u32 {
        self.town.venues.len() as u32
    }

    /// What sort of place each venue is and where it lies, in order of number. A vehicle of a bus or
    /// train line is one too.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let places = self.town.venues.iter().enumerate();
        places.map(|(number, (setting, district))| Place {
            venue: Venue(number as u32),
            setting: *setting,
            region: travel::district(*district),
        })
    }

    /// Where somebody works or goes to school, if they do.
    pub fn workplace(&self, person: Person) -> Option<Venue> {
        let person = self.town.people.get(person.0 as usize)?;
        let room = self.town.rooms.get(person.room as usize)?;
        Some(Venue(room.venue))
    }

    /// Everybody.
    pub fn people(&self) -> impl Iterator<Item = Profile> {
        let year = self.scenario.first_day.year();
        self.everybody().map(move |number| {
            let person = &self.town.people[number as usize];
            let region = match person.role {
                Role::Visitor => travel::elsewhere(self.journeys[number as usize].region),
                _ => travel::district(person.district),
            };
            Profile {
                person: Person(number),
                region,
                birth_year: year - i16::from(person.age),
                is_female: person.is_female,
            }
        })
    }

    /// Who lives with whom: the household and the building of every resident, since long ago. Who
    /// rode together is in the visits, where each departure is a venue.
    pub fn memberships(&self) -> impl Iterator<Item = Membership> {
        let from = self.calendar.timestamp(Minute::of(-60, 0));
        (0..self.town.residents()).flat_map(move |number| {
            let person = &self.town.people[number as usize];
            let membership = |kind, group| Membership {
                person: Person(number),
                kind,
                group: Group(group),
                from,
            };
            [
                membership(GroupKind::Household, person.household),
                membership(GroupKind::Building, person.building),
            ]
        })
    }

    /// The recorded visits of some people. Nobody is in two places at once.
    pub fn visits(&self, people: Range<u32>) -> impl Iterator<Item = Visit> {
        people.flat_map(move |person| {
            (0..self.scenario.days).flat_map(move |day| self.visits_on(person, day))
        })
    }

    /// Every recorded visit.
    pub fn all_visits(&self) -> impl Iterator<Item = Visit> {
        self.visits(0..self.scenario.people)
    }

    /// What people declared. Everybody registered, and declared for the first time, in the time
    /// before the first day.
    pub fn declarations(&self) -> impl Iterator<Item = Declaration> {
        self.everybody()
            .flat_map(|person| self.declarations_of(person))
    }

    /// Where people travelled, and where visitors live (residents too, if the scenario lists them).
    pub fn stays(&self) -> impl Iterator<Item = Stay> {
        self.everybody().flat_map(|person| {
            let journey = self.journeys[person as usize];
            travel::stays(&self.scenario, &self.calendar, &self.town, journey, person)
        })
    }

    /// The tests.
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// The diagnoses.
    pub fn diagnoses(&self) -> &[Diagnosis] {
        &self.diagnoses
    }

    /// The contacts of confirmed cases, as the community office listed them.
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// The confirmed cases.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The levels published for the districts and for regions elsewhere.
    pub fn levels(&self) -> Vec<RegionLevel> {
        levels::levels(&self.calendar, &self.confirmed)
    }

    /// Confirmed cases by day and district.
    pub fn case_counts(&self) -> Vec<CaseCount> {
        levels::counts(&self.calendar, &self.confirmed)
    }

    /// Everybody who was infected, in order of infection within each day.
    pub fn infections(&self) -> impl Iterator<Item = Infection> {
        self.courses.iter().map(|course| Infection {
            person: Person(course.person),
            at: self.calendar.timestamp(course.infected),
            origin: match course.cause {
                Cause::Seed => Origin::Seed,
                Cause::Elsewhere => Origin::Elsewhere,
                Cause::Person(source, setting) => Origin::Person(Person(source), setting),
            },
            onset: course
                .symptoms()
                .map(|onset| self.calendar.timestamp(onset)),
        })
    }

    /// True meetings with the infectious, in order of day and then of source.
    pub fn exposures(&self) -> impl Iterator<Item = Exposure> {
        self.encounters.iter().map(|met| Exposure {
            source: Person(met.source),
            person: Person(met.person),
            setting: met.setting,
            first: self.calendar.timestamp(met.first),
            minutes: met.minutes,
            infected: met.infected,
        })
    }

    /// Who was truly infected or exposed.
    pub fn truth(&self) -> impl Iterator<Item = Truth> {
        let mut exposed = vec![None::<Minute>; self.town.people.len()];
        let infections = self.courses.iter().map(|one| (one.person, one.infected));
        let exposures = self.encounters.iter().map(|met| (met.person, met.first));
        for (person, at) in infections.chain(exposures) {
            let first = &mut exposed[person as usize];
            *first = Some(first.map_or(at, |first| first.min(at)));
        }
        let people = exposed.into_iter().enumerate();
        people.filter_map(|(person, exposed)| {
            let course = self.course(person as u32);
            Some(Truth {
                person: Person(person as u32),
                infected_at: course.map(|course| self.calendar.timestamp(course.infected)),
                exposed_at: self.calendar.timestamp(exposed?),
            })
        })
    }

    fn everybody(&self) -> Range<u32> {
        0..self.scenario.people
    }

    fn course(&self, person: u32) -> Option<&Course> {
        let course = |index: &u32| &self.courses[*index as usize];
        let found = self
            .by_person
            .binary_search_by_key(&person, |index| course(index).person);
        found.ok().map(|place| course(&self.by_person[place]))
    }

    fn visits_on(&self, person: u32, day: u16) -> impl Iterator<Item = Visit> {
        let is_away = self.journeys[person as usize].is_away(i32::from(day));
        let goes_out = !is_away && !self.confinement.stayed_in(person, day);
        let day = i32::from(day);
        let plan = match goes_out {
            true => self.town.day(person, day, self.calendar.is_workday(day)),
            false => schedule::Day::default(),
        };
        let who = u64::from(person);
        let mut chance = Chance::new(self.scenario.seed, Purpose::CheckIn, who, day as u64);
        (0..plan.stays().len()).filter_map(move |index| {
            let stay = plan.stays()[index];
            let is_recorded = chance.is(self.recorded);
            let is_open = chance.is(self.scenario.records.open_visits);
            let at = |minute: u16| self.calendar.timestamp(Minute::of(day, i32::from(minute)));
            let room = self.town.rooms[stay.room as usize];
            is_recorded.then(|| Visit {
                person: Person(person),
                venue: Venue(room.venue),
                setting: room.setting,
                entered: at(stay.from),
                left: (!is_open).then(|| at(stay.until)),
            })
        })
    }

    fn declarations_of(&self, person: u32) -> Vec<Declaration> {
        let journey = self.journeys[person as usize];
        let every = i32::from(self.scenario.records.declare_every_days);
        let days = i32::from(self.scenario.days);
        let registered = match self.town.people[person as usize].role {
            // Visitors register in the days before they arrive.
            Role::Visitor => {
                let until = days.min(i32::from(journey.last));
                i32::from(journey.first) - every..until
            }
            _ => -every..days,
        };
        let start = self.hospital_stays.partition_point(|stay| stay.0 < person);
        let end = self.hospital_stays.partition_point(|stay| stay.0 <= person);
        let declarer = Declarer {
            scenario: &self.scenario,
            calendar: &self.calendar,
            person,
            course: self.course(person),
            notified_at: self.notified_at[person as usize],
            days: registered,
            in_hospital: &self.hospital_stays[start..end],
        };
        declarer.declarations()
    }
}

/// How many of the visits must be recorded for the number wanted, from the first days of some people.
fn share_of_visits_recorded(
    scenario: &Scenario,
    calendar: &Calendar,
    town: &Town,
    journeys: &[Journey],
) -> Result<f64, BadScenario> {
    const PEOPLE: u32 = 10_000;
    const DAYS: i32 = 7;
    let every = (scenario.people / PEOPLE).max(1) as usize;
    let (mut visits, mut person_days) = (0usize, 0usize);
    for person in (0..scenario.people).step_by(every) {
        for day in 0..DAYS {
            person_days += 1;
            if !journeys[person as usize].is_away(day) {
                let plan = town.day(person, day, calendar.is_workday(day));
                visits += plan.stays().len();
            }
        }
    }
    let possible = visits as f64 / person_days as f64;
    let wanted = scenario.records.visits_per_day;
    if wanted > possible {
        return Err(BadScenario::TooManyVisits { wanted, possible });
    }
    Ok(wanted / possible)
}
