//! What people declare, where they travel, who was tested and who fell ill.

use domain::evidence::{
    ContactAnswer, DiagnosisStatus, Fact, OpenPeriod, Period, Relation, Ring, StayMode, StaySource,
    Symptom, Symptoms, Temperature, TestKind, TestResult,
};
use domain::{AuthorityKind, EvidenceId, Level, Region, RegionLevel, Timestamp};
use jiff::SignedDuration;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use crate::{Household, Plan, Report, Resident, random_id};

/// What happened to people's health, and when they were not about.
pub(crate) struct Health {
    pub reports: Vec<Report>,
    pub levels: Vec<RegionLevel>,
    /// For each resident the stretches in which they visit nothing in the city.
    pub absent: Vec<Vec<(Timestamp, Timestamp)>>,
}

/// Regions elsewhere and their levels. The last has none.
const ELSEWHERE: [(&str, Option<Level>); 4] = [
    ("9902", Some(Level::High)),
    ("9903", Some(Level::Medium)),
    ("9904", Some(Level::Low)),
    ("9905", None),
];

/// One earlier case for so many people.
const PEOPLE_A_CASE: usize = 4000;

pub(crate) fn live(
    plan: &Plan,
    residents: &[Resident],
    households: &[Household],
    rng: &mut Xoshiro256PlusPlus,
) -> Health {
    let mut story = Story {
        now: plan.now,
        residents,
        reports: Vec::new(),
        absent: vec![Vec::new(); residents.len()],
        rng,
    };
    for index in 0..residents.len() {
        story.declare(index);
        if story.rng.random_bool(0.015) {
            story.travel(index);
        }
        if story.rng.random_bool(0.03) {
            let hours = story.rng.random_range(12..10 * 24);
            story.test(index, TestResult::Negative, story.ago(hours));
        }
    }
    for number in 0..(residents.len() / PEOPLE_A_CASE).max(1) {
        let household = story.rng.random_range(0..households.len());
        story.fall_ill(&households[household], number);
    }
    let Story {
        mut reports,
        absent,
        ..
    } = story;
    reports.sort_by_key(|report| report.reported_at);
    Health {
        reports,
        levels: levels(plan),
        absent,
    }
}

fn levels(plan: &Plan) -> Vec<RegionLevel> {
    let from = plan.now - SignedDuration::from_hours(40 * 24);
    let published = ELSEWHERE
        .iter()
        .filter_map(|(code, level)| Some((code, (*level)?)));
    published
        .flat_map(|(code, level)| {
            let region = code.parse::<Region>().ok()?;
            Some(RegionLevel {
                region,
                level,
                from,
                until: None,
            })
        })
        .collect()
}

struct Story<'a> {
    now: Timestamp,
    residents: &'a [Resident],
    reports: Vec<Report>,
    absent: Vec<Vec<(Timestamp, Timestamp)>>,
    rng: &'a mut Xoshiro256PlusPlus,
}

