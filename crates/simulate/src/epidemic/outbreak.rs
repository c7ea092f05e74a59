//! Who is infected, and the spread from day to day.

use std::collections::BTreeMap;

use super::calendar::{Calendar, DAY, Minute};
use super::calibrate::Rates;
use super::chance::{Chance, Purpose};
use super::confinement::Confinement;
use super::disease::{Cause, Course, Infectiousness};
use super::meetings::{CityDay, Meeting};
use super::scenario::{Scenario, Setting};
use super::town::Town;
use super::travel::Journey;

/// Shorter meetings are not exposures, unless they infect.
const EXPOSURE: u16 = 15;

/// A true meeting with an infectious person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encounter {
    pub source: u32,
    pub person: u32,
    pub setting: Setting,
    pub first: Minute,
    pub minutes: u16,
    pub infected: bool,
}

/// Everybody infected so far and whom they met.
pub(crate) struct Outbreak<'a> {
    scenario: &'a Scenario,
    rates: Rates,
    infectiousness: Infectiousness,
    /// In order of infection.
    pub courses: Vec<Course>,
    /// By person; [`NEVER`] for the others.
    course_of: Vec<u32>,
    /// Day by day, by source.
    pub encounters: Vec<Encounter>,
    /// Indexes of the encounters of each course.
    encounters_of: Vec<Vec<u32>>,
    /// Infections from outside that are still to come.
    outsiders: Vec<(u32, Minute, Cause)>,
}

const NEVER: u32 = u32::MAX;

/// What stays the same through an outbreak.
#[derive(Clone, Copy)]
pub(crate) struct Stage<'a> {
    pub scenario: &'a Scenario,
    pub calendar: &'a Calendar,
    pub town: &'a Town,
    pub journeys: &'a [Journey],
}

struct Transmission {
    person: u32,
    at: Minute,
    source: u32,
    setting: Setting,
    encounter: usize,
}

impl<'a> Outbreak<'a> {
    /// Nobody is infected yet; `imports` will be, elsewhere.
    pub fn new(stage: Stage<'a>, rates: Rates, imports: Vec<(u32, Minute)>) -> Self {
        let seeds = seed_cases(stage.scenario, stage.town);
        let imports = imports.into_iter();
        let outsiders = imports.map(|(person, at)| (person, at, Cause::Elsewhere));
        Self {
            scenario: stage.scenario,
            rates,
            infectiousness: Infectiousness::new(&stage.scenario.disease),
            courses: Vec::new(),
            course_of: vec![NEVER; stage.town.people.len()],
            encounters: Vec::new(),
            encounters_of: Vec::new(),
            outsiders: seeds.into_iter().chain(outsiders).collect(),
        }
    }

    /// The course of the person's infection, if they have been infected.
    pub fn course(&self, person: u32) -> Option<&Course> {
        self.courses.get(self.course_of[person as usize] as usize)
    }

    /// The meetings of an infectious person so far, oldest first.
    pub fn encounters_of(&self, person: u32) -> impl Iterator<Item = &Encounter> {
        let indexes = self
            .encounters_of
            .get(self.course_of[person as usize] as usize);
        let indexes = indexes.map_or(&[][..], Vec::as_slice);
        indexes
            .iter()
            .map(|index| &self.encounters[*index as usize])
    }

