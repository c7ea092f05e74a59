//! What had been reported about people at one time of an epidemic, and by whom.

use std::collections::HashMap;

use domain::evidence::{Fact, OpenPeriod, Period, Ring, StaySource, TestResult};
use domain::{AuthorityKind, EvidenceId, PersonId, RegionLevel, Timestamp};
use rand::rngs::Xoshiro256PlusPlus;

use crate::city::{Report, random_id};
use crate::epidemic::{Declaration, Diagnosis, Epidemic, Person, Stay, Test};

const LABORATORY: &str = "Harbour City Laboratory";

/// Everything reported until `now`, oldest first.
pub(crate) fn until(
    epidemic: &Epidemic,
    people: &[PersonId],
    now: Timestamp,
    rng: &mut Xoshiro256PlusPlus,
) -> Vec<Report> {
    let declarations = epidemic.declarations().map(declaration);
    let stays = epidemic.stays().map(|one| stay(one, now));
    let tests = epidemic.tests().iter().map(|one| test(one, now));
    let diagnoses = epidemic.diagnoses().iter().map(diagnosis);
    let all = declarations.chain(stays).chain(tests).chain(diagnoses);
    let all = all.chain(contacts(epidemic, people));
    let reported = all.filter(|(_, _, reported_at, _)| *reported_at <= now);
    let report = |(person, by, reported_at, fact): ReportedFact| Report {
        id: EvidenceId::from_u128(random_id(rng)),
        person: people[person.0 as usize],
        by,
        reported_at,
        fact,
    };
    let mut reports: Vec<Report> = reported.map(report).collect();
    reports.sort_by_key(|report| report.reported_at);
    reports
}

/// About whom something was reported by `now` that says that they have or may have the disease.
pub(crate) fn discovered(epidemic: &Epidemic, now: Timestamp) -> impl Iterator<Item = Person> {
    let diagnoses = epidemic.diagnoses().iter().filter(move |one| one.at <= now);
    let tests = epidemic.tests().iter().filter(move |test| {
        test.result == TestResult::Positive && test.reported.is_some_and(|at| at <= now)
    });
    let found = diagnoses.map(|diagnosis| diagnosis.person);
    found.chain(tests.map(|test| test.person))
}

/// The levels that were published by `now`.
pub(crate) fn levels(epidemic: &Epidemic, now: Timestamp) -> Vec<RegionLevel> {
    let levels = epidemic.levels().into_iter();
    let published = levels.filter(|level| level.from <= now);
    let as_known = |level: RegionLevel| RegionLevel {
        until: level.until.filter(|until| *until <= now),
        ..level
    };
    published.map(as_known).collect()
}

/// About whom, by whom, when, what.
type ReportedFact = (Person, AuthorityKind, Timestamp, Fact);

fn declaration(row: Declaration) -> ReportedFact {
    let fact = Fact::declaration(row.at, row.symptoms, row.temperature, row.contact);
    (row.person, AuthorityKind::Person, row.at, fact)
}

/// A journey is reported on return, or while it lasts.
fn stay(row: Stay, now: Timestamp) -> ReportedFact {
    let left = row.left.filter(|left| *left <= now);
    let by = match row.source {
        StaySource::Declared => AuthorityKind::Person,
        _ => AuthorityKind::Transport,
    };
    let fact = Fact::stay(
        row.region,
        OpenPeriod::mended(row.arrived, left),
        row.mode,
        row.source,
    );
    (row.person, by, left.unwrap_or(row.arrived), fact)
}

/// A result that is not there yet is pending.
fn test(row: &Test, now: Timestamp) -> ReportedFact {
    let reported = row.reported.filter(|at| *at <= now);
    let result = match reported {
        Some(_) => row.result,
        None => TestResult::Pending,
    };
    let fact = Fact::test(
        row.kind,
        result,
        OpenPeriod::mended(row.sampled, reported),
        Some(LABORATORY.to_owned()),
    );
    let at = reported.unwrap_or(row.sampled);
    (row.person, AuthorityKind::Laboratory, at, fact)
}

fn diagnosis(row: &Diagnosis) -> ReportedFact {
    let fact = Fact::diagnosis(row.status, row.at, row.onset);
    (row.person, AuthorityKind::Health, row.at, fact)
}

/// The community office lists a case's contacts when the case is found.
fn contacts<'a>(
    epidemic: &'a Epidemic,
    people: &'a [PersonId],
) -> impl Iterator<Item = ReportedFact> + 'a {
    let cases = epidemic.cases().iter();
    let found: HashMap<Person, Timestamp> = cases.map(|case| (case.person, case.until)).collect();
    epidemic.contacts().iter().map(move |row| {
        let fact = Fact::contact(
            Some(people[row.with.0 as usize]),
            row.relation,
            Ring::FIRST,
            Period::mended(row.first, row.last),
            row.minutes,
        );
        let at = found.get(&row.with).copied().unwrap_or(row.last);
        (row.person, AuthorityKind::Community, at, fact)
    })
}
