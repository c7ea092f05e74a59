//! When evidence in files became known.
//!
//! Files say when things happened, not when the authority learnt of them. A replay must not see what
//! nobody knew yet, so:
//!
//! - the result of a test is known from `reported`, or from `sampled` if the file does not say; until
//!   then the test is pending;
//! - a contact is known once it is over (`last`) *and* the person met is found: the earliest
//!   diagnosis (suspected, confirmed, asymptomatic) or reported positive test of `with`, if the
//!   files hold one that is not older than [`FINDING_STANDS`] before `last`. A contact of ring 2 or
//!   more is known once the contact in between is;
//! - everything else is known from its beginning, as `domain::decide` has it.

use std::collections::HashMap;

use domain::FactKind;
use domain::evidence::{DiagnosisStatus, TestResult};

use engine::columns::{Columns, Contacts, NONE, Seconds, Tests, Withdrawals};

/// A finding older than this, seconds before a contact's end, belongs to an earlier illness.
const FINDING_STANDS: Seconds = 30 * 86_400;

/// When each row of [`Columns::contacts`] became known. `with` says for each row whom the contact was
/// with, or `NONE`.
pub(super) fn of_contacts(columns: &Columns, with: &[u32]) -> Vec<Seconds> {
    let contacts = &columns.contacts;
    let findings = findings(columns);
    let mut rows: Vec<usize> = (0..contacts.len()).collect();
    rows.sort_by_key(|row| contacts.ring[*row]);
    // By person: when they became known as contacts of the ring before.
    let mut before = HashMap::<u32, Vec<Seconds>>::new();
    let mut known = vec![0; contacts.len()];
    for ring in rows.chunk_by(|a, b| contacts.ring[*a] == contacts.ring[*b]) {
        let mut these = HashMap::<u32, Vec<Seconds>>::new();
        for row in ring {
            let last = contacts.last[*row];
            let earliest = [findings.get(&with[*row]), before.get(&with[*row])]
                .into_iter()
                .flatten()
                .flatten()
                .filter(|at| **at >= last.saturating_sub(FINDING_STANDS))
                .min();
            let at = earliest.map_or(last, |found| last.max(*found));
            these.entry(contacts.person[*row]).or_default().push(at);
            known[*row] = at;
        }
        before = these;
    }
    known
}

/// When each person was found to be ill, or probably so.
fn findings(columns: &Columns) -> HashMap<u32, Vec<Seconds>> {
    let mut findings = HashMap::<u32, Vec<Seconds>>::new();
    let (diagnoses, tests) = (&columns.diagnoses, &columns.tests);
    for row in 0..diagnoses.len() {
        if let DiagnosisStatus::Suspected
        | DiagnosisStatus::Confirmed
        | DiagnosisStatus::Asymptomatic =
            DiagnosisStatus::ALL[usize::from(diagnoses.status[row])]
        {
            let found = findings.entry(diagnoses.person[row]).or_default();
            found.push(diagnoses.at[row]);
        }
    }
    for row in 0..tests.len() {
        if TestResult::ALL[usize::from(tests.result[row])] == TestResult::Positive {
            let at = match tests.reported[row] {
                NONE => tests.sampled[row],
                reported => reported,
            };
            findings.entry(tests.person[row]).or_default().push(at);
        }
    }
    findings
}

/// How columns number the result of a test that is not known yet.
const PENDING: u8 = {
    let mut number = 0;
    while !matches!(TestResult::ALL[number as usize], TestResult::Pending) {
        number += 1;
    }
    number
};

/// Columns whose tests and contacts are those known at a timestamp.
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
        let contacts = places(self.contacts.len(), |row| self.contact_known[row] <= at);
        self.columns.tests = pending_until_reported(&self.tests, at);
        self.columns.contacts = keep_contacts(&self.contacts, &contacts);
        for row in 0..self.withdrawals.len() {
            if self.withdrawals.kind[row] == FactKind::Contact as u8 {
                let place = contacts.binary_search(&self.withdrawals.row[row]);
                self.columns.withdrawals.row[row] = place.map_or(NONE, |place| place as u32);
            }
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

/// All tests; those that are reported later have no result and no report yet.
fn pending_until_reported(all: &Tests, at: Seconds) -> Tests {
    let is_pending = |reported: &Seconds| *reported != NONE && *reported > at;
    let reported = all
        .reported
        .iter()
        .map(|reported| match is_pending(reported) {
            true => NONE,
            false => *reported,
        });
    let results = all.result.iter().zip(&all.reported);
    let result = results.map(|(result, reported)| match is_pending(reported) {
        true => PENDING,
        false => *result,
    });
    Tests {
        person: all.person.clone(),
        sampled: all.sampled.clone(),
        reported: reported.collect(),
        kind: all.kind.clone(),
        result: result.collect(),
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

#[cfg(test)]
mod tests;
