//! A simulated city as the other commands see it.

use std::collections::BTreeMap;
use std::fs;

use crate::newcomer::{Folder, POLICY};

const CITY: [&str; 7] = [
    "simulate", "--people", "2000", "--days", "20", "--seed", "3",
];

fn simulate(folder: &Folder, more: &[&str]) {
    folder.run(&[&CITY[..], more].concat()).exits(0);
}

fn files(folder: &Folder, name: &str) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder.path(name))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

#[test]
fn the_same_arguments_give_the_same_files() {
    let folder = Folder::new();
    simulate(&folder, &["-o", "one"]);
    simulate(&folder, &["-o", "two"]);
    let one = files(&folder, "one");
    assert!(one == files(&folder, "two"));
    let names: Vec<&str> = one.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "case_counts.parquet",
            "cases.parquet",
            "companions.parquet",
            "contacts.parquet",
            "declarations.parquet",
            "diagnoses.parquet",
            "exposures.parquet",
            "people.parquet",
            "regions.parquet",
            "stays.parquet",
            "tests.parquet",
            "truth.parquet",
            "visits.parquet",
        ]
    );
}

#[test]
fn every_row_is_read_by_the_other_commands_in_every_format() {
    let mut printed = Vec::new();
    for format in ["csv", "ndjson", "parquet"] {
        let folder = Folder::new();
        folder.write("policy.toml", POLICY);
        simulate(&folder, &["--format", format, "-o", "city"]);
        let at = "2020-03-08T00:00:00+08:00";
        let decided = folder.run(&[
            "decide",
            "--policy",
            "policy.toml",
            "--data",
            "city",
            "--at",
            at,
        ]);
        decided.exits(0);
        assert_eq!(decided.out.lines().count(), 2_001, "a header and everybody");
        assert!(decided.out.contains(",red,close-contact,"), "{format}");
        let cases = format!("city/cases.{format}");
        let traced = folder.run(&["trace", "--data", "city", "--cases", &cases]);
        traced.exits(0);
        for relation in ["household", "building", "venue"] {
            let row = |line: &&str| line.ends_with(&format!(",{relation}"));
            assert!(traced.out.lines().filter(row).count() > 5, "{}", traced.out);
        }
        let counts = format!("city/case_counts.{format}");
        let risk = folder.run(&["risk", "--case-counts", &counts, "--on", "2020-03-07"]);
        risk.exits(0);
        printed.push((decided.out, traced.out, risk.out));
    }
    assert!(printed[0] == printed[1] && printed[1] == printed[2]);
}

#[test]
fn an_old_folder_is_not_mixed_with_a_new_city() {
    let folder = Folder::new();
    folder.write("city/visits.csv", "person,venue,entered\n");
    let run = folder.run(&[&CITY[..], &["-o", "city"]].concat());
    run.exits(2);
    assert!(run.err.contains("not empty"), "{}", run.err);
    assert_eq!(files(&folder, "city").len(), 1);
    let left: Vec<_> = fs::read_dir(folder.path(".")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing half done stays behind: {left:?}");
}

#[test]
fn a_city_that_cannot_be_is_wrong_use_and_leaves_nothing() {
    let folder = Folder::new();
    for more in [&["--visits-per-day", "19"][..], &["--lying", "2"]] {
        let run = folder.run(&[&CITY[..], more, &["-o", "city"]].concat());
        run.exits(2);
        assert!(!folder.path("city").exists());
    }
    assert_eq!(fs::read_dir(folder.path(".")).unwrap().count(), 0);
}
