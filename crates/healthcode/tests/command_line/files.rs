//! File mode as a newcomer meets it: small files, the built binary, exit status and messages.

use crate::newcomer::{AT, Folder, POLICY};

fn city() -> Folder {
    let folder = Folder::with_a_town();
    folder.write(
        "data/people.csv",
        "person,region,birth_year,sex\nhua,330106,1980,f\nming,330106,1981,m\nnew,330106,1990,f\n",
    );
    folder
}

#[test]
fn decide_prints_a_row_for_everybody() {
    let run = city().run_on_town("decide", &[]);
    run.exits(0);
    let rows: Vec<&str> = run.out.lines().collect();
    assert_eq!(rows[0], "person,colour,rule,since,until,next_change");
    assert!(rows[1].starts_with("hua,green,,"), "{rows:?}");
    assert!(rows[2].starts_with("li,yellow,fever,"), "{rows:?}");
    assert!(rows[3].starts_with("ming,red,close-contact,"), "{rows:?}");
    // Day 0 is 19 February; the 14th day ends at the local midnight of 5 March.
    assert!(rows[3].contains(",2020-03-05T00:00:00+08:00,"), "{rows:?}");
}

#[test]
fn decide_speaks_json_one_object_a_line() {
    let run = city().run_on_town("decide", &["--json"]);
    run.exits(0);
    let rows: Vec<serde_json::Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ming = rows.iter().find(|row| row["person"] == "ming").unwrap();
    assert_eq!(
        (ming["colour"].as_str(), ming["rule"].as_str()),
        (Some("red"), Some("close-contact"))
    );
}

#[test]
fn decide_writes_the_file_that_was_asked_for() {
    for (name, starts) in [
        ("out.csv", "person,"),
        ("out.ndjson", "{"),
        ("out.parquet", "PAR1"),
    ] {
        let folder = city();
        let run = folder.run_on_town("decide", &["-o", name]);
        run.exits(0);
        let bytes = std::fs::read(folder.path(name)).unwrap();
        assert!(bytes.starts_with(starts.as_bytes()), "{name}");
    }
    let folder = city();
    let run = folder.run_on_town("decide", &["-o", "x.xls"]);
    run.exits(2).says(&["x.xls", ".csv"]);
}

#[test]
fn somebody_without_a_valid_declaration_is_undeclared_and_restricted_by_nothing() {
    let folder = city();
    let later = "2020-04-20T12:00:00+08:00";
    let run = folder.run(&[
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        "data",
        "--at",
        later,
    ]);
    run.exits(0);
    assert!(
        run.out
            .lines()
            .any(|row| row.starts_with("hua,undeclared,,")),
        "{}",
        run.out
    );
}

#[test]
fn explain_says_what_happened_until_when_and_how_to_contest_it() {
    let run = city().run_on_town("explain", &["--person", "ming"]);
    run.exits(0);
    for part in [
        "red",
        "close-contact",
        "You were with a confirmed case on",
        "Call 12345",
    ] {
        assert!(run.out.contains(part), "no {part:?} in\n{}", run.out);
    }
}

#[test]
fn explain_does_not_know_everybody() {
    let run = city().run_on_town("explain", &["--person", "nobody"]);
    run.exits(1).says(&["nobody", "data"]);
}

#[test]
fn a_folder_that_is_not_there_is_wrong_use() {
    let run = city().run(&[
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        "dta",
        "--at",
        AT,
    ]);
    run.exits(2).says(&["dta", "--data"]);
}

#[test]
fn a_policy_that_is_not_there_is_wrong_use() {
    let run = city().run(&[
        "decide",
        "--policy",
        "polcy.toml",
        "--data",
        "data",
        "--at",
        AT,
    ]);
    run.exits(2)
        .says(&["polcy.toml", "no such file", "--policy"]);
}

#[test]
fn a_moment_that_is_none_is_wrong_use() {
    let run = city().run(&[
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        "data",
        "--at",
        "yesterday",
    ]);
    run.exits(2)
        .says(&["yesterday", "--at", "2020-02-20T12:00:00+08:00"]);
}

#[test]
fn a_wrong_column_is_refused_with_its_name_and_those_expected() {
    let folder = city();
    folder.write(
        "data/tests.csv",
        "person,kind,reslt,sampled\nhua,pcr,negative,1582171200\n",
    );
    let run = folder.run_on_town("decide", &[]);
    run.exits(1).says(&["tests.csv", "result"]);
}

#[test]
fn a_bad_row_is_refused_and_the_good_ones_are_decided() {
    let folder = city();
    folder.write(
        "data/tests.csv",
        "person,kind,result,sampled\nhua,pcr,negtive,1582171200\nhua,pcr,negative,1582171200\n",
    );
    let run = folder.run_on_town("decide", &[]);
    run.exits(1).says(&["tests.csv", "2", "result", "negative"]);
    assert!(run.out.contains("hua,green"), "{}", run.out);
}

#[test]
fn a_policy_that_does_not_check_is_refused_with_line_field_and_remedy() {
    let folder = city();
    folder.write(
        "bad.toml",
        &POLICY.replace("gives = \"red\"", "gives = \"purple\""),
    );
    let run = folder.run(&["policy", "check", "bad.toml"]);
    run.exits(1)
        .says(&["bad.toml", "line", "purple", "red", "advice"]);
    let run = folder.run(&[
        "decide", "--policy", "bad.toml", "--data", "data", "--at", AT,
    ]);
    run.exits(1).says(&["bad.toml", "line", "purple"]);
    assert_eq!(
        run.out, "",
        "nothing is decided under a policy that does not check"
    );
}

