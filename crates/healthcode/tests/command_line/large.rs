//! Folders that are large, or were written to be read fast: a limit on memory, and mirrors.

use domain::{Fact, Timestamp, evidence::DiagnosisStatus};
use engine::columns::ColumnsBuilder;
use engine::trace::{Visit, VisitColumns, VisitRows};
use tables::mirror::{write_columns, write_visits};

use crate::newcomer::{Folder, POLICY, Run};

const AT: &str = "2020-02-20T12:00:00+08:00";

const FEVER: &str = "\n[[rule]]\nid = \"ill\"\nreads = \"diagnosis\"\n\
    where = { status = \"confirmed\" }\ngives = \"red\"\nstarts = \"at\"\nlasts = \"14d\"\n\
    title.en = \"Ill\"\nreason.en = \"Ill since {at}.\"\nguidance.en = \"Rest until {until}.\"\n";

fn town() -> Folder {
    let folder = Folder::new();
    folder.write("policy.toml", &format!("{POLICY}{FEVER}"));
    folder.write(
        "data/declarations.csv",
        "person,at,symptoms,contact\nhua,2020-02-18T08:00:00+08:00,,none\n",
    );
    folder.write(
        "data/visits.csv",
        "person,venue,entered,left\n\
         hua,cafe,2020-02-18T12:00:00Z,2020-02-18T13:00:00Z\n\
         ming,cafe,2020-02-18T12:30:00Z,2020-02-18T13:30:00Z\n",
    );
    folder.write(
        "truth.csv",
        "person,infected_at,exposed_at\nhua,2020-02-18T12:00:00Z,2020-02-18T12:00:00Z\n",
    );
    folder
}

/// Every command that reads a whole folder, on the folder `data`.
fn commands() -> [(&'static str, Vec<&'static str>); 4] {
    let decide = [
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        "data",
        "--at",
        AT,
    ];
    let trace = ["trace", "--data", "data", "--person", "hua", "--at", AT];
    let diff = [
        "policy",
        "diff",
        "policy.toml",
        "policy.toml",
        "--data",
        "data",
        "--at",
        AT,
    ];
    let score = [
        "policy",
        "score",
        "policy.toml",
        "--data",
        "data",
        "--truth",
        "truth.csv",
    ];
    [
        ("decide", decide.to_vec()),
        ("trace", trace.to_vec()),
        ("diff", diff.to_vec()),
        ("score", score.to_vec()),
    ]
}

fn run(folder: &Folder, ask: &[&str], more: &[&str]) -> Run {
    folder.run(&[ask, more].concat())
}

#[test]
fn what_would_not_fit_into_memory_is_refused_with_both_figures_and_the_remedy() {
    let folder = town();
    // As many visits as take more than a mebibyte.
    let visits: String = (0..40_000)
        .map(|visit| format!("p{visit},cafe,1582027200,1582030800\n"))
        .collect();
    let mine = "hua,cafe,1582027200,1582030800\n";
    let table = format!("person,venue,entered,left\n{mine}{visits}");
    folder.write("data/visits.csv", &table);
    for (name, ask) in commands() {
        run(&folder, &ask, &["--memory", "1M"]).exits(1).says(&[
            "data",
            " MiB of memory, and 1 MiB may be taken",
            "--memory",
        ]);
        let enough = run(&folder, &ask, &["--memory", "100M", "--quiet"]);
        assert!(
            enough.code == Some(0) && !enough.out.is_empty(),
            "{name}: {}",
            enough.err
        );
    }
    let (_, decide) = &commands()[0];
    run(&folder, decide, &["--memory", "1M", "-o", "out.csv"]).exits(1);
    assert!(!folder.path("out.csv").exists());
}

