//! Stories: a file arrives, and somebody must be told what is wrong with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_array::{Date32Array, TimestampMicrosecondArray};
use domain::evidence::{Relation, Symptom, Symptoms};
use domain::{Fact, FactKind, Level, Timestamp};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

use super::*;

const KEEP: ReadOptions = ReadOptions {
    now: None,
    keep_refused: true,
};

/// A folder with one file of the given name and text.
fn folder(name: &str, text: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    (dir, path)
}

fn read(kind: FactKind, path: &Path) -> Result<(Vec<FactRow>, FileReport), FileError> {
    facts(kind, path, KEEP).unwrap()?.read_all()
}

/// The refusals of a file with these lines, as a person would read them.
fn refusals(kind: FactKind, name: &str, text: &str) -> Vec<String> {
    let (_dir, path) = folder(name, text);
    let (_, report) = read(kind, &path).unwrap();
    assert_eq!(report.refused, report.examples.len() as u64);
    report.examples.iter().map(ToString::to_string).collect()
}

fn parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn visit(person: &str, venue: &str, entered: &str, left: Option<&str>) -> FactRow {
    let fact = Fact::Visit {
        venue: venue_id(venue),
        category: None,
        entered: time(entered),
        left: left.map(time),
    };
    FactRow {
        row: 0,
        person: person.into(),
        venue: Some(venue.into()),
        with: None,
        fact,
    }
}

fn without_rows(rows: Vec<FactRow>) -> Vec<FactRow> {
    rows.into_iter()
        .map(|row| FactRow { row: 0, ..row })
        .collect()
}