#[test]
fn a_good_policy_checks() {
    let run = city().run(&["policy", "check", "policy.toml"]);
    run.exits(0);
    assert!(run.out.contains("test-town v1"), "{}", run.out);
}

#[test]
fn trace_finds_who_shared_a_venue_long_enough() {
    let folder = Folder::new();
    folder.write(
        "data/visits.csv",
        "person,venue,entered,left\n\
         case,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n\
         ann,cafe,2020-02-18T12:30:00Z,2020-02-18T13:30:00Z\n\
         bob,cafe,2020-02-18T12:55:00Z,2020-02-18T13:30:00Z\n\
         cat,cafe,2020-02-18T13:05:00Z,2020-02-18T13:30:00Z\n",
    );
    let run = folder.run(&[
        "trace",
        "--data",
        "data",
        "--person",
        "case",
        "--at",
        "2020-02-19T00:00:00Z",
        "--minutes",
        "15",
    ]);
    run.exits(0);
    let rows: Vec<&str> = run.out.lines().collect();
    assert_eq!(
        rows[0],
        "case,ring,person,minutes,first,last,venues,relation"
    );
    assert_eq!(
        rows[1],
        "case,1,ann,30,2020-02-18T12:30:00Z,2020-02-18T13:00:00Z,1,venue"
    );
    assert_eq!(rows.len(), 2, "{rows:?}");

    let run = folder.run(&[
        "trace",
        "--data",
        "data",
        "--person",
        "case",
        "--at",
        "2020-02-19T00:00:00Z",
        "--minutes",
        "15",
        "--rings",
        "2",
    ]);
    assert!(run.out.contains("case,2,cat,25,"), "{}", run.out);
}

#[test]
fn trace_finds_companions_in_every_format_and_among_those_without_visits() {
    let folder = Folder::new();
    let visits = "person,venue,entered,left\n\
        ann,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n\
        zoe,cafe,2020-02-18T12:30:00Z,2020-02-18T13:00:00Z\n";
    let csv = "person,group,relation,from,until\n\
        case,flat 3,household,2020-01-01T00:00:00Z,\n\
        ann,flat 3,household,2020-01-01T00:00:00Z,\n\
        moved,flat 3,household,2020-01-01T00:00:00Z,2020-02-01T00:00:00Z\n\
        case,train 9 on the 18th,vehicle,2020-02-18T08:00:00Z,2020-02-18T09:00:00Z\n\
        bob,train 9 on the 18th,vehicle,2020-02-18T08:58:00Z,2020-02-18T09:30:00Z\n\
        cat,train 9 on the 18th,friendship,2020-02-18T08:58:00Z,\n";
    let expected = [
        "case,1,ann,2880,2020-02-17T00:00:00Z,2020-02-19T00:00:00Z,0,household",
        "case,1,bob,2,2020-02-18T08:58:00Z,2020-02-18T09:00:00Z,0,vehicle",
        "case,2,zoe,30,2020-02-18T12:30:00Z,2020-02-18T13:00:00Z,1,venue",
    ];
    let ndjson: String = csv
        .lines()
        .skip(1)
        .map(|line| {
            let mut values = line.split(',');
            let mut object = serde_json::Map::new();
            for name in ["person", "group", "relation", "from", "until"] {
                let value = values.next().filter(|value| !value.is_empty());
                object.insert(name.into(), value.into());
            }
            format!("{}\n", serde_json::Value::from(object))
        })
        .collect();
    for (name, text) in [("csv", csv), ("ndjson", &ndjson)] {
        folder.write(&format!("{name}/visits.csv"), visits);
        folder.write(&format!("{name}/companions.{name}"), text);
        let at = "2020-02-19T00:00:00Z";
        let run = folder.run(&[
            "trace", "--data", name, "--person", "case", "--at", at, "--rings", "2",
        ]);
        run.exits(1)
            .says(&["1 of 6 rows refused", "household, building, vehicle"]);
        let rows: Vec<&str> = run.out.lines().skip(1).collect();
        assert_eq!(rows, expected, "{name}");
    }
}

#[test]
fn trace_needs_to_know_the_case() {
    let run = city().run(&["trace", "--data", "data", "--minutes", "15"]);
    run.exits(2).says(&["--cases", "--person"]);
}

#[test]
fn risk_levels_follow_the_counts() {
    let folder = Folder::new();
    folder.write(
        "counts.csv",
        "date,region,confirmed\n\
         2020-02-05,3301,100\n2020-02-05,3302,10\n2020-02-05,3303,7\n\
         2020-02-20,3301,160\n2020-02-20,3302,12\n2020-02-20,3303,7\n",
    );
    let run = folder.run(&["risk", "--case-counts", "counts.csv", "--on", "2020-02-20"]);
    run.exits(0);
    let level = |code: &str| {
        let row = run
            .out
            .lines()
            .find(|row| row.starts_with(&format!("{code},")))
            .unwrap();
        row.split(',').nth(1).unwrap().to_owned()
    };
    assert_eq!(
        run.out.lines().next(),
        Some("region,level,new_14d,cumulative,from,scope")
    );
    assert_eq!(
        ["3301", "3302", "3303"].map(level),
        ["high", "medium", "low"]
    );
}

#[test]
fn counts_that_are_not_there_are_wrong_use() {
    let run = Folder::new().run(&["risk", "--case-counts", "conts", "--on", "2020-02-20"]);
    run.exits(2).says(&["conts", "no such", "--case-counts"]);
}

#[test]
fn an_unknown_command_says_which_there_are() {
    Folder::new().run(&["decid"]).exits(2).says(&["decide"]);
}
