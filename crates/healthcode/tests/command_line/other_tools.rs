//! Tables that other programs wrote are read like the CSV they were made from.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::newcomer::{Folder, POLICY};

/// A town whose times are Unix seconds, so that other programs need not read them.
fn town() -> Folder {
    let folder = Folder::new();
    folder.write("policy.toml", POLICY);
    let name = |n: usize| match n % 5 {
        0 => format!("李{n}"),
        _ => format!("p{n:03}"),
    };
    let mut declarations = "person,at,symptoms,temperature,contact\n".to_owned();
    let mut contacts = "person,with,relation,ring,first,last,minutes\n".to_owned();
    let mut tests = "person,kind,result,sampled,reported,lab\n".to_owned();
    let mut visits = "person,venue,entered,left,category\n".to_owned();
    for n in 0..60 {
        let (who, at) = (name(n * 7 % 60), 1_581_900_000 + n * 1_000);
        let fever = if n % 4 == 0 { "fever;cough" } else { "" };
        declarations += &format!("{who},{at},{fever},,none\n");
        if n % 3 == 0 {
            let with = if n % 2 == 0 {
                name(n) + "x"
            } else {
                String::new()
            };
            contacts += &format!("{who},{with},close,1,{at},{},\n", at + 60);
        }
        if n % 5 == 0 {
            let reported = if n % 2 == 0 {
                (at + 500).to_string()
            } else {
                String::new()
            };
            tests += &format!("{who},pcr,negative,{at},{reported},\n");
        }
        visits += &format!("{who},v{},{at},{},shop\n", n % 3, at + 5_000);
    }
    folder.write("data/declarations.csv", &declarations);
    folder.write("data/contacts.csv", &contacts);
    folder.write("data/tests.csv", &tests);
    folder.write("data/visits.csv", &visits);
    folder
}

/// What `decide`, `trace` and `explain` say of a folder.
fn answers(folder: &Folder, data: &str) -> [String; 3] {
    let at = "1582000000";
    let decide = [
        "decide",
        "--policy",
        "policy.toml",
        "--data",
        data,
        "--at",
        at,
    ];
    let trace = ["trace", "--data", data, "--person", "p007", "--at", at];
    let explain = [
        "explain",
        "--policy",
        "policy.toml",
        "--data",
        data,
        "--at",
        at,
        "--person",
        "李0",
    ];
    [&decide[..], &trace, &explain].map(|ask| {
        let run = folder.run(ask);
        assert_eq!(run.code, Some(0), "{data}: {}", run.err);
        // Evidence is named by its row, which is a line of text and a row of Parquet.
        run.out
            .lines()
            .filter(|line| !line.contains("evidence:"))
            .collect::<Vec<_>>()
            .join("\n")
    })
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "only the machine knows its Python"
)]
fn what_pyarrow_polars_and_duckdb_write_is_read_like_the_csv_it_was_made_from() {
    let Ok(python) = std::env::var("HEALTHCODE_TEST_DUCKDB") else {
        eprintln!(
            "SKIPPED: HEALTHCODE_TEST_DUCKDB names no Python that has DuckDB, Polars and pyarrow"
        );
        return;
    };
    let folder = town();
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/command_line/other_tools.py"
    );
    let written = Command::new(python)
        .arg(script)
        .args([folder.path("data"), folder.path("")])
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&written.stderr);
    assert!(written.status.success(), "{complaint}");
    let expected = answers(&folder, "data");
    assert!(
        expected.iter().all(|answer| answer.lines().count() > 1),
        "{expected:?}"
    );
    let ways = String::from_utf8(written.stdout).unwrap();
    assert!(ways.lines().count() > 15, "{ways}");
    for way in ways.lines() {
        assert_eq!(fs::read_dir(Path::new(way)).unwrap().count(), 4, "{way}");
        assert_eq!(answers(&folder, way), expected, "{way}");
    }
}
