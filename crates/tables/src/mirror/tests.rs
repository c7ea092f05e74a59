use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch, StringArray, UInt32Array};
use domain::evidence::{OpenPeriod, Period, Relation, Ring};
use domain::testing::{any_evidence, any_levels, any_policy, any_timestamp};
use domain::{Evidence, EvidenceId, Fact, Policy, RegionLevels, Timestamp};
use engine::columns::{Columns, ColumnsBuilder};
use engine::decide::decide_columns;
use engine::trace::{Case, Search, VisitColumns, VisitRows};
use jiff::tz::TimeZone;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

use super::visits::VisitFiles;
use super::*;
use crate::files::FileError;

/// Everybody's evidence with identifiers of its own.
fn columns(people: &[Vec<Evidence>]) -> Columns {
    let mut builder = ColumnsBuilder::new(people.len() as u32);
    let own = |person: usize, id: EvidenceId| {
        EvidenceId::from_u128((person as u128) << 64 | id.as_u128())
    };
    for (person, evidence) in people.iter().enumerate() {
        for piece in evidence {
            let mut fact = piece.fact.clone();
            if let Fact::Withdrawal { of, .. } = &mut fact {
                *of = own(person, *of);
            }
            builder
                .push(person as u32, own(person, piece.id), &fact)
                .unwrap();
        }
    }
    builder.finish()
}

fn read(dir: &Path) -> Result<Columns, FileError> {
    read_columns(dir, Scope::Everything, Memory::Available)
}

/// A mirror of two people with a declaration each and a stay.
fn small(dir: &Path) -> Columns {
    let at = |second| Timestamp::from_second(second).unwrap();
    let mut builder = ColumnsBuilder::new(2);
    for (id, person) in [(1, 0), (2, 1)] {
        let declaration = Fact::declaration(
            at(1_581_000_000),
            domain::evidence::Symptoms::from_bits(3),
            domain::evidence::Temperature::from_tenths(366).ok(),
            domain::evidence::ContactAnswer::None,
        );
        builder
            .push(person, EvidenceId::from_u128(id), &declaration)
            .unwrap();
    }
    let stay = Fact::stay(
        "4201".parse().unwrap(),
        OpenPeriod::since(at(1_580_000_000)),
        domain::evidence::StayMode::Stay,
        domain::evidence::StaySource::Rail,
    );
    builder.push(1, EvidenceId::from_u128(3), &stay).unwrap();
    let columns = builder.finish();
    write_columns(&columns, dir).unwrap();
    columns
}

proptest! {
    #![proptest_config(domain::testing::property_cases(128))]

    #[test]
    fn a_mirror_gives_back_what_was_written(
        people in prop::collection::vec(any_evidence(8), 0..8),
    ) {
        let written = columns(&people);
        let dir = tempfile::tempdir().unwrap();
        let mirror = dir.path().join("mirror");
        write_columns(&written, &mirror).unwrap();
        let read = read(&mirror).unwrap();
        prop_assert_eq!(read.people, written.people);
        for person in 0..written.people {
            prop_assert_eq!(read.evidence_of(person), written.evidence_of(person));
        }
    }

    #[test]
    fn invariant_1_what_a_policy_asks_for_decides_like_everything(
        policy in any_policy(),
        levels in any_levels(),
        people in prop::collection::vec(any_evidence(6), 1..12),
        now in any_timestamp(),
    ) {
        let written = columns(&people);
        let dir = tempfile::tempdir().unwrap();
        let mirror = dir.path().join("mirror");
        write_columns(&written, &mirror).unwrap();
        let some = read_columns(&mirror, Scope::Decide(&policy, now), Memory::Available).unwrap();
        let expected = decide_columns(&policy, &levels, &written, now).unwrap();
        prop_assert_eq!(decide_columns(&policy, &levels, &some, now).unwrap(), expected);
    }

    #[test]
    fn visits_are_traced_in_their_files_as_in_memory(
        visits in prop::collection::vec((0..9_u32, 0..4_u32, 0..400_u32, 1..90_u32), 0..80),
        cases in prop::collection::vec((0..11_u32, 0..400_i64, 0..300_i64), 0..4),
        minutes in prop::sample::select(vec![0_u32, 15, 60]),
        by_day in any::<bool>(),
    ) {
        let mut rows = VisitRows::default();
        for (person, venue, entered, length) in visits {
            rows.person.push(person);
            rows.venue.push(venue);
            rows.entered.push(1_581_000_000 + entered * 600);
            rows.left.push(1_581_000_000 + (entered + length) * 600);
        }
        let in_memory = VisitColumns::new(9, 4, rows);
        let at = |tick: i64| Timestamp::from_second(1_581_000_000 + tick * 600).unwrap();
        let cases: Vec<Case<u32>> = cases
            .into_iter()
            .map(|(person, from, length)| Case { person, from: at(from), until: at(from + length) })
            .collect();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let search = Search { minutes, rings: 3, by_day: by_day.then_some(zone) };
        let expected = in_memory.trace(&cases, &search);

        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("visits");
        write_visits(&in_memory, &folder).unwrap();
        prop_assert_eq!(&VisitFiles::open(&folder).unwrap().trace(&cases, &search).unwrap(), &expected);
        let read = read_visits(&folder, Memory::Available).unwrap();
        prop_assert_eq!(&read.trace(&cases, &search), &expected);
    }
}

