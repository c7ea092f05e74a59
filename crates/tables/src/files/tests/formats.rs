//! The three formats, whole files that cannot be read, and results.

use super::*;

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
fn lines_that_are_no_json_objects_or_hold_unknown_names_are_refused_alone() {
    let text = "{\"person\":\"p\",\"venue\":\"v\",\"entered\":0}\n\
                {\"person\":\"p\",\"venue\":\"v\",\n\
                [1]\n\
                {\"person\":\"p\",\"venu\":\"v\",\"entered\":0}\n\
                {\"person\":\"p\",\"venue\":{},\"entered\":0}\n\
                {\"person\":\"p\",\"venue\":\"v\",\"entered\":0,\"person\":\"q\"}\n";
    let messages = refusals(FactKind::Visit, "visits.ndjson", text);
    assert_eq!(messages.len(), 5);
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
    assert_eq!(
        messages[4],
        "row 6: has `person` twice; write each name once"
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
    let refused = report.refused_file.unwrap();
    let kept = fs::read(&refused).unwrap();
    let own = b"\np,caf\xe9,0,2,";
    assert!(
        kept.windows(own.len()).any(|bytes| bytes == own),
        "{kept:?}"
    );
    // Saved as UTF-8 it can be read.
    let saved: String = kept.iter().map(|byte| char::from(*byte)).collect();
    fs::write(&refused, saved).unwrap();
    let (rows, report) = read(FactKind::Visit, &refused).unwrap();
    assert_eq!((rows.len(), report.refused), (1, 0));
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
fn a_result_appears_whole_in_every_format_or_not_at_all() {
    const COLUMNS: &[ResultColumn] = &[
        ResultColumn {
            name: "person",
            kind: ResultKind::Text,
        },
        ResultColumn {
            name: "until",
            kind: ResultKind::Timestamp,
        },
        ResultColumn {
            name: "from",
            kind: ResultKind::Timestamp,
        },
    ];
    let dir = tempfile::tempdir().unwrap();
    for name in ["cases.csv", "cases.ndjson", "cases.parquet"] {
        let path = dir.path().join(name);
        fs::write(&path, "before").unwrap();
        let mut writer = ResultWriter::create(&path, COLUMNS).unwrap();
        for person in ["a,\"b\"", "李华"] {
            let until = Value::Timestamp(time("2020-02-20T00:00:00Z"));
            writer
                .row(&[
                    Value::Text(person),
                    until,
                    Value::Timestamp(Timestamp::UNIX_EPOCH),
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
