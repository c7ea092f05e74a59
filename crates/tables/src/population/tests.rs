//! A folder is decided as each of its people alone.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use domain::evidence::{Field, FieldValue, Sink};
use domain::testing::{any_fact, any_policy, any_timestamp};
use domain::{Colour, Fact, FactKind};
use engine::columns::ColumnsBuilder;
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;

use super::*;
use crate::files::{Format, ReadOptions, Reading, Table};
use crate::mirror::{Memory, write_columns};

const OPTIONS: ReadOptions = ReadOptions {
    now: None,
    keep_refused: false,
};

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

/// The values of a row by column; what is absent has no entry.
type Row = BTreeMap<&'static str, String>;

fn row(person: &str, fact: &Fact) -> Row {
    let mut cells = Cells(Row::from_iter([("person", person.to_owned())]));
    let written: Result<(), Infallible> = fact.write(&mut cells);
    written.unwrap();
    cells.0
}

/// A row that takes fields.
struct Cells(Row);

impl Sink for Cells {
    type Error = Infallible;

    fn put(&mut self, field: &'static Field, value: FieldValue<'_>) -> Result<(), Infallible> {
        let text = match value {
            // Whom somebody met and which laboratory are not in the columns.
            _ if field.name == "with" => String::new(),
            _ if field.name == "lab" => return Ok(()),
            FieldValue::Unknown => return Ok(()),
            FieldValue::Time(time) => time.as_second().to_string(),
            FieldValue::Text(text) => text.to_owned(),
            FieldValue::Word(word) => word.to_owned(),
            FieldValue::Whole(number) => number.to_string(),
            FieldValue::Degrees(degrees) => degrees.to_string(),
            FieldValue::Symptoms(symptoms) => {
                let words: Vec<&str> = symptoms.iter().map(|symptom| symptom.as_str()).collect();
                words.join(";")
            }
            FieldValue::Signatures(names) => names.join(";"),
            FieldValue::Region(region) => region.to_string(),
            FieldValue::Person(id) => id.to_string(),
            FieldValue::Venue(id) => id.to_string(),
            FieldValue::Evidence(id) => id.to_string(),
        };
        self.0.insert(field.name, text);
        Ok(())
    }
}

fn write_table(dir: &Path, table: &'static Table, format: Format, rows: &[Row]) {
    let path = dir.join(format!("{}.{}", table.name, format.extension()));
    let names = || table.columns.iter().map(|column| column.name);
    let cell = |row: &Row, name: &str| row.get(name).cloned().unwrap_or_default();
    match format {
        Format::Csv => {
            let mut file = csv::Writer::from_path(path).unwrap();
            file.write_record(names()).unwrap();
            for row in rows {
                file.write_record(names().map(|name| cell(row, name)))
                    .unwrap();
            }
            file.flush().unwrap();
        }
        Format::Ndjson => {
            let lines = rows
                .iter()
                .map(|row| serde_json::json!(row).to_string() + "\n");
            fs::write(path, lines.collect::<String>()).unwrap();
        }
        Format::Parquet => {
            let column = |name: &'static str| {
                let values = rows.iter().map(|row| row.get(name).cloned());
                (
                    name,
                    Arc::new(StringArray::from_iter(values)) as ArrayRef,
                    true,
                )
            };
            let batch = RecordBatch::try_from_iter_with_nullable(names().map(column)).unwrap();
            let file = fs::File::create(path).unwrap();
            let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
            writer.write(&batch).unwrap();
            writer.close().unwrap();
        }
    }
}

fn reading(watch: &mut (dyn FnMut(u64, u64) + Send)) -> Reading<'_> {
    Reading {
        options: OPTIONS,
        memory: Memory::Available,
        watch,
    }
}

/// What `decide` writes, as text.
fn written(dir: &Path, decided: &Decided<'_>) -> String {
    let path = dir.join("decided.out.csv");
    let mut writer = ResultWriter::create(&path, COLUMNS).unwrap();
    decided.write(&mut writer, |_| {}).unwrap();
    writer.finish().unwrap();
    fs::read_to_string(path).unwrap()
}

/// What the definition says, as text.
fn defined(dir: &Path, policy: &Policy, at: Timestamp) -> String {
    let data = DataSet::load(dir, OPTIONS).unwrap();
    let path = dir.join("defined.out.csv");
    let mut writer = ResultWriter::create(&path, COLUMNS).unwrap();
    let decisions = decide_population(policy, data.levels(), &data, at);
    write(&decisions, &mut writer).unwrap();
    writer.finish().unwrap();
    fs::read_to_string(path).unwrap()
}

/// People whose names do not sort as they appear; one is called by an identifier in two spellings.
fn name(person: u8) -> String {
    let identifier = "0123456789abcdef0123456789abcdef";
    match person {
        0 => identifier.to_owned(),
        1 => identifier.to_ascii_uppercase(),
        other => format!("{}{other}", ["p", "é", "an"][usize::from(other % 3)]),
    }
}

const LEVELS: &str = "region,level,from,until\n3301,high,1583000000,\n42,medium,1582000000,\n\
                      33,low,1581000000,1584000000\nIT,high,1581000000,1583900000\n";