#[test]
fn invariant_1_minutes_that_are_summed_are_read_from_the_mirror() {
    let policy = Policy::parse(
        r#"
[policy]
id = "summed"
version = 1
issuer = "33"
time_zone = "Asia/Shanghai"
effective = 2020-01-01T00:00:00Z
look_back = "90d"
languages = ["en"]
contest.en = "Ask."

[declaration]
lasts = "14d"

[[rule]]
id = "together"
reads = "contact"
repeated = { minutes = 1, within = "1d" }
gives = "red"
starts = "first"
lasts = "7d"
title.en = "Title"
reason.en = "Reason"
guidance.en = "Stay at home until {until}."
"#,
    )
    .unwrap();
    let now = Timestamp::from_second(1_584_244_800).unwrap();
    let mut builder = ColumnsBuilder::new(1);
    let contact = Fact::contact(
        None,
        Relation::Household,
        Ring::FIRST,
        Period::new(now, now).unwrap(),
        Some(1),
    );
    builder.push(0, EvidenceId::from_u128(1), &contact).unwrap();
    let written = builder.finish();
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    write_columns(&written, &mirror).unwrap();

    let levels = RegionLevels::default();
    let some = read_columns(&mirror, Scope::Decide(&policy, now), Memory::Available).unwrap();
    let decided = decide_columns(&policy, &levels, &some, now).unwrap();
    let red = domain::Status::Decided(domain::Colour::Red);
    assert_eq!(decided.status(&policy, 0), red);
    assert_eq!(
        decided,
        decide_columns(&policy, &levels, &written, now).unwrap()
    );
}

#[test]
fn columns_of_several_row_groups_come_back_and_old_groups_are_left_out() {
    // Everybody of the first row group moved out in January, the others in March.
    let rows = GROUP + PAGE + 17;
    let mut written = Columns {
        people: rows as u32,
        ..Columns::default()
    };
    let region = written.regions.number(&"4201".parse().unwrap()).unwrap();
    written.stays.person = (0..rows as u32).collect();
    written.stays.arrived = vec![1_577_900_000; rows];
    let left = |row| {
        if row < GROUP {
            1_578_000_000
        } else {
            1_583_000_000
        }
    };
    written.stays.left = (0..rows).map(left).collect();
    written.stays.left[GROUP + 5] = engine::columns::NONE;
    written.stays.region = vec![region; rows];
    written.stays.mode_source = (0..rows)
        .map(|row| (row % 3) as u8 | ((row % 5) as u8) << 4)
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    write_columns(&written, &mirror).unwrap();

    let everything = read(&mirror).unwrap();
    assert_eq!(everything.stays.left, written.stays.left);
    assert_eq!(everything.stays.mode_source, written.stays.mode_source);

    let policy = include_str!("../../../../policies/hangzhou.toml");
    let policy = Policy::parse(policy).unwrap();
    let now = Timestamp::from_second(1_583_100_000).unwrap();
    let some = read_columns(&mirror, Scope::Decide(&policy, now), Memory::Available).unwrap();
    assert_eq!(some.stays.len(), PAGE + 17);
    assert_eq!(some.stays.person[0], GROUP as u32);
    let levels = RegionLevels::default();
    let expected = decide_columns(&policy, &levels, &written, now).unwrap();
    assert_eq!(
        decide_columns(&policy, &levels, &some, now).unwrap(),
        expected
    );
}

#[test]
fn a_mirror_is_replaced_as_a_whole_and_nothing_stays_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    small(&mirror);
    write_columns(&ColumnsBuilder::new(5).finish(), &mirror).unwrap();
    let read = read(&mirror).unwrap();
    assert_eq!((read.people, read.stays.len()), (5, 0));
    let names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(names, ["mirror"]);
}

#[test]
fn a_crash_between_taking_away_and_putting_in_place_is_mended_by_the_next_write() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    small(&mirror);
    fs::rename(&mirror, dir.path().join(".mirror.old")).unwrap();
    let _unfinished = write::Folder::begin(&mirror).unwrap();
    assert_eq!(read(&mirror).unwrap().people, 2);
}

