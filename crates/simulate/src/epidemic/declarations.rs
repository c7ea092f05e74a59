//! What people declare: most of them honestly and on time, some forget, some lie.

use domain::Timestamp;
use domain::evidence::{ContactAnswer, Symptom, Symptoms, Temperature};

use super::calendar::{Calendar, DAY, Minute};
use super::chance::{Chance, Purpose};
use super::colds;
use super::disease::Course;
use super::rows::{Declaration, Person};
use super::scenario::Scenario;

/// How long somebody with the disease feels ill.
const ILL: i32 = 10 * DAY;
/// For so long somebody who was notified says that they met a case.
const REMEMBERED: i32 = 14 * DAY;
/// Share of the declarations with a measured temperature.
const MEASURED: f64 = 0.4;
/// Share of people who are not sure whether they met a case.
const UNSURE: f64 = 0.005;

/// Symptoms of the disease and the share of the ill who have them: roughly those of hospital series
/// of early 2020.
const SYMPTOMS: [(Symptom, f64); 8] = [
    (Symptom::Fever, 0.8),
    (Symptom::Cough, 0.65),
    (Symptom::Fatigue, 0.4),
    (Symptom::Breathlessness, 0.2),
    (Symptom::SoreThroat, 0.12),
    (Symptom::MuscleAche, 0.15),
    (Symptom::LossOfSmell, 0.3),
    (Symptom::Diarrhoea, 0.05),
];

/// What must be known about somebody to know what they declare.
pub(crate) struct Declarer<'a> {
    pub scenario: &'a Scenario,
    pub calendar: &'a Calendar,
    pub person: u32,
    pub course: Option<&'a Course>,
    /// When they were notified that they met a case.
    pub notified_at: Minute,
    /// The days on which they are registered here.
    pub days: std::ops::Range<i32>,
    /// Days in hospital: nobody declares there.
    pub in_hospital: &'a [(u32, u16, u16)],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    Diligent,
    Forgetful,
    Lying,
}

impl Declarer<'_> {
    /// Everything that the person declares, oldest first.
    pub fn declarations(&self) -> Vec<Declaration> {
        let records = &self.scenario.records;
        let mut habits = self.chance(0);
        let share = habits.share();
        let habit = match share {
            _ if share < records.lying => Habit::Lying,
            _ if share < records.lying + records.forgetful => Habit::Forgetful,
            _ => Habit::Diligent,
        };
        let mut times = self.due(habit, &mut habits);
        times.extend(self.falling_ill(habit));
        times.sort_unstable();
        times
            .into_iter()
            .map(|at| self.declare(habit, at))
            .collect()
    }

    /// Registration, and whenever another declaration is due and made.
    fn due(&self, habit: Habit, habits: &mut Chance) -> Vec<Minute> {
        let every = i32::from(self.scenario.records.declare_every_days);
        let registration = self.days.start + habits.between(0, every);
        let mut times = Vec::new();
        let mut day = registration;
        while day < self.days.end {
            let mut chance = self.chance(day);
            let forgets = habit == Habit::Forgetful
                && day > registration
                && !chance.is(self.scenario.records.forgetful_declare);
            if !forgets && !self.is_in_hospital(day) {
                times.push(Minute::of(day, chance.between(7 * 60, 21 * 60)));
            }
            day += every;
        }
        times
    }

    /// An honest person may declare soon after symptoms begin.
    fn falling_ill(&self, habit: Habit) -> impl Iterator<Item = Minute> {
        let onset = self.course.and_then(Course::symptoms);
        let cold = colds::of(self.scenario, self.person).map(|cold| cold.first);
        let begins = [onset, cold].into_iter().flatten();
        begins.enumerate().filter_map(move |(number, begins)| {
            let mut chance = self.chance(i32::MIN + number as i32);
            let declares = chance.is(self.scenario.records.declare_when_ill);
            let at = begins.plus(chance.between(60, DAY));
            let is_here = self.days.contains(&at.day()) && !self.is_in_hospital(at.day());
            (habit != Habit::Lying && declares && is_here).then_some(at)
        })
    }

    fn declare(&self, habit: Habit, at: Minute) -> Declaration {
        let mut chance = self.chance(at.0.wrapping_add(1 << 24));
        let symptoms = match habit {
            Habit::Lying => Symptoms::NONE,
            _ => self.symptoms(at),
        };
        let tenths = match symptoms.contains(Symptom::Fever) {
            true => chance.between(374, 391),
            false => chance.between(361, 370),
        };
        let temperature = match chance.is(MEASURED) {
            true => Temperature::from_tenths(i64::from(tenths)).ok(),
            false => None,
        };
        let was_notified = self.notified_at <= at
            && at.since(self.notified_at.max(Minute::of(-90, 0))) < REMEMBERED;
        let contact = match habit {
            Habit::Lying => ContactAnswer::None,
            _ if was_notified => ContactAnswer::Confirmed,
            _ if chance.is(UNSURE) => ContactAnswer::Unsure,
            _ => ContactAnswer::None,
        };
        Declaration {
            person: Person(self.person),
            at: self.timestamp(at),
            symptoms,
            temperature,
            contact,
        }
    }

    /// What the person truly feels.
    fn symptoms(&self, at: Minute) -> Symptoms {
        let mut chance = self.chance(-1);
        let onset = self.course.and_then(Course::symptoms);
        if onset.is_some_and(|onset| (0..ILL).contains(&at.since(onset))) {
            let felt = SYMPTOMS.iter().filter(|(_, share)| chance.is(*share));
            let felt: Symptoms = felt.map(|(symptom, _)| *symptom).collect();
            return match felt {
                Symptoms::NONE => [Symptom::Other].into_iter().collect(),
                felt => felt,
            };
        }
        let cold = colds::of(self.scenario, self.person);
        if cold.is_some_and(|cold| cold.first <= at && at < cold.last) {
            let also = [Symptom::Cough, Symptom::SoreThroat, Symptom::Headache];
            let also = also.into_iter().filter(|_| chance.is(0.4));
            return [Symptom::RunnyNose].into_iter().chain(also).collect();
        }
        Symptoms::NONE
    }

    fn is_in_hospital(&self, day: i32) -> bool {
        self.in_hospital
            .iter()
            .any(|(_, first, end)| (i32::from(*first)..i32::from(*end)).contains(&day))
    }

    fn chance(&self, when: i32) -> Chance {
        let person = u64::from(self.person);
        Chance::new(
            self.scenario.seed,
            Purpose::Declaration,
            person,
            when as u64,
        )
    }

    fn timestamp(&self, at: Minute) -> Timestamp {
        self.calendar.timestamp(at)
    }
}
