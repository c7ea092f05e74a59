//! What is read by column is what is read row by row, refusals and all.

mod json_forms;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Int32Array, Int64Array, LargeStringArray, NullArray, RecordBatch, StringArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use domain::{Evidence, FactKind, PersonId, Timestamp};
use engine::columns::{Columns, ColumnsBuilder};
use engine::trace::{Span, unix_seconds};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterVersion};
use proptest::prelude::*;

use super::*;
use crate::files::{
    COMPANIONS, FileReport, Format, Holds, Inventory, PersonIndex, ReadOptions, Reading,
    Requirement, Table, bare_facts, companions, people,
};
use crate::mirror::Memory;

/// A table as text: the names of its columns, and rows.
#[derive(Clone, Debug)]
struct Drawn {
    table: &'static Table,
    columns: Vec<usize>,
    rows: Vec<Vec<String>>,
}

/// A value of a column: mostly good, sometimes odd, sometimes bad.
fn cell(holds: Holds, need: Requirement, personal: bool) -> BoxedStrategy<String> {
    let good: BoxedStrategy<String> = match holds {
        Holds::Text if personal => prop_oneof![
            "p[0-9]",
            "0123456789abcdef0123456789abcde[fF]",
            "(李|é)[ab]",
        ]
        .boxed(),
        Holds::Text => "[a-c]{1,2}".boxed(),
        Holds::Past | Holds::Timestamp => prop_oneof![
            (1_580_000_000..1_585_000_000_i64).prop_map(|at| at.to_string()),
            (1_580_000_000..1_585_000_000_i64).prop_map(spelled),
        ]
        .boxed(),
        Holds::Day => Just("2020-02-20".to_owned()).boxed(),
        Holds::Word(words) => prop::sample::select(words).prop_map(str::to_owned).boxed(),
        Holds::Words(words) => prop::collection::vec(prop::sample::select(words), 0..3)
            .prop_map(|words| words.join(";"))
            .boxed(),
        Holds::Whole(least, most) => (least..=most.min(least + 20))
            .prop_map(|n| n.to_string())
            .boxed(),
        Holds::Degrees => prop_oneof!["3[5-9]\\.[0-9]", Just("37".to_owned())].boxed(),
        Holds::Region => prop::sample::select(vec!["33", "3301", "330106", "CN", "330100"])
            .prop_map(str::to_owned)
            .boxed(),
    };
    let odd = prop::sample::select(vec![
        "",
        " ",
        " p1 ",
        "p1\t",
        "2020-02-20",
        "20200220",
        "45987",
        "45987.5",
        "1582171200000",
        "15.0",
        "1e9",
        "4294967295",
        "-1",
        "positive ",
        "2020-02-20T12:00:00",
        "2020-02-20 12:00:00+0800",
        "3000000000",
        "none;",
        "1583000000.0",
        "a\0b",
        "é",
        "\u{3000}p1",
        "99999999999999999999",
        "red",
        "8",
        "2106-02-07T06:28:15Z",
        "1582171200",
    ]);
    let empty = if need == Requirement::Always { 0 } else { 4 };
    prop_oneof![
        20 => good,
        2 => odd.prop_map(str::to_owned),
        empty => Just(String::new()),
    ]
    .boxed()
}

fn spelled(at: i64) -> String {
    Timestamp::from_second(at)
        .map(|at| at.to_string())
        .unwrap_or_default()
}

fn any_table() -> impl Strategy<Value = Drawn> {
    let kinds: Vec<&'static Table> = FactKind::ALL
        .iter()
        .filter_map(|kind| Table::of_kind(*kind))
        .chain([&crate::files::PEOPLE])
        .collect();
    prop::sample::select(kinds).prop_flat_map(any_table_of)
}

fn any_table_of(table: &'static Table) -> impl Strategy<Value = Drawn> {
    let all: Vec<usize> = (0..table.columns.len()).collect();
    let cells: Vec<BoxedStrategy<String>> = table
        .columns
        .iter()
        .map(|column| cell(column.holds, column.requirement, column.personal))
        .collect();
    (
        Just(all).prop_shuffle(),
        prop::collection::vec(cells, 0..40),
    )
        .prop_map(move |(columns, rows)| {
            let in_order = |row: Vec<String>| columns.iter().map(|at| row[*at].clone()).collect();
            let rows = rows.into_iter().map(in_order).collect();
            Drawn {
                table,
                columns: columns.clone(),
                rows,
            }
        })
}

