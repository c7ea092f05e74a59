//! Decides everybody.

use std::num::NonZero;
use std::thread;

use domain::policy::RuleId;
use domain::{PersonId, Policy, RegionLevels, Status, Timestamp, decide};

use crate::files::{DataSet, FileError, ResultColumn, ResultKind, ResultWriter, Value};

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
    ResultColumn { name: "person", kind: ResultKind::Text },
    ResultColumn { name: "colour", kind: ResultKind::Text },
    ResultColumn { name: "rule", kind: ResultKind::Text },
    ResultColumn { name: "since", kind: ResultKind::Moment },
    ResultColumn { name: "until", kind: ResultKind::Moment },
    ResultColumn { name: "next_change", kind: ResultKind::Moment },
];

/// Decides everybody in `data` at `at`, on all processors, in order of name.
///
/// Each decision is that of [`domain::decide`] (invariant 1).
pub fn decide_population(
    policy: &Policy,
    levels: &RegionLevels,
    data: &DataSet,
    at: Timestamp,
) -> Vec<Decision> {
    let people = data.names().in_order();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = people.len().div_ceil(threads).max(1);
    let decide_share = |people: &[(&str, PersonId)]| -> Vec<Decision> {
        let decision = |(name, id): &(&str, PersonId)| decision(policy, levels, data, at, name, *id);
        people.iter().map(decision).collect()
    };
    thread::scope(|scope| {
        let shares: Vec<_> =
            people.chunks(share).map(|people| scope.spawn(move || decide_share(people))).collect();
        let joined = shares.into_iter().map(|share| match share.join() {
            Ok(decisions) => decisions,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    })
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
    Decision {
        person: name.to_owned(),
        status: verdict.status,
        rule: verdict.restrictions.into_iter().next().map(|restriction| restriction.finding.rule),
        since: verdict.since,
        until: verdict.until,
        next_change: verdict.next_change,
    }
}

/// Writes decisions in [`COLUMNS`].
///
/// # Errors
/// [`FileError::Write`].
pub fn write(decisions: &[Decision], writer: &mut ResultWriter) -> Result<(), FileError> {
    for decision in decisions {
        writer.row(&[
            Value::Text(&decision.person),
            Value::Text(decision.status.as_str()),
            decision.rule.as_ref().map_or(Value::Empty, |rule| Value::Text(rule.as_str())),
            decision.since.into(),
            decision.until.into(),
            decision.next_change.into(),
        ])?;
    }
    Ok(())
}
