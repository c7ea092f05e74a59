//! What a command reads is read whole, is not replaced by the result, and goes in within the caps.

use std::fs;

use crate::newcomer::{AT, Folder, POLICY};
use crate::server::{identity_card, installation};

#[test]
fn a_quotation_mark_that_is_not_closed_swallows_no_row_unseen() {
    let rows: String = (2..8)
        .map(|row| format!("p{row},pcr,positive,2020-02-18T10:00:00+08:00\n"))
        .collect();
    let opened = "p1,pcr,positive,\"2020-02-18T10:00:00+08:00\n";
    // The last column holds any text, so that nothing else is wrong with the row.
    let last = "p1,pcr,positive,2020-02-18T10:00:00+08:00,\"Lab 1\n";
    let more: String = rows.lines().map(|row| format!("{row},Lab\n")).collect();
    for (header, text, parts) in [
        (
            "",
            format!("{opened}{rows}"),
            ["end of the file", "7 lines"],
        ),
        (
            "",
            format!("{opened}{rows}p8,pcr,\"negative\",2020-02-18T10:00:00+08:00\n"),
            ["quotation", "lines"],
        ),
        (
            ",lab",
            format!("{last}{more}"),
            ["end of the file", "7 lines"],
        ),
        (
            ",lab",
            format!("{last}{more}p8,pcr,positive,2020-02-18T10:00:00+08:00,Lab\"\n"),
            ["line break", "8 lines"],
        ),
    ] {
        let folder = Folder::new();
        folder.write("policy.toml", POLICY);
        let csv = format!("person,kind,result,sampled{header}\n{text}");
        folder.write("data/tests.csv", &csv);
        let run = folder.run_on_town("decide", &[]);
        run.exits(1).says(&["row 2", "not closed"]).says(&parts);
        let ask = ["--person", "p1"];
        let explained = folder.run_on_town("explain", &ask);
        explained.exits(1).says(&["row 2", "not closed"]);
        assert!(!explained.out.contains("green"), "{}", explained.out);
    }
}

#[test]
fn a_result_takes_the_place_of_nothing_that_is_read() {
    let folder = Folder::with_a_town();
    folder.write(
        "data/visits.csv",
        "person,venue,entered,left\nhua,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n",
    );
    folder.write("data/cases.csv", "person,from,until\n");
    folder.write(
        "counts/a.csv",
        "date,region,confirmed\n2020-02-20,3301,160\n",
    );
    let declarations = fs::read(folder.path("data/declarations.csv")).unwrap();
    let town = ["--policy", "policy.toml", "--data", "data", "--at", AT];
    let decide = [&["decide"], &town[..]].concat();
    let trace = ["trace", "--data", "data", "--cases", "data/cases.csv"];
    let risk = ["risk", "--case-counts", "counts", "--on", "2020-02-20"];
    let asks: [(&[&str], &[&str]); 3] = [
        (
            &decide[..],
            &[
                "data/declarations.csv",
                "./data/../data/declarations.csv",
                "data/tests.parquet",
                "data/Contacts.csv",
            ],
        ),
        (&trace, &["data/cases.csv", "data/visits.csv"]),
        (&risk, &["counts/a.csv", "counts/levels.csv"]),
    ];
    for (ask, outputs) in asks {
        for output in outputs {
            let run = folder.run(&[ask, &["-o", output]].concat());
            run.exits(2).says(&[output, "another"]);
        }
    }
    assert_eq!(
        fs::read(folder.path("data/declarations.csv")).unwrap(),
        declarations
    );
    let run = folder.run(&[&decide[..], &["-o", "data/verdicts.csv"]].concat());
    run.exits(0);
}

#[cfg(unix)]
#[test]
fn a_link_to_an_input_is_that_input() {
    let folder = Folder::with_a_town();
    let table = folder.path("data/declarations.csv");
    std::os::unix::fs::symlink(table, folder.path("out.csv")).unwrap();
    let run = folder.run_on_town("decide", &["-o", "out.csv"]);
    run.exits(2).says(&["out.csv", "another name"]);
}

#[test]
fn a_file_that_looks_like_a_table_is_not_passed_over() {
    for (name, remedy) in [
        ("Tests.csv", "call it tests.csv"),
        ("test.csv", "call it tests.csv"),
        ("tests.csv.gz", "unpack it as tests.csv"),
        ("tests.jsonl", "write it as tests.csv"),
    ] {
        let folder = Folder::with_a_town();
        folder.write(
            &format!("data/{name}"),
            "person,kind,result,sampled\nhua,pcr,positive,2020-02-19T00:00:00Z\n",
        );
        let run = folder.run_on_town("decide", &[]);
        run.exits(1).says(&[name, "the table tests", remedy]);
        assert_eq!(run.out, "");
        let run = folder.run_on_town("explain", &["--person", "hua"]);
        run.exits(1).says(&[name, remedy]);
    }
    let folder = Folder::with_a_town();
    folder.write("data/contacts.csv.gz", "packed");
    folder.write("data/vaccination.csv", "no rule reads it");
    let run = folder.run_on_town("decide", &[]);
    run.exits(0)
        .says(&["contacts.csv.gz", "is not read", "unpack it"]);
}

#[test]
fn a_file_that_restricts_more_than_one_submission_may_is_refused_before_any_row() {
    let folder = installation();
    let key = ["keys", "token", "--kind", "laboratory", "--name", "Lab"];
    folder.run(&key).exits(0);
    let sampled = folder.an_hour_ago();
    let results = |people: std::ops::Range<u32>, result: &str| -> String {
        let row = |number| format!("{},pcr,{result},{sampled}\n", identity_card(number));
        people.map(row).collect()
    };
    let header = "person,kind,result,sampled\n";
    let import = |text: &str, more: &[&str]| {
        folder.write("results.csv", &format!("{header}{text}"));
        let ask = ["import", "tests", "results.csv", "--authority", "Lab"];
        folder.run(&[&ask[..], more].concat())
    };
    // Rows about one person twice, and such as restrict nobody, count once and not at all.
    let many = results(0..101, "positive") + &results(0..50, "positive");
    let refused = import(&(many + &results(500..650, "negative")), &[]);
    refused.exits(1).says(&[
        "would restrict 101 people",
        "at most 100",
        "nothing of it is imported",
        "POST /api/v1/evidence",
        "two staff members",
    ]);
    assert_eq!(refused.out, "");
    let refused = import(&results(0..101, "positive"), &["--json"]);
    refused
        .exits(1)
        .says(&["\"would_restrict\":101", "\"imported\":0"]);

    let within = results(0..100, "positive") + &results(500..650, "negative");
    let taken = "250 rows imported, 0 refused";
    import(&within, &[]).exits(0).prints(&[taken]);
    import(&within, &[]).exits(0).prints(&[taken]);
    // A person who is red already is not restricted more.
    import(&results(1..101, "positive"), &[])
        .exits(0)
        .prints(&["100 rows imported"]);
}
