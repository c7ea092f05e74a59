//! What people met who tried the program on files of their own.

use std::fs;
use std::process::{Command, Stdio};

use crate::newcomer::{Folder, POLICY};

const HEADER: &str = "person,at,symptoms,temperature,contact";

/// A folder with a policy and these declarations.
fn folder(declarations: &str) -> Folder {
    let folder = Folder::new();
    folder.write("policy.toml", POLICY);
    folder.write("data/declarations.csv", declarations);
    folder
}

#[test]
fn a_refused_row_has_the_number_of_its_line_whatever_ends_the_lines() {
    for end in ["\n", "\r\n", "\r"] {
        let rows = [
            HEADER,
            "hua,1582000000,,36.5,none",
            "",
            "li,1582000000,,36.5,perhaps",
            "",
        ];
        let folder = folder(&rows.join(end));
        for (verb, more) in [("decide", &[][..]), ("explain", &["--person", "li"][..])] {
            let run = folder.run_on_town(verb, more);
            run.exits(1).says(&["row 4, contact \"perhaps\""]);
        }
    }
}

#[test]
fn explain_names_the_row_of_its_evidence() {
    let rows = [
        HEADER,
        "hua,1582000000,,36.5,none",
        "li,1582000000,fever,38.5,none",
        "",
    ];
    let folder = folder(&rows.join("\r\n"));
    let run = folder.run_on_town("explain", &["--person", "li"]);
    run.exits(0);
    assert!(run.out.contains("declarations row 3"), "{}", run.out);
}

#[test]
fn the_file_of_refused_rows_goes_once_the_file_is_mended() {
    let folder = folder(&format!("{HEADER}\nhua,yesterday,,36.5,none\n"));
    let refused = folder.path("data/declarations.csv.refused.csv");
    folder.run_on_town("decide", &[]).exits(1);
    assert!(refused.exists());
    // Who is explained alone neither writes nor removes it.
    folder.run_on_town("explain", &["--person", "hua"]);
    assert!(refused.exists());
    folder.write(
        "data/declarations.csv",
        &format!("{HEADER}\nhua,1582000000,,36.5,none\n"),
    );
    folder.run_on_town("decide", &[]).exits(0);
    assert!(!refused.exists());
}

#[test]
fn each_reason_is_printed_once_with_its_count() {
    let late = "hua,yesterday,,36.5,none\n".repeat(30);
    let folder = folder(&format!("{HEADER}\n{late}li,1582000000,,36.5,perhaps\n"));
    let run = folder.run_on_town("decide", &[]);
    run.exits(1).says(&[
        "row 2, at \"yesterday\"",
        "(29 more for this reason)",
        "row 32, contact \"perhaps\"",
        "31 of 31 rows refused",
    ]);
    assert_eq!(run.err.matches("is not a time").count(), 1, "{}", run.err);
}

