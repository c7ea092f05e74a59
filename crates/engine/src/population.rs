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
        kind: ResultKind::Moment,
    },
    ResultColumn {
        name: "until",
        kind: ResultKind::Moment,
    },
    ResultColumn {
        name: "next_change",
        kind: ResultKind::Moment,
    },
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
        let decision =
            |(name, id): &(&str, PersonId)| decision(policy, levels, data, at, name, *id);
        people.iter().map(decision).collect()
    };
    thread::scope(|scope| {
        let shares: Vec<_> = people
            .chunks(share)
            .map(|people| scope.spawn(move || decide_share(people)))
            .collect();
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

/// Writes decisions in [`COLUMNS`].
///
/// # Errors
/// [`FileError::Write`].
pub fn write(decisions: &[Decision], writer: &mut ResultWriter) -> Result<(), FileError> {
    for decision in decisions {
        writer.row(&[
            Value::Text(&decision.person),
            Value::Text(decision.status.as_str()),
            decision
                .rule
                .as_ref()
                .map_or(Value::Empty, |rule| Value::Text(rule.as_str())),
            decision.since.into(),
            decision.until.into(),
            decision.next_change.into(),
        ])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use domain::Colour;

    use super::*;
    use crate::files::ReadOptions;

    const POLICY: &str = r#"
[policy]
id = "small"
version = 1
issuer = "33"
time_zone = "Asia/Shanghai"
effective = 2020-02-01T00:00:00+08:00
look_back = "30d"
languages = ["en"]
contest.en = "Call 12320."

[declaration]
lasts = "14d"

[[rule]]
id = "confirmed"
reads = "diagnosis"
where = { status = "confirmed" }
gives = "red"
starts = "at"
lasts = "14d"
title.en = "Confirmed"
reason.en = "You were found ill on {at}."
guidance.en = "Stay at home until {until}."
"#;

    #[test]
    fn everybody_is_decided_as_alone_and_listed_in_order_of_name() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| fs::write(dir.path().join(name), text).unwrap();
        let people: String = (0..50)
            .map(|n| format!("p{n:02},1582156800,,none\n"))
            .collect();
        write(
            "declarations.csv",
            format!("person,at,symptoms,contact\n{people}"),
        );
        write(
            "diagnoses.csv",
            "person,status,at\np07,confirmed,1582156800\n".into(),
        );
        write("people.csv", "person\nnobody\n".into());
        let data = DataSet::load(
            dir.path(),
            ReadOptions {
                now: None,
                keep_refused: false,
            },
        )
        .unwrap();
        let policy = Policy::parse(POLICY).unwrap();
        let at: Timestamp = "2020-02-21T00:00:00Z".parse().unwrap();
        let decisions = decide_population(&policy, data.levels(), &data, at);

        assert_eq!(decisions.len(), 51);
        assert!(decisions.is_sorted_by(|a, b| a.person < b.person));
        for decision in &decisions {
            let person = data.names().find(&decision.person).unwrap();
            let alone = decide(&policy, data.levels(), data.evidence_of(person), at);
            assert_eq!(
                (decision.status, decision.until),
                (alone.status, alone.until)
            );
        }
        let p07 = decisions
            .iter()
            .find(|decision| decision.person == "p07")
            .unwrap();
        assert_eq!(p07.status, Status::Decided(Colour::Red));
        assert_eq!(p07.rule.as_ref().map(RuleId::as_str), Some("confirmed"));

        let path = dir.path().join("out.csv");
        let mut writer = ResultWriter::create(&path, COLUMNS).unwrap();
        super::write(&decisions, &mut writer).unwrap();
        writer.finish().unwrap();
        let text = fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "person,colour,rule,since,until,next_change");
        assert_eq!(lines[1], "nobody,undeclared,,,,");
        let red =
            "p07,red,confirmed,2020-02-20T00:00:00Z,2020-03-05T16:00:00Z,2020-03-05T16:00:00Z";
        assert!(lines.contains(&red), "{text}");
    }
}