#[test]
fn the_three_formats_say_the_same() {
    let expected = [
        visit(
            "李华",
            "cafe",
            "2020-02-20T00:00:00Z",
            Some("2020-02-20T01:00:00Z"),
        ),
        visit("p2", "a,b", "2020-02-20T00:00:30Z", None),
    ];
    let csv = "\u{feff}left,venue,person,entered\r\n\
               2020-02-20T09:00:00+08:00, cafe ,李华,1582156800\r\n\
               ,\"a,b\",p2,2020-02-20T00:00:30.5Z\r\n";
    let ndjson = "{\"person\":\"李华\",\"venue\":\"cafe\",\"entered\":1582156800,\
                  \"left\":\"2020-02-20T09:00:00+08:00\"}\n\n\
                  {\"person\":\"p2\",\"venue\":\"a,b\",\"entered\":\"2020-02-20T00:00:30Z\",\"left\":null}";
    for (name, text) in [("visits.csv", csv), ("visits.NDJSON", ndjson)] {
        let (_dir, path) = folder(name, text);
        let (rows, report) = read(FactKind::Visit, &path).unwrap();
        assert_eq!(without_rows(rows), expected, "{name}");
        assert_eq!(
            (report.read, report.refused, report.refused_file),
            (2, 0, None)
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("visits.parquet");
    let entered =
        TimestampMicrosecondArray::from(vec![1_582_156_800_000_000, 1_582_156_830_500_000]);
    parquet(
        &path,
        vec![
            (
                "left",
                Arc::new(Int64Array::from(vec![Some(1_582_160_400), None])),
            ),
            ("person", Arc::new(StringArray::from(vec!["李华", "p2"]))),
            ("entered", Arc::new(entered.with_timezone_utc())),
            ("venue", Arc::new(StringArray::from(vec!["cafe", "a,b"]))),
        ],
    );
    let (rows, _) = read(FactKind::Visit, &path).unwrap();
    assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(without_rows(rows), expected);
}

#[test]
fn bad_rows_are_refused_one_by_one_with_place_value_reason_and_remedy() {
    let text = "person,venue,entered,left\n\
                good,cafe,1582156800,\n\
                ,cafe,1582156800,\n\
                li.hua@example,,1582156800,\n\
                p3,cafe,2020-02-20 08:00,\n\
                p4,cafe,1582156800,1582156799\n\
                p5,cafe,1582156800\n\
                p6,cafe,tomorrow,\n\
                also good,cafe,1582156800,1582156800\n";
    assert_eq!(
        refusals(FactKind::Visit, "visits.csv", text),
        [
            "row 3, person: is empty; write any text",
            "row 4, venue: is empty; write any text",
            "row 5, entered \"2020-02-20 08:00\": has no time zone, so it is not clear when it was; \
         add Z or an offset, as in 2020-02-20T08:00:00+08:00",
            "row 6, left \"1582156799\": lies before entered (2020-02-20T00:00:00Z); \
         correct left or entered",
            "row 7: has 3 values, the header has 4; put values that hold a comma into quotation marks",
            "row 8, entered \"tomorrow\": is not a time; \
         write a time such as 2020-02-20T08:00:00+08:00, or whole Unix seconds",
        ]
    );
}

#[test]
fn refused_rows_are_kept_whole_and_the_corrected_file_can_be_read() {
    let text = "person,venue,entered\ngood,cafe,1582156800\nbad,\"a \"\"b\"\", c\",never\n";
    let (_dir, path) = folder("visits.csv", text);
    let (rows, report) = read(FactKind::Visit, &path).unwrap();
    assert_eq!((rows.len(), report.read, report.refused), (1, 1, 1));
    let refused = report.refused_file.unwrap();
    assert_eq!(refused.file_name().unwrap(), "visits.csv.refused.csv");
    let kept = fs::read_to_string(&refused).unwrap();
    assert!(
        kept.starts_with("person,venue,entered,row,field,reason\n"),
        "{kept}"
    );
    assert!(
        kept.contains("bad,\"a \"\"b\"\", c\",never,3,entered,\"is not a time; "),
        "{kept}"
    );

    fs::write(&refused, kept.replace("never", "1582156800")).unwrap();
    let (rows, report) = read(FactKind::Visit, &refused).unwrap();
    assert_eq!((rows[0].person.as_str(), report.refused), ("bad", 0));
}

#[test]
fn refused_rows_are_not_kept_unless_asked_and_no_part_is_left_behind() {
    let (dir, path) = folder("visits.csv", "person,venue,entered\nbad,cafe,never\n");
    let silent = ReadOptions {
        keep_refused: false,
        ..KEEP
    };
    let reader = facts(FactKind::Visit, &path, silent).unwrap().unwrap();
    assert_eq!(reader.read_all().unwrap().1.refused_file, None);
    let mut given_up = facts(FactKind::Visit, &path, KEEP).unwrap().unwrap();
    assert!(given_up.next().is_none());
    drop(given_up);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn personal_values_are_masked_in_messages() {
    let text = "person,with,relation,ring,first,last\n\
                990101199003077719,990101199003077719,close,1,1582156800,1582156800\n";
    let messages = refusals(FactKind::Contact, "contacts.csv", text);
    assert_eq!(
        messages,
        ["row 2, with \"99***\": is the person themselves; name the other person"]
    );
}

#[test]
fn each_kind_of_evidence_is_read_and_its_own_mistakes_are_refused() {
    use FactKind::*;
    for (kind, header, good, bad, field) in [
        (
            Diagnosis,
            "person,status,at,onset",
            "p,confirmed,1582156800,",
            "p,ill,1582156800,",
            "status",
        ),
        (
            Diagnosis,
            "person,status,at",
            "p,excluded,1582156800",
            "p,excluded,",
            "at",
        ),
        (
            Contact,
            "person,with,relation,ring,first,last,minutes",
            "p,,household,1,1582156800,1582160400,60.0",
            "p,,household,0,1582156800,1582160400,",
            "ring",
        ),
        (
            Contact,
            "person,with,relation,ring,first,last",
            "p,q,venue,2,1582156800,1582160400",
            "p,q,venue,2,1582160400,1582156800",
            "last",
        ),
        (
            Stay,
            "person,region,arrived,left,mode,source",
            "p,420106,1582156800,,transit,rail",
            "p,Wuhan,1582156800,,transit,rail",
            "region",
        ),
        (
            Test,
            "person,kind,result,sampled,reported,lab",
            "p,pcr,pending,1582156800,,",
            "p,pcr,negative,1582160400,1582156800,",
            "reported",
        ),
        (
            Declaration,
            "person,at,symptoms,temperature,contact",
            "p,1582156800,fever; cough,38.1,none",
            "p,1582156800,,3.81,none",
            "temperature",
        ),
        (
            Declaration,
            "person,at,symptoms,contact",
            "p,1582156800,,none",
            "p,1582156800,sad,none",
            "symptoms",
        ),
        (
            Vaccination,
            "person,product,dose,at",
            "p,V,2,1582156800",
            "p,V,two,1582156800",
            "dose",
        ),
        (
            Contradiction,
            "person,at,about",
            "p,1582156800,stay",
            "p,1582156800,name",
            "about",
        ),
        (
            ForeignVerdict,
            "person,issuer,colour,at,until",
            "p,44,red,1582156800,1582160400",
            "p,44,grey,1582156800,1582160400",
            "colour",
        ),
    ] {
        let (_dir, path) = folder("file.csv", format!("{header}\n{good}\n{bad}\n"));
        let (rows, report) = read(kind, &path).unwrap();
        assert_eq!(
            (rows.len(), report.refused),
            (1, 1),
            "{kind}: {:?}",
            report.examples
        );
        assert_eq!(rows[0].fact.kind(), kind);
        assert_eq!(report.examples[0].field, Some(field), "{kind}");
    }
}

#[test]
fn values_become_the_words_of_the_domain() {
    let (_dir, path) = folder(
        "contacts.ndjson",
        r#"{"person":"p","with":"q","relation":"vehicle","ring":1,"first":0,"last":60,"minutes":1}"#,
    );
    let (rows, _) = read(FactKind::Contact, &path).unwrap();
    let (first, last) = (Timestamp::UNIX_EPOCH, time("1970-01-01T00:01:00Z"));
    let (with, relation) = (Some(person_id("q")), Relation::Vehicle);
    assert_eq!(
        rows[0].fact,
        Fact::Contact {
            with,
            relation,
            ring: 1,
            first,
            last,
            minutes: Some(1)
        }
    );

    let (_dir, path) = folder(
        "declarations.ndjson",
        r#"{"person":"p","at":0,"symptoms":["fever","cough"],"contact":"unsure"}"#,
    );
    let (rows, _) = read(FactKind::Declaration, &path).unwrap();
    let Fact::Declaration { symptoms, .. } = rows[0].fact else {
        panic!("{:?}", rows[0])
    };
    assert_eq!(
        symptoms,
        Symptoms::from_iter([Symptom::Fever, Symptom::Cough])
    );
}

#[test]
fn an_order_needs_two_persons_a_basis_and_an_end_within_72_hours() {
    let rows = "person,colour,from,until,basis,signed_by\n\
                p,red,1582156800,1582416000,Article 39,Wang;Li\n\
                p,red,1582156800,1582416001,Article 39,Wang;Li\n\
                p,red,1582156800,1582416000,Article 39,Wang; Wang\n\
                p,red,1582156800,1582416000,Article 39,Wang\n\
                p,green,1582156800,1582416000,Article 39,Wang;Li\n\
                p,red,1582156800,1582416000,,Wang;Li\n";
    assert_eq!(
        refusals(FactKind::Order, "orders.csv", rows),
        [
            "row 3: an order ends after it begins and within 72 hours; this one lasts 72 hours; \
         an order that is not valid restricts nobody; correct it",
            "row 4: an order is signed by two different persons; \
         an order that is not valid restricts nobody; correct it",
            "row 5: an order is signed by two different persons; \
         an order that is not valid restricts nobody; correct it",
            "row 6: an order restricts: its colour is red or yellow, not green; \
         an order that is not valid restricts nobody; correct it",
            "row 7, basis: is empty; write any text",
        ]
    );
}

#[test]
fn what_lies_more_than_a_day_in_the_future_is_refused_but_an_end_may() {
    let now = Some(time("2020-02-20T00:00:00Z"));
    let (_dir, path) = folder(
        "visits.csv",
        "person,venue,entered\np,cafe,2020-02-21T00:00:00Z\np,cafe,2020-02-21T00:00:01Z\n",
    );
    let reader = facts(FactKind::Visit, &path, ReadOptions { now, ..KEEP })
        .unwrap()
        .unwrap();
    let (_, report) = reader.read_all().unwrap();
    assert_eq!((report.read, report.refused), (1, 1));
    assert_eq!(report.examples[0].reason, "lies in the future");

    let (_dir, path) = folder(
        "cases.csv",
        "person,from,until\np,2020-02-19T00:00:00Z,2020-03-19T00:00:00Z\n",
    );
    let (rows, _) = cases(&path, ReadOptions { now, ..KEEP })
        .unwrap()
        .read_all()
        .unwrap();
    assert_eq!(rows.len(), 1);
}

#[test]
fn lines_that_are_no_json_objects_or_hold_unknown_names_are_refused_alone() {
    let text = "{\"person\":\"p\",\"venue\":\"v\",\"entered\":0}\n\
                {\"person\":\"p\",\"venue\":\"v\",\n\
                [1]\n\
                {\"person\":\"p\",\"venu\":\"v\",\"entered\":0}\n\
                {\"person\":\"p\",\"venue\":{},\"entered\":0}\n";
    let messages = refusals(FactKind::Visit, "visits.ndjson", text);
    assert_eq!(messages.len(), 4);
    assert!(
        messages[0].starts_with("row 2: is not a JSON object"),
        "{}",
        messages[0]
    );
    assert!(
        messages[1].starts_with("row 3: is not a JSON object"),
        "{}",
        messages[1]
    );
    assert_eq!(
        messages[2],
        "row 4: column venu is unknown; did you mean venue?; correct the name"
    );
    assert_eq!(
        messages[3],
        "row 5, venue: is a list or an object; write any text"
    );
}

#[test]
fn a_row_in_another_encoding_is_refused_and_the_others_are_read() {
    let mut text = b"person,venue,entered\np,caf\xe9,0\n".to_vec();
    text.extend_from_slice("p,café,0\n".as_bytes());
    let (_dir, path) = folder("visits.csv", text);
    let (rows, report) = read(FactKind::Visit, &path).unwrap();
    assert_eq!((rows.len(), report.refused), (1, 1));
    assert_eq!(report.examples[0].reason, "is not UTF-8 text");
}

#[test]
fn a_file_that_does_not_fit_is_refused_as_a_whole_and_says_why() {
    let header = "person,venue,entered";
    for (name, text, message) in [
        (
            "visits.csv",
            "",
            "is empty; expected the columns person, venue, entered",
        ),
        ("visits.ndjson", "", "is empty"),
        ("visits.parquet", "", "is empty"),
        (
            "visits.txt",
            header,
            "let it end in .csv, .ndjson or .parquet",
        ),
        ("visits", header, "let it end in .csv, .ndjson or .parquet"),
        (
            "visits.csv",
            "person,venu,entered\n",
            "column venu is unknown; did you mean venue?",
        ),
        ("visits.csv", "person,entered\n", "column venue is missing"),
        (
            "visits.csv",
            "p1,cafe,1582156800\n",
            "is the header row missing?",
        ),
        (
            "visits.parquet",
            "person,venue,entered\n",
            "is not a Parquet file although",
        ),
        (
            "visits.parquet",
            "PAR1 and then the power went",
            "was not written completely",
        ),
        ("visits.parquet", "PAR1", "was not written completely"),
    ] {
        let (dir, path) = folder(name, text);
        let refused = read(FactKind::Visit, &path).unwrap_err().to_string();
        assert!(refused.contains(message), "{name}: {refused}");
        assert!(refused.starts_with(path.to_str().unwrap()), "{refused}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "{name}");
    }
    let (_dir, utf16) = folder("visits.csv", [0xff, 0xfe, b'p', 0]);
    assert!(matches!(
        read(FactKind::Visit, &utf16),
        Err(FileError::NotUtf8 { .. })
    ));
    let absent = Path::new("there/is/no/visits.csv");
    assert!(matches!(
        read(FactKind::Visit, absent),
        Err(FileError::Read { .. })
    ));
}

#[test]
fn a_parquet_column_of_another_type_is_named_with_both_types() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("visits.parquet");
    let text = || Arc::new(StringArray::from(vec!["x"])) as ArrayRef;
    let naive = TimestampMicrosecondArray::from(vec![0]);
    for (entered, found) in [
        (
            Arc::new(BooleanArray::from(vec![true])) as ArrayRef,
            "boolean",
        ),
        (Arc::new(naive), "timestamp without a time zone"),
        (Arc::new(Float64Array::from(vec![0.5])), "float64"),
        (Arc::new(Date32Array::from(vec![0])), "date"),
    ] {
        parquet(
            &path,
            vec![("person", text()), ("venue", text()), ("entered", entered)],
        );
        let refused = read(FactKind::Visit, &path).unwrap_err().to_string();
        let expected = format!("column entered has type {found}; expected timestamps in UTC");
        assert!(refused.contains(&expected), "{refused}");
    }
}

#[test]
fn a_parquet_file_cut_off_anywhere_is_refused_and_never_read_in_part() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("visits.parquet");
    let text = || Arc::new(StringArray::from(vec!["x"; 100])) as ArrayRef;
    let entered = Arc::new(Int64Array::from(vec![0; 100]));
    parquet(
        &path,
        vec![("person", text()), ("venue", text()), ("entered", entered)],
    );
    let whole = fs::read(&path).unwrap();
    for length in [5, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let refused = read(FactKind::Visit, &path).unwrap_err();
        assert!(
            matches!(refused, FileError::HalfWritten { .. }),
            "{length}: {refused}"
        );
    }
    // A hole in the middle with an intact end is found when the rows are reached.
    let mut damaged = whole.clone();
    damaged[4..whole.len() / 2].fill(0xff);
    fs::write(&path, damaged).unwrap();
    assert!(matches!(
        read(FactKind::Visit, &path),
        Err(FileError::Damaged { .. })
    ));
}

#[test]
fn levels_may_be_padded_and_totals_are_nobodys_level() {
    let (_dir, path) = folder(
        "regions.csv",
        "region,level,from,until,scope\n\
         420100,high,0,,\n420000,high,0,,total\nIT,low,0,60,own\n42,severe,0,,\n42,low,60,0,\n",
    );
    let (levels, report) = read_levels(&path, KEEP).unwrap();
    let shown: Vec<_> = levels
        .iter()
        .map(|row| (row.region.to_string(), row.level))
        .collect();
    assert_eq!(
        shown,
        [("4201".into(), Level::High), ("IT".into(), Level::Low)]
    );
    assert_eq!(report.refused, 2);
}

#[test]
fn people_and_truth_are_read() {
    let (_dir, path) = folder(
        "people.csv",
        "person,region,birth_year,sex\np,33,1990,f\nq,,,\nr,,90,\n",
    );
    let (rows, report) = people(&path, KEEP).unwrap().read_all().unwrap();
    assert_eq!(
        (rows[0].birth_year, rows[1].region, report.refused),
        (Some(1990), None, 1)
    );
    assert_eq!(report.examples[0].value.as_deref(), Some("***"));
    let (_dir, path) = folder("truth.csv", "person,infected_at,exposed_at\np,60,0\nq,,\n");
    let (rows, _) = truth(&path, KEEP).unwrap().read_all().unwrap();
    assert_eq!(
        (rows[0].infected_at, rows[1].exposed_at),
        (Some(time("1970-01-01T00:01:00Z")), None)
    );
}

#[test]
fn a_folder_becomes_a_population_with_the_same_identifiers_every_time() {
    let (dir, _) = folder(
        "declarations.csv",
        "person,at,symptoms,contact\nbo,60,,none\nan,0,fever,none\nbo,0,,none\n",
    );
    let hex = "0123456789abcdef0123456789abcdef";
    fs::write(
        dir.path().join("people.ndjson"),
        format!("{{\"person\":\"{hex}\"}}\n"),
    )
    .unwrap();
    fs::write(
        dir.path().join("regions.csv"),
        "region,level,from\n3301,high,0\n",
    )
    .unwrap();
    let load = || DataSet::load(dir.path(), KEEP).unwrap();
    let data = load();
    let names: Vec<_> = data
        .names()
        .in_order()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(names, [hex, "an", "bo"]);
    assert_eq!(data.names().find(hex).unwrap().to_string(), hex);
    let of_bo = data.evidence_of(data.names().find("bo").unwrap());
    let rows: Vec<_> = of_bo.iter().map(|e| data.origin(e.id).unwrap()).collect();
    assert_eq!(
        rows.iter().map(|origin| origin.row).collect::<Vec<_>>(),
        [4, 2]
    );
    assert_eq!(rows[0].table.name, "declarations");
    assert_eq!(
        data.authority(of_bo[0].authority).unwrap().name,
        "the table declarations"
    );
    assert_eq!(data.evidence_of(data.names().find(hex).unwrap()), []);
    assert!(!data.levels().is_empty());
    assert_eq!(data.evidence(), load().evidence());
}

#[test]
fn a_folder_with_a_table_twice_or_with_none_is_refused() {
    let (dir, _) = folder("visits.csv", "person,venue,entered\n");
    fs::write(dir.path().join("visits.ndjson"), "{}").unwrap();
    let refused = DataSet::load(dir.path(), KEEP).unwrap_err();
    assert!(matches!(refused, FileError::TwoFiles { .. }), "{refused}");
    let (dir, _) = folder("notes.txt", "nothing");
    let refused = DataSet::load(dir.path(), KEEP).unwrap_err().to_string();
    assert!(
        refused.contains("holds no table; expected files such as declarations.csv"),
        "{refused}"
    );
}

#[test]
fn visits_are_numbered_in_order_of_name() {
    let (dir, _) = folder(
        "visits.csv",
        "person,venue,entered\nzoe,v,0\nan,v,0\nzoe,w,0\n",
    );
    let table = VisitTable::load(dir.path(), KEEP).unwrap();
    let people: Vec<_> = table.visits.iter().map(|visit| visit.person).collect();
    assert_eq!(people, [1, 0, 1]);
    assert_eq!(
        (table.name(0), table.number("zoe"), table.number("bo")),
        ("an", Some(1), None)
    );
}

#[test]
fn a_result_appears_whole_in_every_format_or_not_at_all() {
    const COLUMNS: &[ResultColumn] = &[
        ResultColumn {
            name: "person",
            kind: ResultKind::Text,
        },
        ResultColumn {
            name: "until",
            kind: ResultKind::Moment,
        },
        ResultColumn {
            name: "from",
            kind: ResultKind::Moment,
        },
    ];
    let dir = tempfile::tempdir().unwrap();
    for name in ["cases.csv", "cases.ndjson", "cases.parquet"] {
        let path = dir.path().join(name);
        fs::write(&path, "before").unwrap();
        let mut writer = ResultWriter::create(&path, COLUMNS).unwrap();
        for person in ["a,\"b\"", "李华"] {
            let until = Value::Moment(time("2020-02-20T00:00:00Z"));
            writer
                .row(&[
                    Value::Text(person),
                    until,
                    Value::Moment(Timestamp::UNIX_EPOCH),
                ])
                .unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "before", "{name}");
        writer.finish().unwrap();
        let (rows, _) = cases(&path, KEEP).unwrap().read_all().unwrap();
        let people: Vec<_> = rows.iter().map(|row| row.person.as_str()).collect();
        assert_eq!(people, ["a,\"b\"", "李华"], "{name}");
        assert_eq!(rows[1].until, time("2020-02-20T00:00:00Z"));
    }
    let given_up = ResultWriter::create(&dir.path().join("new.csv"), COLUMNS).unwrap();
    drop(given_up);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    let nowhere = ResultWriter::create(&dir.path().join("no/such/out.csv"), COLUMNS);
    assert!(matches!(nowhere, Err(FileError::Write { .. })));
}
