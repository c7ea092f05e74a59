//! What the health authority finds out: tests, diagnoses, and what follows from them.

use domain::evidence::{DiagnosisStatus, TestKind, TestResult};

use super::calendar::{DAY, Minute};
use super::chance::{Chance, Purpose};
use super::colds;
use super::confinement::Confinement;
use super::disease::Course;
use super::outbreak::{Outbreak, Stage};
use super::rows::{Case, Contact, Diagnosis, Person, Test};

/// Days from symptoms, or from the finding of those without, until the first test for recovery.
const UNTIL_RECOVERY: i32 = 10;
/// A positive test during recovery is repeated after so many days.
const UNTIL_NEXT: i32 = 2;
/// How long somebody ill stays at home.
const STAY_HOME_DAYS: u16 = 10;
/// A tracer looks so many days back from symptoms, or from the sample of somebody without.
const TRACED_DAYS: f64 = 2.0;

/// Why a sample is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Illness,
    Cold,
    Screening,
    Contact,
    /// The day after a finding, in case it was wrong.
    Repeat,
    /// So many negative in a row already.
    Recovery(u8),
}

#[derive(Clone, Copy, Debug)]
enum Event {
    StayHome(u32),
    Sample(u32, Reason),
    /// Person, when found, when the sample was taken.
    Found(u32, Minute, Minute),
    /// Somebody found without symptoms gets them.
    FallsIll(u32, Minute),
    Recovered(u32, Minute),
    Excluded(u32, Minute),
}

/// What is known and done about the epidemic.
pub(crate) struct Surveillance<'a> {
    pub stage: Stage<'a>,
    pub confinement: Confinement,
    /// When each person was last notified that they met a case; `Minute(i32::MIN)` if never.
    pub notified_at: Vec<Minute>,
    pub tests: Vec<Test>,
    pub diagnoses: Vec<Diagnosis>,
    pub contacts: Vec<Contact>,
    pub cases: Vec<Case>,
    /// New confirmed cases by day and district.
    pub confirmed: Vec<Vec<u32>>,
    is_found: Vec<bool>,
    agenda: Vec<Vec<Event>>,
    today: i32,
}

impl<'a> Surveillance<'a> {
    /// Nothing is known yet.
    pub fn new(stage: Stage<'a>) -> Self {
        let people = stage.town.people.len();
        let days = usize::from(stage.scenario.days);
        let mut surveillance = Self {
            stage,
            confinement: Confinement::new(people),
            notified_at: vec![Minute(i32::MIN); people],
            tests: Vec::new(),
            diagnoses: Vec::new(),
            contacts: Vec::new(),
            cases: Vec::new(),
            confirmed: vec![vec![0; usize::from(stage.town.districts)]; days],
            is_found: vec![false; people],
            agenda: vec![Vec::new(); days],
            today: 0,
        };
        surveillance.expect_colds();
        surveillance
    }

    /// Learns what happened on `day`: the new infections and whatever is due.
    pub fn watch(&mut self, day: i32, outbreak: &Outbreak<'_>, new: &[Course]) {
        self.today = day;
        for course in new {
            self.expect_symptoms(course);
        }
        self.screen();
        loop {
            let due = std::mem::take(&mut self.agenda[day as usize]);
            if due.is_empty() {
                break;
            }
            for event in due {
                self.happen(event, outbreak);
            }
        }
    }

    fn happen(&mut self, event: Event, outbreak: &Outbreak<'_>) {
        match event {
            Event::StayHome(person) => {
                self.confinement
                    .stay_home(person, self.today, STAY_HOME_DAYS);
            }
            Event::Sample(person, reason) => self.sample(person, reason, outbreak),
            Event::Found(person, at, sampled) => self.find(person, at, sampled, outbreak),
            Event::FallsIll(person, at) => {
                self.diagnose(person, DiagnosisStatus::Confirmed, at, Some(at));
            }
            Event::Recovered(person, at) => {
                self.diagnose(person, DiagnosisStatus::Recovered, at, None);
                self.confinement.discharge(person, self.today);
            }
            Event::Excluded(person, at) => {
                self.diagnose(person, DiagnosisStatus::Excluded, at, None);
                self.confinement.discharge(person, self.today);
            }
        }
    }