proptest! {
    #![proptest_config(domain::testing::property_cases(128))]

    #[test]
    fn invariant_1_a_folder_is_decided_as_each_person_alone(
        policy in any_policy(),
        facts in prop::collection::vec((0..12_u8, any_fact(), 1..3_usize), 0..60),
        formats in prop::collection::vec(prop::sample::select(&Format::ALL), 12),
        listed in prop::option::of(prop::collection::vec(0..20_u8, 0..6)),
        now in any_timestamp(),
    ) {
        // Tables that no rule reads are left out where the table of people says who there is.
        let (dir, read) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        prop_assume!(listed.is_some() || !facts.is_empty());
        let mut tables = BTreeMap::<&str, (&Table, Vec<Row>)>::new();
        for (person, fact, times) in &facts {
            let table = Table::of_kind(fact.kind()).unwrap();
            let (_, rows) = tables.entry(table.name).or_insert((table, Vec::new()));
            rows.extend(vec![row(&name(*person), fact); *times]);
        }
        let reads = |table: &Table| FactKind::ALL.iter().any(|kind| {
            policy.reads(*kind) && Table::of_kind(*kind).is_some_and(|own| own.name == table.name)
        });
        for ((table, rows), format) in tables.into_values().zip(formats) {
            write_table(dir.path(), table, format, &rows);
            if listed.is_none() || reads(table) {
                write_table(read.path(), table, format, &rows);
            }
        }
        for dir in [dir.path(), read.path()] {
            if let Some(listed) = &listed {
                let people: String = listed.iter().map(|person| name(*person) + "\n").collect();
                fs::write(dir.join("people.csv"), format!("person\n{people}")).unwrap();
            }
            fs::write(dir.join("regions.csv"), LEVELS).unwrap();
        }
        let decided = decide_folder(&policy, dir.path(), now, reading(&mut |_, _| {})).unwrap();
        prop_assert!(matches!(decided.found, folder::Found::ByColumns(..)));
        prop_assert_eq!(written(dir.path(), &decided), defined(read.path(), &policy, now));
    }
}

#[test]
fn what_columns_cannot_hold_is_decided_all_the_same() {
    let policy = Policy::parse(POLICY).unwrap();
    for (at, old) in [
        ("2020-02-21T00:00:00Z", "1965-01-01T00:00:00Z"),
        ("1960-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let rows =
            format!("person,status,at\nold,confirmed,{old}\nnew,confirmed,2020-02-20T00:00:00Z\n");
        fs::write(dir.path().join("diagnoses.csv"), rows).unwrap();
        let at = at.parse().unwrap();
        let decided = decide_folder(&policy, dir.path(), at, reading(&mut |_, _| {})).unwrap();
        assert!(matches!(decided.found, folder::Found::OneByOne(_)));
        assert_eq!(decided.reports()[0].refused, 0);
        assert_eq!(
            written(dir.path(), &decided),
            defined(dir.path(), &policy, at)
        );
    }
}

#[test]
fn a_mirror_is_decided_by_number_under_the_levels_beside_it() {
    let policy = Policy::parse(POLICY).unwrap();
    let at: Timestamp = "2020-02-21T00:00:00Z".parse().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    let mut builder = ColumnsBuilder::new(12);
    let ill = Fact::diagnosis(
        domain::evidence::DiagnosisStatus::Confirmed,
        "2020-02-20T00:00:00Z".parse().unwrap(),
        None,
    );
    builder.append(10, &ill).unwrap();
    write_columns(&builder.finish(), &mirror).unwrap();
    fs::write(mirror.join("regions.csv"), LEVELS).unwrap();
    let decided = decide_folder(&policy, &mirror, at, reading(&mut |_, _| {})).unwrap();
    let text = written(dir.path(), &decided);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[10]), (13, "9,undeclared,,,,"));
    let red = "10,red,confirmed,2020-02-20T00:00:00Z,";
    assert!(lines[11].starts_with(red), "{text}");
    assert!(decided.has_levels() && decided.counts()["red"] == 1);
    // The same for a timestamp that columns cannot hold.
    let early = "1960-01-01T00:00:00Z".parse().unwrap();
    let decided = decide_folder(&policy, &mirror, early, reading(&mut |_, _| {})).unwrap();
    assert_eq!(decided.counts()["undeclared"], 12);

    fs::write(mirror.join("tests.csv"), "person,kind,result,sampled\n").unwrap();
    let refused = decide_folder(&policy, &mirror, at, reading(&mut |_, _| {})).unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("tests.csv") && text.contains("among the files"),
        "{text}"
    );
}

#[test]
fn a_folder_that_would_not_fit_is_refused_before_it_is_read() {
    let policy = Policy::parse(POLICY).unwrap();
    let at: Timestamp = "2020-02-21T00:00:00Z".parse().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let rows = "p1,confirmed,1582156800\n".repeat(10_000);
    let table = format!("person,status,at\n{rows}");
    fs::write(dir.path().join("diagnoses.csv"), table).unwrap();
    let decide = |bytes, watch: &mut (dyn FnMut(u64, u64) + Send)| {
        let memory = Memory::AtMost(bytes);
        let reading = Reading {
            memory,
            ..reading(watch)
        };
        decide_folder(&policy, dir.path(), at, reading).map(|decided| decided.len())
    };
    let mut heard = 0;
    let refused = decide(1 << 20, &mut |_, _| heard += 1).unwrap_err();
    assert!(matches!(refused, FileError::TooLarge { .. }), "{refused}");
    assert_eq!(heard, 0, "what does not fit is not begun");
    assert_eq!(decide(1 << 22, &mut |_, _| heard += 1).unwrap(), 1);
    assert!(heard > 0);
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
    let red = "p07,red,confirmed,2020-02-20T00:00:00Z,2020-03-05T16:00:00Z,2020-03-05T16:00:00Z";
    assert!(lines.contains(&red), "{text}");
}