#[test]
fn a_size_that_is_none_is_wrong_use() {
    let folder = town();
    for (_, ask) in commands() {
        run(&folder, &ask, &["--memory", "much"])
            .exits(2)
            .says(&["--memory", "much", "8G"]);
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A mirror of 30 people; those from 20 on are ill, and number 3 met number 12 in a venue.
fn mirror(folder: &Folder) {
    let mut builder = ColumnsBuilder::new(30);
    for person in 20..30 {
        let fact = Fact::diagnosis(DiagnosisStatus::Confirmed, at("2020-02-19T00:00:00Z"), None);
        builder.append(person, &fact).unwrap();
    }
    write_columns(&builder.finish(), &folder.path("mirror")).unwrap();
    let mut rows = VisitRows::default();
    for (person, entered, left) in [
        (3, "2020-02-18T12:00:00Z", "2020-02-18T13:00:00Z"),
        (12, "2020-02-18T12:20:00Z", "2020-02-18T14:00:00Z"),
    ] {
        rows.push(Visit {
            person,
            venue: 0,
            entered: at(entered),
            left: Some(at(left)),
        });
    }
    let visits = VisitColumns::new(30, 1, rows);
    write_visits(&visits, &folder.path("visits")).unwrap();
}

#[test]
fn a_mirror_is_read_where_tables_are_and_calls_people_by_number() {
    let folder = town();
    mirror(&folder);
    let ask = [
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        "mirror",
        "--at",
        AT,
    ];
    let decided = folder.run(&ask);
    decided
        .exits(0)
        .says(&["30 people", "10 red", "20 undeclared"]);
    let rows: Vec<&str> = decided.out.lines().collect();
    assert_eq!(rows.len(), 31);
    assert!(rows[1].starts_with("0,undeclared") && rows[30].starts_with("29,red,ill,"));

    let ask = ["trace", "--data", "visits", "--person", "3", "--at", AT];
    let traced = folder.run(&ask);
    traced.exits(0).prints(&["3,1,12,40,2020-02-18T12:20:00Z"]);
    folder
        .run(&["trace", "--data", "visits", "--person", "hua", "--at", AT])
        .exits(1)
        .says(&["hua", "visits"]);

    folder.write("old.toml", POLICY);
    let people: String = (0..30).map(|person| format!("{person},3301\n")).collect();
    folder.write("mirror/people.csv", &format!("person,region\n{people}"));
    let diff = [
        "policy",
        "diff",
        "old.toml",
        "policy.toml",
        "--data",
        "mirror",
        "--at",
        AT,
    ];
    let run = folder.run(&[&diff[..], &["--json"]].concat());
    run.exits(0);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        (&json["people"], &json["newly_restricted"]),
        (&30.into(), &10.into())
    );

    let score = [
        "policy",
        "score",
        "policy.toml",
        "--data",
        "mirror",
        "--truth",
        "truth.csv",
    ];
    folder.run(&score).exits(2).says(&["is a mirror", "tables"]);
}

#[test]
fn a_mirror_without_levels_says_so_to_a_policy_that_asks_for_them() {
    let folder = town();
    mirror(&folder);
    let hangzhou = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/hangzhou.toml");
    let ask = [
        "decide", "--policy", hangzhou, "--data", "mirror", "--at", AT,
    ];
    folder.run(&ask).exits(0).says(&["no region has a level"]);
    folder.write("mirror/regions.csv", "region,level,from\n3301,high,0\n");
    let run = folder.run(&ask);
    run.exits(0);
    assert!(!run.err.contains("no region has a level"), "{}", run.err);
}

#[test]
fn a_table_among_the_files_of_a_mirror_is_refused() {
    let folder = town();
    mirror(&folder);
    folder.write("mirror/tests.csv", "person,kind,result,sampled\n");
    folder.write("visits/visits.csv", "person,venue,entered\n");
    let decide = [
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        "mirror",
        "--at",
        AT,
    ];
    folder
        .run(&decide)
        .exits(1)
        .says(&["tests.csv", "folder of its own"]);
    let trace = ["trace", "--data", "visits", "--person", "3", "--at", AT];
    folder
        .run(&trace)
        .exits(1)
        .says(&["visits.csv", "folder of its own"]);
}