#[test]
fn memory_that_would_not_suffice_is_told_before_reading() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    small(&mirror);
    let error = read_columns(&mirror, Scope::Everything, Memory::AtMost(1 << 20)).unwrap_err();
    assert!(
        matches!(
            error,
            FileError::TooLarge {
                limit: 1_048_576,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_half_written_file_and_one_that_was_cut_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    small(&mirror);
    let path = mirror.join("stays.parquet");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = read(&mirror).unwrap_err();
    assert!(matches!(error, FileError::HalfWritten { .. }), "{error}");
    fs::write(&path, b"person,region\n").unwrap();
    let error = read(&mirror).unwrap_err();
    assert!(matches!(error, FileError::NotParquet { .. }), "{error}");
}

#[test]
fn files_that_were_not_written_together_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (dir.path().join("one"), dir.path().join("other"));
    small(&one);
    write_columns(&ColumnsBuilder::new(5).finish(), &other).unwrap();
    fs::copy(
        other.join("declarations.parquet"),
        one.join("declarations.parquet"),
    )
    .unwrap();
    let text = read(&one).unwrap_err().to_string();
    assert!(text.contains("not written together"), "{text}");
    fs::copy(one.join("stays.parquet"), other.join("tests.parquet")).unwrap();
    let text = read(&other).unwrap_err().to_string();
    assert!(text.contains("it holds stays, not tests"), "{text}");
}

/// Writes `withdrawals.parquet` as somebody else might.
fn foreign(dir: &Path, columns: Vec<(&str, arrow_array::ArrayRef)>, marked: bool) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let note = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
    let notes = vec![
        note(VERSION_KEY, VERSION),
        note(TABLE_KEY, "withdrawals"),
        note(PEOPLE_KEY, "2"),
    ];
    let properties = WriterProperties::builder()
        .set_key_value_metadata(marked.then_some(notes))
        .set_dictionary_enabled(false)
        .build();
    let file = File::create(dir.join("withdrawals.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn parquet_of_other_origin_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    small(&mirror);
    let numbers = |list: Vec<u32>| Arc::new(UInt32Array::from(list)) as arrow_array::ArrayRef;
    let words = || Arc::new(StringArray::from(vec!["test", "test"])) as arrow_array::ArrayRef;
    let table = |person: Vec<u32>, at: Vec<u32>| {
        vec![
            ("person", numbers(person)),
            ("at", numbers(at)),
            ("of_kind", words()),
            ("of_row", numbers(vec![0, 0])),
        ]
    };
    let refusal = |columns, marked| {
        foreign(&mirror, columns, marked);
        read(&mirror).map(|_| ()).unwrap_err().to_string()
    };

    let text = refusal(table(vec![0, 1], vec![7, 7]), false);
    assert!(text.contains("not written as part of a mirror"), "{text}");
    let text = refusal(table(vec![1, 0], vec![7, 7]), true);
    assert!(
        text.contains("row 2 comes before the one above it"),
        "{text}"
    );
    let text = refusal(table(vec![1, 1], vec![7, 6]), true);
    assert!(
        text.contains("in the order of person, then beginning"),
        "{text}"
    );
    let text = refusal(table(vec![0, 2], vec![7, 7]), true);
    assert!(
        text.contains("names person 2, but there are 2 from 0 on"),
        "{text}"
    );
    let text = refusal(table(vec![0, 1], vec![7, 7])[..3].to_vec(), true);
    assert!(text.contains("lacks the column of_row"), "{text}");
    let mut wrong = table(vec![0, 1], vec![7, 7]);
    wrong[1].1 = Arc::new(Int64Array::from(vec![7, 7]));
    let text = refusal(wrong, true);
    assert!(
        text.contains("column at has type") && text.contains("INT64") && text.contains("32-bit"),
        "{text}"
    );
    let mut wrong = table(vec![0, 1], vec![7, 7]);
    wrong[2].1 = Arc::new(StringArray::from(vec!["test", "rumour"]));
    let text = refusal(wrong, true);
    assert!(
        text.contains("of_kind") && text.contains("none of its words"),
        "{text}"
    );

    foreign(&mirror, table(vec![0, 1], vec![7, 7]), true);
    assert_eq!(read(&mirror).unwrap().withdrawals.len(), 2);
}

#[test]
fn visits_out_of_order_are_noticed_in_memory_and_where_they_lie() {
    let rows = VisitRows {
        person: vec![0, 1],
        venue: vec![0, 0],
        entered: vec![100, 50],
        left: vec![200, 150],
    };
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("visits");
    write_visits(&VisitColumns::new(2, 1, rows), &folder).unwrap();
    // Swap the two entries, which lie in the file as they are.
    let path = folder.join("visits_by_venue.parquet");
    let mut bytes = fs::read(&path).unwrap();
    let [first, second] = [50_u32, 100].map(u32::to_le_bytes);
    let pair = [first, second].concat();
    let place = bytes.windows(8).position(|window| window == pair).unwrap();
    bytes[place..place + 8].copy_from_slice(&[second, first].concat());
    fs::write(&path, bytes).unwrap();

    let error = read_visits(&folder, Memory::Available).unwrap_err();
    assert!(
        matches!(error, FileError::Unsorted { row: 2, .. }),
        "{error}"
    );
    let whole = [Timestamp::UNIX_EPOCH, Timestamp::from_second(1000).unwrap()];
    let case = Case {
        person: 0,
        from: whole[0],
        until: whole[1],
    };
    let search = Search {
        minutes: 0,
        rings: 1,
        by_day: None,
    };
    let error = VisitFiles::open(&folder)
        .unwrap()
        .trace(&[case], &search)
        .unwrap_err();
    assert!(
        matches!(error, FileError::Unsorted { row: 2, .. }),
        "{error}"
    );
}