#[test]
fn what_reads_only_the_beginning_of_the_answer_hears_nothing() {
    let people: String = (0..50_000)
        .map(|n| format!("p{n},1582000000,,36.5,none\n"))
        .collect();
    let folder = folder(&format!("{HEADER}\n{people}"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_healthcode"))
        .args([
            "decide",
            "--policy",
            "policy.toml",
            "--data",
            "data",
            "--at",
            "1582100000",
        ])
        .current_dir(folder.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Gone before the first row.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!complaint.contains("error"), "{complaint}");
    assert!(output.status.success(), "{complaint}");
}

#[test]
fn a_policy_that_is_not_in_force_yet_is_remarked() {
    let folder = folder(&format!("{HEADER}\nhua,1577900000,,36.5,none\n"));
    let ask = [
        "--policy",
        "policy.toml",
        "--data",
        "data",
        "--at",
        "2020-01-02T00:00:00Z",
    ];
    let run = folder.run(&[&["decide"][..], &ask].concat());
    run.exits(0)
        .says(&["note: test-town", "is in force from 2020-01-31T16:00:00Z"]);
    let run = folder.run(&[&["explain"][..], &ask, &["--person", "hua"]].concat());
    run.exits(0)
        .says(&["is in force from 2020-01-31T16:00:00Z"]);
}

#[test]
fn seconds_with_a_decimal_point_are_taken_and_a_zero_byte_is_refused() {
    let rows =
        "hua,1582000000.0,,36.5,none\nli\0,1582000000,,36.5,none\nwu,1582000000.5,,36.5,none\n";
    let folder = folder(&format!("{HEADER}\n{rows}"));
    let run = folder.run_on_town("decide", &[]);
    run.exits(1).says(&[
        "row 3: holds a zero byte",
        "row 4, at \"1582000000.5\": is not a time",
    ]);
    assert!(run.out.contains("hua,green"), "{}", run.out);
    assert_eq!(run.out.lines().count(), 2, "{}", run.out);
}

#[test]
fn a_spreadsheets_number_for_a_day_is_no_time() {
    let rows = "hua,43881,,36.5,none\nli,43881.5,,36.5,none\nwu,1582000000000,,36.5,none\n\
                xu,-1,,36.5,none\nzhao,1582000000,,36.5,none\n";
    let folder = folder(&format!("{HEADER}\n{rows}"));
    let run = folder.run_on_town("decide", &[]);
    run.exits(1).says(&[
        "row 2, at \"43881\": is no Unix seconds; it looks like a spreadsheet's number for a day; \
         let the spreadsheet write the column as text such as 2020-02-20T08:00:00+08:00 (1 more",
        "row 4, at \"1582000000000\": is too large for Unix seconds; it looks like milliseconds",
        "row 5, at \"-1\": is negative",
        "4 of 5 rows refused",
    ]);
    assert_eq!(run.out.lines().count(), 2, "{}", run.out);
    let run = folder.run_on_town("explain", &["--person", "hua"]);
    run.says(&["looks like a spreadsheet's number for a day"]);
    let at = ["--at", "43881"];
    let ask = ["decide", "--policy", "policy.toml", "--data", "data"];
    let run = folder.run(&[&ask[..], &at].concat());
    run.exits(2)
        .says(&["looks like a spreadsheet's number for a day"]);
}

#[cfg(unix)]
#[test]
fn an_answer_about_people_is_read_by_its_owner_alone_and_computes_nothing() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    folder.write("policy.toml", POLICY);
    folder.write(
        "data/visits.csv",
        "person,venue,entered,left\n\
         =1+1,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n\
         a;@b,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n\
         hua,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n",
    );
    let trace = [
        "trace",
        "--data",
        "data",
        "--person",
        "hua",
        "--at",
        "1582100000",
    ];
    let decide = [
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        "data",
        "--at",
        "1582100000",
    ];
    for ask in [&trace[..], &decide] {
        for out in ["out.csv", "out.ndjson", "out.parquet"] {
            let run = folder.run(&[ask, &["-o", out]].concat());
            run.exits(0);
            let mode = fs::metadata(folder.path(out)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{ask:?} {out}");
            let is_said = run.err.contains("2 texts in this CSV have an apostrophe");
            assert_eq!(is_said, out == "out.csv", "{}", run.err);
        }
        let csv = fs::read_to_string(folder.path("out.csv")).unwrap();
        assert!(csv.contains("'=1+1,"), "{csv}");
        assert!(csv.contains("a;'@b,"), "{csv}");
        let json = fs::read_to_string(folder.path("out.ndjson")).unwrap();
        assert!(
            json.contains("\"=1+1\"") && json.contains("\"a;@b\""),
            "{json}"
        );
    }
}

#[test]
fn a_file_with_marks_of_an_unfinished_merge_is_refused_whole() {
    let rows = "<<<<<<< ours\nhua,1582000000,,36.5,none\n=======\nhua,1582000000,fever,36.5,none\n>>>>>>> theirs\n";
    let folder = folder(&format!("{HEADER}\n{rows}"));
    let run = folder.run_on_town("decide", &[]);
    run.exits(1).says(&[
        "declarations.csv",
        "row 2 is a mark of a merge that nobody finished",
    ]);
    assert_eq!(run.out, "");
    let left = fs::read_dir(folder.path("data")).unwrap().count();
    assert_eq!(left, 1, "no file of refused rows");
}

#[test]
fn a_folder_of_parts_is_refused_with_what_to_do() {
    let folder = folder(&format!("{HEADER}\nhua,1582000000,,36.5,none\n"));
    folder.write("data/contacts.parquet/day=1/part.parquet", "");
    let run = folder.run_on_town("decide", &[]);
    run.exits(1).says(&[
        "contacts.parquet",
        "is a folder of parts",
        "as one file contacts.parquet",
    ]);
}

#[test]
fn companions_alone_are_traced() {
    let folder = Folder::new();
    folder.write(
        "data/companions.csv",
        "person,group,relation,from,until\nhua,flat,household,1580000000,\nli,flat,household,1580000000,\n",
    );
    let ask = [
        "trace",
        "--data",
        "data",
        "--person",
        "hua",
        "--at",
        "1582000000",
    ];
    let run = folder.run(&ask);
    run.exits(0);
    assert!(run.out.contains("hua,1,li,"), "{}", run.out);
}

#[test]
fn a_table_that_no_rule_reads_is_left_out_and_said_where_people_are_listed() {
    let folder = folder(&format!("{HEADER}\nhua,1582000000,,36.5,none\n"));
    folder.write(
        "data/visits.csv",
        "person,venue,entered,left\nguest,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n",
    );
    let all = folder.run_on_town("decide", &[]);
    all.exits(0);
    assert!(all.out.contains("\nguest,undeclared"), "{}", all.out);
    folder.write("data/people.csv", "person\nwu\n");
    let listed = folder.run_on_town("decide", &[]);
    listed
        .exits(0)
        .says(&["not read, since no rule of test-town", "visits"]);
    let names: Vec<&str> = listed
        .out
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(names, ["hua", "wu"]);
    // Who is asked for by name is found all the same.
    let guest = folder.run_on_town("explain", &["--person", "guest"]);
    guest.exits(0);
    assert!(guest.out.starts_with("guest: undeclared"), "{}", guest.out);
}

#[test]
fn trace_lists_the_venues_where_two_cases_were() {
    let folder = Folder::new();
    folder.write(
        "data/visits.csv",
        "person,venue,entered,left\n\
         hua,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n\
         li,cafe,2020-02-19T12:00:00Z,2020-02-19T13:00:00Z\n\
         hua,gym,2020-02-18T15:00:00Z,2020-02-18T17:00:00Z\n\
         li,gym,2020-02-19T12:00:00Z,2020-02-19T13:00:00Z\n\
         wu,gym,2020-02-19T12:00:00Z,2020-02-19T13:00:00Z\n\
         li,bus,2020-02-19T14:00:00Z,2020-02-19T15:00:00Z\n\
         guest,bus,2020-02-19T14:00:00Z,2020-02-19T15:00:00Z\n",
    );
    folder.write(
        "cases.csv",
        "person,from,until\n\
         hua,2020-02-01T00:00:00Z,2020-03-01T00:00:00Z\n\
         li,2020-02-01T00:00:00Z,2020-03-01T00:00:00Z\n\
         wu,2020-02-01T00:00:00Z,2020-03-01T00:00:00Z\n",
    );
    let ask = [
        "trace",
        "--data",
        "data",
        "--cases",
        "cases.csv",
        "--venues",
    ];
    let run = folder.run(&ask);
    run.exits(0).says(&["3 cases, 2 venues where two or more"]);
    let expected = "venue,cases,first,last,days\n\
                    gym,3,2020-02-18T15:00:00Z,2020-02-19T13:00:00Z,2020-02-18;2020-02-19\n\
                    cafe,2,2020-02-18T12:00:00Z,2020-02-19T13:00:00Z,2020-02-18;2020-02-19\n";
    assert_eq!(run.out, expected);
    let run = folder.run(&[&ask[..], &["--time-zone", "Asia/Shanghai"]].concat());
    assert!(
        run.out
            .contains("gym,3,2020-02-18T23:00:00+08:00,2020-02-19T21:00:00+08:00"),
        "{}",
        run.out
    );
}

#[test]
fn times_in_answers_carry_the_offset_of_the_policy_unless_utc_is_asked_for() {
    let folder = folder(&format!("{HEADER}\nhua,1582000000,,36.5,none\n"));
    let ask = |verb: &str, more: &[&str]| folder.run_on_town(verb, more).out;
    let local = ask("decide", &[]);
    assert!(
        local.contains("hua,green,,2020-02-18T12:26:40+08:00,"),
        "{local}"
    );
    let utc = ask("decide", &["--utc"]);
    assert!(utc.contains("hua,green,,2020-02-18T04:26:40Z,"), "{utc}");
    let json = ask("decide", &["--json"]);
    assert!(json.contains("2020-02-18T12:26:40+08:00"), "{json}");
    let local = ask("explain", &["--person", "hua"]);
    assert!(local.contains("+08:00") && !local.contains("Z,"), "{local}");
    let utc = ask("explain", &["--person", "hua", "--utc"]);
    assert!(!utc.contains("+08:00"), "{utc}");
}

#[test]
fn notes_and_refusals_are_data_with_json() {
    let rows = "hua,yesterday,,36.5,none\nli,1577900000,,36.5,perhaps\nwu,1577900000,,36.5,none\n";
    let folder = folder(&format!("{HEADER}\n{rows}"));
    let at = ["--at", "2020-01-02T00:00:00Z", "--json"];
    let ask = ["decide", "--policy", "policy.toml", "--data", "data"];
    let run = folder.run(&[&ask[..], &at].concat());
    run.exits(1);
    let lines: Vec<serde_json::Value> = run
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{line}: {why}")))
        .collect();
    let refused: Vec<_> = lines.iter().map(|one| &one["refused"]["row"]).collect();
    assert!(
        refused.contains(&&2.into()) && refused.contains(&&3.into()),
        "{lines:?}"
    );
    let reason = lines.iter().find(|one| one["refused"]["row"] == 2).unwrap();
    assert_eq!(reason["refused"]["field"], "at", "{reason}");
    let file = lines.iter().find(|one| one["refused_rows"] == 2).unwrap();
    assert_eq!(file["read_rows"], 1, "{file}");
    let notes = lines.iter().filter_map(|one| one["note"].as_str());
    assert!(
        notes.clone().any(|note| note.starts_with("test-town")),
        "{lines:?}"
    );
}

#[test]
fn companions_count_when_a_trace_must_fit_into_memory() {
    let folder = Folder::new();
    folder.write(
        "data/visits.csv",
        "person,venue,entered,left\nhua,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n",
    );
    let members: String = (0..40_000)
        .map(|n| format!("p{n:06},flat{:06},household,1580000000,\n", n / 3))
        .collect();
    let header = "person,group,relation,from,until\n";
    folder.write("data/companions.csv", &format!("{header}{members}"));
    let ask = [
        "trace",
        "--data",
        "data",
        "--person",
        "p000001",
        "--at",
        "1582000000",
    ];
    let run = folder.run(&[&ask[..], &["--memory", "4M"]].concat());
    run.exits(1)
        .says(&["companions.csv: would take", "--memory"]);
    assert_eq!(run.out, "");
    let run = folder.run(&[&ask[..], &["--memory", "64M"]].concat());
    run.exits(0);
    assert!(run.out.contains("p000001,1,p000000,"), "{}", run.out);
}

#[test]
fn what_a_trace_finds_counts_when_it_must_fit_into_memory() {
    let folder = Folder::new();
    // Everybody met everybody, and everybody is a case: two million contacts from kilobytes.
    let people = 1_500;
    let visits: String = (0..people)
        .map(|n| format!("p{n:04},hall,1582027200,1582030800\n"))
        .collect();
    folder.write(
        "data/visits.csv",
        &format!("person,venue,entered,left\n{visits}"),
    );
    let cases: String = (0..people)
        .map(|n| format!("p{n:04},1582000000,1582100000\n"))
        .collect();
    folder.write("cases.csv", &format!("person,from,until\n{cases}"));
    let ask = [
        "trace",
        "--data",
        "data",
        "--cases",
        "cases.csv",
        "-o",
        "out.csv",
    ];
    let run = folder.run(&[&ask[..], &["--memory", "32M"]].concat());
    run.exits(1).says(&[
        "data: what is found in it takes",
        "and 32 MiB may be taken",
        "--memory",
        "fewer cases",
    ]);
    assert!(!folder.path("out.csv").exists());
    let run = folder.run(&[&ask[..], &["--memory", "1G"]].concat());
    run.exits(0).says(&["1500 cases, 2248500 contacts"]);
}

#[test]
fn time_of_visits_that_overlap_counts_once_in_a_trace() {
    let folder = Folder::new();
    // Ten minutes, twice over; and ten with two more that only the other visit has.
    folder.write(
        "data/visits.csv",
        "person,venue,entered,left\n\
         hua,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n\
         hua,cafe,2020-02-18T12:00:00Z,2020-02-18T12:30:00Z\n\
         li,cafe,2020-02-18T12:00:00Z,2020-02-18T12:10:00Z\n\
         li,cafe,2020-02-18T12:00:00Z,2020-02-18T12:10:00Z\n\
         wu,cafe,2020-02-18T12:00:00Z,2020-02-18T12:10:00Z\n\
         wu,cafe,2020-02-18T12:05:00Z,2020-02-18T12:12:00Z\n",
    );
    let ask = [
        "trace",
        "--data",
        "data",
        "--person",
        "hua",
        "--at",
        "1582100000",
    ];
    let minutes = |least| folder.run(&[&ask[..], &["--minutes", least]].concat());
    let run = minutes("11");
    run.exits(0).says(&["1 contact"]);
    assert!(run.out.contains("hua,1,wu,12,"), "{}", run.out);
    minutes("10").exits(0).says(&["2 contacts"]);
    minutes("13").exits(0).says(&["0 contacts"]);
}