    /// Lives through one day; gives the numbers of the new courses in [`Self::courses`].
    pub fn live(
        &mut self,
        stage: Stage<'_>,
        confinement: &Confinement,
        day: i32,
    ) -> std::ops::Range<usize> {
        let first = self.courses.len();
        self.arrive(day);
        let city = CityDay {
            scenario: stage.scenario,
            town: stage.town,
            journeys: stage.journeys,
            confinement,
            day,
            is_workday: stage.calendar.is_workday(day),
        };
        let mut sources: Vec<u32> = self
            .courses
            .iter()
            .filter(|course| self.infectiousness.is_infectious_on(course, day))
            .map(|course| course.person)
            .collect();
        sources.sort_unstable();
        let meetings = city.meetings(&sources);
        let mut transmissions = self.meet(&meetings, day);
        // The first to infect a person counts.
        transmissions.sort_by_key(|one| (one.person, one.at, one.source));
        transmissions.dedup_by_key(|one| one.person);
        transmissions.sort_by_key(|one| (one.at, one.person));
        for one in transmissions {
            if self.infect(one.person, one.at, Cause::Person(one.source, one.setting)) {
                self.encounters[one.encounter].infected = true;
            }
        }
        first..self.courses.len()
    }

    /// The people infected by nobody in the city by the end of `day`.
    fn arrive(&mut self, day: i32) {
        let by_now = |at: Minute| at.day() <= day;
        let arriving: Vec<_> = self
            .outsiders
            .extract_if(.., |(_, at, _)| by_now(*at))
            .collect();
        for (person, at, cause) in arriving {
            self.infect(person, at, cause);
        }
    }

    /// Notes the exposures of a day and draws who is infected.
    fn meet(&mut self, meetings: &[Meeting], day: i32) -> Vec<Transmission> {
        let mut transmissions = Vec::new();
        for meeting in meetings {
            let number = self.course_of[meeting.source as usize];
            let course = &self.courses[number as usize];
            let now = self.infectiousness.at(course, meeting.middle(day));
            if now == 0.0 {
                continue;
            }
            let first = Minute::of(day, i32::from(meeting.from));
            let expected = self.rates.expected(self.scenario, meeting, now);
            let pair = u64::from(meeting.source) << 32 | u64::from(meeting.person);
            let mut chance =
                Chance::new(self.scenario.seed, Purpose::Infection, pair, first.0 as u64);
            let passes = chance.is(1.0 - (-expected).exp());
            let is_susceptible = self.course_of[meeting.person as usize] == NEVER;
            if !(passes && is_susceptible) && meeting.minutes < EXPOSURE {
                continue;
            }
            let encounter = self.encounters.len();
            if passes && is_susceptible {
                transmissions.push(Transmission {
                    person: meeting.person,
                    at: first.plus(chance.between(0, i32::from(meeting.minutes))),
                    source: meeting.source,
                    setting: meeting.setting,
                    encounter,
                });
            }
            self.encounters.push(Encounter {
                source: meeting.source,
                person: meeting.person,
                setting: meeting.setting,
                first,
                minutes: meeting.minutes,
                infected: false,
            });
            self.encounters_of[number as usize].push(encounter as u32);
        }
        transmissions
    }

    /// Infects somebody who has not been infected; whether that was so.
    fn infect(&mut self, person: u32, at: Minute, cause: Cause) -> bool {
        let course_of = &mut self.course_of[person as usize];
        if *course_of != NEVER {
            return false;
        }
        *course_of = self.courses.len() as u32;
        let course = Course::new(
            self.scenario.seed,
            &self.scenario.disease,
            person,
            at,
            cause,
        );
        self.courses.push(course);
        self.encounters_of.push(Vec::new());
        true
    }
}

/// Different residents, infected at any time of the first week, so that weekends count as they should
/// in whatever the seed cases do.
fn seed_cases(scenario: &Scenario, town: &Town) -> Vec<(u32, Minute, Cause)> {
    let residents = town.residents();
    let wanted = scenario.disease.seed_cases.min(residents) as usize;
    let week = i32::from(scenario.days.min(7)) * DAY;
    let mut chance = Chance::new(scenario.seed, Purpose::Seeds, 0, 0);
    let mut seeds = BTreeMap::new();
    while seeds.len() < wanted {
        seeds.insert(chance.below(residents), Minute(chance.between(0, week)));
    }
    let seeds = seeds.into_iter();
    seeds
        .map(|(person, at)| (person, at, Cause::Seed))
        .collect()
}