impl Drawn {
    fn path(&self, dir: &Path, format: Format) -> PathBuf {
        dir.join(format!("{}.{}", self.table.name, format.extension()))
    }

    fn names(&self) -> Vec<&'static str> {
        self.columns
            .iter()
            .map(|at| self.table.columns[*at].name)
            .collect()
    }

    /// Without quotation marks where `plain`, so that what cannot be written so is left out.
    fn write_csv(&self, dir: &Path, end: &str, plain: bool, ragged: bool) {
        let mut text = self.names().join(",") + end;
        for (place, row) in self.rows.iter().enumerate() {
            let quoted = |cell: &String| format!("\"{cell}\"");
            let cells: Vec<String> = match plain {
                true => row.clone(),
                false => row.iter().map(quoted).collect(),
            };
            text += &cells.join(",");
            if ragged && place % 7 == 3 {
                text += ",more";
            }
            if ragged && place % 5 == 4 {
                text += end;
            }
            text += end;
        }
        let mut bytes = text.into_bytes();
        if ragged && bytes.len().is_multiple_of(3) {
            // A last line that nothing ends, and a byte that is no text.
            bytes.extend(b"p\xFF,b");
        }
        fs::write(self.path(dir, Format::Csv), bytes).unwrap();
    }

    fn write_parquet(&self, dir: &Path, typed: usize, properties: WriterProperties) {
        let columns = self.columns.iter().enumerate().map(|(place, at)| {
            let column = &self.table.columns[*at];
            let cells: Vec<Option<&str>> = self
                .rows
                .iter()
                .map(|row| Some(row[place].as_str()).filter(|cell| !cell.is_empty()))
                .collect();
            let seconds = || {
                cells
                    .iter()
                    .map(|cell| cell.and_then(|cell| cell.parse::<i64>().ok()))
            };
            let array: ArrayRef = match (column.holds, typed) {
                // As a program writes a column of which it knows nothing.
                (_, 1..3) if cells.iter().all(Option::is_none) => {
                    Arc::new(NullArray::new(cells.len()))
                }
                (Holds::Past | Holds::Timestamp, 1) => Arc::new(Int64Array::from_iter(seconds())),
                (Holds::Past | Holds::Timestamp, 2) => Arc::new(
                    TimestampMicrosecondArray::from_iter(
                        seconds().map(|at| at.and_then(|at| at.checked_mul(1_000_000))),
                    )
                    .with_timezone("UTC"),
                ),
                (Holds::Past | Holds::Timestamp, 3) => Arc::new(
                    TimestampMillisecondArray::from_iter(
                        seconds().map(|at| at.and_then(|at| at.checked_mul(1_000))),
                    )
                    .with_timezone("UTC"),
                ),
                (Holds::Past | Holds::Timestamp, 4) => Arc::new(
                    TimestampNanosecondArray::from_iter(
                        seconds().map(|at| at.and_then(|at| at.checked_mul(1_000_000_000))),
                    )
                    .with_timezone("UTC"),
                ),
                (Holds::Whole(..), 1..) => {
                    let numbers = cells
                        .iter()
                        .map(|cell| cell.and_then(|cell| cell.parse::<i32>().ok()));
                    Arc::new(Int32Array::from_iter(numbers))
                }
                (_, 3) => Arc::new(LargeStringArray::from_iter(cells)),
                _ => Arc::new(StringArray::from_iter(cells)),
            };
            (column.name, array, true)
        });
        let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        let file = fs::File::create(self.path(dir, Format::Parquet)).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
}

/// Everybody by name with their facts, and what became of each file and its refused rows.
#[derive(Debug, PartialEq)]
struct Outcome {
    people: Vec<(String, Vec<Evidence>)>,
    reports: Vec<(u64, u64, Vec<String>)>,
    refused: Vec<Vec<u8>>,
}

