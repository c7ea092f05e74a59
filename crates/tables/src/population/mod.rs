//! Decides everybody.
//!
//! [`decide_folder`] reads a folder straight into columns and decides it from those;
//! [`decide_population`] decides person by person and is the definition that it agrees with.

mod folder;
mod grouped;
mod tables;
#[cfg(test)]
mod tests;

use std::ops::Range;

use domain::policy::RuleId;
use domain::{PersonId, Policy, RegionLevels, Status, Timestamp, Verdict, decide};
use engine::parallel::{parallel_map, pieces};

use crate::files::{DataSet, FileError, ResultColumn, ResultKind, ResultWriter, Value};

pub use folder::{Decided, decide_folder};
pub use grouped::{BadPeople, Grouped, Groups};
pub use tables::Extent;

/// One person's status, in the columns of `healthcode decide`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whose, as the files call them.
    pub person: String,
    /// What they may do.
    pub status: Status,
    /// The rule that restricts them.
    pub rule: Option<RuleId>,
    /// Since when the status holds.
    pub since: Option<Timestamp>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// Until when the verdict holds without new evidence.
    pub next_change: Option<Timestamp>,
}

/// The columns in which decisions are written.
pub const COLUMNS: &[ResultColumn] = &[
    ResultColumn {
        name: "person",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "colour",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "rule",
        kind: ResultKind::Text,
    },
    ResultColumn {
        name: "since",
        kind: ResultKind::Timestamp,
    },
    ResultColumn {
        name: "until",
        kind: ResultKind::Timestamp,
    },
    ResultColumn {
        name: "next_change",
        kind: ResultKind::Timestamp,
    },
];

/// Decides everybody in `data` at `at`, each person alone, on all processors, in order of name.
///
/// Each decision is that of [`domain::decide`] (invariant 1).
pub fn decide_population(
    policy: &Policy,
    levels: &RegionLevels,
    data: &DataSet,
    at: Timestamp,
) -> Vec<Decision> {
    let people = data.names().in_order();
    let parts = pieces(people.len(), 1024);
    let decide_part = |part: Range<usize>| -> Vec<Decision> {
        let decision =
            |(name, id): &(&str, PersonId)| decision(policy, levels, data, at, name, *id);
        people[part].iter().map(decision).collect()
    };
    parallel_map(parts, decide_part)
        .into_iter()
        .flatten()
        .collect()
}

fn decision(
    policy: &Policy,
    levels: &RegionLevels,
    data: &DataSet,
    at: Timestamp,
    name: &str,
    person: PersonId,
) -> Decision {
    let verdict = decide(policy, levels, data.evidence_of(person), at);
    Decision::of(name.to_owned(), verdict)
}

/// Writes decisions in [`COLUMNS`].
///
/// # Errors
/// [`FileError::Write`].
pub fn write(decisions: &[Decision], writer: &mut ResultWriter) -> Result<(), FileError> {
    decisions
        .iter()
        .try_for_each(|decision| writer.row(&decision.as_ref().values()))
}

/// A [`Decision`] that belongs to something larger.
#[derive(Clone, Copy, Debug)]
struct DecisionRef<'d> {
    person: &'d str,
    status: Status,
    rule: Option<&'d RuleId>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    next_change: Option<Timestamp>,
}

impl Decision {
    fn of(person: String, verdict: Verdict) -> Self {
        Self {
            person,
            status: verdict.status,
            rule: verdict
                .restrictions
                .into_iter()
                .next()
                .map(|restriction| restriction.finding.rule),
            since: verdict.since,
            until: verdict.until,
            next_change: verdict.next_change,
        }
    }

    fn as_ref(&self) -> DecisionRef<'_> {
        DecisionRef {
            person: &self.person,
            status: self.status,
            rule: self.rule.as_ref(),
            since: self.since,
            until: self.until,
            next_change: self.next_change,
        }
    }
}

impl DecisionRef<'_> {
    /// The values of [`COLUMNS`].
    fn values(&self) -> [Value<'_>; 6] {
        [
            Value::Text(self.person),
            Value::Text(self.status.as_str()),
            self.rule
                .map_or(Value::Empty, |rule| Value::Text(rule.as_str())),
            self.since.into(),
            self.until.into(),
            self.next_change.into(),
        ]
    }
}