    fn expect_colds(&mut self) {
        for person in 0..self.stage.town.people.len() as u32 {
            let Some(cold) = colds::of(self.stage.scenario, person) else {
                continue;
            };
            let mut chance = self.chance(Purpose::Illness, person, 1);
            if chance.is(self.stage.scenario.testing.seek_with_cold) {
                let day = cold.first.day() + chance.between(1, 3);
                self.plan(day, Event::Sample(person, Reason::Cold));
            }
        }
    }

    fn expect_symptoms(&mut self, course: &Course) {
        let Some(onset) = course.symptoms() else {
            return;
        };
        let scenario = self.stage.scenario;
        let mut chance = self.chance(Purpose::Illness, course.person, 0);
        if chance.is(scenario.measures.stay_home_when_ill) {
            self.plan(onset.day(), Event::StayHome(course.person));
        }
        if chance.is(scenario.testing.seek_when_ill) {
            let day = onset
                .plus_days(chance.share() * scenario.testing.delay_days)
                .day();
            self.plan(day, Event::Sample(course.person, Reason::Illness));
        }
    }

    fn screen(&mut self) {
        let people = self.stage.town.people.len() as u32;
        let rate = self.stage.scenario.testing.screening_per_day;
        let count = (f64::from(people) * rate).round() as u32;
        for number in 0..count {
            let mut chance = self.chance(Purpose::Screening, number, self.today);
            let person = chance.below(people);
            self.plan(self.today, Event::Sample(person, Reason::Screening));
        }
    }

    fn sample(&mut self, person: u32, reason: Reason, outbreak: &Outbreak<'_>) {
        let in_care = matches!(reason, Reason::Repeat | Reason::Recovery(_));
        let is_known = self.is_found[person as usize];
        let is_away = self.stage.journeys[person as usize].is_away(self.today);
        if (is_known && !in_care) || is_away {
            return;
        }
        let scenario = self.stage.scenario;
        let mut chance = self.chance(Purpose::Test, person, self.today << 4 | reason.code());
        let minute = match reason {
            // So that two in a row are at least 24 hours apart.
            Reason::Recovery(negatives) => 8 * 60 + 10 * i32::from(negatives),
            _ => chance.between(7 * 60, 18 * 60),
        };
        let sampled = Minute::of(self.today, minute);
        let longest = (2.0 * scenario.testing.turnaround_hours - 4.0) * 60.0;
        let reported = sampled.plus(chance.between(240, longest as i32 + 1));
        let course = outbreak.course(person);
        let result = self.result(course, sampled, &mut chance);
        self.write_test(person, result, sampled, reported);

        let mut answered = reported.plus(chance.between(30, 180));
        let is_suspected = matches!(reason, Reason::Illness | Reason::Cold)
            && chance.is(scenario.testing.suspected);
        if is_suspected {
            let onset = course
                .and_then(Course::symptoms)
                .filter(|onset| *onset <= sampled);
            let cold = colds::of(scenario, person).map(|cold| cold.first);
            let onset = onset.or(cold.filter(|first| *first <= sampled));
            self.diagnose(person, DiagnosisStatus::Suspected, sampled, onset);
            answered = answered.plus(30);
        }
        match (result, reason) {
            (TestResult::Inconclusive, _) => {
                self.plan(reported.day() + 1, Event::Sample(person, reason));
            }
            (TestResult::Positive, Reason::Recovery(_)) => {
                let again = Event::Sample(person, Reason::Recovery(0));
                self.plan(self.today + UNTIL_NEXT, again);
            }
            (TestResult::Positive, Reason::Repeat) => {}
            (TestResult::Positive, _) => {
                self.plan(answered.day(), Event::Found(person, answered, sampled));
            }
            (_, Reason::Repeat) if course.is_none() => {
                self.plan(answered.day(), Event::Excluded(person, answered));
            }
            (_, Reason::Recovery(0)) => {
                self.plan(self.today + 1, Event::Sample(person, Reason::Recovery(1)));
            }
            (_, Reason::Recovery(_)) => {
                self.plan(answered.day(), Event::Recovered(person, answered));
            }
            (_, Reason::Illness | Reason::Cold) if is_suspected => {
                self.plan(answered.day(), Event::Excluded(person, answered));
            }
            _ => {}
        }
    }