fn outcome(dir: &Path, roll: &PersonIndex, columns: &Columns, reports: &[FileReport]) -> Outcome {
    let evidence = |number: u32| {
        let mut evidence = columns.evidence_of(number);
        for (place, piece) in (0..).zip(&mut evidence) {
            // Identifiers follow from the rows of the columns, which follow from numbers of people.
            piece.id = domain::EvidenceId::from_u128(place);
            piece.person = PersonId::from_u128(0);
        }
        evidence
    };
    let people = roll.in_order().into_iter();
    let people = people.map(|number| (roll.name(number).to_owned(), evidence(number)));
    let examples = |report: &FileReport| report.examples.iter().map(ToString::to_string).collect();
    let report = |report: &FileReport| (report.read, report.refused, examples(report));
    let refused = reports
        .iter()
        .filter_map(|report| report.refused_file.as_ref());
    let refused = refused.map(|path| fs::read(path).unwrap()).collect();
    let outcome = Outcome {
        people: people.collect(),
        reports: reports.iter().map(report).collect(),
        refused,
    };
    for file in fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()) {
        if file.to_string_lossy().ends_with(".refused.csv") {
            fs::remove_file(file).unwrap();
        }
    }
    outcome
}

/// `None` if columns cannot hold it.
fn row_by_row(dir: &Path, options: ReadOptions) -> Option<Outcome> {
    let inventory = Inventory::of(dir).unwrap();
    let (mut roll, mut builder, mut reports) = (
        PersonIndex::default(),
        ColumnsBuilder::default(),
        Vec::new(),
    );
    for (kind, file) in &inventory.facts {
        let mut reader = bare_facts(*kind, &file.path, options).unwrap().unwrap();
        while let Some(fact) = reader.next() {
            let person = roll.add(reader.text(0));
            builder.append(person, &fact.unwrap()).ok()?;
        }
        reports.push(reader.finish().unwrap());
    }
    if let Some(file) = &inventory.people {
        let mut reader = people(&file.path, options).unwrap();
        for profile in &mut reader {
            roll.add(&profile.unwrap().person);
        }
        reports.push(reader.finish().unwrap());
    }
    builder.set_people(roll.len() as u32);
    Some(outcome(dir, &roll, &builder.finish(), &reports))
}

fn by_column(dir: &Path, options: ReadOptions) -> Option<Outcome> {
    let mut reading = Reading {
        options,
        memory: Memory::Available,
        watch: &mut |_, _| {},
    };
    let inventory = Inventory::of(dir).unwrap();
    let (population, reports) = match read_population(&inventory, |_| true, true, &mut reading) {
        Ok(read) => read,
        Err(NotRead::DoesNotFit(_)) => return None,
        Err(NotRead::File(why)) => panic!("{why}"),
    };
    Some(outcome(
        dir,
        &population.roll,
        &population.facts.finish(),
        &reports,
    ))
}

fn assert_equal(write: impl Fn(&Path)) {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    for now in [None, Some("2020-03-10T00:00:00Z".parse().unwrap())] {
        let options = ReadOptions {
            now,
            keep_refused: true,
        };
        assert_eq!(
            by_column(dir.path(), options),
            row_by_row(dir.path(), options)
        );
    }
}

/// Who was in which group of which kind, and when; what became of the table.
type Memberships = (Vec<(String, String, u8, Span)>, (u64, u64, Vec<String>));

fn assert_memberships_equal(path: &Path, now: Option<Timestamp>) {
    let options = ReadOptions {
        now,
        keep_refused: false,
    };
    let report = |report: &FileReport| {
        let examples = report.examples.iter().map(ToString::to_string).collect();
        (report.read, report.refused, examples)
    };
    let (rows, careful) = companions(path, options).unwrap().read_all().unwrap();
    let rows = rows.into_iter().map(|row| {
        let span = Span {
            from: unix_seconds(row.from),
            until: unix_seconds(row.until.unwrap_or(Timestamp::MAX)),
        };
        (row.person, row.group, row.kind as u8, span)
    });
    let expected: Memberships = (rows.collect(), report(&careful));
    let mut reading = Reading {
        options,
        memory: Memory::Available,
        watch: &mut |_, _| {},
    };
    let (parts, read) = read_memberships(path, &mut reading).unwrap();
    let rows = parts.iter().flat_map(|part| {
        let rows = &part.rows;
        (0..rows.person.len()).map(|row| {
            let person = part.people.name(rows.person[row] as usize);
            let group = part.groups.name(rows.group[row] as usize);
            let (from, until) = (rows.from[row], rows.until[row]);
            let span = Span { from, until };
            (person.to_owned(), group.to_owned(), rows.kind[row], span)
        })
    });
    let found: Memberships = (rows.collect(), report(&read));
    assert_eq!(found, expected);
}

