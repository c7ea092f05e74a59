//! When evidence in files became known.
//!
//! Files say when things happened, not when the authority learnt of them. A replay must not see what
//! nobody knew yet, so:
//!
//! - a test is known from `reported`, or from `sampled` if the file does not say;
//! - a contact is known once it is over (`last`) *and* the person met is found: the earliest
//!   diagnosis (suspected, confirmed, asymptomatic) or reported positive test of `with`, if the
//!   files hold one that is not older than [`FINDING_STANDS`] before `last`. A contact of ring 2 or
//!   more is known once the contact in between is;
//! - everything else is known from its beginning, as `domain::decide` has it.

use std::collections::HashMap;

use domain::evidence::{DiagnosisStatus, TestResult};
use domain::{Evidence, EvidenceId, Fact, FactKind, PersonId, Timestamp};

use crate::columns::{Columns, Contacts, NONE, Seconds, Tests, Withdrawals};

/// A finding older than this, seconds before a contact's end, belongs to an earlier illness.
const FINDING_STANDS: Seconds = 30 * 86_400;

/// When each row of the table of contacts became known, in the order of the rows of
/// [`Columns::contacts`]: by person's number, beginning, identifier.
pub(super) fn of_contacts(evidence: &[Evidence], number: impl Fn(PersonId) -> u32) -> Vec<Seconds> {
    let findings = findings(evidence);
    let mut met: Vec<Met> = evidence.iter().filter_map(Met::read).collect();
    met.sort_by_key(|met| met.ring);
    // By person: when they became known as contacts of the ring before.
    let mut before = HashMap::<PersonId, Vec<Seconds>>::new();
    let mut known = Vec::with_capacity(met.len());
    for ring in met.chunk_by(|a, b| a.ring == b.ring) {
        let mut these = HashMap::<PersonId, Vec<Seconds>>::new();
        for met in ring {
            let through = met.with.into_iter();
            let through = through.flat_map(|with| [findings.get(&with), before.get(&with)]);
            let earliest = through
                .flatten()
                .flatten()
                .filter(|at| **at >= met.last.saturating_sub(FINDING_STANDS))
                .min();
            let at = earliest.map_or(met.last, |found| met.last.max(*found));
            these.entry(met.person).or_default().push(at);
            known.push((number(met.person), met.first, met.id, at));
        }
        before = these;
    }
    known.sort_unstable();
    known.into_iter().map(|(_, _, _, at)| at).collect()
}

struct Met {
    person: PersonId,
    id: EvidenceId,
    with: Option<PersonId>,
    ring: u8,
    first: Seconds,
    last: Seconds,
}

impl Met {
    fn read(piece: &Evidence) -> Option<Self> {
        let Fact::Contact {
            with,
            ring,
            first,
            last,
            ..
        } = piece.fact
        else {
            return None;
        };
        Some(Self {
            person: piece.person,
            id: piece.id,
            with,
            ring,
            first: second(first),
            last: second(last),
        })
    }
}

/// When each person was found to be ill, or probably so.
fn findings(evidence: &[Evidence]) -> HashMap<PersonId, Vec<Seconds>> {
    let mut findings = HashMap::<PersonId, Vec<Seconds>>::new();
    for piece in evidence {
        let at = match piece.fact {
            Fact::Diagnosis {
                status:
                    DiagnosisStatus::Suspected
                    | DiagnosisStatus::Confirmed
                    | DiagnosisStatus::Asymptomatic,
                at,
                ..
            } => at,
            Fact::Test {
                result: TestResult::Positive,
                sampled,
                reported,
                ..
            } => reported.unwrap_or(sampled),
            _ => continue,
        };
        findings.entry(piece.person).or_default().push(second(at));
    }
    findings
}

/// Columns whose tests and contacts are those known at a moment.
#[derive(Debug)]
pub(super) struct Knowledge {
    columns: Columns,
    tests: Tests,
    contacts: Contacts,
    contact_known: Vec<Seconds>,
    withdrawals: Withdrawals,
}

impl Knowledge {
    /// Takes everything that will ever be known.
    pub(super) fn new(mut columns: Columns, contact_known: Vec<Seconds>) -> Self {
        Self {
            tests: std::mem::take(&mut columns.tests),
            contacts: std::mem::take(&mut columns.contacts),
            withdrawals: columns.withdrawals.clone(),
            contact_known,
            columns,
        }
    }

    /// What is known at `at`. Facts that begin later are left in: no decision reads them.
    pub(super) fn at(&mut self, at: Seconds) -> &Columns {
        let known_test = |row: usize| match self.tests.reported[row] {
            NONE => self.tests.sampled[row] <= at,
            reported => reported <= at,
        };
        let tests = places(self.tests.len(), known_test);
        let contacts = places(self.contacts.len(), |row| self.contact_known[row] <= at);
        self.columns.tests = keep_tests(&self.tests, &tests);
        self.columns.contacts = keep_contacts(&self.contacts, &contacts);
        for row in 0..self.withdrawals.len() {
            let known = match self.withdrawals.kind[row] {
                kind if kind == FactKind::Test as u8 => &tests,
                kind if kind == FactKind::Contact as u8 => &contacts,
                _ => continue,
            };
            let place = known.binary_search(&self.withdrawals.row[row]);
            self.columns.withdrawals.row[row] = place.map_or(NONE, |place| place as u32);
        }
        &self.columns
    }
}

fn places(rows: usize, is_known: impl Fn(usize) -> bool) -> Vec<u32> {
    (0..rows)
        .filter(|row| is_known(*row))
        .map(|row| row as u32)
        .collect()
}

fn keep_tests(all: &Tests, rows: &[u32]) -> Tests {
    Tests {
        person: pick(&all.person, rows),
        sampled: pick(&all.sampled, rows),
        reported: pick(&all.reported, rows),
        kind: pick(&all.kind, rows),
        result: pick(&all.result, rows),
    }
}

fn keep_contacts(all: &Contacts, rows: &[u32]) -> Contacts {
    Contacts {
        person: pick(&all.person, rows),
        first: pick(&all.first, rows),
        last: pick(&all.last, rows),
        minutes: pick(&all.minutes, rows),
        relation: pick(&all.relation, rows),
        ring: pick(&all.ring, rows),
    }
}

fn pick<T: Copy>(column: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|row| column[*row as usize]).collect()
}

/// Facts outside 1970 to 2106 have been refused before.
fn second(at: Timestamp) -> Seconds {
    Seconds::try_from(at.as_second()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