    fn result(&self, course: Option<&Course>, sampled: Minute, chance: &mut Chance) -> TestResult {
        let testing = &self.stage.scenario.testing;
        if chance.is(testing.inconclusive) {
            return TestResult::Inconclusive;
        }
        let infected = course.filter(|course| course.infected <= sampled);
        let found = infected.map_or(testing.false_positive, |course| {
            let days = (sampled.since(course.infected) / DAY) as usize;
            let table = &testing.false_negative;
            let missed = table.get(days).or(table.last());
            1.0 - missed.copied().unwrap_or(0.0)
        });
        match chance.is(found) {
            true => TestResult::Positive,
            false => TestResult::Negative,
        }
    }

    /// A case is confirmed: isolated, its contacts listed, and tested until it has recovered.
    fn find(&mut self, person: u32, at: Minute, sampled: Minute, outbreak: &Outbreak<'_>) {
        if std::mem::replace(&mut self.is_found[person as usize], true) {
            return;
        }
        let onset = outbreak.course(person).and_then(Course::symptoms);
        let known = onset.filter(|onset| *onset <= at);
        let status = match known {
            Some(_) => DiagnosisStatus::Confirmed,
            None => DiagnosisStatus::Asymptomatic,
        };
        self.diagnose(person, status, at, known);
        let district = self.stage.town.people[person as usize].district;
        self.confirmed[self.today as usize][usize::from(district)] += 1;
        if self.stage.scenario.measures.isolate_cases {
            self.confinement.admit(person, self.today);
        }
        let from = known.unwrap_or(sampled).plus_days(-TRACED_DAYS);
        self.cases.push(Case {
            person: Person(person),
            from: self.stage.calendar.timestamp(from),
            until: self.stage.calendar.timestamp(at),
        });
        self.list_contacts(person, from, at, outbreak);
        self.plan(self.today + 1, Event::Sample(person, Reason::Repeat));
        if outbreak.course(person).is_some() {
            let begins = known.map_or(self.today, Minute::day);
            let recovery = (begins + UNTIL_RECOVERY).max(self.today + 2);
            self.plan(recovery, Event::Sample(person, Reason::Recovery(0)));
        }
        if let Some(onset) = onset.filter(|onset| *onset > at) {
            self.plan(onset.day(), Event::FallsIll(person, onset));
        }
    }

    /// Has a contact tested one and seven days from now.
    pub fn test_contact(&mut self, person: u32) {
        for days in [1, 7] {
            self.plan(self.today + days, Event::Sample(person, Reason::Contact));
        }
    }

    /// The day that is being watched.
    pub fn today(&self) -> i32 {
        self.today
    }

    /// A stream of random numbers about one person on one occasion.
    pub fn chance(&self, purpose: Purpose, person: u32, when: i32) -> Chance {
        Chance::new(
            self.stage.scenario.seed,
            purpose,
            u64::from(person),
            when as u64,
        )
    }

    fn diagnose(
        &mut self,
        person: u32,
        status: DiagnosisStatus,
        at: Minute,
        onset: Option<Minute>,
    ) {
        let calendar = self.stage.calendar;
        self.diagnoses.push(Diagnosis {
            person: Person(person),
            status,
            at: calendar.timestamp(at),
            onset: onset.map(|onset| calendar.timestamp(onset)),
        });
    }

    fn write_test(&mut self, person: u32, result: TestResult, sampled: Minute, reported: Minute) {
        let calendar = self.stage.calendar;
        let is_there = reported.day() < i32::from(self.stage.scenario.days);
        self.tests.push(Test {
            person: Person(person),
            kind: TestKind::Pcr,
            result: if is_there {
                result
            } else {
                TestResult::Pending
            },
            sampled: calendar.timestamp(sampled),
            reported: is_there.then(|| calendar.timestamp(reported)),
        });
    }

    /// Puts an event on the agenda; what was due before today is due today, what comes after the
    /// last day never happens.
    fn plan(&mut self, day: i32, event: Event) {
        let day = day.max(self.today);
        if let Some(agenda) = self.agenda.get_mut(day as usize) {
            agenda.push(event);
        }
    }
}

impl Reason {
    /// Tells apart samples of one person on one day.
    const fn code(self) -> i32 {
        match self {
            Self::Illness => 0,
            Self::Cold => 1,
            Self::Screening => 2,
            Self::Contact => 3,
            Self::Repeat => 4,
            Self::Recovery(_) => 5,
        }
    }
}
