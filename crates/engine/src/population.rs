//! Decides everybody.

use std::ops::Range;
use std::path::Path;

use domain::policy::RuleId;
use domain::{PersonId, Policy, RegionLevels, Status, Timestamp, Verdict, decide};

use crate::columns::{Columns, ColumnsBuilder, NONE, Seconds};
use crate::decide::{Decisions, decide_columns};
use crate::files::{DataSet, FileError, ResultColumn, ResultKind, ResultWriter, Value};
use crate::mirror::{self, Memory, Scope};
use crate::spread::{pieces, spread};

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
/// Each decision is that of [`domain::decide`] (invariant 1). Data that does not fit the columns (a
/// time before 1970 or after 2106, more than 65,535 different products) is decided person by person.
pub fn decide_population(
    policy: &Policy,
    levels: &RegionLevels,
    data: &DataSet,
    at: Timestamp,
) -> Vec<Decision> {
    let people = data.names().in_order();
    by_columns(policy, levels, data, at, &people)
        .unwrap_or_else(|| one_by_one(policy, levels, data, at, &people))
}

/// Decides everybody in the mirror in the folder `dir` at `at`, in order of number. They are called by
/// their identifiers, or by their numbers if the file that says whose they are was left out.
///
/// # Errors
/// [`FileError`] if the mirror cannot be read or would not fit into memory.
pub fn decide_mirror(
    policy: &Policy,
    levels: &RegionLevels,
    dir: &Path,
    at: Timestamp,
) -> Result<Vec<Decision>, FileError> {
    let columns = Columns::read(dir, Scope::Everything, Memory::Available)?;
    let names = mirror::person_names(dir, columns.people)?;
    let decided = decide_columns(policy, levels, &columns, at);
    let decision = |(name, number): (String, u32)| match &decided {
        Ok(decisions) => from_columns(policy, decisions, number, name),
        // A moment that columns cannot hold.
        Err(_) => from_verdict(
            decide(policy, levels, &columns.evidence_of(number), at),
            name,
        ),
    };
    Ok(names.into_iter().zip(0..).map(decision).collect())
}

/// Everybody at once; `None` if the columns cannot hold the data.
fn by_columns(
    policy: &Policy,
    levels: &RegionLevels,
    data: &DataSet,
    at: Timestamp,
    people: &[(&str, PersonId)],
) -> Option<Vec<Decision>> {
    let mut builder = ColumnsBuilder::new(u32::try_from(people.len()).ok()?);
    for ((_, id), number) in people.iter().zip(0..) {
        for piece in data.evidence_of(*id) {
            builder.push(number, piece.id, &piece.fact).ok()?;
        }
    }
    let decisions = decide_columns(policy, levels, &builder.finish(), at).ok()?;
    let decision = |((name, _), number): (&(&str, PersonId), u32)| {
        from_columns(policy, &decisions, number, (*name).to_owned())
    };
    Some(people.iter().zip(0..).map(decision).collect())
}

fn from_columns(policy: &Policy, decisions: &Decisions, number: u32, person: String) -> Decision {
    let moment = |second: Seconds| match second {
        NONE => None,
        second => Timestamp::from_second(i64::from(second)).ok(),
    };
    let place = number as usize;
    Decision {
        person,
        status: decisions.status(policy, number),
        rule: decisions.rule(policy, number).cloned(),
        since: moment(decisions.since[place]),
        until: moment(decisions.until[place]),
        next_change: moment(decisions.next_change[place]),
    }
}

/// The definition: each person alone.
fn one_by_one(
    policy: &Policy,
    levels: &RegionLevels,
    data: &DataSet,
    at: Timestamp,
    people: &[(&str, PersonId)],
) -> Vec<Decision> {
    let parts = pieces(people.len(), 1024);
    let decide_part = |part: Range<usize>| -> Vec<Decision> {
        let decision =
            |(name, id): &(&str, PersonId)| decision(policy, levels, data, at, name, *id);
        people[part].iter().map(decision).collect()
    };
    spread(parts, decide_part).into_iter().flatten().collect()
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
    from_verdict(verdict, name.to_owned())
}

fn from_verdict(verdict: Verdict, person: String) -> Decision {
    Decision {
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn invariant_1_a_folder_of_files_is_decided_as_each_person_alone(
            facts in prop::collection::vec((0..12_u8, 0..4_u8, 0..60_i64), 0..60),
            day in 20..70_i64,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let mut declarations = String::from("person,at,symptoms,contact\n");
            let mut diagnoses = String::from("person,status,at\n");
            for (person, what, day) in facts {
                let at = 1_581_000_000 + day * 86_400;
                let status = ["confirmed", "recovered", "suspected"];
                match what {
                    0 => declarations += &format!("p{person},{at},fever,none\n"),
                    what => diagnoses += &format!("p{person},{},{at}\n", status[usize::from(what) - 1]),
                }
            }
            fs::write(dir.path().join("declarations.csv"), declarations).unwrap();
            fs::write(dir.path().join("diagnoses.csv"), diagnoses).unwrap();
            let options = ReadOptions { now: None, keep_refused: false };
            let data = DataSet::load(dir.path(), options).unwrap();
            let policy = Policy::parse(POLICY).unwrap();
            let at = Timestamp::from_second(1_581_000_000 + day * 86_400).unwrap();
            let expected = one_by_one(&policy, data.levels(), &data, at, &data.names().in_order());
            prop_assert_eq!(decide_population(&policy, data.levels(), &data, at), expected);
        }
    }

    #[test]
    fn a_time_that_columns_cannot_hold_is_decided_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let rows = "person,status,at\nold,confirmed,1965-01-01T00:00:00Z\n\
                    new,confirmed,2020-02-20T00:00:00Z\n";
        fs::write(dir.path().join("diagnoses.csv"), rows).unwrap();
        let options = ReadOptions {
            now: None,
            keep_refused: false,
        };
        let data = DataSet::load(dir.path(), options).unwrap();
        assert_eq!(data.reports()[0].refused, 0);
        let policy = Policy::parse(POLICY).unwrap();
        let at: Timestamp = "2020-02-21T00:00:00Z".parse().unwrap();
        let decisions = decide_population(&policy, data.levels(), &data, at);
        let statuses: Vec<Status> = decisions.iter().map(|decision| decision.status).collect();
        assert_eq!(statuses, [Status::Decided(Colour::Red), Status::Undeclared]);
    }

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