proptest! {
    #![proptest_config(domain::testing::property_cases(96))]

    #[test]
    fn a_table_of_companions_is_read_by_column_as_row_by_row(
        drawn in any_table_of(&COMPANIONS), typed in 0..5_usize, is_plain: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        drawn.write_csv(dir.path(), "\n", is_plain, true);
        let text = drawn.path(dir.path(), Format::Csv);
        drawn.write_parquet(dir.path(), typed, WriterProperties::builder().build());
        for path in [text, drawn.path(dir.path(), Format::Parquet)] {
            for now in [None, Some("2020-03-10T00:00:00Z".parse().unwrap())] {
                assert_memberships_equal(&path, now);
            }
        }
    }

    #[test]
    fn a_csv_file_is_read_by_column_as_row_by_row(
        drawn in any_table(), end in "\n|\r\n|\r", is_plain: bool, is_ragged: bool,
    ) {
        assert_equal(|dir| drawn.write_csv(dir, &end, is_plain, is_ragged));
    }

    #[test]
    fn an_ndjson_file_is_read_by_column_as_row_by_row(drawn in any_table(), seed: u64) {
        assert_equal(|dir| drawn.write_ndjson(dir, seed));
    }

    #[test]
    fn a_parquet_file_is_read_by_column_as_row_by_row(
        drawn in any_table(),
        typed in 0..5_usize,
        rows in 1..30_usize,
        has_words: bool,
        is_second: bool,
        compression in prop::sample::select(vec![
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::LZ4_RAW,
            Compression::GZIP(Default::default()),
            Compression::ZSTD(Default::default()),
        ]),
    ) {
        let version = if is_second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
        let mut properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(rows))
            .set_dictionary_enabled(has_words)
            .set_writer_version(version)
            .set_compression(compression);
        if is_second && !has_words && typed == 0 {
            properties = properties.set_encoding(Encoding::DELTA_BYTE_ARRAY);
        }
        assert_equal(|dir| drawn.write_parquet(dir, typed, properties.clone().build()));
    }
}

#[test]
fn a_quotation_over_several_lines_is_refused_by_column_too() {
    let good = "p2,v,1580000000\n";
    for bad in [
        "p1,\"v,1580000000\n",
        "p1,v,\"1580000000\n",
        "p1,\"v\nw\",1580000000\n",
        "p1,v,\"1580000000\n\"\n",
        "p1,v,\"1580000000",
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!(
                "person,venue,entered\n{}{bad}{}",
                good.repeat(9),
                good.repeat(3)
            );
            assert_equal(|dir| fs::write(dir.join("visits.csv"), text.replace('\n', end)).unwrap());
            let text = format!("person,venue,entered\n{good}{bad}");
            assert_equal(|dir| fs::write(dir.join("visits.csv"), text.replace('\n', end)).unwrap());
        }
    }
}

#[test]
fn a_foreign_verdict_that_holds_for_too_long_is_refused_by_column_too() {
    let drawn = Drawn {
        table: Table::of_kind(FactKind::ForeignVerdict).unwrap(),
        columns: vec![0, 1, 2, 3, 4],
        rows: vec![
            ["p0", "33", "green", "1580000000", "1582000000"]
                .map(str::to_owned)
                .into(),
            ["p0", "33", "green", "1580000000", "3000000000"]
                .map(str::to_owned)
                .into(),
        ],
    };
    assert_equal(|dir| drawn.write_csv(dir, "\n", true, false));
}