impl Story<'_> {
    /// Everybody declares on registration, and all but one in fifty again in the last 13 days.
    fn declare(&mut self, index: usize) {
        let registered_at = self.residents[index].registered_at;
        let well = Fact::declaration(registered_at, Symptoms::NONE, None, ContactAnswer::None);
        self.report(index, AuthorityKind::Person, registered_at, well);
        if self.rng.random_bool(0.02) {
            return;
        }
        let hours = self.rng.random_range(1..13 * 24);
        let at = self.ago(hours).max(registered_at);
        let symptoms = match self.rng.random_range(0..1000) {
            0..2 => [Symptom::Fever, Symptom::Cough].into_iter().collect(),
            2..8 => [Symptom::RunnyNose].into_iter().collect(),
            _ => Symptoms::NONE,
        };
        let tenths = match symptoms.contains(Symptom::Fever) {
            true => self.rng.random_range(374..390),
            false => self.rng.random_range(361..370),
        };
        let measured = self.rng.random_bool(0.4);
        let temperature = if measured {
            Temperature::from_tenths(tenths).ok()
        } else {
            None
        };
        let unsure = self.rng.random_bool(0.005);
        let contact = if unsure {
            ContactAnswer::Unsure
        } else {
            ContactAnswer::None
        };
        let again = Fact::declaration(at, symptoms, temperature, contact);
        self.report(index, AuthorityKind::Person, at, again);
    }

    /// One trip elsewhere in the last twelve days, back by now. One in six only passed through.
    fn travel(&mut self, index: usize) {
        let (code, _) = ELSEWHERE[self.rng.random_range(0..ELSEWHERE.len())];
        let Ok(region) = code.parse() else { return };
        let transit = self.rng.random_range(0..6) == 0;
        let hours = if transit {
            2
        } else {
            self.rng.random_range(10..80)
        };
        let back_hours = self.rng.random_range(8..8 * 24);
        let left = self.ago(back_hours);
        let arrived = left - SignedDuration::from_hours(hours);
        let sources = [
            StaySource::Declared,
            StaySource::Rail,
            StaySource::Hotel,
            StaySource::Carrier,
        ];
        let source = sources[self.rng.random_range(0..sources.len())];
        let by = match source {
            StaySource::Declared => AuthorityKind::Person,
            _ => AuthorityKind::Transport,
        };
        let mode = if transit {
            StayMode::Transit
        } else {
            StayMode::Stay
        };
        let stay = Fact::stay(
            region,
            OpenPeriod::mended(arrived, Some(left)),
            mode,
            source,
        );
        self.report(index, by, left, stay);
        let journey = SignedDuration::from_hours(4);
        self.absent[index].push((arrived - journey, left + journey));
    }

    fn test(&mut self, index: usize, result: TestResult, sampled: Timestamp) {
        let reported = (sampled + SignedDuration::from_hours(8)).min(self.now);
        let lab = Some("Harbour City Laboratory".to_owned());
        let kind = TestKind::Pcr;
        let test = Fact::test(
            kind,
            result,
            OpenPeriod::mended(sampled, Some(reported)),
            lab,
        );
        self.report(index, AuthorityKind::Laboratory, reported, test);
    }

    /// One member is found ill some days ago and goes to hospital; the others are contacts and stay
    /// at home. The second case of the city turns out not to have it.
    fn fall_ill(&mut self, household: &Household, number: usize) {
        let hours = self.rng.random_range(3 * 24..9 * 24);
        let found = self.ago(hours);
        let hour = SignedDuration::from_hours(1);
        let patient = household.members.start;
        if number == 1 {
            self.diagnose(patient, DiagnosisStatus::Suspected, found);
            self.diagnose(patient, DiagnosisStatus::Excluded, found + 20 * hour);
            self.test(patient, TestResult::Negative, found + 8 * hour);
            self.absent[patient].push((found, found + 20 * hour));
            return;
        }
        self.test(patient, TestResult::Positive, found - 20 * hour);
        self.diagnose(patient, DiagnosisStatus::Confirmed, found);
        self.absent[patient].push((found - 20 * hour, Timestamp::MAX));
        for member in household.members.clone().skip(1) {
            let contact = Fact::contact(
                Some(self.residents[patient].id),
                Relation::Household,
                Ring::FIRST,
                Period::mended(found - 72 * hour, found),
                None,
            );
            self.report(member, AuthorityKind::Health, found, contact);
            self.test(member, TestResult::Negative, found + 24 * hour);
            self.absent[member].push((found, Timestamp::MAX));
        }
    }

    fn diagnose(&mut self, index: usize, status: DiagnosisStatus, at: Timestamp) {
        let onset = match status {
            DiagnosisStatus::Confirmed => Some(at - SignedDuration::from_hours(48)),
            _ => None,
        };
        let diagnosis = Fact::diagnosis(status, at, onset);
        self.report(index, AuthorityKind::Health, at, diagnosis);
    }

    fn report(&mut self, index: usize, by: AuthorityKind, reported_at: Timestamp, fact: Fact) {
        let id = EvidenceId::from_u128(random_id(self.rng));
        let person = self.residents[index].id;
        self.reports.push(Report {
            id,
            person,
            by,
            reported_at,
            fact,
        });
    }

    fn ago(&self, hours: i64) -> Timestamp {
        self.now - SignedDuration::from_hours(hours)
    }
}
